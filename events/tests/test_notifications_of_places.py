"""Who hears of freed and filled places, when it is an alarm, and what the mails say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event, HandOver, Offer
from events.rules.lifecycle import Status
from events.services import crew, handover, notifications, positions, waiting
from events.services.positions import PositionPlan
from events.substitutes import people_to_ask, substitutes_for
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.queues import full_capacity_event, full_event, offer_to, offered_place, wait
from events.tests.stories import NOW, able, make_event, place, told
from medcover.system.models import SiteSettings
from notifications import services as outbox
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member

pytestmark = pytest.mark.django_db

#: Less than two days before the start.
LATE = EVENING - timedelta(hours=30)


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def full(leading):
    return full_event(leading, name="Půlmaraton")


def hears(code: str) -> set[Any]:
    return {person for _code, person in told(code)}


def mail_to(person: User, code: str) -> str | None:
    """The plain text of the waiting mail as the worker would send it now; None when it would be skipped."""
    mail = composed(OutboxMessage.objects.get(recipient=person, code=code))
    if mail is None:
        return None
    html = str(mail.alternatives[0].content)
    assert "<html" in html
    return f"{mail.subject}\n{mail.body}\n{' '.join(html.split())}"


class TestResponsiblePerson:
    def test_hears_who_left_and_who_came(self, full):
        event, leader, other = full
        crew.leave(event.pk, by=other, at=NOW)
        assert hears("place_freed") == {leader}
        newcomer = make_member(name="Šťastná Božena")
        crew.claim(event.positions.free().get().pk, by=newcomer, at=NOW)
        assert hears("place_filled") == {leader}
        assert f"Odhlášení: {other.name}, pozice {event.positions.last()}" in (mail_to(leader, "place_freed") or "")
        assert "Nová přihláška: Šťastná Božena" in (mail_to(leader, "place_filled") or "")

    def test_hears_nothing_of_what_they_do_themselves(self, full):
        event, leader, other = full
        crew.remove(event.assignments.get(person=other).pk, by=leader, at=NOW)
        crew.assign(event.positions.free().get().pk, other.pk, by=leader, at=NOW)
        assert not hears("place_freed")
        assert not hears("place_filled")

    def test_the_next_one_hears_that_the_last_one_left(self, full, leading):
        event, leader, other = full
        hold(other, leading)
        crew.leave(event.pk, by=leader, at=NOW)
        assert hears("place_freed") == {other}

    def test_several_at_once_are_one_mail_that_names_all(self, leading):
        event = make_event(leading, places=3)
        leader, *others = able(leading), make_member(), make_member()
        crew.claim(event.positions.first().pk, by=leader, at=NOW)
        for person, position in zip(others, event.positions.free(), strict=True):
            crew.claim(position.pk, by=person, at=NOW)
        text = mail_to(leader, "place_filled") or ""
        assert all(f"Nová přihláška: {person.name}" in text for person in others)

    def test_quiet_sign_ups_tell_nobody(self, leading):
        event = make_event(leading)
        crew.claim(event.positions.first().pk, by=able(leading), at=NOW)
        OutboxMessage.objects.all().delete()
        crew.claim(event.positions.free().get().pk, by=make_member(), at=NOW, notify=False)
        assert told() == set()

    def test_each_type_has_its_own_switch(self, full):
        event, leader, other = full
        boss = make_coordinator()
        outbox.switch("place_freed", enabled=False, by=boss)
        crew.leave(event.pk, by=other, at=NOW)
        crew.claim(event.positions.free().get().pk, by=make_member(), at=NOW)
        assert (hears("place_freed"), hears("place_filled")) == (set(), {leader})

    def test_an_administrator_who_leads_hears_it_too(self, full):
        event, _leader, other = full
        admin = UserFactory(roles=[Role.ADMIN])
        Event.objects.update(responsible_person=admin)
        put(admin, PositionFactory(event=event))
        hold(admin, event.positions.first().qualifications.get())
        crew.leave(event.pk, by=other, at=NOW)
        assert hears("place_freed") == {admin}


class TestFreePlaces:
    def test_are_told_to_who_fits_is_free_and_not_on_the_event(self, full, leading):
        event, leader, other = full
        fitting, busy, elsewhere = able(leading), able(leading), make_member()
        put(busy, PositionFactory(event=EventFactory(start=EVENING + timedelta(hours=1))))
        crew.leave(event.pk, by=leader, at=NOW)
        assert hears("place_available") == {fitting}
        assert {elsewhere, busy, other, leader}.isdisjoint(hears("place_available"))

    def test_are_not_told_while_somebody_from_the_waiting_list_may_have_them(self, full):
        event, _leader, other = full
        make_member()
        offered_place(event, other, make_member())
        assert not hears("place_available")

    @pytest.mark.parametrize("end", ["decline", "expire", "unqueue"])
    def test_are_told_when_nobody_took_the_offer(self, full, end):
        event, _leader, other = full
        person, reader = make_member(), make_member()
        offer = offered_place(event, other, person)
        if end == "decline":
            waiting.decline(offer.pk, by=person, at=NOW)
        elif end == "unqueue":
            waiting.unqueue(event.pk, by=person, at=NOW)
        else:
            waiting.expire_due(at=offer.expires_at)
        assert hears("place_available") == {reader, other}

    def test_are_not_told_where_nobody_can_sign_up(self, full):
        event, leader, other = full
        make_member()
        boss = make_coordinator()
        Event.objects.update(master_event=MasterEventFactory(coordinator=boss))
        crew.remove(event.assignments.get(person=other).pk, by=boss, at=NOW)
        assert not hears("place_available")
        Event.objects.update(status=Status.PUBLISHED, capacity_closed=False)
        crew.remove(event.assignments.get(person=leader).pk, by=boss, at=NOW)
        assert not hears("place_available")

    def test_of_a_running_event_are_nobodys_news(self, full):
        event, _leader, other = full
        make_member()
        crew.leave(event.pk, by=other, at=EVENING)
        assert not hears("place_available")

    def test_of_conditions_are_told_to_who_may_join(self, leading):
        leader = able(leading)
        event = full_capacity_event({leading: 1}, leader, make_member(), maximum=2)
        plain, fitting = make_member(), able(leading)
        crew.leave(event.pk, by=leader, at=NOW)
        assert hears("place_available") == {fitting}
        assert plain not in hears("place_available")
        assert "Uvolnilo se místo, které můžete obsadit." in (mail_to(fitting, "place_available") or "")

    def test_the_mail_names_what_its_reader_can_take_and_is_not_sent_in_vain(self, full):
        event, _leader, other = full
        reader = make_member()
        crew.leave(event.pk, by=other, at=NOW)
        freed = event.positions.free().get()
        assert f"které můžete obsadit: {freed}" in (mail_to(reader, "place_available") or "")
        crew.claim(freed.pk, by=make_member(), at=NOW)
        assert mail_to(reader, "place_available") is None


class TestAlarm:
    @pytest.fixture
    def boss(self):
        return make_coordinator()

    def test_tells_whoever_has_to_find_somebody(self, full, boss):
        event, leader, other = full
        keeper = UserFactory(roles=[Role.MEMBER])
        Event.objects.update(master_event=MasterEventFactory(coordinator=keeper))
        crew.remove(event.assignments.get(person=other).pk, by=boss, at=LATE)
        assert hears("drop_out_alarm") == {boss, leader, keeper}
        assert not hears("place_freed")

    def test_not_before_its_time(self, full, boss):
        event, leader, other = full
        crew.leave(event.pk, by=other, at=EVENING - timedelta(hours=48))
        assert not hears("drop_out_alarm")
        assert hears("place_freed") == {leader}

    def test_the_setting_moves_it_and_switches_it_off(self, full, boss):
        event, leader, other = full
        SiteSettings.load()
        SiteSettings.objects.update(drop_out_hours=0)
        crew.leave(event.pk, by=other, at=LATE)
        assert not hears("drop_out_alarm")
        SiteSettings.objects.update(drop_out_hours=240)
        crew.leave(event.pk, by=leader, at=NOW + timedelta(minutes=1))
        assert hears("drop_out_alarm") == {boss}

    def test_where_alarms_are_switched_off_the_responsible_person_hears_the_plain_news(self, full, boss):
        event, leader, other = full
        outbox.switch("drop_out_alarm", enabled=False, by=boss)
        crew.leave(event.pk, by=other, at=LATE)
        assert (hears("drop_out_alarm"), hears("place_freed")) == (set(), {leader})

    def test_whoever_dropped_out_is_not_alarmed(self, full):
        event, leader, _other = full
        leader.groups.add(*make_coordinator().groups.all())
        crew.leave(event.pk, by=leader, at=LATE)
        assert leader not in hears("drop_out_alarm")

    def test_a_release_by_new_demands_is_one_too(self, full, leading, boss):
        event = full[0]
        plan = PositionPlan(qualifications=[leading])
        with time_machine.travel(LATE):
            positions.edit_position(event.positions.last().pk, plan, by=boss, release_unqualified=True)
        assert boss in hears("drop_out_alarm")

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.CANCELLED])
    def test_not_of_events_that_nobody_counts_on(self, full, boss, status):
        event, _leader, other = full
        Event.objects.update(status=status, capacity_closed=False)
        crew.leave(event.pk, by=other, at=LATE)
        assert not hears("drop_out_alarm")
        assert not hears("place_freed")

    def test_the_mail_names_whom_to_ask_with_their_numbers(self, full, boss):
        event, _leader, other = full
        waits = make_member(name="Čekající Karel", phone="601 222 333")
        free = make_member(name="Volná Eva", phone="777123456")
        wait(event, waits)
        with time_machine.travel(LATE):
            crew.leave(event.pk, by=other, at=LATE)
            text = mail_to(boss, "drop_out_alarm") or ""
        assert "Odhlášení těsně před akcí: Půlmaraton" in text
        assert f"Odhlášení: {other.name}" in text
        assert "1. Čekající Karel, 601 222 333 (na čekací listině, 0 služeb za posledních 90 dní)" in text
        assert "2. Volná Eva, 777123456 (pokryje, co chybí, 0 služeb za posledních 90 dní)" in text
        assert 'href="tel:601222333"' in text
        assert f"nabídnuto z čekací listiny: {waits.name}" in text
        assert free.name in text

    def test_the_mail_is_not_sent_once_somebody_has_come(self, full, boss):
        event, _leader, other = full
        with time_machine.travel(LATE):
            crew.leave(event.pk, by=other, at=LATE)
            assert "není volný nikdo" in (mail_to(boss, "drop_out_alarm") or "")
            crew.claim(event.positions.free().get().pk, by=make_member(), at=LATE)
            assert mail_to(boss, "drop_out_alarm") is None

    def test_the_mail_about_a_seat(self, leading, boss):
        people = able(leading), make_member()
        event = full_capacity_event({leading: 1}, *people, maximum=2)
        plain, helping = make_member(), able(leading)
        with time_machine.travel(LATE):
            crew.leave(event.pk, by=people[1], at=LATE)
            text = mail_to(boss, "drop_out_alarm") or ""
        assert plain.name in text
        assert helping.name in text
        with time_machine.travel(LATE):
            place(event, make_member())
            assert mail_to(boss, "drop_out_alarm") is None


class TestWhomToAsk:
    def test_in_order_of_what_speaks_for_them(self, full):
        event, _leader, other = full
        busy, idle, clashing, waits = (make_member() for _n in range(4))
        for days in (-100, -20, -10):
            put(busy, PositionFactory(event=EventFactory(start=EVENING + timedelta(days=days))))
        put(idle, PositionFactory(event=EventFactory(start=EVENING - timedelta(days=20))))
        for person in (clashing, waits):
            put(person, PositionFactory(event=EventFactory(start=EVENING)))
        wait(event, waits)
        position = event.positions.last()
        event.assignments.get(person=other).delete()
        found = people_to_ask(event, [position], at=EVENING, exclude=[other.pk])
        assert [row.person for row in found] == [waits, idle, busy]
        assert [(row.waits, row.has_clash, row.duties) for row in found] == [
            (True, True, 0), (False, False, 1), (False, False, 2),
        ]  # fmt: skip
        assert [row.person for row in people_to_ask(event, [position], at=EVENING, limit=1)] == [waits]

    def test_for_a_seat_who_helps_comes_first(self, leading):
        event = full_capacity_event({leading: 1}, make_member(), maximum=3)
        plain, helping = make_member(), able(leading)
        Event.objects.filter(pk=event.pk).update(status=Status.OPEN, capacity_closed=False)
        found = people_to_ask(event, [], at=NOW)
        assert [(row.person, row.helps) for row in found] == [(helping, True), (plain, False)]

    def test_costs_the_same_however_many_people(self, full, django_assert_max_num_queries):
        event, _leader, other = full
        event.assignments.get(person=other).delete()
        position = event.positions.last()
        make_member()
        with django_assert_max_num_queries(3) as few:
            people_to_ask(event, [position], at=NOW)
        for _n in range(20):
            make_member()
        with django_assert_max_num_queries(len(few)):
            assert len(people_to_ask(event, [position], at=NOW)) == 10


class TestSubstitutes:
    def test_are_found_by_name_among_those_who_fit(self, full, leading):
        event, leader, other = full
        fitting = able(leading, name="Řeháková Šárka")
        make_member(name="Řeháková Unfit")
        duty = event.assignments.get(person=leader)
        assert substitutes_for(duty, "rehak") == [fitting]
        assert substitutes_for(duty, "sarka reh") == [fitting]
        assert substitutes_for(duty, leader.name) == []
        assert substitutes_for(event.assignments.get(person=other), "rehakova") != []

    @pytest.mark.parametrize("text", ["", " ", "ř", "% "])
    def test_nobody_is_listed_without_a_name(self, full, text):
        event, _leader, other = full
        make_member(name="Řeháková Šárka")
        assert substitutes_for(event.assignments.get(person=other), text) == []

    def test_for_a_seat_those_who_would_leave_a_gap_are_left_out(self, leading):
        leader = able(leading)
        event = full_capacity_event({leading: 1}, leader, maximum=1)
        fitting = able(leading, name="Malá Jana")
        make_member(name="Malý Jan")
        assert substitutes_for(event.assignments.get(person=leader), "mal") == [fitting]

    def test_no_more_than_fit_on_a_phone(self, full):
        event, _leader, other = full
        for number in range(15):
            make_member(name=f"Novák {number}")
        assert len(substitutes_for(event.assignments.get(person=other), "novak")) == 10


class TestMails:
    def test_of_an_offer(self, full):
        event, _leader, other = full
        person = make_member()
        put(person, PositionFactory(event=EventFactory(name="Hokej", start=EVENING)))
        with time_machine.travel(NOW):
            offer = offered_place(event, other, person)
            text = mail_to(person, "place_offered") or ""
            assert f"jste na řadě: {offer.position}." in text
            assert "Držíme ho pro vás do 06.05.2027 06:00." in text
            assert "ve stejnou dobu máte i jinou službu: Hokej" in text
            assert f"/events/{event.pk}/" in text
            Offer.objects.filter(pk=offer.pk).update(expires_at=NOW)
            assert mail_to(person, "place_offered") is None

    def test_of_an_offer_that_ended(self, full):
        event, _leader, other = full
        person = make_member()
        offer = offered_place(event, other, person)
        crew.assign(offer.position_id, make_member().pk, by=make_coordinator(), at=NOW)
        text = mail_to(person, "offer_withdrawn") or ""
        assert "Nabídku místa jsme museli odvolat." in text
        assert "Vaše pořadí na čekací listině zůstává." in text
        crew.remove(event.assignments.exclude(person=event.responsible_person).get().pk, by=make_coordinator(), at=NOW)
        waiting.expire_due(at=offer_to(person).expires_at)
        assert "Lhůta na odpověď uplynula" in (mail_to(person, "offer_expired") or "")
        assert "Vaše pořadí" not in (mail_to(person, "offer_withdrawn") or "")

    @pytest.mark.parametrize(
        ("end", "code", "to_giver", "to_substitute"),
        [
            ("accept", "handover_accepted", "Vaši službu přebírá B.", "Převzali jste službu, kterou předává A."),
            ("decline", "handover_declined", "B vaši službu nepřevezme.", None),
            ("withdraw", "handover_withdrawn", None, "A už převzetí služby nepotřebuje."),
        ],
    )
    def test_of_a_hand_over(self, full, end, code, to_giver, to_substitute):
        event, leader, other = full
        User.objects.filter(pk=other.pk).update(name="A")
        giver, substitute = User.objects.get(pk=other.pk), make_member(name="B")
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        assert "A vás prosí o převzetí služby" in (mail_to(substitute, "handover_proposed") or "")
        getattr(handover, end)(proposal.pk, by=giver if end == "withdraw" else substitute, at=NOW)
        assert mail_to(substitute, "handover_proposed") is None
        for person, words in ((giver, to_giver), (substitute, to_substitute)):
            assert words is None or words in (mail_to(person, code) or "")
        if end == "accept":
            assert "Služba předána: A → B." in (mail_to(leader, code) or "")

    def test_about_what_is_gone_are_not_sent(self, full):
        event, _leader, other = full
        notifications.notify_people("handover_accepted", event, [other.pk], {"hand_overs": [0]})
        assert mail_to(other, "handover_accepted") is None
        assert not HandOver.objects.exists()
