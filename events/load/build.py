"""Putting the large organisation into an empty database."""

from __future__ import annotations

from datetime import datetime
from random import Random

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from events.demo.build import is_empty
from events.load import history, operations
from events.load.crew import Casting, save_crews
from events.load.inserting import Inserting, Progress
from events.load.people import make_register
from events.load.plan import Calendar, Planner
from events.load.shape import Shape
from events.load.waiting import Queueing
from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import SiteSettings
from medcover.system.services import complete_setup

SEED = 2718
ORGANISATION = "Velký spolek zdravotníků"
FEWEST_USERS, FEWEST_EVENTS = 20, 20


@transaction.atomic
def build(shape: Shape, *, at: datetime, progress: Progress | None = None) -> None:
    """Make the organisation of this shape around the moment `at`, all or nothing, the same each time.

    Raises DomainError when anything is in the database already, or when less is asked for than makes sense.
    """
    if shape.users < FEWEST_USERS or shape.events < FEWEST_EVENTS:
        raise DomainError(_("At least %(users)d people and %(events)d events are needed.") % _FEWEST)
    one_at_a_time("events.load")
    if not is_empty():
        raise DomainError(_("The database is not empty; load data are made only in one of their own."))
    with translation.override(settings.LANGUAGE_CODE):
        _build(shape, Random(SEED), at, Inserting(shape.rows, progress))  # noqa: S311 - has to repeat itself
    _look_after_itself()


_FEWEST = {"users": FEWEST_USERS, "events": FEWEST_EVENTS}


def _build(shape: Shape, rng: Random, at: datetime, inserting: Inserting) -> None:
    _set_up()
    calendar = Calendar(at, timezone.get_current_timezone())
    register = make_register(shape, rng, inserting, at=at, today=calendar.today)
    planner, casting = Planner(register, calendar, rng), Casting(register, calendar, rng)
    plans = planner.plan(shape)
    for plan in plans:
        casting.cast(plan)
    planner.save(plans, inserting)
    crews = save_crews(plans, inserting, at=at)
    Queueing(casting, rng, at=at).fill(plans, inserting)
    history.save_record(plans, crews, inserting, at=at)
    history.save_mails(crews, rng, inserting, at=at)
    history.date_rows(at=at)
    operations.save_feedback(rng, inserting, at=at)
    operations.save_backups(inserting, at=at)
    inserting.finish()


def _set_up() -> None:
    site = SiteSettings.load()
    site.organisation_name = site.organisation_name or ORGANISATION
    with audit.trail():
        site.save()
    complete_setup(by=None)


def _look_after_itself() -> None:
    """Do what bulk inserts leave undone: whatever is derived from the rows, then statistics for the planner."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
