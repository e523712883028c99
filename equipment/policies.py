"""Permission checks on items, with the state of the item; views and services ask here or `user.has_perm` directly."""

from __future__ import annotations

from typing import Any

from equipment.models import EquipmentItem, Issue
from equipment.services.availability import MODIFY
from equipment.services.files import EDIT
from equipment.services.inspections import RECORD
from equipment.services.issues import ISSUE, REPORT
from equipment.services.packing import ASSIGN
from equipment.services.repairs.record import MANAGE
from equipment.services.repairs.record import REPORT as PROBLEM
from events.models import Event
from medcover.system.models import SiteSettings

VIEW = "equipment.view_equipment"


def may_issue(user: Any) -> bool:
    """Say whether the person may hand out items, and note their return."""
    return bool(user.has_perm(ISSUE))


def may_take_back(user: Any, issue: Issue | None) -> bool:
    """Say whether the person may note the return of what is out by this issue."""
    return issue is not None and (may_issue(user) or issue.person_id == user.pk)


def may_report(user: Any, issue: Issue | None) -> bool:
    """Say whether the person may report the state of what is out by this issue: their own."""
    return issue is not None and issue.person_id == user.pk and bool(user.has_perm(REPORT))


def may_modify_availability(user: Any, item: EquipmentItem) -> bool:
    """Say whether the person may take this item out of service."""
    return not item.is_archived and bool(user.has_perm(MODIFY))


def may_edit_files(user: Any, item: EquipmentItem) -> bool:
    """Say whether the person may add and delete photos, documents and links of this item."""
    return not item.is_archived and bool(user.has_perm(EDIT))


def may_record_inspections(user: Any) -> bool:
    """Say whether the person may see what has to be inspected, and record what came of it."""
    return bool(user.has_perm(RECORD))


def may_see_history(user: Any) -> bool:
    """Say whether the person may know who has had an item before, and what was reported about it."""
    return may_issue(user) or bool(user.has_perm(MODIFY)) or may_record_inspections(user)


def may_pack(user: Any, event: Event) -> bool:
    """Say whether the person may note what is taken to this event, and what comes back from it."""
    return bool(user.has_perm(ASSIGN, event))


def may_report_problem(user: Any, item: EquipmentItem) -> bool:
    """Say whether the person may report that something is wrong with this item."""
    return not item.is_archived and bool(user.has_perm(PROBLEM))


def has_public_page(item: EquipmentItem) -> bool:
    """Say whether everybody can open the page behind the code of this item."""
    return not item.is_archived and SiteSettings.current().public_pages


def may_manage_repairs(user: Any) -> bool:
    """Say whether the person works on repairs, and so may know who has reported and who works on what."""
    return bool(user.has_perm(MANAGE))


def may_print_labels(user: Any) -> bool:
    """Say whether the person makes labels, and so may read the password of the Wi-Fi that can stand on them."""
    return bool(user.has_perms([VIEW, MANAGE]))
