"""The table manager: what it shows, what its buttons do, and what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, MasterEventFactory, PositionFactory
from events.tests.pages import logged_in, text_of
from events.tests.stories import able, fill, make_capacity_event, make_event, place, told
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def master():
    return MasterEventFactory()


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def event(master, medic):
    return make_event(medic, name="Půlmaraton", master_event=master)


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def client(boss):
    return logged_in(boss)


def url(master):
    return reverse("admin:events_masterevent_table", args=[master.pk])


def step(client, event, do, *, htmx=True, version=None, **data):
    address = reverse("admin:events_masterevent_table_step", args=[event.master_event_id, event.pk])
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(address, {"do": do, "version": version or event.version, **data}, headers=headers)


def ask(client, event, **query):
    address = reverse("admin:events_masterevent_table_dialog", args=[event.master_event_id, event.pk])
    return client.get(address, query, headers={"HX-Request": "true"})


class TestPage:
    def test_has_a_line_for_each_kind_of_position_and_one_for_conditions(self, client, master, event, medic):
        PositionFactory(event=event, qualifications=[medic])
        place(make_capacity_event({medic: 2}, name="Ples", master_event=master), able(medic))
        page = client.get(url(master))
        text = text_of(page)
        assert text.index("Ples") < text.index("Půlmaraton")
        assert "pro kohokoli" in text
        assert "Zdravotník: 1/2" in text

    def test_shows_archived_events_and_those_without_positions(self, client, master, medic):
        make_event(medic, name="Archivní", master_event=master, is_archived=True)
        make_event(medic, name="Prázdná", master_event=master, places=0)
        text = text_of(client.get(url(master)))
        assert "Archivní" in text
        assert "Prázdná" in text

    def test_of_an_unknown_master_event(self, client):
        assert client.get(reverse("admin:events_masterevent_table", args=[999])).status_code == 404

    def test_queries_do_not_grow(self, client, master, medic, django_assert_max_num_queries):
        def fill_up(count):
            for _n in range(count):
                fill(make_event(medic, master_event=master), able(medic))
                make_event(medic, master_event=master, status=Status.DRAFT)
                place(make_capacity_event({medic: 1}, master_event=master), able(medic))

        fill_up(2)
        client.get(url(master))
        with django_assert_max_num_queries(14) as few:
            client.get(url(master))
        fill_up(8)
        with django_assert_max_num_queries(len(few)):
            client.get(url(master))


class TestSteps:
    def test_a_day_later_tells_participants(self, client, event, medic):
        person = able(medic)
        fill(event, person)
        answer = step(client, event, "days:1")
        assert answer.status_code == 200
        assert f'id="event-{event.pk}"' in text_of(answer)
        event.refresh_from_db()
        assert event.start == EVENING + timedelta(days=1)
        assert told() == {("event_changed", person)}

    @pytest.mark.parametrize("do", ["hours:start:1", "hours:end:-1"])
    def test_an_hour(self, client, event, do):
        assert step(client, event, do).status_code == 200
        assert Event.objects.get(pk=event.pk).planned_hours == 3

    def test_name_time_and_colour(self, client, event):
        step(client, event, "rename", name="Nový název")
        step(client, event, "time:end", version=2, day="2027-05-16", clock="02:00")
        step(client, event, "colour", version=3, colour="#D5EDC2")
        event.refresh_from_db()
        assert (event.name, event.planned_hours, event.colour) == ("Nový název", 8, "#D5EDC2")

    def test_more_and_fewer_places(self, client, event, medic):
        step(client, event, f"count:{medic.pk}:3")
        assert event.positions.filter(qualifications=medic).count() == 3
        step(client, event, "count:0:0", version=2)
        assert event.positions.count() == 3

    def test_onwards(self, client, master, medic):
        draft = make_event(medic, master_event=master, status=Status.DRAFT, signups_open_at=EVENING - timedelta(days=1))
        step(client, draft, "advance:publish")
        draft.refresh_from_db()
        step(client, draft, "advance:open")
        draft.refresh_from_db()
        assert draft.status == Status.OPEN

    def test_a_copy_appears_beside(self, client, event):
        answer = step(client, event, "clone")
        copy = Event.objects.exclude(pk=event.pk).get()
        assert f'id="event-{copy.pk}"' in text_of(answer)
        assert copy.name == "Půlmaraton kopie"

    def test_only_drafts_are_archived(self, client, event, master, medic):
        assert step(client, event, "archive").status_code == 409
        draft = make_event(medic, master_event=master, status=Status.DRAFT)
        step(client, draft, "archive")
        draft.refresh_from_db()
        assert draft.is_archived

    def test_assigning_and_removing(self, client, event, medic):
        person, position = able(medic), event.positions.first()
        step(client, event, f"assign:{position.pk}", person=str(person.pk))
        assignment = event.assignments.get()
        assert assignment.person == person
        step(client, event, f"remove:{assignment.pk}")
        assert not event.assignments.exists()

    def test_an_exception_asks_for_its_reason_and_records_it(self, client, event, medic):
        person, position = make_member(), event.positions.get(qualifications=medic)
        asked = step(client, event, f"assign:{position.pk}", person=str(person.pk))
        assert asked["HX-Retarget"] == "#table-dialog"
        assert not event.assignments.exists()
        step(client, event, f"assign:{position.pk}", person=str(person.pk), reason="Záskok")
        assert event.assignments.get().person == person
        assert AuditEntry.objects.filter(event_id=event.pk, summary__contains="Záskok").exists()

    def test_without_scripts_the_table_is_shown_again(self, client, event, master):
        assert step(client, event, "days:1", htmx=False).url == url(master)


class TestRefusals:
    def test_an_old_row_is_drawn_anew_with_the_sentence(self, client, event):
        answer = step(client, event, "days:1", version=9)
        assert answer.status_code == 409
        assert "mezitím změněn" in text_of(answer)

    @pytest.mark.parametrize(
        "do",
        ["", "nothing", "days", "days:2", "days:x", "hours:middle:1", "hours:start:5", "advance:cancel", "advance"],
    )
    def test_unknown_steps_are_bad_requests(self, client, event, do):
        assert step(client, event, do).status_code == 400
        assert Event.objects.get(pk=event.pk).version == 1

    @pytest.mark.parametrize(
        ("do", "data"),
        [
            ("time:start", {"day": "x", "clock": "25:00"}),
            ("time:start", {"day": "2027-02-31", "clock": "10:00"}),
            ("time:end", {"day": "2027-05-15", "clock": "18:00"}),
            ("rename", {"name": " "}),
            ("colour", {"colour": "red"}),
            ("count:0:51", {}),
            ("assign:999999", {"person": "nobody"}),
            ("remove:999999", {}),
        ],
    )
    def test_bad_input_is_a_sentence_and_changes_nothing(self, client, event, do, data):
        answer = step(client, event, do, **data)
        assert answer.status_code == 409
        assert "alert-danger" in text_of(answer)
        assert Event.objects.get(pk=event.pk).version == 1

    def test_members_stay_outside(self, event, master):
        assert "/admin/login/" in logged_in(make_member()).get(url(master)).url

    def test_an_event_of_another_master_event_is_not_found(self, client, event):
        event.master_event_id = MasterEventFactory().pk
        assert step(client, event, "days:1").status_code == 404


class TestDialogs:
    def test_offers_able_people_first_and_finds_by_typing(self, client, event, medic):
        doctor = able(medic, name="Černý Karel")
        make_member(name="Bez Kvalifikace")
        position = event.positions.get(qualifications=medic)
        text = text_of(ask(client, event, kind="assign", position=position.pk))
        assert doctor.name in text
        assert "Bez Kvalifikace" not in text
        found = text_of(ask(client, event, kind="assign", position=position.pk, q="cerny", everyone="1"))
        assert doctor.name in found
        assert "Bez Kvalifikace" not in found

    def test_never_offers_everybody(self, client, event):
        for _n in range(20):
            make_member()
        text = text_of(ask(client, event, kind="assign", position=event.positions.get(qualifications=None).pk))
        assert text.count('name="person"') == 12
        assert "Je jich více" in text

    def test_asks_before_people_are_told(self, client, event):
        text = text_of(ask(client, event, kind="confirm", do="advance:open"))
        assert 'value="advance:open"' in text

    def test_a_page_of_its_own_without_scripts(self, client, event):
        address = reverse("admin:events_masterevent_table_dialog", args=[event.master_event_id, event.pk])
        assert "<html" in client.get(address, {"kind": "edit"}).content.decode()

    @pytest.mark.parametrize(
        "query", [{}, {"kind": "x"}, {"kind": "assign", "position": "9" * 30}, {"kind": "confirm", "do": "cancel"}]
    )
    def test_unknown_questions_are_not_found(self, client, event, query):
        assert ask(client, event, **query).status_code == 404


def test_an_admin_may_do_the_same(event):
    assert step(logged_in(make_admin()), event, "days:1").status_code == 200
