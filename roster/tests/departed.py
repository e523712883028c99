"""Somebody who was here for a while and has left: with traces everywhere, made by the services that make them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.utils import timezone

from credentials import services as credentials
from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory
from debriefing.need_rules import Outcome, State
from debriefing.rules import Actual
from debriefing.services import submitting
from debriefing.tests.factories import described, done_duty
from equipment.models import EquipmentItem, InspectionPlan, RepairEntry
from equipment.services import files, inspection_plans, inspections, issues, packing, usage
from equipment.services.inspections import Finding
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem, Stranger
from equipment.tests.factories import ConsumableFactory, ItemFactory, stocked
from events.models import Event, MasterEvent, QueueEntry, SeasonImport
from events.rules.lifecycle import Status
from events.services import crew, lifecycle, planning, responsible
from events.services.masters import ensure_general
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory
from medcover.system.models import AuditEntry
from medcover.system.services import save_settings
from notifications.digest import services as digest
from notifications.models import OptOut, OutboxMessage, PushChoice
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.push.devices import subscribed
from reports.services import make_work_report
from roster import services
from roster.lockout import ANYWHERE
from roster.models import Signature, User
from roster.services import invitations, passwords, second_factor
from roster.tests.factories import make_admin, make_member
from roster.tests.two_steps.codes import switch_on

NAME, ADDRESS, PHONE = "Nováková Žofie", "zofie.novakova@example.org", "601 234 567"
OLD_NAME, OLD_ADDRESS, OLD_PHONE = "Svobodová Žofie", "svobodova@example.org", "+420 777 888 999"
#: Everything by which she was ever known, in the forms in which it may stand somewhere.
TRACES = (
    "nováková žofie", "žofie nováková", "novakova zofie", "zofie novakova", "svobodová žofie", "žofie svobodová",
    "svobodova zofie", ADDRESS, OLD_ADDRESS,
)  # fmt: skip
NUMBERS = ("601234567", "777888999")


@dataclass(frozen=True)
class Departed:
    """The person and what she left behind."""

    person: User
    admin: User
    colleague: User
    event: Event
    master: MasterEvent
    medic: Qualification
    at: datetime


def make_departed(**fields: Any) -> Departed:
    """Invite, register, rename, put on duty, mail and archive her."""
    at = timezone.now()
    admin, colleague = make_admin(name="Adminová Eva"), make_member(name="Dvořák Petr")
    medic = QualificationFactory(name="Zdravotník", can_lead=True, description="Zkouší Žofie Nováková.")
    person = _joined(admin, medic, at)
    event, master = _served(person, admin, at)
    make_work_report(person.pk, year=at.year - 1, month=1, by=person, at=at)
    _kept_safe(person)
    _debriefed(person, event, at)
    _had_equipment(person, admin, at)
    _used_up(person, event, at)
    _written_to(person, colleague, event)
    _greeted(admin)
    save_settings(by=admin, mail_block_allowed=f"{ADDRESS}, nekdo@example.org")
    person = services.archive(person.pk, by=admin, at=at)
    _imported(person, at)
    QueueEntry.objects.create(event=event, person=person)  # whoever leaves is struck; somebody may have been forgotten
    if fields:
        User.objects.filter(pk=person.pk).update(**fields)
        person.refresh_from_db()
    return Departed(person, admin, colleague, event, master, medic, at)


def _joined(admin: User, medic: Qualification, at: datetime) -> User:
    invited = credentials.invite(
        OLD_ADDRESS, qualifications=[medic.pk], by=admin, at=at, subject="Vítejte", text=f"Milá paní, {OLD_NAME}!"
    )
    invitations.first_opened(invited.sent[0].token, at=at)
    person = invitations.register(invited.sent[0].token, name=OLD_NAME, password="kůň baterie svorka", at=at)
    services.update_person(person.pk, by=person, phone=OLD_PHONE, calendar_view="week", dashboard_horizon=60)
    return services.update_person(person.pk, by=admin, name=NAME, email=ADDRESS, phone=PHONE)


def _served(person: User, admin: User, at: datetime) -> tuple[Event, MasterEvent]:
    """A duty that she led and that is over, and texts of the plan that name her."""
    master = MasterEventFactory(name="Běhy", description=f"Domlouvá Žofie Nováková, {PHONE}.")
    start = at - timedelta(days=20)
    event = EventFactory(
        name="Koncert", master_event=master, start=start, end=start + timedelta(hours=5), creator=person,
        contact="Žofie Nováková, 601234567", description="Sraz u stanu.\nNOVAKOVA ZOFIE má klíče.",
    )  # fmt: skip
    place = PositionFactory(event=event, description=f"Vedoucí ({NAME})")
    PositionFactory(event=event)
    crew.claim(place.pk, by=person, at=at)
    responsible.set_responsible_person(event.pk, None, by=admin)
    responsible.set_responsible_person(event.pk, person, by=admin)
    planning.edit_event(event.pk, by=admin, version=None, address=f"Louka u domu, {NAME}")
    _left_again(person, admin, at)
    lifecycle.transition(event.pk, "close", by=admin, at=at)
    lifecycle.complete_due(at=at)
    event.refresh_from_db()
    assert (event.status, event.responsible_person) == (Status.COMPLETED, person)
    return event, master


def _left_again(person: User, admin: User, at: datetime) -> None:
    """A duty that she was on and is not any more: only the record knows."""
    other = PositionFactory(event=EventFactory(name="Hokej", start=at + timedelta(days=5)))
    crew.assign(other.pk, person.pk, by=admin, at=at)
    crew.leave(other.event_id, by=person)


def _debriefed(person: User, event: Event, at: datetime) -> None:
    """What she said after the event that she led, and what somebody says of her who was somewhere else."""
    own, elsewhere = event.assignments.get(person=person), done_duty()
    entry = described(
        texts={"feedback_event": f"Volejte mi: {PHONE}"}, material=[(f"Obvaz ({NAME})", 1)],
        actual=Actual(event.start, event.end, 0),
    )  # fmt: skip
    submitting.submit(own.pk, entry, by=person, at=at)
    event.refresh_from_db()
    told = described(texts={"feedback_colleagues": f"Pomohla nám {NAME}."})
    submitting.submit(elsewhere.pk, told, by=elsewhere.person, at=at)
    settled = {"state": State.DONE, "outcome": Outcome.BY_HAND, "settled_by": person, "settled_at": at}
    own.debriefing.needs.update(words=f"Psala {NAME}", note=f"Domluveno, {PHONE}", **settled)


def _greeted(admin: User) -> None:
    """Texts of the admin digest that name her."""
    digest.save_schedule(by=admin, footer_html=f"<p>Za správu {NAME}, {ADDRESS}</p>")
    digest.save_block(digest.add_block("free_text", by=admin).pk, {"content": f"Díky, {NAME}!"}, by=admin)


def _imported(person: User, at: datetime) -> None:
    """An import that she has begun, and one of somebody else with her in it."""
    rows = {"people": [{"name": NAME, "email": ADDRESS}]}
    for owner in (person, make_admin(name="Jiná Alena")):
        SeasonImport.objects.create(
            owner=owner, source="sezona.xlsx", master_event=ensure_general(), season=rows,
            expires_at=at + timedelta(days=7),
        )  # fmt: skip


def _kept_safe(person: User) -> None:
    OptOut.objects.create(person=person, code="event_published")
    PushChoice.objects.create(person=person, code="event_published", wanted=True)
    subscribed(person)
    Signature.objects.create(person=person, picture=b"\x89PNG")
    switch_on(person)
    second_factor.renew_codes(person.pk, by=person)
    services.renew_calendar_link(person.pk, which="own", by=person)
    passwords.request_reset(ADDRESS)
    User.objects.filter(pk=person.pk).update(last_login=timezone.now(), oidc_subject="subject-of-zofie")
    AccessAttempt.objects.create(username=ADDRESS, failures_since_start=2, **ANYWHERE)


def _had_equipment(person: User, admin: User, at: datetime) -> None:
    """Something she had and gave back, reported about and is named on."""
    item = ItemFactory(notes=f"Klíč má {NAME}, {PHONE}.")
    issues.take(item.pk, by=person, at=at - timedelta(days=9))
    issues.report(item.pk, kind="note", text=f"Volejte {OLD_NAME}.", by=person, at=at - timedelta(days=8))
    issues.take_back(item.pk, by=person, at=at - timedelta(days=7))
    event = EventFactory(responsible_person=person, start=at - timedelta(days=6))
    packing.pack(event.pk, item.pk, by=person, at=event.start)
    packing.bring_back(event.pk, item.pk, note=f"Volejte {NAME}.", by=person, at=event.end)
    _had_inspected(item, person, admin, at)
    files.add_link(item.pk, title=f"Návod ({NAME})", url="https://example.org", by=admin)
    _repaired(item.pk, person, admin, at)


def _repaired(item: Any, person: User, admin: User, at: datetime) -> None:
    """Repairs that she reported, once without logging in, was named in, and once had to do."""
    opening.report(item, Problem(f"Nejde, volejte {PHONE}."), by=person, at=at)
    stranger = Stranger(NAME, ADDRESS)
    row = opening.report(item, Problem(f"Kouří. {NAME}"), by=None, at=at, stranger=stranger).repair
    work.save(row.pk, by=admin, at=at, specialist_text=f"Ví o tom {NAME}.", note=f"Viděla to {OLD_NAME}.")
    RepairEntry.objects.create(
        repair=row, kind=RepairEntry.Kind.ASSIGNEE, author=admin, old=NAME, new=OLD_NAME, created=at
    )


def _had_inspected(item: EquipmentItem, person: User, admin: User, at: datetime) -> None:
    """An inspection that she made, and one that a firm of her name did."""
    checklist = f"Zavolat {NAME}"
    plan = inspection_plans.save_plan(
        InspectionPlan(type=item.type, name="Kontrola", months=12, checklist=checklist), by=admin
    )
    for done_by, firm, back in ((person.pk, "", 5), (None, f"Servis {NAME}", 4)):
        found = Finding(
            at.date() - timedelta(days=back), "remarks", done_by=done_by, firm=firm, note=f"Zapsala {NAME}.", ticked=[0]
        )
        inspections.record(item.pk, plan.pk, found, by=admin, at=at)


def _used_up(person: User, event: Event, at: datetime) -> None:
    """What she recorded on her duty, and a text about material that names her."""
    kind = ConsumableFactory(description=f"Objednává {NAME}.")
    stocked(kind, 5)
    usage.use_on_event(event.pk, [(kind.pk, 1)], note=f"Ošetřovala {OLD_NAME}.", by=person, at=at)


def _written_to(person: User, colleague: User, event: Event) -> None:
    Outbox = OutboxMessage.Status  # noqa: N806 - a class
    message_to(person, subject=f"Pro: {NAME}", status=Outbox.SENT, sent_at=timezone.now())
    message_to(person, status=Outbox.FAILED, last_error=f"550 <{ADDRESS}> unknown")
    MessageFactory(to_email=OLD_ADDRESS, status=Outbox.SENT, sent_at=timezone.now())
    changes = {"responsible_person": [NAME, "Dvořák Petr"], "contact": ["", "Žofie Nováková"]}
    payload = {"event_id": event.pk, "event_name": event.name, "changes": changes}
    message_to(colleague, code="event_changed", topic=f"event:{event.pk}", payload=payload)
    message_to(colleague, subject=f"Vystřídá vás {NAME}", status=Outbox.SENT, sent_at=timezone.now())


def record_of(row: Any) -> list[AuditEntry]:
    """What is recorded about a row, oldest first."""
    return list(AuditEntry.objects.get_for_object(row).order_by("id"))
