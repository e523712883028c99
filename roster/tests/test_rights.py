"""The matrix of rights against the specification's own table, as the database holds it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import F, Value
from django.db.models.functions import Concat

from roster.models import User
from roster.rights import CONFIDENTIAL, MATRIX, Role, fill_roles, permissions_of
from roster.tests.factories import UserFactory, make_admin, make_coordinator

pytestmark = pytest.mark.django_db

#: The specification's 67 codes: code, our permissions, and who holds it (Admin, Coordinator, Member, Viewer,
#: Debriefing Manager). One code of theirs may be several of ours.
SPECIFIED = """
user.view                           roster.view_user                         ✓✓✓✓·
user.create                         roster.add_user                          ✓····
user.edit_own                       roster.edit_own_profile                  ✓✓✓··
user.edit_name                      roster.edit_own_name                     ✓✓···
user.edit_any                       roster.change_user                       ✓····
user.activate                       roster.activate_user                     ✓····
user.deactivate                     roster.deactivate_user                   ✓····
user.archive                        roster.archive_user                      ✓····
user.view_archived                  roster.view_archived_user                ✓····
user.assign_role                    roster.assign_role                       ✓····
user.assign_qualification           credentials.assign_qualification         ✓····
invite.create                       roster.invite_user                       ✓····
qualification.view                  credentials.view_qualification           ✓✓✓✓·
qualification.create                credentials.add_qualification            ✓····
qualification.edit                  credentials.change_qualification         ✓····
qualification.delete                credentials.delete_qualification         ✓····
master_event.view                   events.view_masterevent                  ✓✓✓✓·
master_event.create                 events.add_masterevent                   ✓✓···
master_event.edit                   events.change_masterevent                ✓✓···
master_event.archive                events.archive_masterevent               ✓····
master_event.unarchive              events.unarchive_masterevent             ✓····
event.view                          events.view_event                        ✓✓✓✓·
event.view_draft                    events.view_draft_event                  ✓✓✓··
event.create                        events.add_event                         ✓✓···
event.edit                          events.change_event                      ✓✓···
event.publish                       events.publish_event                     ✓✓···
event.assignments.open              events.open_signups                      ✓✓···
event.assignments.close             events.close_signups                     ✓✓···
event.cancel                        events.cancel_event                      ✓✓···
event.restore                       events.restore_event                     ✓✓···
event.delete                        events.delete_event,events.archive_event,events.unarchive_event  ✓····
event.delete_draft                  events.archive_draft_event               ✓✓···
event.assign_own                    events.assign_own                        ✓✓✓··
event.assign_other                  events.assign_other                      ✓✓···
event.set_responsible_person        events.set_responsible_person            ✓✓···
event.notification.send             events.send_notification                 ✓✓···
event_template.view                 events.view_eventtemplate                ✓✓···
event_template.create               events.add_eventtemplate                 ✓✓···
event_template.edit                 events.change_eventtemplate              ✓✓···
event_template.delete               events.delete_eventtemplate              ✓✓···
equipment.view                      equipment.view_equipment                 ✓✓✓✓·
equipment_type.create               equipment.add_equipmenttype              ✓····
equipment_type.edit                 equipment.change_equipmenttype           ✓····
equipment_type.delete               equipment.delete_equipmenttype           ✓····
equipment_item.create               equipment.add_equipmentitem              ✓····
equipment_item.edit                 equipment.change_equipmentitem           ✓····
equipment_item.delete               equipment.delete_equipmentitem           ✓····
equipment_item.issue_personal       equipment.issue_equipmentitem            ✓✓✓··
equipment_item.report_own           equipment.report_own_equipmentitem       ✓✓✓··
equipment_item.availability_modify  equipment.modify_availability            ✓✓···
event.equipment.plan                equipment.plan_equipment                 ✓✓···
event.equipment.assign              equipment.assign_equipment               ✓✓···
debriefing.submit_own               debriefing.submit_own_debriefing         ✓✓✓·✓
debriefing.view_own                 debriefing.view_own_debriefing           ✓✓✓·✓
debriefing.view_all                 debriefing.view_all_debriefings          ····✓
debriefing.manage                   debriefing.manage_debriefings            ····✓
report.view                         reports.view_reports                     ✓✓✓✓·
work_report.generate                reports.generate_work_report             ✓✓✓··
work_report.generate_any            reports.generate_any_work_report         ✓✓···
audit.view                          system.view_audit                        ✓····
admin.view                          system.view_administration               ✓····
admin.manage_settings               system.manage_settings                   ✓····
admin.manage_digest                 system.manage_digest                     ✓····
backup.run                          system.run_backup                        ✓····
backup.download                     system.download_backup                   ✓····
backup.restore                      system.restore_backup                    ✓····
backup.delete                       system.delete_backup                     ✓····
"""

COLUMNS = (Role.ADMIN, Role.COORDINATOR, Role.MEMBER, Role.VIEWER, Role.DEBRIEFING_MANAGER)

#: What our product has besides: the door of the backoffice, and the sixth role of the second old system,
#: whose rights coordinators and admins hold too; its areas are ours to keep in order.
BESIDES = {
    "equipment.add_storagelocation": {Role.ADMIN, Role.COORDINATOR},
    "equipment.change_storagelocation": {Role.ADMIN, Role.COORDINATOR},
    "roster.access_backoffice": {Role.ADMIN, Role.COORDINATOR},
    "equipment.manage_repairs": {Role.ADMIN, Role.COORDINATOR, Role.TECHNICIAN},
    "equipment.record_inspection": {Role.ADMIN, Role.COORDINATOR, Role.TECHNICIAN},
    "equipment.manage_consumables": {Role.ADMIN, Role.COORDINATOR, Role.TECHNICIAN},
    "equipment.use_consumables": {Role.ADMIN, Role.COORDINATOR, Role.MEMBER, Role.TECHNICIAN},
    "equipment.report_problem": {Role.ADMIN, Role.COORDINATOR, Role.MEMBER, Role.TECHNICIAN},
    "equipment.push_static_page": {Role.ADMIN},
    "debriefing.settle_needs": {Role.ADMIN, Role.COORDINATOR},
}
TECHNICIAN = {
    "equipment.view_equipment", "equipment.modify_availability", "equipment.manage_repairs", "equipment.report_problem",
    "equipment.record_inspection", "equipment.manage_consumables", "equipment.use_consumables",
}  # fmt: skip


def rows() -> list[list[str]]:
    return [line.split() for line in SPECIFIED.strip().splitlines()]


def specified(role: Role) -> set[str]:
    """Our permissions that the specification gives to one of its five roles."""
    held = {perm for _code, perms, marks in rows() if marks[COLUMNS.index(role)] == "✓" for perm in perms.split(",")}
    return held | {perm for perm, roles in BESIDES.items() if role in roles}


def in_database(role: Role) -> set[str]:
    permissions = Permission.objects.filter(group__name=role.value)
    return set(permissions.values_list(Concat(F("content_type__app_label"), Value("."), F("codename")), flat=True))


def test_the_table_is_whole():
    assert len({code for code, _perms, _marks in rows()}) == len(rows()) == 67
    assert {len(marks) for _code, _perms, marks in rows()} == {5}


@pytest.mark.parametrize("role", COLUMNS)
def test_a_group_holds_exactly_what_is_specified(role):
    assert in_database(role) == specified(role)


def test_the_sixth_role_holds_its_rights_and_shares_them_upwards():
    assert in_database(Role.TECHNICIAN) == TECHNICIAN
    assert in_database(Role.ADMIN) >= TECHNICIAN
    assert in_database(Role.COORDINATOR) >= TECHNICIAN


def test_the_matrix_knows_nothing_else():
    known = {perm for _code, perms, _marks in rows() for perm in perms.split(",")} | BESIDES.keys()
    assert set(MATRIX) == known


def test_every_right_falls_to_admins_except_the_confidential_ones():
    assert permissions_of(Role.ADMIN) == set(MATRIX) - CONFIDENTIAL
    assert {"debriefing.view_all_debriefings", "debriefing.manage_debriefings"} == CONFIDENTIAL


def test_there_are_six_roles():
    names = Group.objects.values_list("name", flat=True)
    assert set(names) == {"Admin", "Coordinator", "Member", "Viewer", "Debriefing Manager", "Technician"}


def test_filling_takes_back_what_somebody_added_by_hand():
    viewers = Group.objects.get(name=Role.VIEWER.value)
    viewers.permissions.add(Permission.objects.get(codename="delete_event"))
    fill_roles()
    assert in_database(Role.VIEWER) == specified(Role.VIEWER)


class TestConfidentialBoundary:
    @pytest.mark.parametrize("perm", sorted(CONFIDENTIAL))
    def test_neither_superuser_nor_admin_passes(self, perm):
        superuser = User.objects.create_superuser("root@example.org", "x", name="Správce")
        for person in (superuser, make_admin(), make_coordinator()):
            assert not person.has_perm(perm)
            assert not person.has_perms([perm])
            assert perm not in person.get_all_permissions()

    def test_a_superuser_passes_everything_else(self):
        superuser = User.objects.create_superuser("root@example.org", "x", name="Správce")
        assert all(superuser.has_perm(perm) for perm in set(MATRIX) - CONFIDENTIAL)

    def test_an_admin_who_is_also_debriefing_manager_passes(self):
        person = UserFactory(roles=[Role.ADMIN, Role.DEBRIEFING_MANAGER])
        assert person.has_perms(sorted(CONFIDENTIAL))
        assert person.get_all_permissions() >= CONFIDENTIAL

    def test_a_superuser_who_is_debriefing_manager_passes(self):
        person = UserFactory(roles=[Role.DEBRIEFING_MANAGER], is_superuser=True)
        assert person.has_perms(sorted(CONFIDENTIAL))

    def test_an_inactive_debriefing_manager_does_not(self):
        person = UserFactory(roles=[Role.DEBRIEFING_MANAGER], is_active=False)
        assert not any(person.has_perm(perm) for perm in CONFIDENTIAL)


class TestPeople:
    def test_rights_are_the_union_of_the_roles(self):
        person = UserFactory(roles=[Role.VIEWER, Role.DEBRIEFING_MANAGER])
        held = specified(Role.VIEWER) | specified(Role.DEBRIEFING_MANAGER)
        assert {perm for perm in MATRIX if person.has_perm(perm)} == held

    def test_without_a_role_there_are_no_rights(self):
        assert not UserFactory(roles=[]).get_all_permissions()

    @pytest.mark.parametrize("fields", [{}, {"is_superuser": True}, {"is_archived": True}])
    def test_an_inactive_person_has_nothing(self, fields):
        person = UserFactory(roles=list(Role), is_active=False, **fields)
        assert not any(person.has_perm(perm) for perm in MATRIX)

    def test_nobody_has_permissions_of_their_own(self):
        assert not hasattr(User(), "user_permissions") or User.user_permissions is None
        assert "user_permissions" not in {field.name for field in User._meta.get_fields()}
        assert not UserFactory(roles=list(Role)).get_user_permissions()

    def test_a_right_of_a_role_holds_on_every_object(self):
        person = make_coordinator()
        assert person.has_perm("events.publish_event", object())
        assert not person.has_perm("events.archive_event", object())

    @pytest.mark.parametrize(("roles", "opens"), [([Role.ADMIN], True), ([Role.COORDINATOR], True), ([], False),
                                                  ([Role.MEMBER], False), ([Role.TECHNICIAN], False)])  # fmt: skip
    def test_the_backoffice_opens_by_role(self, roles, opens):
        assert UserFactory(roles=roles).is_staff is opens


class TestReads:
    def test_who_holds_a_right(self):
        admin, coordinator = make_admin(), make_coordinator()
        UserFactory(roles=[Role.COORDINATOR], is_active=False)
        UserFactory(roles=[Role.VIEWER])
        both = UserFactory(roles=[Role.COORDINATOR, Role.ADMIN])
        found = User.objects.holding_permission("events.publish_event")
        assert sorted(found, key=str) == sorted([admin, coordinator, both], key=str)

    def test_an_unknown_right_is_a_mistake_and_not_nobody(self):
        with pytest.raises(LookupError):
            User.objects.holding_permission("events.fly")
