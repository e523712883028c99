"""Nobody but debriefing managers, and whoever wrote them, ever sees confidential answers: every way out is walked.

Each confidential text is a word of its own that stands nowhere else. Every address of the site is opened by everybody
else (by each sort of person in medcover/tests/test_access_table.py), everything that is written anywhere (record,
outbox, mails, logs, exports, error reports) is searched for the words, and for what was chosen.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from auditlog.registry import auditlog
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter

from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.rules import TEXTS, NoteStatus
from debriefing.services import asking, submitting
from debriefing.services.submitting import Entry
from debriefing.tests.confidential import CHOICE, MARKS, body_of, hints_in, marks_in
from debriefing.tests.factories import done_duty
from debriefing.views import own as own_views
from events.models import Event
from events.rules.lifecycle import Status
from events.services import lifecycle
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.system.models import AuditEntry
from medcover.tests import traces
from medcover.tests.access import ROLES, log_in, make_rows
from medcover.tests.test_access_table import TABLE
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.privacy import registry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db

NOW = timezone.now()
OTHERS = sorted(set(ROLES) - {"debriefing"})


@pytest.fixture
def told() -> Debriefing:
    """Somebody has handed in answers to everything, by the page, as everybody does."""
    duty = done_duty(make_member(name="Pisatelka Nová"))
    person = browser(duty.person)
    typed = {"note_status": 2, **MARKS, "own_hours": "2,5", "material_0": "Obvaz", "quantity_0": "2"}
    assert person.post(f"/debriefing/{duty.pk}/", typed).status_code == 302
    return Debriefing.objects.get(assignment=duty)


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def test_the_words_are_there_to_be_found(told):
    """If they were not, no other test here could fail."""
    assert traces.found(list(MARKS.values()), ()) == {f"debriefing_confidentialanswers.{name}" for name in TEXTS}
    manager = log_in("debriefing").get("/debriefing/manage/").content.decode()
    writer = browser(told.assignment.person).get(f"/debriefing/{told.assignment_id}/").content.decode()
    for page in (manager, writer):
        assert set(hints_in(page)) == {*MARKS.values(), CHOICE[0]}


# --- pages --------------------------------------------------------------------------------------------------


def _paths(told: Debriefing) -> list[str]:
    """Every address of the site; those of events, people and duties are those of the debriefing."""
    event, person, duty = told.assignment.event_id, told.assignment.person_id, told.assignment_id
    about = {**make_rows(), "event": event, "completed": event, "person": person, "participant": person, "done": duty,
             "assignment": duty, "master": told.assignment.event.master_event_id,
             "audit": AuditEntry.objects.filter(event_id=event).latest("pk").pk}  # fmt: skip
    return [path.format(**about) for _address, path, _answers in TABLE]


def test_no_address_shows_them_to_whoever_has_all_rights_but_the_one(told):
    boss = UserFactory(roles=[role for role in Role if role is not Role.DEBRIEFING_MANAGER], is_superuser=True)
    client = browser(boss)
    shown = {path: hints_in(body_of(client.get(path))) for path in _paths(told)}
    assert {path: marks for path, marks in shown.items() if marks} == {}


@pytest.mark.parametrize("who", ["admin", "coordinator", "superuser"])
@pytest.mark.parametrize(
    "lookup",
    [
        "assignments__debriefing__answers__feedback_colleagues__contains={mark}",
        "assignments__debriefing__answers__note_status=2",
        "assignments__debriefing__answers__note_status=1",
        "o=-assignments__debriefing__answers__note_status",
        "q={mark}",
    ],
)
def test_no_list_of_the_backoffice_answers_questions_about_them(told, who, lookup):
    """A list that is narrowed or ordered by what it does not show would tell it."""
    make_rows()
    client, query = log_in(who), lookup.format(mark=MARKS["feedback_colleagues"])
    for model in ("events_event", "roster_user", "events_masterevent"):
        address = reverse(f"admin:{model}_changelist")
        plain, asked = client.get(address), client.get(f"{address}?{query}")
        if plain.status_code != 200 or query.startswith("q="):
            continue
        assert _listed(asked) == _listed(plain)
    found = client.get(reverse("admin:events_event_changelist"), {"q": MARKS["feedback_event"]})
    assert _listed(found) == []


def _listed(answer: Any) -> list[Any]:
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/events/", "/people/", "/equipment/"])
def test_no_search_finds_by_them(told, who, path):
    client, mark = log_in(who), MARKS["feedback_event"]
    found = body_of(client.get(path, {"q": mark})).replace(mark, "")
    assert "Pisatelka" not in found
    assert told.assignment.event.name not in found


def test_have_no_page_in_the_backoffice_and_no_record_of_their_own():
    ours = [model for model in admin.site._registry if model._meta.app_label == "debriefing"]
    recorded = [model for model in auditlog.get_models() if model._meta.app_label == "debriefing"]
    assert ours == recorded == []


# --- the queryset -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", OTHERS)
def test_the_queryset_gives_them_to_nobody_else(told, who):
    reader = UserFactory(roles=ROLES[who], is_superuser=who == "superuser")
    assert list(ConfidentialAnswers.objects.readable_by(reader)) == []


def test_the_queryset_gives_them_to_managers_and_to_whoever_wrote_them(told):
    manager = UserFactory(roles=[Role.DEBRIEFING_MANAGER])
    writer = told.assignment.person
    assert ConfidentialAnswers.objects.readable_by(manager).get() == told.answers
    assert ConfidentialAnswers.objects.readable_by(writer).get() == told.answers
    assert not ConfidentialAnswers.objects.readable_by(UserFactory(is_active=False, roles=list(Role))).exists()


def test_a_debriefing_does_not_carry_them(told):
    assert not marks_in(str(Debriefing.objects.select_related("assignment__event").values()))
    for row in (told, told.answers, told.assignment):
        assert not marks_in(f"{row!s} {row!r}")


# --- what is written ----------------------------------------------------------------------------------------


def test_the_record_has_nothing_of_them(told):
    """Neither the words nor the choice, whatever happens to the duty and the event afterwards."""
    event = told.assignment.event
    asking.remind_by_hand(done_duty(event=event).event_id, by=UserFactory(roles=[Role.DEBRIEFING_MANAGER]), at=NOW)
    told.assignment.delete()
    written = json.dumps(list(AuditEntry.objects.values()), default=str, ensure_ascii=False)
    assert "Debriefing odevzdán" in written
    assert hints_in(written) == []
    assert "note_status" not in written
    assert not AuditEntry.objects.filter(content_type__app_label="debriefing").exists()


def test_no_message_has_anything_of_them(told):
    duty = put(make_member(), PositionFactory(event=EventFactory()))
    lifecycle.complete_due(at=duty.event.end)
    asking.remind_by_hand(done_duty(event=told.assignment.event).event_id,
                          by=UserFactory(roles=[Role.DEBRIEFING_MANAGER]), at=NOW)  # fmt: skip
    rows = list(OutboxMessage.objects.all())
    mails = [composed(row) for row in rows]
    assert {row.code for row in rows} >= {"debriefing_invitation", "debriefing_reminder"}
    assert marks_in(str(list(OutboxMessage.objects.values()))) == []
    for mail in filter(None, mails):
        assert marks_in(mail.message().as_string()) == []


def test_no_export_of_somebody_elses_data_has_them(told):
    """The others on the event and its leader ask for everything that is known of them; the writer gets their own."""
    event, writer = told.assignment.event, told.assignment.person
    colleague = done_duty(event=event).person
    leader = UserFactory(roles=[Role.ADMIN])
    Event.objects.filter(pk=event.pk).update(responsible_person=leader)
    for person in (colleague, leader):
        assert marks_in(" ".join(_given_out(person))) == []
    assert set(marks_in(" ".join(_given_out(writer)))) == set(MARKS.values())


def _given_out(person: Any) -> Iterator[str]:
    for contributor in registry.contributors():
        for part in contributor.export(person):
            yield f"{part.as_data()} {part.as_words()}"


def test_the_log_has_nothing_of_them(told, caplog):
    """Whatever the level, and when something breaks in the middle."""
    caplog.set_level(logging.DEBUG)
    duty = done_duty()
    typed = {"note_status": 2, **MARKS, "own_hours": "nic"}
    assert browser(duty.person).post(f"/debriefing/{duty.pk}/", typed).status_code == 422
    assert log_in("debriefing").get("/debriefing/manage/").status_code == 200
    assert browser(UserFactory()).post(f"/debriefing/{duty.pk}/", typed).status_code == 403
    lines = " ".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)
    assert lines
    assert marks_in(lines) == []


# --- when something breaks ----------------------------------------------------------------------------------


@pytest.mark.logs_errors
@pytest.mark.parametrize("where", ["submit", "_keep"])
def test_an_error_reports_nothing_of_them(caplog, monkeypatch, where):
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(submitting, where, broken)
    duty = done_duty()
    client = browser(duty.person)
    client.raise_request_exception = False
    caplog.clear()
    answer = client.post(f"/debriefing/{duty.pk}/", {"note_status": 2, **MARKS})
    assert answer.status_code == 500
    assert marks_in(answer.content.decode()) == []
    records = [record for record in caplog.records if record.exc_info]
    assert records
    written = " ".join(logging.Formatter().format(record) for record in records)
    reports = [ExceptionReporter(record.request, *record.exc_info).get_traceback_html() for record in records]
    assert "RuntimeError" in written
    assert marks_in(written) == []
    assert [marks_in(report) for report in reports] == [[] for _report in reports]
    assert not Debriefing.objects.exists()


def test_an_error_while_a_page_is_drawn_reports_nothing_of_them(told, monkeypatch):
    """The frames of a report hold what the functions had at hand."""

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(own_views, "render", broken)
    request = RequestFactory().get("/")
    request.user = told.assignment.person
    try:
        own_views.own(request, told.assignment_id)
    except RuntimeError:
        report = ExceptionReporter(request, *sys.exc_info()).get_traceback_html()
    assert "RuntimeError" in report
    assert marks_in(report) == []


@pytest.mark.parametrize("status", [Status.OPEN, Status.CANCELLED])
def test_a_refused_debriefing_keeps_nothing_of_them_anywhere(status):
    duty = done_duty(status=status)
    typed = {"note_status": 2, **MARKS}
    browser(duty.person).post(f"/debriefing/{duty.pk}/", typed)
    assert traces.found(list(MARKS.values()), ()) == set()


def test_a_form_that_is_wrong_keeps_nothing_of_them_anywhere():
    duty = done_duty()
    browser(duty.person).post(f"/debriefing/{duty.pk}/", {"note_status": 9, **MARKS})
    assert traces.found(list(MARKS.values()), ()) == set()


def test_an_uploaded_file_in_their_place_is_no_answer():
    duty = done_duty()
    file = SimpleUploadedFile("x.txt", b"x")
    answer = browser(duty.person).post(f"/debriefing/{duty.pk}/", {"note_status": 2, "feedback_event": file})
    assert answer.status_code in (302, 400, 422)
    assert not ConfidentialAnswers.objects.exclude(feedback_event="").exists()


def test_an_entry_is_not_printed():
    assert marks_in(repr(Entry(NoteStatus.DESCRIBED, MARKS))) == []
