"""Personal data in this app: what a person has and had, packed, used, reported, repaired and added.

Strangers who report a problem on the public pages leave a name and perhaps an e-mail with the repair and in its
timeline. Both are forgotten by a nightly job once the repair has been closed for `SiteSettings.reporter_days`, 90
unless somebody says otherwise (`services/repairs/strangers.py`); what they have written about the item stays. An
account with the same e-mail is given these reports out as well, and takes their contacts along when it is erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from equipment.models import (
    Attachment,
    Consumable,
    EquipmentItem,
    EquipmentType,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemReport,
    Link,
    Movement,
    PackedItem,
    Repair,
    RepairEntry,
    RepairPhoto,
    ServiceWindow,
)
from equipment.repairs.querysets import RepairQuerySet
from equipment.static_page import pushing
from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Needle
from medcover.system.models import SiteSettings
from roster.models import User
from roster.privacy.export import Labels, Part, choice
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

_ISSUE_LABELS: Labels = {
    "item_id": "",
    "item": gettext_lazy("Item"),
    "type": gettext_lazy("Type"),
    "issued_at": gettext_lazy("Issued"),
    "returned_at": gettext_lazy("Returned"),
}
_PACKED_LABELS: Labels = {
    "event_id": "",
    "event": gettext_lazy("Event"),
    "item": gettext_lazy("Item"),
    "what": gettext_lazy("What you noted"),
    "at": gettext_lazy("When"),
}
_REPORT_LABELS: Labels = {
    "item_id": "",
    "item": gettext_lazy("Item"),
    "reported_at": gettext_lazy("Reported"),
    "kind": gettext_lazy("What has happened"),
    "text": gettext_lazy("Description"),
}
_INSPECTION_LABELS: Labels = {
    "item_id": "",
    "item": gettext_lazy("Item"),
    "inspection": gettext_lazy("Inspection"),
    "done_on": gettext_lazy("Day of the inspection"),
    "outcome": gettext_lazy("Outcome"),
    "note": gettext_lazy("Note"),
    "done_by_you": gettext_lazy("Done by you"),
    "recorded_by_you": gettext_lazy("Recorded by you"),
    "recorded_at": gettext_lazy("Recorded"),
}
_REPAIR_LABELS: Labels = {
    "item_id": "",
    "item": gettext_lazy("Item"),
    "repair": gettext_lazy("Number"),
    "reported_at": gettext_lazy("Reported"),
    "status": pgettext_lazy("repair", "Status"),
    "severity": gettext_lazy("Severity"),
    "text": gettext_lazy("What is wrong"),
}
_PUBLIC_LABELS: Labels = {
    **_REPAIR_LABELS,
    "name": gettext_lazy("Name that you gave"),
    "email": gettext_lazy("E-mail that you gave"),
    "kept_until": gettext_lazy("Name and e-mail are kept until"),
}
_WORK_LABELS: Labels = {
    "item": gettext_lazy("Item"),
    "repair": gettext_lazy("Number"),
    "at": gettext_lazy("When"),
    "kind": gettext_lazy("What has happened"),
    "new": gettext_lazy("New value"),
    "text": gettext_lazy("Text"),
}
_FILE_LABELS: Labels = {
    "item": gettext_lazy("Item"),
    "name": gettext_lazy("File or link"),
    "added_at": gettext_lazy("Added"),
}
_MOVEMENT_LABELS: Labels = {
    "consumable": gettext_lazy("Consumable"),
    "quantity": gettext_lazy("Quantity"),
    "kind": gettext_lazy("What has happened"),
    "event": gettext_lazy("Event"),
    "note": gettext_lazy("Note"),
    "recorded_at": gettext_lazy("Recorded"),
}


class EquipmentData(Contributor):
    """What was issued and reported stays under the pseudonym, as the history of items; names in texts go."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out what the person has and had, packed, reported and added."""
        issues = Issue.objects.of(person).select_related("item__type").order_by("issued_at", "pk")
        yield Part("equipment", gettext_lazy("Equipment issued to you"), _ISSUE_LABELS, [*map(_issue, issues)])
        packed = [*_packed(person), *_brought_back(person)]
        yield Part(
            "equipment_packing",
            gettext_lazy("Equipment you packed for events and brought back"),
            _PACKED_LABELS,
            packed,
        )
        reports = ItemReport.objects.filter(person=person).select_related("item").order_by("created", "pk")
        yield Part("equipment_reports", gettext_lazy("Your reports about equipment"), _REPORT_LABELS, [
            *map(_report, reports)
        ])  # fmt: skip
        results = InspectionResult.objects.filter(Q(done_by=person) | Q(recorded_by=person))
        rows = [_inspection(row, person) for row in results.select_related("item", "plan").in_order()]
        yield Part("equipment_inspections", gettext_lazy("Your inspections of equipment"), _INSPECTION_LABELS, rows)
        repairs = Repair.objects.filter(reporter=person).select_related("item").order_by("created", "pk")
        yield Part("repairs_reported", gettext_lazy("Problems with equipment that you reported"), _REPAIR_LABELS, [
            *map(_repair, repairs)
        ])  # fmt: skip
        yield Part(
            "repairs_reported_without_login",
            gettext_lazy("Problems that were reported under your e-mail without logging in"),
            _PUBLIC_LABELS,
            [*_public_reports(person)],
        )
        entries = RepairEntry.objects.filter(author=person).exclude(kind=RepairEntry.Kind.CREATED)
        yield Part("repair_work", gettext_lazy("Your work on repairs"), _WORK_LABELS, [
            *map(_entry, entries.select_related("repair__item").order_by("created", "pk"))
        ])  # fmt: skip
        assigned = Repair.objects.filter(assignee=person).select_related("item").order_by("created", "pk")
        yield Part("repairs_assigned", gettext_lazy("Repairs assigned to you"), _REPAIR_LABELS, [
            *map(_repair, assigned)
        ])  # fmt: skip
        parts = [
            *Attachment.objects.filter(added_by=person).select_related("item").order_by("pk"),
            *Link.objects.filter(added_by=person).select_related("item").order_by("pk"),
        ]
        added = [{"item": part.item.name, "name": str(part), "added_at": part.created} for part in parts]
        yield Part("equipment_files", gettext_lazy("Files and links you added to equipment"), _FILE_LABELS, added)
        moved = Movement.objects.filter(by=person).select_related("lot__consumable", "event").order_by("pk")
        yield Part("consumables", gettext_lazy("What you recorded about consumables"), _MOVEMENT_LABELS, [
            *map(_movement, moved)
        ])  # fmt: skip

    def objections(self, identity: Identity, *, at: datetime) -> Iterator[str]:
        """Name what the person has not returned."""
        held = EquipmentItem.objects.held_by(identity.person_id).order_by("name_sort", "pk")
        if names := ", ".join(held.values_list("name", flat=True)):
            yield _("The person has equipment that has not been returned: %s.") % names

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count texts that name the person."""
        count = sum(mentioning(rows, texts, needle).count() for rows, texts, needle in _texts(identity))
        yield Finding(gettext_lazy("name and contacts in texts about equipment"), count)
        reports = _from_outside(identity).count()
        yield Finding(gettext_lazy("name and e-mail on reports that were sent without logging in"), reports)

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Count what will point at the pseudonym."""
        key = identity.person_id
        moved = Issue.objects.filter(Q(person=key) | Q(issued_by=key) | Q(returned_by=key)).count()
        yield Finding(gettext_lazy("issues and returns of equipment"), moved)
        packed = PackedItem.objects.filter(Q(taken_by=key) | Q(returned_by=key)).count()
        yield Finding(gettext_lazy("equipment packed for events and brought back"), packed)
        services = ServiceWindow.objects.filter(added_by=key).count()
        yield Finding(
            gettext_lazy("reports about equipment and services of it"),
            ItemReport.objects.filter(person=key).count() + services,
        )
        results = InspectionResult.objects.filter(Q(done_by=key) | Q(recorded_by=key)).count()
        yield Finding(gettext_lazy("results of inspections of equipment"), results)
        repairs = Repair.objects.filter(Q(reporter=key) | Q(assignee=key)).count()
        entries = RepairEntry.objects.filter(author=key).count()
        yield Finding(gettext_lazy("repairs and what is told in their timelines"), repairs + entries)
        files = (Attachment, Link, RepairPhoto)
        added = sum(model._default_manager.filter(added_by=key).count() for model in files)
        yield Finding(gettext_lazy("files and links added to equipment"), added)
        yield Finding(gettext_lazy("movements of consumables"), Movement.objects.filter(by=key).count())

    def erase(self, erasure: Erasure) -> None:
        """Mask the person in the texts of types, items and what belongs to them."""
        reports = [*_from_outside(erasure.identity).order_by("pk").values_list("pk", flat=True)]
        for rows, texts, needle in _texts(erasure.identity):
            mask = erasure.own if needle is erasure.identity.own else erasure.elsewhere
            mask_rows(mentioning(rows, texts, needle).select_for_update(no_key=True).order_by("pk"), texts, mask)
        _forget_reporter(reports, erasure)  # locked by now, since they hold the address
        pushing.ask()  # what was masked may stand on the static page


