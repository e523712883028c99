"""The channel of a storage location."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from equipment.models import StorageLocation
from equipment.services import catalogue
from equipment.tests.factories import LocationFactory
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" Zavady ", "#zavady"),
        ("##opravy-brno", "#opravy-brno"),
        ("C0123ABCD", "C0123ABCD"),
        ("#žák", "#žák"),
    ],
)
def test_it_is_kept_in_its_one_form(typed, kept):
    row = catalogue.save_location(StorageLocation(name="Garáž", slack_channel=typed), by=make_coordinator())
    assert row.slack_channel == kept


@pytest.mark.parametrize("typed", ["dvě slova", "#a,b", "<!channel>", "@nekdo", "#" + "x" * 80, "#"])
def test_what_cannot_be_a_channel_is_refused(typed):
    with pytest.raises(ValidationError) as refused:
        catalogue.save_location(StorageLocation(name="Garáž", slack_channel=typed), by=make_coordinator())
    assert refused.value.message_dict.keys() == {"slack_channel"}
    assert not StorageLocation.objects.exists()


def test_it_is_asked_for_where_there_is_slack_and_kept_where_there_is_none(client, settings):
    row = LocationFactory(name="Garáž", slack_channel="#garaz")
    client.force_login(make_admin(), backend="roster.backends.RoleBackend")
    address = f"/admin/equipment/storagelocation/{row.pk}/change/"
    assert "slack_channel" not in client.get(address).content.decode()
    form = {"name": "Garáž 2", "sort_order": "1", "version": row.version}
    assert client.post(address, form).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.slack_channel) == ("Garáž 2", "#garaz")
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    assert "#garaz" in client.get(address).content.decode()
    assert client.post(address, {**form, "version": row.version, "slack_channel": "sklad"}).status_code == 302
    row.refresh_from_db()
    assert row.slack_channel == "#sklad"
    entry = AuditEntry.objects.get_for_object(row).order_by("-id").first()
    assert entry.changes["slack_channel"] == ["#garaz", "#sklad"]
