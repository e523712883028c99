"""Placing people on positions in the backoffice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event, Offer
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, logged_in, text_of
from events.tests.queues import full_capacity_event, offered_place
from events.tests.stories import able, make_capacity_event, place, want_rest
from events.views.assigning import PER_PAGE
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def event():
    return EventFactory(name="Ples")


@pytest.fixture
def position(event, medic):
    return PositionFactory(event=event, description="Zdravotník", qualifications=[medic])


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator(name="Koordinátorová Eva"))


def medical(name, medic, **fields):
    person = make_member(name=name, **fields)
    hold(person, medic)
    return person


def page(position) -> str:
    return reverse("admin:events_event_assign", args=[position.event_id, position.pk])


def names(answer) -> list[str]:
    return [candidate.person.name for candidate in answer.context["candidates"]]


def told(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def busy(person, name="Hokej", **fields):
    other = EventFactory(name=name, **fields)
    put(person, PositionFactory(event=other))
    return other


class TestWhoIsOffered:
    def test_qualified_people_in_czech_order_those_with_a_clash_last_and_marked(self, coordinator, position, medic):
        for name in ("Chalupa Jan", "Horák Petr", "Čermák Ota", "Cibulka Jan"):
            medical(name, medic)
        clashing = medical("Adamová Jana", medic)
        busy(clashing)
        make_member(name="Bez kvalifikace")
        medical("Neaktivní", medic, is_active=False)
        answer = coordinator.get(page(position))
        assert names(answer) == ["Cibulka Jan", "Čermák Ota", "Horák Petr", "Chalupa Jan", "Adamová Jana"]
        assert "⚠" in text_of(answer)
        assert [event.name for event in answer.context["candidates"][-1].conflicts.clashes] == ["Hokej"]

    def test_nobody_who_is_on_the_event_already(self, coordinator, event, position, medic):
        put(medical("Na akci", medic), PositionFactory(event=event))
        assert names(coordinator.get(page(position))) == []

    def test_back_to_back_and_cancelled_duties_do_not_clash(self, coordinator, position, medic):
        person = medical("Adamová Jana", medic)
        busy(person, start=EVENING - timedelta(hours=4), end=EVENING)
        busy(person, status=Status.CANCELLED)
        (candidate,) = coordinator.get(page(position)).context["candidates"]
        assert not candidate.conflicts

    def test_who_is_qualified_on_the_day_of_duty(self, coordinator, position, medic):
        hold(make_member(name="Prošlý"), medic, until=EVENING.date() - timedelta(days=1))
        hold(make_member(name="Platný"), medic, until=EVENING.date())
        answer = coordinator.get(page(position))
        assert names(answer) == ["Platný"]
        assert answer.context["candidates"][0].qualifications == ["Zdravotník"]

    def test_typing_narrows_without_diacritics(self, coordinator, position, medic):
        for name in ("Černý Tomáš", "Dvořák Petr"):
            medical(name, medic)
        assert names(coordinator.get(page(position), {"q": "cerny"})) == ["Černý Tomáš"]

    def test_a_script_gets_the_list_alone(self, coordinator, position, medic):
        medical("Černý Tomáš", medic)
        answer = coordinator.get(page(position), headers=HTMX)
        assert "<html" not in text_of(answer)
        assert "Černý Tomáš" in text_of(answer)

    def test_everybody_active_on_request_with_a_word_about_who_is_not_qualified(self, coordinator, position, medic):
        medical("Černý Tomáš", medic)
        make_member(name="Dvořák Petr")
        answer = coordinator.get(page(position), {"everyone": "1", "q": "o"})
        found = {candidate.person.name: candidate.is_qualified for candidate in answer.context["candidates"]}
        assert found["Dvořák Petr"] is False
        assert found["Černý Tomáš"] is True

    def test_pages_hold_so_many_and_know_the_next(self, coordinator, position, medic):
        for n in range(PER_PAGE + 1):
            medical(f"Osoba {n:03d}", medic)
        first = coordinator.get(page(position))
        assert (len(names(first)), first.context["next"], first.context["previous"]) == (PER_PAGE, "?page=2", "")
        assert len(names(coordinator.get(page(position), {"page": "2"}))) == 1

    def test_costs_no_more_queries_with_more_people_and_clashes(self, coordinator, position, medic):
        def cost() -> int:
            with CaptureQueriesContext(connection) as found:
                assert coordinator.get(page(position)).status_code == 200
            return len(found)

        busy(medical("První", medic))
        few = cost()
        for n in range(20):
            busy(medical(f"Osoba {n}", medic), master_event=MasterEventFactory())
        assert cost() <= few <= 20

    def test_the_event_s_own_page_lists_nobody_to_choose_from(self, coordinator, event, position, medic):
        medical("Neviditelná Osoba", medic)
        assert "Neviditelná" not in text_of(coordinator.get(f"/admin/events/event/{event.pk}/change/"))


class TestAssigning:
    def test_puts_a_qualified_person_there_and_tells_them(self, coordinator, event, position, medic):
        person = medical("Černý Tomáš", medic)
        answer = coordinator.post(page(position), {"person": str(person.pk)})
        assert answer.url == f"/admin/events/event/{event.pk}/change/"
        assignment = Assignment.objects.get()
        assert (assignment.person, assignment.position, assignment.assigned_by.name) == (
            person, position, "Koordinátorová Eva",
        )  # fmt: skip
        assert OutboxMessage.objects.get().code == "assignment_confirmed"
        assert "Černý Tomáš" in told(answer)

    def test_asks_for_a_reason_when_the_qualification_is_missing(self, coordinator, position):
        person = make_member(name="Dvořák Petr")
        answer = coordinator.post(page(position), {"person": str(person.pk)})
        assert answer.status_code == 200
        assert "Dvořák Petr" in answer.context["concern"]
        assert not Assignment.objects.exists()

    def test_takes_the_reason_into_the_record(self, coordinator, event, position):
        person = make_member()
        coordinator.post(page(position), {"person": str(person.pk), "reason": "Jede s námi jako nosič."})
        assert Assignment.objects.get().person == person
        entry = AuditEntry.objects.filter(event_id=event.pk, kind="create").first()
        assert "Jede s námi jako nosič." in entry.summary
        assert "Jede s námi jako nosič." in text_of(coordinator.get(f"/admin/events/event/{event.pk}/change/"))

    def test_a_reason_of_blanks_is_none(self, coordinator, position):
        answer = coordinator.post(page(position), {"person": str(make_member().pk), "reason": "  "})
        assert answer.status_code == 200
        assert not Assignment.objects.exists()

    def test_a_clash_needs_a_reason_and_is_named_afterwards(self, coordinator, position, medic):
        person = medical("Černý Tomáš", medic)
        busy(person, name="Hokej Letná")
        assert "Hokej Letná" in coordinator.post(page(position), {"person": str(person.pk)}).context["concern"]
        answer = coordinator.post(page(position), {"person": str(person.pk), "reason": "Střídání o půlce."})
        assert Assignment.objects.filter(position=position).exists()
        assert "Hokej Letná" in told(answer)

    @pytest.mark.parametrize("typed", ["", "x", "00000000-0000-0000-0000-000000000000"])
    def test_nobody_is_nobody(self, coordinator, position, typed):
        answer = coordinator.post(page(position), {"person": typed}, follow=True)
        assert answer.status_code == 200
        assert not Assignment.objects.exists()

    def test_a_taken_place_leads_back_with_a_sentence(self, coordinator, event, position, medic):
        put(medical("První", medic), position)
        second = medical("Druhá", medic)
        for answer in (coordinator.get(page(position)), coordinator.post(page(position), {"person": str(second.pk)})):
            assert answer.url == f"/admin/events/event/{event.pk}/change/"
            assert told(answer)
        assert Assignment.objects.count() == 1

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.COMPLETED, Status.CANCELLED])
    def test_only_where_sign_ups_are_open_or_closed(self, coordinator, event, position, status):
        type(event).objects.filter(pk=event.pk).update(status=status)
        assert coordinator.get(page(position)).status_code == 302
        assert page(position) not in text_of(coordinator.get(f"/admin/events/event/{event.pk}/change/"))

    def test_a_position_that_is_gone(self, coordinator, event, position):
        url = page(position)
        position.delete()
        answer = coordinator.get(url)
        assert answer.url == f"/admin/events/event/{event.pk}/change/"

    def test_a_position_of_another_event(self, coordinator, position):
        other = EventFactory()
        answer = coordinator.get(reverse("admin:events_event_assign", args=[other.pk, position.pk]))
        assert answer.url == f"/admin/events/event/{other.pk}/change/"

    def test_a_qualified_participant_without_the_backoffice_stays_out(self, position, event, medic):
        person = medical("Vedoucí", medic)
        put(person, PositionFactory(event=event))
        assert logged_in(person).get(page(position), follow=True).status_code == 403


class TestRemoving:
    @pytest.fixture
    def assignment(self, position, medic):
        return put(medical("Černý Tomáš", medic), position)

    def url(self, assignment) -> str:
        return reverse("admin:events_event_remove", args=[assignment.event_id, assignment.pk])

    def test_asks_and_then_does_it(self, coordinator, assignment):
        assert "Černý Tomáš" in text_of(coordinator.get(self.url(assignment)))
        assert Assignment.objects.exists()
        answer = coordinator.post(self.url(assignment))
        assert "Černý Tomáš" in told(answer)
        assert not Assignment.objects.exists()
        assert OutboxMessage.objects.get().code == "assignment_released"

    def test_twice_is_a_sentence(self, coordinator, assignment):
        coordinator.post(self.url(assignment))
        answer = coordinator.post(self.url(assignment))
        assert answer.status_code == 302
        assert told(answer)

    def test_not_from_a_completed_event(self, coordinator, event, assignment):
        type(event).objects.filter(pk=event.pk).update(status=Status.COMPLETED)
        for answer in (coordinator.get(self.url(assignment)), coordinator.post(self.url(assignment))):
            assert answer.status_code == 302
        assert Assignment.objects.exists()

    def test_by_an_admin_too(self, assignment):
        logged_in(make_admin()).post(self.url(assignment))
        assert not Assignment.objects.exists()


class TestByConditions:
    """People for an event that has no positions."""

    @pytest.fixture
    def driver(self):
        return QualificationFactory(name="Řidič")

    @pytest.fixture
    def event(self, medic, driver):
        return make_capacity_event({medic: 1, driver: 1}, minimum=2, maximum=3, name="Půlmaraton")

    def page(self, event) -> str:
        return reverse("admin:events_event_assign_to_event", args=[event.pk])

    def test_those_who_help_come_first_those_whom_no_seat_is_left_for_last(self, coordinator, event, medic, driver):
        for name in ("Dvořák Petr", "Adamová Jana"):
            make_member(name=name)
        place(event, make_member(name="Na akci"))
        wheel, lead = able(driver, name="Šofér Jan"), able(medic, name="Vedoucí Eva")
        busy(wheel)
        found = coordinator.get(self.page(event)).context["candidates"]
        assert [candidate.person.name for candidate in found][:2] == ["Vedoucí Eva", "Šofér Jan"]
        helping = {candidate.person: candidate.welcome for candidate in found[:2]}
        assert (helping[lead].covers, helping[lead].would_lead) == (["Zdravotník"], True)
        assert (helping[wheel].covers, helping[wheel].would_lead) == (["Řidič"], False)
        rest = [candidate for candidate in found if candidate.person.name in ("Dvořák Petr", "Adamová Jana")]
        assert [candidate.person.name for candidate in rest] == ["Adamová Jana", "Dvořák Petr"]
        assert all("vyhrazena pro chybějící kvalifikace" in candidate.welcome.refusal for candidate in rest)

    def test_refused_people_have_a_reason_and_no_button(self, coordinator, event):
        place(event, make_member())
        stranger = make_member(name="Dvořák Petr")
        text = text_of(coordinator.get(self.page(event), {"q": "dvorak"}))
        assert "Zbývající místa jsou vyhrazena pro chybějící kvalifikace (Zdravotník ×1, Řidič ×1)" in text
        assert f'value="{stranger.pk}"' not in text

    def test_while_seats_are_left_anybody_may_be_chosen(self, coordinator, event):
        person = make_member(name="Dvořák Petr")
        assert f'value="{person.pk}"' in text_of(coordinator.get(self.page(event)))
        answer = coordinator.post(self.page(event), {"person": str(person.pk)})
        assert answer.url == f"/admin/events/event/{event.pk}/change/"
        assignment = event.assignments.get()
        assert (assignment.person, assignment.position) == (person, None)
        assert OutboxMessage.objects.get().code == "assignment_confirmed"

    def test_a_full_event_lists_everybody_as_refused(self, coordinator, event, medic):
        place(event, *(make_member() for _n in range(3)))
        able(medic, name="Dvořák Petr")
        (candidate, *_others) = coordinator.get(self.page(event), {"q": "dvorak"}).context["candidates"]
        assert candidate.welcome.refusal == "Maximální kapacita akce je naplněna."

    def test_a_seat_that_is_offered_to_somebody_may_be_given_away(self, coordinator, medic):
        """As the service behind it says: whoever assigns goes before the waiting list."""
        leader, other, waiting = able(medic), make_member(), make_member()
        event = full_capacity_event({medic: 1}, leader, other, maximum=2)
        offered_place(event, other, waiting)
        person = make_member(name="Dvořák Petr")
        (candidate,) = coordinator.get(self.page(event), {"q": "dvorak"}).context["candidates"]
        assert candidate.welcome.refusal == ""
        coordinator.post(self.page(event), {"person": str(person.pk)})
        assert event.assignments.filter(person=person).exists()

    def test_clashing_and_tired_people_are_marked_and_need_a_reason(self, coordinator, event):
        want_rest(8)
        busy_one, tired = make_member(name="Adamová Jana"), make_member(name="Dvořák Petr")
        busy(busy_one, name="Hokej")
        busy(tired, name="Ples", start=EVENING - timedelta(hours=9))
        text = text_of(coordinator.get(self.page(event)))
        assert text.count("⚠️") == 2
        assert text.count("Přiřadit s důvodem…") == 2
        assert "Jen 5 h odpočinku:" in text
        answer = coordinator.post(self.page(event), {"person": str(tired.pk)})
        assert "5 h" in answer.context["concern"]
        answer = coordinator.post(self.page(event), {"person": str(tired.pk), "reason": "Domluveno s ním"})
        assert "Ples" in told(answer)
        assert "Domluveno s ním" in AuditEntry.objects.filter(event_id=event.pk, kind="create").first().summary

    def test_no_reason_overrides_the_reservation(self, coordinator, event):
        place(event, make_member())
        person = make_member()
        answer = coordinator.post(self.page(event), {"person": str(person.pk), "reason": "Jinak to nejde"})
        assert "vyhrazena" in told(answer)
        assert event.assignments.count() == 1

    def test_pages_search_and_the_list_alone(self, coordinator, event, driver):
        for n in range(PER_PAGE + 1):
            make_member(name=f"Osoba {n:03d}")
        able(driver, name="Žofie Řidičová")
        first = coordinator.get(self.page(event))
        assert (len(names(first)), names(first)[0], first.context["next"]) == (PER_PAGE, "Žofie Řidičová", "?page=2")
        part = coordinator.get(self.page(event), {"q": "zofie"}, headers=HTMX)
        assert names(part) == ["Žofie Řidičová"]
        assert "<html" not in text_of(part)
        assert "people-everyone" not in text_of(first)

    def test_costs_no_more_queries_with_more_people_holdings_and_clashes(self, coordinator, event, medic, driver):
        def cost() -> int:
            with CaptureQueriesContext(connection) as found:
                assert coordinator.get(self.page(event)).status_code == 200
            return len(found)

        want_rest(8)
        busy(able(medic))
        few = cost()
        for n in range(20):
            busy(able(*[medic, driver][n % 2 :]), master_event=MasterEventFactory())
        assert cost() <= few <= 22

    def test_an_event_with_positions_leads_back(self, coordinator):
        other = PositionFactory().event
        answer = coordinator.get(self.page(other))
        assert answer.url == f"/admin/events/event/{other.pk}/change/"
        assert told(answer)

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.PUBLISHED, Status.COMPLETED, Status.CANCELLED])
    def test_only_where_sign_ups_are_open_or_closed(self, coordinator, event, status):
        Event.objects.filter(pk=event.pk).update(status=status)
        assert coordinator.get(self.page(event)).status_code == 302
        by_script = coordinator.get(self.page(event), headers=HTMX)
        assert by_script["HX-Redirect"] == f"/admin/events/event/{event.pk}/change/"

    def test_removing_says_what_follows_and_frees_the_seat(self, coordinator, event, medic):
        place(event, able(medic, name="Černý Tomáš"))
        url = reverse("admin:events_event_remove", args=[event.pk, event.assignments.get().pk])
        text = text_of(coordinator.get(url))
        assert "Černý Tomáš" in text
        assert "pozice" not in text.split("confirm-page")[1]
        coordinator.post(url)
        assert not event.assignments.exists()

    def test_nobody_is_removed_from_a_cancelled_event_brought_back_from_the_archive(self, coordinator, event):
        place(event, make_member())
        Event.objects.filter(pk=event.pk).update(status=Status.CANCELLED)
        url = reverse("admin:events_event_remove", args=[event.pk, event.assignments.get().pk])
        assert "Nelze odhlásit uživatele ze zrušené akce." in told(coordinator.post(url))
        assert event.assignments.exists()


def test_a_position_that_is_offered_to_somebody_is_marked(coordinator, event, position, medic):
    waiting = able(medic, name="Dvořák Petr")
    Offer.objects.create(event=event, position=position, person=waiting, offered_at=EVENING, expires_at=EVENING)
    pages = f"/admin/events/event/{event.pk}/positions/{position.pk}/assign/", f"/events/{event.pk}/assign/"
    for page in pages:
        text = text_of(coordinator.get(page, {"position": position.pk}))
        assert "Nabídnuto do 15.05.2027 18:00: Dvořák Petr" in text
