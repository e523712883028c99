"""Qualifications in the backoffice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from credentials.models import Holding, Qualification
from credentials.tests.factories import QualificationFactory, hold
from events.models import EventTemplate
from events.rules.lifecycle import Status
from events.services.conditions import Condition, ConditionsPlan
from events.services.templates import save_template
from events.tests.factories import EventFactory, PositionFactory
from events.tests.stories import make_capacity_event
from medcover.backoffice.tests.pages import browser, form_data, inline_parts, queries_of, rows_of, text_of, told
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:credentials_qualification_changelist")
ADD = reverse("admin:credentials_qualification_add")


@pytest.fixture
def admin():
    return make_admin(language="en")


@pytest.fixture
def client(admin):
    return browser(admin)


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař")


@pytest.fixture
def medic(doctor):
    return QualificationFactory(name="Záchranář", can_lead=True, direct_substitutes=[doctor])


def page_of(row: Qualification) -> str:
    return reverse("admin:credentials_qualification_change", args=[row.pk])


def delete_page_of(row: Qualification) -> str:
    return reverse("admin:credentials_qualification_delete", args=[row.pk])


def errors_of(answer) -> str:
    return str(answer.context["adminform"].form.errors)


class TestList:
    def test_shows_parents_and_the_way_to_the_holders(self, client, medic):
        hold(make_member(), medic)
        text = text_of(client.get(LIST))
        assert "Lékař" in text
        assert f'{reverse("admin:roster_user_changelist")}?qualification={medic.pk}">1</a>' in text

    def test_hides_deleted_ones_until_asked(self, client, medic, doctor):
        client.post(delete_page_of(doctor))
        assert rows_of(client.get(LIST)) == ["Záchranář"]
        assert rows_of(client.get(LIST, {"state": "deleted"})) == ["Lékař"]

    def test_is_searched_without_diacritics(self, client, medic):
        assert rows_of(client.get(LIST, {"q": "zachr"})) == ["Záchranář"]

    def test_costs_no_more_for_more_rows(self, client, medic):
        few = queries_of(client, LIST)
        for _ in range(10):
            hold(make_member(), QualificationFactory(direct_substitutes=[medic]))
        assert queries_of(client, LIST) <= few <= 10

    def test_coordinators_read(self, medic):
        client = browser(make_coordinator())
        assert client.get(LIST).status_code == 200
        assert client.get(page_of(medic)).status_code == 200
        assert client.post(page_of(medic), {"name": "Jiná"}).status_code == 403
        assert client.get(ADD).status_code == 403
        assert client.post(delete_page_of(medic)).status_code == 403


class TestForm:
    def save(self, client, row, **changed):
        return client.post(page_of(row), form_data(client.get(page_of(row)), **changed))

    def test_creates_with_parents(self, client, admin, doctor):
        data = form_data(client.get(ADD), name="Zdravotník", can_lead="on", direct_substitutes=[doctor.pk])
        assert client.post(ADD, data).status_code == 302
        row = Qualification.objects.get(name="Zdravotník")
        assert row.can_lead
        assert list(row.direct_substitutes.all()) == [doctor]
        assert AuditEntry.objects.filter(actor=admin, object_pk=str(row.pk), kind="create").exists()

    def test_does_not_offer_itself_and_deleted_ones(self, client, medic, doctor):
        QualificationFactory(name="Řidič")
        client.post(delete_page_of(doctor))
        offered = client.get(page_of(medic)).context["adminform"].form.fields["direct_substitutes"].queryset
        assert [row.name for row in offered] == ["Řidič"]

    def test_a_cycle_is_refused_with_the_sentence_and_what_was_typed(self, client, medic, doctor):
        answer = self.save(client, doctor, description="Nový popis", direct_substitutes=[medic.pk])
        assert answer.status_code == 200
        assert "cycle" in errors_of(answer)
        assert "Nový popis" in text_of(answer)
        assert not doctor.direct_substitutes.exists()

    @pytest.mark.parametrize("name", ["Lékař", "LÉKAŘ", " Lékař "])
    def test_a_taken_name_is_refused(self, client, medic, doctor, name):
        answer = self.save(client, medic, name=name)
        assert answer.status_code == 200
        assert "already exists" in errors_of(answer)

    def test_a_stale_form_is_refused(self, client, medic):
        self.save(client, medic, name="Přejmenovaný")
        answer = client.post(page_of(medic), form_data(client.get(page_of(medic)), name="Jiný", version=1))
        assert answer.status_code == 302
        assert Qualification.objects.get(pk=medic.pk).name == "Přejmenovaný"

    def test_a_deleted_one_is_only_shown(self, client, medic):
        client.post(delete_page_of(medic))
        assert client.get(page_of(medic)).status_code == 200
        assert client.post(page_of(medic), {"name": "Zpět"}).status_code == 403
        assert client.get(delete_page_of(medic)).status_code == 403

    def test_costs_no_more_for_a_larger_graph(self, client, medic):
        few = queries_of(client, page_of(medic))
        QualificationFactory.create_batch(12)
        assert queries_of(client, page_of(medic)) <= few <= 14

    def test_keeps_the_content_security_policy(self, client, medic):
        pages = (LIST, ADD, page_of(medic), delete_page_of(medic))
        assert [inline_parts(client.get(url)) for url in pages] == [[]] * 4


class TestDeleting:
    def test_names_who_loses_it(self, client, medic):
        hold(make_member(name="Dvořák Petr"), medic)
        answer = client.get(delete_page_of(medic))
        assert answer.context["holders"] == ["Dvořák Petr"]
        assert Qualification.objects.living().contains(medic)

    def test_takes_it_from_everybody(self, client, medic):
        hold(make_member(), medic)
        answer = client.post(delete_page_of(medic))
        assert answer.status_code == 302
        assert "1 person held it" in told(answer)[0]
        assert not Holding.objects.exists()

    def test_is_refused_while_events_demand_it(self, client, medic):
        event = EventFactory(name="Půlmaraton", status=Status.PUBLISHED)
        PositionFactory(event=event, qualifications=[medic])
        text = text_of(client.get(delete_page_of(medic)))
        assert reverse("admin:events_event_change", args=[event.pk]) in text
        assert "deletelink-button" not in text
        assert "Půlmaraton" in told(client.post(delete_page_of(medic)))[0]
        assert Qualification.objects.living().contains(medic)

    def test_is_refused_while_conditions_demand_it_directly_or_through_it(self, client, doctor, medic):
        rookie = QualificationFactory(name="Zelenáč", direct_substitutes=[medic])
        direct = make_capacity_event({medic: 1}, name="Ples")
        through = make_capacity_event({rookie: 1}, name="Hokej")
        finished = make_capacity_event({medic: 1}, name="Loni", status=Status.COMPLETED)
        text = text_of(client.get(delete_page_of(medic)))
        for event in (direct, through):
            assert reverse("admin:events_event_change", args=[event.pk]) in text
        assert reverse("admin:events_event_change", args=[finished.pk]) not in text
        assert "deletelink-button" not in text
        assert "Ples" in told(client.post(delete_page_of(medic)))[0]
        assert Qualification.objects.living().contains(medic)

    def test_is_refused_while_templates_rely_on_it(self, client, doctor, medic):
        rookie = QualificationFactory(name="Zelenáč", direct_substitutes=[medic])
        plan = ConditionsPlan(1, 2, [Condition(rookie, 1), Condition(QualificationFactory(can_lead=True), 1)])
        save_template(EventTemplate(name="Obvyklý zápas"), conditions=plan, by=make_coordinator())
        assert "Obvyklý zápas" in text_of(client.get(delete_page_of(medic)))
        assert "Obvyklý zápas" in told(client.post(delete_page_of(medic)))[0]
        assert Qualification.objects.living().contains(medic)
        # Nothing stands in for the rookie by way of the doctor, who is the highest.
        assert client.get(delete_page_of(doctor)).context["templates"] == []

    def test_what_does_not_exist_is_not_found(self, client):
        assert client.get(reverse("admin:credentials_qualification_delete", args=[99999])).status_code == 404