def _from_outside(identity: Identity) -> RepairQuerySet:
    """Return what was reported without logging in under an e-mail that is or was the person's, and nobody else's."""
    return Repair.objects.reported_without_account(identity.addresses - identity.shared)


def _forget_reporter(reports: list[int], erasure: Erasure) -> None:
    """Mask whatever the reporter has typed of themself: a name that the account does not have is theirs, too."""
    found = Repair.objects.filter(pk__in=reports)
    RepairEntry.objects.filter(repair__in=reports).exclude(author_name="").update(author_name=erasure.pseudonym)
    mask_rows(mentioning(found, ("description",), erasure.own.needle).order_by("pk"), ("description",), erasure.own)
    found.update(reporter_name=erasure.pseudonym, reporter_email="", version=F("version") + 1)


def _texts(identity: Identity) -> Iterator[tuple[QuerySet[Any], tuple[str, ...], Needle]]:
    """Rows with their columns of free text, in the order of locks, and what of the person is looked for in them."""
    yield EquipmentType.objects.all(), ("description",), identity.elsewhere
    yield Consumable.objects.all(), ("description",), identity.elsewhere
    item_texts = ("name", "place", "acquired_from", "description", "notes")
    yield EquipmentItem.objects.all(), item_texts, identity.elsewhere
    yield Movement.objects.filter(by=identity.person_id), ("note",), identity.own
    yield Movement.objects.exclude(by=identity.person_id), ("note",), identity.elsewhere
    yield InspectionPlan.objects.all(), ("checklist",), identity.elsewhere
    yield ServiceWindow.objects.all(), ("reason",), identity.elsewhere
    yield InspectionResult.objects.all(), ("firm", "note", "ticked", "unticked"), identity.elsewhere
    yield ItemReport.objects.filter(person=identity.person_id), ("text",), identity.own
    yield ItemReport.objects.exclude(person=identity.person_id), ("text",), identity.elsewhere
    repair_texts = ("description", "specialist_text", "reporter_name", "reporter_email")
    yield Repair.objects.filter(reporter=identity.person_id), repair_texts, identity.own
    yield Repair.objects.exclude(reporter=identity.person_id), repair_texts, identity.elsewhere
    entry_texts = ("text", "author_name", "old", "new")
    yield RepairEntry.objects.filter(author=identity.person_id), entry_texts, identity.own
    yield RepairEntry.objects.exclude(author=identity.person_id), entry_texts, identity.elsewhere
    yield RepairPhoto.objects.all(), ("name",), identity.elsewhere
    yield Attachment.objects.all(), ("name",), identity.elsewhere
    yield Link.objects.all(), ("title", "url"), identity.elsewhere


