"""Two connections: erasing beside another erasure, beside a change of the person, beside a change of the plan."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from events.rules.lifecycle import Status
from events.services import planning
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from medcover.tests import traces
from medcover.tests.threads import Hesitation, Outcome, refusals, together
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside
from roster import services
from roster.models import User
from roster.services import ErasedPerson, erasure
from roster.tests.departed import ADDRESS, NAME, NUMBERS, TRACES, make_departed
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db(transaction=True)

#: How often a race is run whose two ends must both be possible.
ROUNDS = 3


def gone(**fields) -> User:
    return make_member(**{"is_active": False, "is_archived": True, **fields})


def erasing(person: User, by: User) -> partial:
    return partial(erasure.erase, person.pk, typed=person.email, by=by, at=timezone.now(), version=person.version)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_of_two_admins_the_second_is_told_that_it_is_done():
    departed = make_departed()
    outcomes = together([erasing(departed.person, departed.admin), erasing(departed.person, make_admin())])
    assert refusals(outcomes, ErasedPerson) == 1
    assert AuditEntry.objects.filter(kind="erase").count() == 1
    assert traces.found(TRACES, NUMBERS) == set()


def test_two_people_at_once_get_names_of_their_own():
    admin, people = make_admin(), [gone() for _n in range(4)]
    outcomes = together([erasing(person, admin) for person in people])
    assert refusals(outcomes) == 0
    assert len({outcome.value.name for outcome in outcomes}) == 4


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_bringing_back_and_erasing_leave_one_truth(_round):
    admin, person = make_admin(), gone()
    back = partial(services.unarchive, person.pk, by=admin, at=timezone.now())
    outcomes = together([erasing(person, admin), back])
    assert refusals(outcomes, DomainError) == 1
    assert fresh(person).state == (User.State.ERASED if outcomes[0].succeeded else User.State.WAITING)
    assert (fresh(person).name == person.name) == outcomes[1].succeeded


def test_a_new_name_given_meanwhile_makes_the_page_stale(monkeypatch):
    """The former name was looked for and locked by; nothing is erased that was chosen by half the truth."""
    admin, person = make_admin(), gone()
    pause = Hesitation(monkeypatch, erasure, "_locked_as_seen")
    with beside() as start:
        first = start(erasure.erase, person.pk, typed=person.email, by=admin, at=timezone.now())
        pause.then(lambda: services.update_person(person.pk, by=admin, name="Jiná Eva"))
        assert first.exception(PATIENCE) is not None
    assert (fresh(person).name, fresh(person).erased_at) == ("Jiná Eva", None)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_whoever_is_just_writing_their_name_into_the_plan_either_comes_first_or_finds_it_changed(_round):
    admin, person = make_admin(), gone(name=NAME, email=ADDRESS)
    event = EventFactory(status=Status.OPEN, contact=NAME, start=timezone.now() - timedelta(hours=5))
    put(person, PositionFactory(event=event))
    edit = partial(
        planning.edit_event, event.pk, by=admin, version=event.version, contact=f"{NAME}, vchod B", notify=False
    )
    outcomes: list[Outcome] = together([erasing(person, admin), edit])
    assert outcomes[0].succeeded, outcomes[0].error
    assert refusals(outcomes, DomainError) <= 1
    assert traces.found((NAME.lower(), ADDRESS), ()) == set()
