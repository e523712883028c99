"""The dashboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.stories import make_capacity_event, place, want_rest
from events.views.dashboard import next_duty_sentence
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

OVERLAP = "překrývající se přihlášky"
LEADERLESS = "Akce bez zodpovědné osoby v příštích 7 dnech"
ATTENTION = "Vyžaduje pozornost"
MINE = "Moje akce"
OPEN = "Otevřené přihlášky"


def soon(days: float = 2, **fields):
    """An event that starts in so many days."""
    return EventFactory(start=timezone.now() + timedelta(days=days), **fields)


def page(person, **params):
    return text_of(logged_in(person).get("/", params))


def panel(text: str, title: str) -> str:
    """The part of the page from the title on to the end of its card."""
    return text[text.index(title) :].split("</section>")[0]


class TestAnswer:
    def test_strangers_are_sent_to_the_login(self):
        assert Client().get("/").url.startswith("/login/")

    @pytest.mark.parametrize(
        ("hour", "day", "expected"),
        [
            (12, 14, "Zítra 18:00 máte službu – Letná"),
            (12, 15, "Dnes 18:00 máte službu – Letná"),
            (19, 15, "Právě máte službu, do 22:00 – Letná"),
            (12, 10, "Příští službu máte so 15. 5. 18:00 – Letná"),
        ],
    )
    def test_names_the_next_duty(self, hour, day, expected):
        duty = EventFactory.build(master_event=None, address="Letná")
        now = duty.start.replace(day=day, hour=hour)
        assert next_duty_sentence(duty, now) == expected

    def test_an_event_without_an_address_goes_by_its_name(self):
        duty = EventFactory.build(master_event=None, name="Ples")
        assert next_duty_sentence(duty, duty.start).endswith("– Ples")

    def test_says_that_nothing_is_planned(self):
        assert "V příštích 30 dnech nemáte žádnou službu." in page(make_member())

    def test_shows_the_position_and_the_way_there(self):
        member = make_member()
        event = soon(1, address="Letná", contact="777 123 456")
        put(member, PositionFactory(event=event, description="Zdravotník"))
        text = page(member)
        assert "Zdravotník" in text
        assert 'href="tel:777123456"' in text


class TestMyEvents:
    def test_lists_duties_and_what_i_lead_within_the_horizon(self):
        member = make_member(dashboard_horizon=10)
        put(member, PositionFactory(event=soon(name="Služba")))
        soon(3, name="Vedu", responsible_person=member)
        put(member, PositionFactory(event=soon(11, name="Daleko")))
        put(member, PositionFactory(event=soon(4, name="Zrušená", status=Status.CANCELLED)))
        put(member, PositionFactory(event=soon(4, name="Uložená", is_archived=True)))
        put(member, PositionFactory(event=soon(-3, name="Minulá")))
        mine = panel(page(member), MINE)
        assert "Služba" in mine
        assert "Vedu" in mine
        assert "Přihlášen" in mine
        assert "Zodpovědná osoba" in mine
        for absent in ("Daleko", "Zrušená", "Uložená", "Minulá"):
            assert absent not in mine

    def test_stays_when_empty_and_names_the_horizon(self):
        text = page(make_member(dashboard_horizon=3))
        assert "Nejste přihlášeni na žádnou akci." in text
        assert "Horizont: 3 dny" in text

    def test_the_next_one_comes_first_and_the_many_fold_away(self):
        member = make_member()
        for days in (9, 2, 8, 3, 7, 4, 6, 5, 10, 11):
            put(member, PositionFactory(event=soon(days, name=f"Za {days} dní")))
        mine = panel(page(member), MINE)
        assert "Za 9 dní" in mine
        assert "Za 10 dní" not in mine
        assert "Zobrazit další (2)" in mine
        mine = panel(page(member, more="mine"), MINE)
        order = [mine.index(f"Za {days} dní") for days in range(2, 12)]
        assert order == sorted(order)
        assert "Zobrazit další" not in mine


class TestOpenSignups:
    @pytest.fixture
    def member(self):
        member, medic = make_member(), QualificationFactory(name="Zdravotník")
        hold(member, medic)
        PositionFactory.create_batch(2, event=soon(name="Pomůžu"), description="Hlídka", qualifications=[medic])
        PositionFactory(event=soon(name="Nepomůžu"), qualifications=[QualificationFactory()])
        put(make_member(), PositionFactory(event=soon(name="Plno")))
        return member

    def test_shows_first_where_i_help(self, member):
        shown = panel(page(member), OPEN)
        assert "kde pomůžete s obsazením" in shown
        assert "Pomůžu" in shown
        assert "Hlídka (2×)" in shown
        assert "Nepomůžu" not in shown
        assert "Zobrazit vše (2)" in shown

    def test_shows_all_with_a_free_place_on_demand(self, member):
        shown = panel(page(member, show="all"), OPEN)
        assert "Nepomůžu" in shown
        assert "Plno" not in shown
        assert "Jen kde pomůžu (1)" in shown

    def test_leaves_out_what_i_am_on_and_what_a_coordinator_fills(self, member):
        put(member, PositionFactory(event=soon(name="Už tam jsem")))
        PositionFactory(event=Event.objects.get(name="Už tam jsem"))
        run = MasterEventFactory(coordinator=make_coordinator())
        PositionFactory(event=soon(name="Řízená", master_event=run))
        shown = panel(page(member), OPEN)
        assert "Už tam jsem" not in shown
        assert "Řízená" not in shown

    def test_is_not_for_those_who_sign_up_for_nothing(self):
        assert OPEN not in page(make_viewer())

    def test_says_when_nobody_is_looked_for(self):
        assert "Teď nikde nikoho nehledáme." in page(make_member())


class TestWorries:
    def test_names_events_nobody_leads_in_the_next_week(self):
        soon(6, name="Bez vedení")
        soon(8, name="Za týden")
        soon(3, name="Koncept", status=Status.DRAFT)
        soon(3, name="Vedená", responsible_person=make_member())
        found = panel(page(make_coordinator(dashboard_horizon=2)), LEADERLESS)
        assert "Bez vedení" in found
        for absent in ("Za týden", "Koncept", "Vedená"):
            assert absent not in found

    def test_names_what_is_not_offered_yet_or_short(self):
        leader = make_member()
        soon(name="Koncept", status=Status.DRAFT)
        soon(name="Zveřejněná", status=Status.PUBLISHED, responsible_person=leader)
        PositionFactory(event=soon(name="Chybí člověk", responsible_person=leader))
        PositionFactory(event=soon(name="Stačí", responsible_person=leader), is_optional=True)
        soon(40, name="Za obzorem", status=Status.DRAFT)
        found = panel(page(make_coordinator()), ATTENTION)
        for present in ("Koncept", "Zveřejněná", "Chybí člověk"):
            assert present in found
        for absent in ("Stačí", "Za obzorem"):
            assert absent not in found

    def test_come_in_order_of_time(self):
        for days in (5, 1, 3):
            soon(days, name=f"Za {days}", status=Status.DRAFT)
        found = panel(page(make_coordinator()), ATTENTION)
        assert found.index("Za 1") < found.index("Za 3") < found.index("Za 5")

    def test_are_hidden_from_others_and_when_there_are_none(self):
        soon(status=Status.DRAFT)
        assert ATTENTION not in page(make_member())
        Event.objects.update(status=Status.COMPLETED)
        text = page(make_coordinator())
        assert ATTENTION not in text
        assert LEADERLESS not in text


class TestOverlaps:
    @pytest.fixture
    def member(self):
        member = make_member(name="Dvořák Petr")
        first = soon(name="Ples")
        put(member, PositionFactory(event=first))
        put(member, PositionFactory(event=EventFactory(name="Hokej", start=first.start + timedelta(hours=1))))
        return member

    def test_names_each_pair_once(self, member):
        found = panel(page(member), f"Máte {OVERLAP}")
        assert found.count(">Ples</a>") == 1
        assert found.count(">Hokej</a>") == 1
        assert "Dvořák Petr" not in found

    def test_shows_everybodys_to_those_who_assign_others(self, member):
        assert "Dvořák Petr" in panel(page(make_coordinator()), "Překrývající se přihlášky")
        assert OVERLAP not in page(make_member())

    def test_touching_ends_are_no_overlap(self):
        member, first = make_member(), soon()
        put(member, PositionFactory(event=first))
        put(member, PositionFactory(event=EventFactory(start=first.end)))
        assert OVERLAP not in page(member)

    @pytest.mark.parametrize("change", [{"status": Status.CANCELLED}, {"is_archived": True}])
    def test_what_does_not_take_place_overlaps_nothing(self, member, change):
        Event.objects.filter(name="Hokej").update(**change)
        assert OVERLAP not in page(member)

    def test_drafts_count_only_for_those_who_may_see_them(self, member):
        Event.objects.filter(name="Hokej").update(status=Status.DRAFT)
        assert OVERLAP in page(member)
        member.groups.clear()
        assert OVERLAP not in page(member)


class TestRest:
    @pytest.fixture
    def member(self):
        member, first = make_member(name="Dvořák Petr"), soon(name="Ples")
        put(member, PositionFactory(event=first))
        put(member, PositionFactory(event=EventFactory(name="Hokej", start=first.end + timedelta(hours=3, minutes=30))))
        return member

    def test_too_little_of_it_is_a_warning_of_its_own(self, member):
        want_rest(8)
        found = panel(page(member), "Málo odpočinku mezi službami")
        assert found.count(">Ples</a>") == found.count(">Hokej</a>") == 1
        assert "3,5 h odpočinku" in found
        assert OVERLAP not in page(member)

    def test_stands_beside_overlaps(self, member):
        want_rest(8)
        duty = Event.objects.get(name="Hokej")
        put(member, PositionFactory(event=EventFactory(name="Koncert", start=duty.start + timedelta(hours=1))))
        found = panel(page(member), f"Máte {OVERLAP}")
        assert "3,5 h odpočinku" in found
        assert "Koncert" in found

    @pytest.mark.parametrize("hours", [0, 3])
    def test_enough_of_it_or_nobody_who_asks_is_no_warning(self, member, hours):
        want_rest(hours)
        assert "odpočinku" not in page(member)

    def test_is_shown_of_everybody_to_those_who_assign_others(self, member):
        want_rest(8)
        assert "Dvořák Petr" in panel(page(make_coordinator()), "Málo odpočinku mezi službami")
        assert "odpočinku" not in page(make_member())


def test_people_without_any_right_to_events_get_an_empty_page():
    soon(name="Ples")
    answer = logged_in(UserFactory(roles=[Role.TECHNICIAN])).get("/")
    assert answer.status_code == 200
    assert "Ples" not in text_of(answer)


def test_nothing_is_inline():
    coordinator = make_coordinator()
    put(coordinator, PositionFactory(event=soon()))
    PositionFactory(event=soon())
    assert inline_parts(logged_in(coordinator).get("/")) == []


def test_queries_do_not_grow(django_assert_max_num_queries):
    coordinator, client = make_coordinator(), None
    client = logged_in(coordinator)

    def fill(count: int) -> None:
        for _ in range(count):
            put(coordinator, PositionFactory(event=soon()))
            PositionFactory.create_batch(count // 3, event=soon(master_event=MasterEventFactory()))
            soon(status=Status.DRAFT, responsible_person=make_member())
            place(make_capacity_event({medic: 1}, start=soon().start), make_member())

    medic = QualificationFactory(can_lead=True)
    want_rest(10)
    fill(3)
    client.get("/")  # the first request of a session also settles how long it lasts
    with django_assert_max_num_queries(16) as few:
        client.get("/")
    fill(27)
    with django_assert_max_num_queries(len(few)):
        client.get("/")
