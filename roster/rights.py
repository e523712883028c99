"""Roles and rights: the one matrix.

Rights are Django permissions, roles are Groups, and the groups are filled from this table after every
migrate. Nothing else grants anything: there are no per-person permissions, and what somebody may do on a
single event is added by backends above this app.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """The six built-in roles; the value is the name of the Group."""

    ADMIN = "Admin"
    COORDINATOR = "Coordinator"
    MEMBER = "Member"
    VIEWER = "Viewer"
    DEBRIEFING_MANAGER = "Debriefing Manager"
    TECHNICIAN = "Technician"

    @property
    def label(self) -> Promise:
        """The role's name on screen."""
        return _LABELS[self]


_LABELS: dict[Role, Promise] = {
    Role.ADMIN: _("Admin"),
    Role.COORDINATOR: _("Coordinator"),
    Role.MEMBER: _("Member"),
    Role.VIEWER: _("Viewer"),
    Role.DEBRIEFING_MANAGER: _("Debriefing Manager"),
    Role.TECHNICIAN: _("Technician"),
}

_BY_LETTER = {
    "A": Role.ADMIN,
    "C": Role.COORDINATOR,
    "M": Role.MEMBER,
    "V": Role.VIEWER,
    "D": Role.DEBRIEFING_MANAGER,
    "T": Role.TECHNICIAN,
}

#: Roles by which people act for others and see to the installation.
FOR_OTHERS = frozenset({Role.ADMIN, Role.COORDINATOR})

#: Confidential debriefing answers: nobody reads them without the Debriefing Manager role, not even a superuser.
CONFIDENTIAL = frozenset({"debriefing.view_all_debriefings", "debriefing.manage_debriefings"})

#: Permission → letters of the roles that hold it.
MATRIX: dict[str, str] = {
    # people
    "roster.view_user": "ACMV",
    "roster.add_user": "A",
    "roster.edit_own_profile": "ACM",
    "roster.edit_own_name": "AC",
    "roster.change_user": "A",
    "roster.activate_user": "A",
    "roster.deactivate_user": "A",
    "roster.archive_user": "A",
    "roster.view_archived_user": "A",
    "roster.assign_role": "A",
    "roster.invite_user": "A",
    "roster.access_backoffice": "AC",
    # qualifications
    "credentials.assign_qualification": "A",
    "credentials.view_qualification": "ACMV",
    "credentials.add_qualification": "A",
    "credentials.change_qualification": "A",
    "credentials.delete_qualification": "A",
    # master events
    "events.view_masterevent": "ACMV",
    "events.add_masterevent": "AC",
    "events.change_masterevent": "AC",
    "events.archive_masterevent": "A",
    "events.unarchive_masterevent": "A",
    # events
    "events.view_event": "ACMV",
    "events.view_draft_event": "ACM",
    "events.add_event": "AC",
    "events.change_event": "AC",
    "events.publish_event": "AC",
    "events.open_signups": "AC",
    "events.close_signups": "AC",
    "events.cancel_event": "AC",
    "events.restore_event": "AC",
    "events.delete_event": "A",
    "events.archive_draft_event": "AC",
    "events.archive_event": "A",
    "events.unarchive_event": "A",
    "events.assign_own": "ACM",
    "events.assign_other": "AC",
    "events.set_responsible_person": "AC",
    "events.send_notification": "AC",
    # templates
    "events.view_eventtemplate": "AC",
    "events.add_eventtemplate": "AC",
    "events.change_eventtemplate": "AC",
    "events.delete_eventtemplate": "AC",
    # equipment
    "equipment.view_equipment": "ACMVT",
    "equipment.add_storagelocation": "AC",
    "equipment.change_storagelocation": "AC",
    "equipment.add_equipmenttype": "A",
    "equipment.change_equipmenttype": "A",
    "equipment.delete_equipmenttype": "A",
    "equipment.add_equipmentitem": "A",
    "equipment.change_equipmentitem": "A",
    "equipment.delete_equipmentitem": "A",
    "equipment.issue_equipmentitem": "ACM",
    "equipment.report_own_equipmentitem": "ACM",
    "equipment.report_problem": "ACMT",
    "equipment.modify_availability": "ACT",
    "equipment.record_inspection": "ACT",
    "equipment.plan_equipment": "AC",
    "equipment.assign_equipment": "AC",
    "equipment.manage_repairs": "ACT",
    "equipment.push_static_page": "A",
    "equipment.manage_consumables": "ACT",
    "equipment.use_consumables": "ACMT",
    # debriefing
    "debriefing.submit_own_debriefing": "ACMD",
    "debriefing.view_own_debriefing": "ACMD",
    "debriefing.view_all_debriefings": "D",
    "debriefing.manage_debriefings": "D",
    "debriefing.settle_needs": "AC",
    # reports
    "reports.view_reports": "ACMV",
    "reports.generate_work_report": "ACM",
    "reports.generate_any_work_report": "AC",
    # installation
    "system.view_audit": "A",
    "system.view_administration": "A",
    "system.manage_settings": "A",
    "system.manage_digest": "A",
    "system.run_backup": "A",
    "system.download_backup": "A",
    "system.restore_backup": "A",
    "system.delete_backup": "A",
}


@cache
def permissions_of(role: Role) -> frozenset[str]:
    """Return the permissions ("app.codename") that `role` holds by the matrix."""
    return frozenset(perm for perm, letters in MATRIX.items() if role in _roles(letters))


def _roles(letters: str) -> set[Role]:
    return {_BY_LETTER[letter] for letter in letters}


def fill_roles() -> None:
    """Make the six groups hold exactly the permissions of the matrix, as far as those exist by now."""
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{perm.content_type.app_label}.{perm.codename}": perm
        for perm in Permission.objects.select_related("content_type")
    }
    for role in Role:
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set([known[code] for code in permissions_of(role) if code in known])
