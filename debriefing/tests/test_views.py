"""Member pages of debriefing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from debriefing.models import ConfidentialAnswers, Debriefing
from debriefing.rules import NoteStatus
from debriefing.tests.factories import TEXTS, done_duty, handed_in, led_duty, make_manager
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.tests.factories import EVENING
from notifications.models import OutboxMessage
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

MANAGE = "/debriefing/manage/"


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def page(person, path: str) -> str:
    answer = browser(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def address(duty) -> str:
    return f"/debriefing/{duty.pk}/"


def said(answer) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.fixture
def member():
    return make_member(name="Novák Jan")


@pytest.fixture
def duty(member):
    return done_duty(member)


class TestForm:
    def test_asks_and_warns(self, member, duty):
        shown = page(member, address(duty))
        assert "Důvěrná část" in shown
        assert "Odevzdat debriefing" in shown
        assert "Část zodpovědné osoby" not in shown
        assert shown.count('name="material_') == 8

    @pytest.mark.parametrize(
        ("kind", "title", "count"),
        [
            (Kind.MEDICAL, "Část zodpovědné osoby", "Počet ošetřených"),
            (Kind.TRAINING, "Část zodpovědné osoby (lektor)", "Skutečný počet účastníků"),
        ],
    )
    def test_asks_the_leader_about_the_event(self, member, kind, title, count):
        shown = page(member, address(led_duty(member, kind=kind)))
        assert title in shown
        assert count in shown
        assert 'value="2027-05-15T18:00"' in shown
        assert 'value="2027-05-15T22:00"' in shown

    def test_asks_the_leader_of_a_presentation_nothing(self, member):
        assert "Skutečný začátek" not in page(member, address(led_duty(member, kind=Kind.PRESENTATION)))

    def test_keeps_everything(self, member):
        duty = led_duty(member)
        answer = browser(member).post(
            address(duty),
            {
                "note_status": 2, **TEXTS, "own_hours": "2,5", "material_0": "Obvaz", "quantity_0": "3",
                "actual_start": "2027-05-15T18:10", "actual_end": "2027-05-15T22:30", "post_event_count": "7",
            },
        )  # fmt: skip
        assert answer.status_code == 302
        assert answer["Location"] == address(duty)
        made = Debriefing.objects.get()
        assert made.attended_hours == Decimal("2.5")
        assert [str(used) for used in made.material.all()] == ["3× Obvaz"]
        event = Event.objects.get()
        assert event.post_event_count == 7
        assert event.actual_start == EVENING + timedelta(minutes=10)
        shown = page(member, address(duty))
        assert "Děkujeme" in shown
        for words in (*TEXTS.values(), "2,5 h", "3× Obvaz", "15.05.2027 22:30"):
            assert words in shown

    @pytest.mark.parametrize("value", ["", "0", "4", "-1", "x", "2.0", "9" * 40, "\udcff"])
    def test_refuses_an_answer_that_was_not_offered(self, member, duty, value):
        answer = browser(member).post(address(duty), {"note_status": value.encode("utf-8", "replace").decode()})
        assert answer.status_code == 422
        assert "Vyberte jednu z možností" in answer.content.decode()
        assert not Debriefing.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"own_hours": "x"}, "číslo"),
            ({"own_hours": "999999"}, "číslic"),
            ({"own_hours": "NaN"}, "číslo"),
            ({"own_start": "2027-05-15T18:00"}, "Vyplňte obě hodnoty"),
            ({"own_start": "včera"}, "datum"),
            ({"own_hours": "3", "own_start": "2027-05-15T18:00", "own_end": "2027-05-15T19:00"}, "ne obojí"),
            ({"quantity_0": "2"}, "Co to bylo?"),
            ({"material_7": "Obvaz"}, "Kolik?"),
            ({"material_0": "Obvaz", "quantity_0": "0"}, "od 1 do 999"),
            ({"material_0": "Obvaz", "quantity_0": "1e9"}, "od 1 do 999"),
            ({"material_0": "x" * 121, "quantity_0": "1"}, "120"),
            ({"feedback_event": "x" * 5001}, "5000"),
        ],
    )
    def test_says_what_is_wrong_keeps_what_was_typed_and_changes_nothing(self, member, duty, typed, words):
        answer = browser(member).post(address(duty), {"note_status": 2, "feedback_customer": "Zůstane tu.", **typed})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "Zůstane tu." in answer.content.decode()
        assert not Debriefing.objects.exists()

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ({"actual_start": ""}, "opravdu začala"),
            ({"actual_end": "x"}, "datum"),
            ({"actual_end": "2027-05-15T18:00"}, "později"),
            ({"post_event_count": "-1"}, "Kolik lidí bylo ošetřeno"),
            ({"post_event_count": "1,5"}, "Kolik lidí bylo ošetřeno"),
            ({"post_event_count": ""}, "Kolik lidí bylo ošetřeno"),
            ({"post_event_count": "1000"}, "Kolik lidí bylo ošetřeno"),
        ],
    )
    def test_says_what_is_wrong_about_the_event(self, member, typed, words):
        duty = led_duty(member)
        whole = {"actual_start": "2027-05-15T18:00", "actual_end": "2027-05-15T22:00", "post_event_count": "0"}
        answer = browser(member).post(address(duty), {"note_status": 1, **whole, **typed})
        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert Event.objects.get().actual_start is None

    def test_leads_back_to_an_event_that_is_not_over(self, member):
        duty = done_duty(member, status=Status.CLOSED)
        for answer in (browser(member).get(address(duty)), browser(member).post(address(duty), {"note_status": 1})):
            assert answer["Location"] == f"/events/{duty.event_id}/"
            assert "až po dokončení" in said(answer)
        assert not Debriefing.objects.exists()

    def test_leads_whoever_sees_no_events_to_the_overview(self):
        manager = make_manager()
        answer = browser(manager).get(address(done_duty(manager, status=Status.CLOSED)))
        assert answer["Location"] == "/"

    def test_is_shown_and_sent_once(self, member, duty):
        handed_in(duty, **TEXTS)
        for answer in (browser(member).get(address(duty)), browser(member).post(address(duty), {"note_status": 1})):
            assert answer.status_code == 200
            assert "Děkujeme" in answer.content.decode()
            assert TEXTS["feedback_event"] in answer.content.decode()
        assert ConfidentialAnswers.objects.get().note_status == NoteStatus.DESCRIBED

    @pytest.mark.parametrize("who", [make_admin, make_coordinator, make_member, make_viewer, make_manager])
    def test_is_for_nobody_else(self, duty, who):
        for answer in (browser(who()).get(address(duty)), browser(who()).post(address(duty), {"note_status": 1})):
            assert answer.status_code == 403
        assert not Debriefing.objects.exists()

    def test_of_an_unknown_duty_does_not_exist(self, member):
        assert browser(member).get("/debriefing/987654321/").status_code == 404
        assert browser(member).get(f"/debriefing/{'9' * 30}/").status_code == 404

    def test_asks_for_the_login_and_returns(self, duty):
        assert Client().get(address(duty))["Location"] == f"/login/?next={address(duty)}"

    def test_is_kept_nowhere(self, member, duty):
        assert "no-store" in browser(member).get(address(duty))["Cache-Control"]


class TestOwnList:
    def test_shows_what_is_missing_and_what_was_handed_in(self, member, duty):
        handed_in(done_duty(member, name="Hokej"))
        done_duty(name="Cizí")
        shown = page(member, "/debriefing/")
        assert shown.count("Vyplnit debriefing") == 1
        assert shown.count("Zobrazit debriefing") == 1
        assert "Cizí" not in shown

    def test_is_not_for_viewers(self):
        assert browser(make_viewer()).get("/debriefing/").status_code == 403

    def test_leads_past_its_end_to_the_last_page(self, member, duty):
        assert browser(member).get("/debriefing/?page=9")["Location"] == "/debriefing/?page=1"


class TestOnOtherPages:
    def test_dashboard_counts_what_is_missing_the_latest_first(self, member):
        for number in range(7):
            start = EVENING - timedelta(days=400 * number)
            done_duty(member, name=f"Akce č. {number}", start=start, end=start + timedelta(hours=2))
        shown = page(member, "/")
        assert "Nevyplněný debriefing (7)" in shown
        assert shown.index("Akce č. 0") < shown.index("Akce č. 1")
        assert "Akce č. 6" not in shown

    def test_dashboard_says_nothing_where_nothing_is_missing(self, member, duty):
        handed_in(duty)
        done_duty(member, is_archived=True)
        assert "Nevyplněný debriefing" not in page(member, "/")

    def test_dashboard_of_a_viewer_says_nothing(self):
        viewer = make_viewer()
        done_duty(viewer)
        assert "Nevyplněný debriefing" not in page(viewer, "/")

    def test_event_leads_to_ones_own(self, member, duty):
        assert "Vyplnit debriefing" in page(member, f"/events/{duty.event_id}/")
        handed_in(duty)
        assert "Zobrazit debriefing" in page(member, f"/events/{duty.event_id}/")
        assert "debriefing/" not in page(make_member(), f"/events/{duty.event_id}/").replace("/debriefing/manage/", "")

    def test_event_that_is_not_over_says_nothing(self, member):
        duty = done_duty(member, status=Status.OPEN)
        assert "debriefing" not in page(member, f"/events/{duty.event_id}/").lower()

    def test_event_leads_managers_to_everybodys(self, duty):
        manager = UserFactory(roles=[Role.MEMBER, Role.DEBRIEFING_MANAGER])
        assert f"/debriefing/event/{duty.event_id}/" in page(manager, f"/events/{duty.event_id}/")

    def test_event_shows_to_everybody_how_it_was(self, duty):
        Event.objects.update(actual_start=EVENING, actual_end=EVENING + timedelta(hours=5), post_event_count=31)
        shown = page(make_viewer(), f"/events/{duty.event_id}/")
        assert "15.05.2027 23:00" in shown
        assert "31" in shown

    def test_event_shows_used_material_to_planners_without_names(self, duty, member):
        handed_in(duty, material=[("Obvaz", 2)])
        handed_in(done_duty(event=duty.event), material=[("Obvaz", 3), ("Dlaha", 1)])
        shown = page(make_coordinator(), f"/events/{duty.event_id}/")
        assert "5× Obvaz" in shown
        assert "1× Dlaha" in shown
        assert "Obvaz" not in page(make_member(), f"/events/{duty.event_id}/")


class TestManagement:
    @pytest.mark.parametrize("who", [make_admin, make_coordinator, make_member, make_viewer])
    @pytest.mark.parametrize("path", [MANAGE, f"{MANAGE}?page=2", "/debriefing/event/{event}/"])
    def test_is_for_debriefing_managers_alone(self, duty, who, path):
        assert browser(who()).get(path.format(event=duty.event_id)).status_code == 403

    def test_is_not_for_superusers(self, duty):
        boss = UserFactory(roles=[Role.ADMIN], is_superuser=True)
        assert browser(boss).get(MANAGE).status_code == 403
        assert browser(boss).get(f"/debriefing/event/{duty.event_id}/").status_code == 403

    def test_lists_what_was_said_and_who_is_missing(self, duty):
        handed_in(done_duty(make_member(name="Malá Hana"), event=duty.event), **TEXTS, material=[("Obvaz", 2)])
        shown = page(make_manager(), MANAGE)
        for words in (*TEXTS.values(), "Malá Hana", "2× Obvaz", "1 odevzdán", "1 čeká", "Novák Jan"):
            assert words in shown, words
        assert "Celkem 1 akce" in shown

    def test_shows_of_what_was_imported_that_there_are_no_notes(self, duty):
        made = handed_in(duty)
        ConfidentialAnswers.objects.filter(pk=made.pk).update(note_status=NoteStatus.NONE)
        assert "Bez poznámek" in page(make_manager(), MANAGE)

    def test_lists_completed_events_alone_the_latest_first(self):
        for number, status in enumerate(Status):
            done_duty(name=f"Akce {status}", status=status, start=EVENING - timedelta(days=number))
        done_duty(name="Novější", start=EVENING + timedelta(days=1), end=EVENING + timedelta(days=2))
        shown = page(make_manager(), MANAGE)
        assert shown.index("Novější") < shown.index("Akce completed")
        assert "Akce open" not in shown
        assert "Celkem 2 akce" in shown

    def test_filters_by_whole_local_days(self):
        late = EVENING.replace(hour=23, minute=50)
        done_duty(name="Pozdní", start=late, end=late + timedelta(hours=3))
        manager = make_manager()
        assert "Pozdní" in page(manager, f"{MANAGE}?since=2027-05-15&until=2027-05-15")
        assert "Pozdní" not in page(manager, f"{MANAGE}?since=2027-05-16")
        assert "neodpovídá žádná" in page(manager, f"{MANAGE}?until=2027-05-14")

    @pytest.mark.parametrize("query", ["since=x", "until=2027-13-01", "state=%00", "since=99999-01-01", "state=nic"])
    def test_leaves_aside_what_it_cannot_read(self, duty, query):
        assert duty.event.name in page(make_manager(), f"{MANAGE}?{query}")

    def test_filters_by_what_is_to_be_done(self, duty):
        handed_in(done_duty(name="Jako obvykle"))
        handed_in(done_duty(name="Něco se stalo"), **TEXTS)
        Event.objects.filter(pk=duty.event_id).update(name="Chybí")
        manager = make_manager()
        missing, noted = page(manager, f"{MANAGE}?state=pending"), page(manager, f"{MANAGE}?state=noted")
        assert "Chybí" in missing
        assert "Jako obvykle" not in missing
        assert "Něco se stalo" not in missing
        assert "Něco se stalo" in noted
        assert "Jako obvykle" not in noted

    def test_pages_keep_the_filter(self):
        for _number in range(11):
            done_duty()
        manager = make_manager()
        shown = page(manager, f"{MANAGE}?since=2027-05-15")
        assert "Stránkování debriefingů" in shown
        assert "since=2027-05-15&amp;page=2" in shown
        past = browser(manager).get(f"{MANAGE}?since=2027-05-15&page=9")
        assert past["Location"] == f"{MANAGE}?since=2027-05-15&page=2"
        for odd in ("x", "0", "-1", "1.5"):
            assert browser(manager).get(f"{MANAGE}?page={odd}").context["page_obj"].number == 1

    def test_one_page_has_no_pager(self, duty):
        assert "Stránkování debriefingů" not in page(make_manager(), MANAGE)

    def test_says_when_there_is_nothing(self):
        assert "Zatím není dokončena žádná akce" in page(make_manager(), MANAGE)

    def test_shows_one_event_with_everybody(self, duty):
        handed_in(done_duty(event=duty.event), **TEXTS)
        shown = page(make_manager(), f"/debriefing/event/{duty.event_id}/")
        assert "Odevzdáno: 1 / 2" in shown
        assert "Debriefing nebyl odevzdán" in shown
        assert TEXTS["feedback_colleagues"] in shown

    def test_of_an_event_that_is_not_over_does_not_exist(self):
        duty = done_duty(status=Status.OPEN)
        assert browser(make_manager()).get(f"/debriefing/event/{duty.event_id}/").status_code == 404
        assert browser(make_manager()).get(f"/debriefing/event/{'9' * 30}/").status_code == 404

    def test_reminds_by_hand(self, duty):
        manager = browser(make_manager())
        answer = manager.post(f"/debriefing/event/{duty.event_id}/remind/")
        assert answer["Location"] == f"/debriefing/event/{duty.event_id}/"
        assert OutboxMessage.objects.filter(code="debriefing_reminder").count() == 1
        assert "nikdo" in said(manager.post(f"/debriefing/event/{duty.event_id}/remind/")).lower()

    def test_is_in_the_menu_of_managers(self, member):
        assert MANAGE in page(make_manager(), "/debriefing/")
        assert MANAGE not in page(member, "/debriefing/")


def test_what_the_list_costs_does_not_grow(django_assert_max_num_queries):
    manager = make_manager()
    for number in range(4):
        handed_in(done_duty(), **(TEXTS if number % 2 else {}))
    client = browser(manager)
    client.get(MANAGE)
    with django_assert_max_num_queries(9):
        client.get(MANAGE)
    for _number in range(12):
        duty = done_duty()
        handed_in(done_duty(event=duty.event), **TEXTS, material=[("Obvaz", 1)])
    with django_assert_max_num_queries(9):
        client.get(MANAGE)
