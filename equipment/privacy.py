"""Personal data in this app: what a person has and had, what they reported and added, their name in texts of items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import (
    Attachment,
    EquipmentItem,
    EquipmentType,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemReport,
    Link,
    ServiceWindow,
)
from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Needle
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
_FILE_LABELS: Labels = {
    "item": gettext_lazy("Item"),
    "name": gettext_lazy("File or link"),
    "added_at": gettext_lazy("Added"),
}


class EquipmentData(Contributor):
    """What was issued and reported stays under the pseudonym, as the history of items; names in texts go."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out what the person has and had, reported and added."""
        issues = Issue.objects.of(person).select_related("item__type").order_by("issued_at", "pk")
        yield Part("equipment", gettext_lazy("Equipment issued to you"), _ISSUE_LABELS, [*map(_issue, issues)])
        reports = ItemReport.objects.filter(person=person).select_related("item").order_by("created", "pk")
        yield Part("equipment_reports", gettext_lazy("Your reports about equipment"), _REPORT_LABELS, [
            *map(_report, reports)
        ])  # fmt: skip
        results = InspectionResult.objects.filter(Q(done_by=person) | Q(recorded_by=person))
        rows = [_inspection(row, person) for row in results.select_related("item", "plan").in_order()]
        yield Part("equipment_inspections", gettext_lazy("Your inspections of equipment"), _INSPECTION_LABELS, rows)
        parts = [
            *Attachment.objects.filter(added_by=person).select_related("item").order_by("pk"),
            *Link.objects.filter(added_by=person).select_related("item").order_by("pk"),
        ]
        added = [{"item": part.item.name, "name": str(part), "added_at": part.created} for part in parts]
        yield Part("equipment_files", gettext_lazy("Files and links you added to equipment"), _FILE_LABELS, added)

    def objections(self, identity: Identity, *, at: datetime) -> Iterator[str]:
        """Name what the person has not returned."""
        held = EquipmentItem.objects.held_by(identity.person_id).order_by("name_sort", "pk")
        if names := ", ".join(held.values_list("name", flat=True)):
            yield _("The person has equipment that has not been returned: %s.") % names

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count texts that name the person."""
        count = sum(mentioning(rows, texts, needle).count() for rows, texts, needle in _texts(identity))
        yield Finding(gettext_lazy("name and contacts in texts about equipment"), count)

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Count what will point at the pseudonym."""
        key = identity.person_id
        moved = Issue.objects.filter(Q(person=key) | Q(issued_by=key) | Q(returned_by=key)).count()
        yield Finding(gettext_lazy("issues and returns of equipment"), moved)
        services = ServiceWindow.objects.filter(added_by=key).count()
        yield Finding(
            gettext_lazy("reports about equipment and services of it"),
            ItemReport.objects.filter(person=key).count() + services,
        )
        results = InspectionResult.objects.filter(Q(done_by=key) | Q(recorded_by=key)).count()
        yield Finding(gettext_lazy("results of inspections of equipment"), results)
        added = sum(model._default_manager.filter(added_by=key).count() for model in (Attachment, Link))
        yield Finding(gettext_lazy("files and links added to equipment"), added)

    def erase(self, erasure: Erasure) -> None:
        """Mask the person in the texts of types, items and what belongs to them."""
        for rows, texts, needle in _texts(erasure.identity):
            mask = erasure.own if needle is erasure.identity.own else erasure.elsewhere
            mask_rows(mentioning(rows, texts, needle).select_for_update(no_key=True).order_by("pk"), texts, mask)


def _texts(identity: Identity) -> Iterator[tuple[QuerySet[Any], tuple[str, ...], Needle]]:
    """Rows with their columns of free text, in the order of locks, and what of the person is looked for in them."""
    yield EquipmentType.objects.all(), ("description",), identity.elsewhere
    item_texts = ("name", "place", "acquired_from", "description", "notes")
    yield EquipmentItem.objects.all(), item_texts, identity.elsewhere
    yield InspectionPlan.objects.all(), ("checklist",), identity.elsewhere
    yield ServiceWindow.objects.all(), ("reason",), identity.elsewhere
    yield InspectionResult.objects.all(), ("firm", "note", "ticked", "unticked"), identity.elsewhere
    yield ItemReport.objects.filter(person=identity.person_id), ("text",), identity.own
    yield ItemReport.objects.exclude(person=identity.person_id), ("text",), identity.elsewhere
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
