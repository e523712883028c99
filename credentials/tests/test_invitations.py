"""Qualifications on an invitation."""

from __future__ import annotations

import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from credentials import services
from credentials.models import Holding, InvitationGrant
from credentials.signals import qualifications_changed
from credentials.tests.factories import QualificationFactory
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from notifications.tests.smtp import PATIENCE
from notifications.tests.threads import beside
from roster.models import Invitation
from roster.services import invitations
from roster.tests.factories import make_admin, make_coordinator

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Europe/Prague"))
PASSWORD = "kůň baterie svorka"


@pytest.fixture
def admin():
    return make_admin()


def invite(*qualifications, by, to="jana@example.org"):
    keys = [qualification.pk for qualification in qualifications]
    return services.invite(to, qualifications=keys, by=by, at=NOW)


def register(invitation):
    return invitations.register(invitation.token, name="Nová Jana", password=PASSWORD, at=NOW)


def held_by(person) -> set[object]:
    return {holding.qualification for holding in Holding.objects.filter(person=person)}


class TestInviting:
    def test_every_recipient_gets_all_of_them_and_it_is_recorded(self, admin):
        medic, driver = QualificationFactory.create_batch(2)
        sent = invite(medic, driver, by=admin, to="a@example.org, b@example.org").sent
        assert InvitationGrant.objects.count() == 4
        assert [{grant.qualification for grant in row.grants.all()} for row in sent] == [{medic, driver}] * 2
        assert AuditEntry.objects.filter(content_type__model="invitationgrant", actor=admin).count() == 4

    def test_without_any_needs_no_right_to_assign_them(self):
        assert invite(by=make_coordinator()).sent

    def test_with_some_needs_it(self):
        with pytest.raises(NotAllowed):
            invite(QualificationFactory(), by=make_coordinator())
        assert not Invitation.objects.exists()

    def test_a_deleted_one_stops_everything(self, admin):
        with pytest.raises(DomainError):
            invite(QualificationFactory(is_deleted=True, deleted_at=NOW), by=admin)
        assert not OutboxMessage.objects.exists()

    def test_a_malformed_address_stops_everything(self, admin):
        with pytest.raises(DomainError):
            invite(QualificationFactory(), by=admin, to="a@example.org, b")
        assert not InvitationGrant.objects.exists()


class TestRegistering:
    def test_gives_the_person_all_of_them_without_end(self, admin):
        medic, driver = QualificationFactory.create_batch(2)
        person = register(invite(medic, driver, by=admin).sent[0])
        assert held_by(person) == {medic, driver}
        assert set(Holding.objects.values_list("valid_until", flat=True)) == {None}

    def test_leaves_out_what_was_deleted_meanwhile(self, admin):
        medic, driver = QualificationFactory.create_batch(2)
        invitation = invite(medic, driver, by=admin).sent[0]
        services.delete_qualification(medic.pk, by=admin, at=NOW)
        assert held_by(register(invitation)) == {driver}

    def test_is_announced_upwards_once(self, admin):
        heard = []

        def listen(person_ids, **_kwargs):
            heard.append(person_ids)

        qualifications_changed.connect(listen)
        try:
            person = register(invite(*QualificationFactory.create_batch(2), by=admin).sent[0])
        finally:
            qualifications_changed.disconnect(listen)
        assert heard == [[person.pk]]

    def test_without_any_grants_nothing(self, admin):
        assert held_by(register(invite(by=admin).sent[0])) == set()


@pytest.mark.django_db(transaction=True)
def test_deleting_a_qualification_while_somebody_registers_leaves_nobody_holding_it(admin):
    medic = QualificationFactory()
    invitation = invite(medic, by=admin).sent[0]
    together = threading.Barrier(2)

    def work(change) -> None:
        together.wait(PATIENCE)
        change()

    with beside() as start:
        futures = [
            start(work, lambda: register(invitation)),
            start(work, lambda: services.delete_qualification(medic.pk, by=admin, at=NOW)),
        ]
        for future in futures:
            future.result(PATIENCE)
    assert not Holding.objects.filter(qualification=medic).exists()
    assert Invitation.objects.get().used_at == NOW
