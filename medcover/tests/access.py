"""The stage on which the table of access is played: every address, a row of each kind, one person of each sort."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, resolve
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from debriefing.tests.confidential import MARKS
from debriefing.tests.factories import done_duty, handed_in
from equipment.models import EquipmentItem, Link, RepairPhoto, StaticPagePush
from equipment.tests.factories import (
    ConsumableFactory,
    ItemFactory,
    LocationFactory,
    PlanFactory,
    TypeFactory,
    document_of,
    inspected,
    issued,
    out_of_service,
    packed,
    repair_of,
    stocked,
)
from events.models import Event, EventTemplate, HandOver, Offer, SeasonImport
from events.rules.lifecycle import Status
from events.season import drafts
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.seasons import season, sheet_event, sheet_person
from events.tests.stories import make_capacity_event
from medcover.backups.models import BackupSettings
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings, UserFeedback
from notifications.models import DigestBlock, NotificationSwitch
from notifications.tests.factories import MessageFactory
from reports.models import WorkReport
from roster.models import User
from roster.models.account import new_token
from roster.models.invitation import VALIDITY, Invitation
from roster.rights import Role
from roster.services.passwords import reset_token
from roster.tests.factories import UserFactory

#: The answer to whoever has to log in first.
LOGIN = "login"

#: Who asks: column of the table → what the person is like; all the active ones have a session.
ROLES: dict[str, list[Role]] = {
    "admin": [Role.ADMIN],
    "coordinator": [Role.COORDINATOR],
    "member": [Role.MEMBER],
    "viewer": [Role.VIEWER],
    "debriefing": [Role.DEBRIEFING_MANAGER],
    "technician": [Role.TECHNICIAN],
    "nobody": [],  # an account without any role
    "superuser": [],
}
#: They held every role and were logged in when their account was put away.
LEFT = ("inactive", "archived")
PEOPLE = ("anonymous", *LEFT, *ROLES)


def addresses() -> Iterator[str]:
    """Yield every address of the site: its name, or its route where it has none."""
    yield from _below(get_resolver(), "", "")


def _below(resolver: URLResolver, names: str, routes: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = f"{routes}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            namespace = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from _below(pattern, namespace, route)
        else:
            yield f"{names}{pattern.name}" if pattern.name else route


def address_of(path: str) -> str:
    """Return the address that answers to a path, as `addresses` calls it."""
    match = resolve(path.partition("?")[0])
    return match.view_name if match.url_name else str(match.route)


def log_in(who: str) -> Client:
    """The browser of one sort of person."""
    client = Client()
    if who == "anonymous":
        return client
    person = UserFactory(roles=ROLES.get(who, list(Role)), is_superuser=who == "superuser")
    client.force_login(person, backend="roster.backends.RoleBackend")
    if who in LEFT:
        # Past the service, which ends the sessions: an old one must not open anything either.
        User.objects.filter(pk=person.pk).update(is_active=False, is_archived=who == "archived")
    return client


def make_rows() -> dict[str, Any]:
    """Make one row of each kind and return what the placeholders of the paths stand for."""
    BackupSettings.load()
    event, draft = EventFactory(), EventFactory(status=Status.DRAFT)
    position = PositionFactory(event=event)
    taken = put(UserFactory(), PositionFactory(event=event))
    handed_in(taken, **MARKS)  # early, but then every page of that event and person could show it
    master, person = MasterEventFactory(), UserFactory(password_reset_nonce=new_token())
    gone = UserFactory(is_active=False, is_archived=True)
    audit = AuditEntry.objects.order_by("pk").first()
    assert audit, "Nothing of the above has been recorded."
    return {
        "event": event.pk,
        "draft": draft.pk,
        "template": EventTemplate.objects.create(name="Šablona", min_participants=1, max_participants=2).pk,
        "put_away": EventFactory(is_archived=True).pk,
        "conditions": make_capacity_event({QualificationFactory(can_lead=True): 1}).pk,
        "position": position.pk,
        "position_of_draft": PositionFactory(event=draft).pk,
        "assignment": taken.pk,
        "participant": taken.person_id,
        **_completed(),
        **_questions(person),
        "master": master.pk,
        "general": event.master_event_id,
        "person": person.pk,
        "gone": gone.pk,
        "qualification": QualificationFactory().pk,
        "import": _import().pk,
        **_equipment(event),
        "message": MessageFactory().pk,
        "switch": NotificationSwitch.objects.get_or_create(code="event_published")[0].pk,
        "archive": "medcover_backup_20270102_030405_000006_UTC.zip",
        "block": DigestBlock.objects.in_order()[0].pk,
        "work_report": _work_report(person).pk,
        "settings": SiteSettings.load().pk,
        "feedback": UserFeedback.objects.create(user=person, message="Díky", submitted=timezone.now()).pk,
        "audit": audit.pk,
        "feed": person.ical_token,
        "feed_of_gone": gone.ical_token,
        "reset": reset_token(person),
        "event_type": ContentType.objects.get_for_model(Event).pk,
        **_invitation(person),
    }


def _completed() -> dict[str, Any]:
    """A duty on an event that is over, of somebody who is none of those who ask; a colleague has missed something."""
    duty = done_duty()
    handed_in(done_duty(event=duty.event), material=[("Dlaha", 2)], needs=[(QualificationFactory(), 1)], **MARKS)
    return {"done": duty.pk, "completed": duty.event_id}


def _questions(to: User) -> dict[str, Any]:
    """An offered place and a proposed hand-over, both waiting for the answer of one person."""
    event = EventFactory()
    duty = put(UserFactory(), PositionFactory(event=event))
    offer = Offer.objects.create(event=event, position=PositionFactory(event=event), person=to, expires_at=event.start)
    proposal = HandOver.objects.create(event=event, person=duty.person, substitute=to)
    return {"offer": offer.pk, "hand_over": proposal.pk}


def _equipment(event: Event) -> dict[str, Any]:
    """An item that somebody has, with everything that can belong to one, and one that is at the event."""
    item, person = ItemFactory(), UserFactory()
    issued(person, item)
    with audit.unrecorded():
        plan = PlanFactory(type=item.type)
        return {
            "item": item.pk,
            "code": item.code,
            "packed": packed(event).item_id,
            "inspection": plan.pk,
            "result": inspected(item, plan, timezone.localdate()).pk,
            "static_push": StaticPagePush.objects.create(asked_at=timezone.now()).pk,
            "type": TypeFactory().pk,
            "location": LocationFactory().pk,
            "window": out_of_service(item, timezone.now()).pk,
            "file": document_of(item).pk,
            **_consumables(),
            "link": Link.objects.create(item=item, title="Návod", url="https://example.org").pk,
            **_repair(item),
        }


def _work_report(by: User) -> WorkReport:
    """A file of somebody who is none of those who ask."""
    month = timezone.localdate().replace(day=1)
    return WorkReport.objects.create(made_by=by, person=by, month=month, made_at=timezone.now(), file="none.xlsx")


def _consumables() -> dict[str, Any]:
    lot = stocked(ConsumableFactory(), 5)
    return {"consumable": lot.consumable_id, "lot": lot.pk, "movement": lot.movements.get().pk}


def _repair(item: EquipmentItem) -> dict[str, Any]:
    """A repair with a photo."""
    repair = repair_of(item)
    photo = RepairPhoto(repair=repair, name="Fotka.jpg", size=3, created=timezone.now())
    photo.file.save("", ContentFile(b"JPG"), save=True)
    return {"repair": repair.pk, "repair_photo": photo.pk}


def _import() -> SeasonImport:
    """An import of somebody who is none of those who ask."""
    rows = season(sheet_event(), sheet_person("Malá Hana"))
    return drafts.begin(rows, source="sezona.xlsx", by=UserFactory(roles=[Role.ADMIN]), at=timezone.now())


def _invitation(by: User) -> dict[str, Any]:
    now = timezone.now() - timedelta(hours=1)
    invitation = Invitation.objects.create(
        email="pozvana@example.org", created_by=by, created_at=now, expires_at=now + VALIDITY
    )
    return {"invitation": invitation.pk, "invited": invitation.token}


def told(answer: HttpResponse) -> int | str:
    """Return an answer as the table writes it: the status, LOGIN, or where else it leads."""
    if answer.status_code != 302:
        return answer.status_code
    target = answer["Location"]
    return LOGIN if target.startswith("/login/?next=") else f"→ {target.partition('?')[0]}"


def posted(client: Client, path: str) -> tuple[int | str, list[str]]:
    """Send an empty form and return the answer and every statement that wrote something, sessions aside."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(path)
    statements = [query["sql"] for query in queries.captured_queries]
    return told(answer), [sql for sql in statements if _writes(sql)]


def _writes(sql: str) -> bool:
    return sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql
