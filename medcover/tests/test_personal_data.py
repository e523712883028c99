"""Nothing of a person is left behind: the whole database, and every column that points at people."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Field

from medcover.common.czech import sort_key
from medcover.tests import traces
from roster.models import User
from roster.privacy.account import STAYING, AccountData
from roster.services import erasure
from roster.tests.departed import ADDRESS, NAME, NUMBERS, OLD_NAME, TRACES, make_departed
from roster.tests.factories import make_member

#: Every column that points at people, and what becomes of it when they are erased: a new one fails the test until it
#: is decided here, and done and shown in the `privacy.py` of its app.
POINTING = {
    "credentials.Holding.person": "goes",
    "debriefing.Debriefing.submitted_by": "stays",
    "debriefing.Need.settled_by": "stays",
    "equipment.Attachment.added_by": "stays",
    "equipment.InspectionResult.done_by": "stays",
    "equipment.InspectionResult.recorded_by": "stays",
    "equipment.Issue.issued_by": "stays",
    "equipment.Issue.person": "stays",
    "equipment.Issue.returned_by": "stays",
    "equipment.ItemReport.person": "stays",
    "equipment.Link.added_by": "stays",
    "equipment.Movement.by": "stays",
    "equipment.PackedItem.returned_by": "stays",
    "equipment.PackedItem.taken_by": "stays",
    "equipment.Repair.assignee": "stays",
    "equipment.Repair.reporter": "stays",
    "equipment.RepairEntry.author": "stays",
    "equipment.RepairPhoto.added_by": "stays",
    "equipment.ServiceWindow.added_by": "stays",
    "events.Assignment.assigned_by": "stays",
    "events.Assignment.person": "stays",
    "events.Event.creator": "stays",
    "events.Event.responsible_person": "stays",
    "events.HandOver.person": "stays",
    "events.HandOver.substitute": "stays",
    "events.MasterEvent.coordinator": "stays",
    "events.Offer.person": "stays",
    "events.QueueEntry.person": "goes",
    "events.SeasonImport.owner": "goes",
    "notifications.OptOut.person": "goes",
    "notifications.OutboxMessage.recipient": "goes",
    "notifications.PushChoice.person": "goes",
    "notifications.PushSubscription.person": "goes",
    "reports.WorkReport.made_by": "goes",
    "reports.WorkReport.person": "goes",
    "roster.Authenticator.user": "goes",
    "roster.Invitation.created_by": "stays",
    "roster.RecoveryCode.person": "goes",
    "roster.Signature.person": "goes",
    "roster.User_groups.user": "goes",
    "system.AuditEntry.actor": "stays",
    "admin.LogEntry.user": "unused",
}

#: Columns of the account that are not given out: secrets, and what is derived from others.
NOT_GIVEN = {
    "password", "ical_token", "ical_all_token", "password_reset_nonce", "session_epoch", "oidc_subject", "name_sort",
    "name_search", "version", "is_superuser", "is_active", "is_archived", "erased_at",
}  # fmt: skip

#: Where the traces are that the story of `departed` leaves.
EXPECTED = {
    "axes_accessattempt.username", "credentials_qualification.description",
    "debriefing_confidentialanswers.feedback_colleagues", "debriefing_confidentialanswers.feedback_event",
    "debriefing_need.note", "debriefing_need.words", "debriefing_usedmaterial.name",
    "equipment_consumable.description",
    "equipment_equipmentitem.notes", "equipment_inspectionplan.checklist", "equipment_inspectionresult.firm",
    "equipment_inspectionresult.note", "equipment_inspectionresult.ticked", "equipment_itemreport.text",
    "equipment_link.title", "equipment_movement.note",
    "equipment_repair.description", "equipment_repair.reporter_email", "equipment_repair.reporter_name",
    "equipment_repair.specialist_text", "equipment_repairentry.author_name", "equipment_repairentry.new",
    "equipment_repairentry.old", "equipment_repairentry.text", "events_event.address",
    "events_event.contact", "events_event.description", "events_masterevent.description",
    "events_position.description", "notifications_digest.footer_html", "notifications_digestblock.config",
    "notifications_outboxmessage.last_error", "notifications_outboxmessage.payload",
    "notifications_outboxmessage.subject", "notifications_outboxmessage.to_email", "roster_invitation.email",
    "roster_invitation.text", "roster_user.email", "roster_user.name", "roster_user.name_search",
    "roster_user.name_sort", "roster_user.phone", "system_auditentry.changes", "system_auditentry.object_repr",
    "system_auditentry.summary", "system_sitesettings.mail_block_allowed",
}  # fmt: skip

WORDS = (*TRACES, sort_key(NAME), sort_key(OLD_NAME), "subject-of-zofie")


def pointing() -> dict[str, Field]:
    models = apps.get_models(include_auto_created=True)
    fields = [field for model in models for field in model._meta.local_fields if field.related_model is User]
    return {f"{field.model._meta.app_label}.{field.model.__name__}.{field.name}": field for field in fields}


def test_what_becomes_of_every_column_that_points_at_people_is_decided():
    assert pointing().keys() == POINTING.keys()


def test_every_column_of_the_account_is_given_out_or_not_on_purpose(db):
    given = {key for part in AccountData().export(make_member()) for key in part.columns}
    columns = {field.name for field in User._meta.concrete_fields}
    assert columns - given == NOT_GIVEN


@pytest.mark.django_db
class TestNobodyIsLeftBehind:
    @pytest.fixture
    def departed(self):
        return make_departed()

    @pytest.fixture
    def erased(self, departed):
        assert traces.found(WORDS, NUMBERS) >= EXPECTED
        return erasure.erase(departed.person.pk, typed=ADDRESS, by=departed.admin, at=departed.at)

    def test_in_any_table(self, erased):
        assert traces.found(WORDS, NUMBERS) == set()

    def test_the_secrets_are_new(self, departed):
        old = departed.person
        secrets = (old.ical_token, old.ical_all_token, old.password)
        assert traces.found(secrets, ()) >= {"roster_user.ical_token", "roster_user.ical_all_token"}
        erasure.erase(old.pk, typed=ADDRESS, by=departed.admin, at=departed.at)
        assert traces.found(secrets, ()) == set()

    def test_what_goes_is_gone_and_what_stays_is_there(self, departed):
        person = departed.person
        before = {name: _count(field, person) for name, field in pointing().items()}
        erasure.erase(person.pk, typed=ADDRESS, by=departed.admin, at=departed.at)
        after = {name: _count(field, person) for name, field in pointing().items()}
        assert {name for name in POINTING if POINTING[name] == "goes" and before[name]} == {
            name for name, fate in POINTING.items() if fate == "goes"
        }
        assert {name: after[name] for name in POINTING if POINTING[name] == "goes" and after[name]} == {}
        kept = {name for name, fate in POINTING.items() if fate == "stays"}
        assert {name: after[name] for name in kept} == {name: before[name] for name in kept}

    def test_the_account_is_like_new_but_for_what_stays(self, erased):
        fresh = make_member()
        own = {"name", "email", "name_sort", "name_search", "password", "ical_token", "ical_all_token"}
        counted = {"version", "session_epoch", "updated", "erased_at"}
        rest = {field.name for field in User._meta.concrete_fields} - own - counted - STAYING
        assert {name: getattr(erased, name) for name in rest} == {name: getattr(fresh, name) for name in rest}


def _count(field: Field, person: User) -> int:
    return field.model._base_manager.filter(**{field.name: person.pk}).count()
