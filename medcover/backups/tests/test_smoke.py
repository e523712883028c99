import time
import pytest
from pathlib import Path
from django.conf import settings
from medcover.backups import store
from medcover.backups.models import BackupRun
from medcover.backups.services import runs
from roster.tests.factories import make_member
from roster.models import User
pytestmark = pytest.mark.django_db(transaction=True)

def test_round():
    m = make_member()
    root = Path(settings.MEDIA_ROOT); (root/"a/b").mkdir(parents=True); (root/"a/b/x.txt").write_text("hello")
    t=time.monotonic()
    run = runs.at_once("backup"); print(run.archive, run.size, run.rows, run.files, time.monotonic()-t); t=time.monotonic()
    v = runs.at_once("verification", archive=run.archive); print(time.monotonic()-t); t=time.monotonic()
    User.objects.filter(pk=m.pk).update(name="Changed")
    (root/"a/b/x.txt").write_text("changed"); (root/"new").write_text("x")
    runs.at_once("restore", archive=run.archive); print("restore", time.monotonic()-t)
    assert User.objects.get(pk=m.pk).name == m.name
    assert (root/"a/b/x.txt").read_text()=="hello" and not (root/"new").exists()
    print([(r.kind,r.status,r.error,r.details) for r in BackupRun.objects.all()], list(root.iterdir()))
    print(store.entries())