def _issue(row: Issue) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "item": row.item.name,
        "type": row.item.type.name,
        "issued_at": row.issued_at,
        "returned_at": row.returned_at,
    }


def _packed(person: User) -> Iterator[dict[str, Any]]:
    rows = PackedItem.objects.filter(taken_by=person).select_related("event", "item").order_by("taken_at", "pk")
    yield from (_noted(row, _("packed"), row.taken_at) for row in rows)


def _brought_back(person: User) -> Iterator[dict[str, Any]]:
    rows = PackedItem.objects.filter(returned_by=person).select_related("event", "item").order_by("returned_at", "pk")
    yield from (_noted(row, row.get_outcome_display(), row.returned_at) for row in rows)


def _noted(row: PackedItem, what: str, at: datetime | None) -> dict[str, Any]:
    return {"event_id": row.event_id, "event": row.event.name, "item": row.item.name, "what": what, "at": at}


def _report(row: ItemReport) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "item": row.item.name,
        "reported_at": row.created,
        "kind": choice(row, "kind"),
        "text": row.text,
    }


def _inspection(row: InspectionResult, person: User) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "item": row.item.name,
        "inspection": row.plan.name,
        "done_on": row.done_on,
        "outcome": choice(row, "outcome"),
        "note": row.note,
        "done_by_you": row.done_by_id == person.pk,
        "recorded_by_you": row.recorded_by_id == person.pk,
        "recorded_at": row.recorded_at,
    }


def _movement(row: Movement) -> dict[str, Any]:
    return {
        "consumable": row.lot.consumable.name,
        "quantity": row.quantity,
        "kind": choice(row, "kind"),
        "event": row.event.name if row.event else None,
        "note": row.note,
        "recorded_at": row.at,
    }


def _repair(row: Repair) -> dict[str, Any]:
    return {
        "item_id": row.item_id,
        "item": row.item.name,
        "repair": row.pk,
        "reported_at": row.created,
        "status": choice(row, "status"),
        "severity": choice(row, "severity"),
        "text": row.description,
    }


def _public_reports(person: User) -> Iterator[dict[str, Any]]:
    """Yield what was reported under the person's e-mail, and until when their contacts stay with it."""
    days = timedelta(days=SiteSettings.current().reporter_days)
    found = Repair.objects.reported_without_account([person.email]).with_status_since().select_related("item")
    for row in found.order_by("created", "pk"):
        until = None if row.is_open else row.status_since + days
        yield {**_repair(row), "name": row.reporter_name, "email": row.reporter_email, "kept_until": until}


def _entry(row: RepairEntry) -> dict[str, Any]:
    return {
        "item": row.repair.item.name,
        "repair": row.repair_id,
        "at": row.created,
        "kind": choice(row, "kind"),
        "new": row.after,
        "text": row.text,
    }
