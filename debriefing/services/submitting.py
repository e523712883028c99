"""Handing in a debriefing: once, by whose duty it was, for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from debriefing import policies, rules
from debriefing.models import ConfidentialAnswers, Debriefing, Need, UsedMaterial
from debriefing.need_rules import Kind
from debriefing.rules import Actual, Fault, OwnTime
from debriefing.services import wanting
from debriefing.services.wanting import Wanted
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services.locking import Gone, lock_event, save_event
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import tidy, tidy_lines
from medcover.system import audit
from medcover.system.models import AuditEntry


class AlreadySubmitted(DomainError):
    """Refusal: this debriefing was handed in before, and is final."""


@dataclass(frozen=True, repr=False)
class Entry:
    """What somebody hands in, as plain values; its texts are confidential, so it is never printed."""

    note_status: int
    texts: Mapping[str, str] = field(default_factory=dict)
    own: OwnTime = field(default_factory=OwnTime)
    material: Sequence[tuple[str, int]] = ()
    #: What the responsible person says about the event; of anybody else it is left aside.
    actual: Actual = field(default_factory=Actual)
    #: What would help next time; not confidential.
    wanted: Sequence[Wanted] = ()


@sensitive_variables()
def submit(assignment_id: Any, entry: Entry, *, by: Any, at: datetime) -> Debriefing:
    """Keep a debriefing, and write what the responsible person says of the event into the event.

    Raises Gone when there is no such duty, NotAllowed when it is somebody else's, AlreadySubmitted, DomainError when
    the event is not completed, ValidationError by field when something is missing or wrong.
    """
    try:
        return _submit(assignment_id, entry, by=by, at=at)
    except DatabaseError:
        # The database quotes the row that it refuses; nobody who reads logs is to read answers. Hence "from None".
        refusal = DomainError(_("The debriefing could not be kept. Please try once more."))
    raise refusal from None


@sensitive_variables()
@transaction.atomic
def _submit(assignment_id: Any, entry: Entry, *, by: Any, at: datetime) -> Debriefing:
    event, assignment = _locked(assignment_id)
    if not policies.may_submit(by, assignment):
        raise NotAllowed
    _refuse_unfit(event, assignment)
    part = policies.leader_part_for(by, event)
    if faults := dict([*_faults(entry, event, part), *wanting.faults(entry.wanted, by=by)]):
        raise ValidationError(faults)
    made = _keep(assignment, entry, by=by, at=at)
    if part is not None and not entry.actual.is_empty:
        _write_actual(event, entry.actual, by=by)
    summary = audit.sentence(_("Debriefing submitted: %s"), assignment.person.name)
    audit.record(event, kind=AuditEntry.Kind.CREATE, by=by, summary=summary, event_id=event.pk)
    return made


def _locked(assignment_id: Any) -> tuple[Event, Assignment]:
    """Lock the event of a duty and read the duty anew: somebody may have been taken off meanwhile."""
    event_id = Assignment.objects.filter(pk=assignment_id).values_list("event", flat=True).first()
    if event_id is None:
        raise Gone(_("This duty does not exist any more."))
    event = lock_event(event_id)
    assignment = Assignment.objects.filter(pk=assignment_id).select_related("person").first()
    if assignment is None:
        raise Gone(_("This duty does not exist any more."))
    return event, assignment


def _refuse_unfit(event: Event, assignment: Assignment) -> None:
    if event.status != Status.COMPLETED:
        raise DomainError(_("The debriefing can be filled in once the event is completed."))
    if Debriefing.objects.filter(assignment=assignment).exists():
        raise AlreadySubmitted(_("You have handed in this debriefing already; it cannot be changed any more."))


@sensitive_variables()
def _faults(entry: Entry, event: Event, part: rules.LeaderPart | None) -> Iterator[Fault]:
    if entry.note_status not in rules.CHOOSABLE:
        yield "note_status", _("Choose one of the answers.")
    for name in rules.TEXTS:
        if len(entry.texts.get(name, "")) > rules.TEXT_LIMIT:
            yield name, _("This text is too long.")
    yield from rules.faults_of_own_time(entry.own, event.start, event.end)
    if not _is_material(entry.material):
        yield "material", _("Write of all material what it was, and how many pieces from 1 to 999.")
    if part is not None:
        yield from rules.faults_of_actual(entry.actual, part)


def _is_material(rows: Sequence[tuple[str, int]]) -> bool:
    fits = all(tidy(name) and len(tidy(name)) <= 120 and 1 <= count <= rules.MOST_OF_MATERIAL for name, count in rows)
    return fits and len(rows) <= rules.MATERIAL_ROWS


@sensitive_variables()
def _keep(assignment: Assignment, entry: Entry, *, by: Any, at: datetime) -> Debriefing:
    own = {"own_start": entry.own.start, "own_end": entry.own.end, "own_hours": entry.own.hours}
    made = Debriefing.objects.create(assignment=assignment, submitted_by=by, submitted_at=at, **own)
    texts = rules.kept_texts(entry.note_status, {name: tidy_lines(text) for name, text in entry.texts.items()})
    ConfidentialAnswers.objects.create(debriefing=made, note_status=entry.note_status, **texts)
    used = UsedMaterial.objects.bulk_create(_material(made, entry.material))
    refills = [Need(debriefing=made, kind=Kind.MATERIAL, material=row, quantity=row.quantity) for row in used]
    Need.objects.bulk_create([*wanting.needs(made, entry.wanted), *refills])
    return made


def _material(made: Debriefing, rows: Sequence[tuple[str, int]]) -> list[UsedMaterial]:
    """Make rows of what was used; what is called like a kind of the stock is that kind."""
    named = [(tidy(name), count) for name, count in rows]
    kinds = wanting.kinds_called(name for name, _count in named)
    return [
        UsedMaterial(debriefing=made, name=name, quantity=count, consumable_id=kinds.get(name.lower()))
        for name, count in named
    ]


def _write_actual(event: Event, actual: Actual, *, by: Any) -> None:
    """Write how the event really was; what was left out stays as it is known already."""
    told = {"actual_start": actual.start, "actual_end": actual.end, "post_event_count": actual.count}
    given = {name: value for name, value in told.items() if value is not None}
    for name, value in given.items():
        setattr(event, name, value)
    with audit.trail(by=by, kind=AuditEntry.Kind.EDIT):
        save_event(event, *given)
