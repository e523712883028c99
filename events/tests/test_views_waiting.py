"""Waiting, answering offers and handing over, from the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events.models import Event, HandOver, Offer
from events.rules.lifecycle import Status
from events.services import crew, handover
from events.tests import queues
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from events.tests.queues import full_event, offered_place, wait
from events.tests.stories import NOW, able
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def full():
    return full_event(QualificationFactory(name="Zdravotník", can_lead=True), name="Půlmaraton")


@pytest.fixture
def member():
    return make_member(name="Dvořák Petr")


@pytest.fixture
def offer(full, member):
    event, _leader, other = full
    return offered_place(event, other, member)


def page(event, person):
    return logged_in(person).get(f"/events/{event.pk}/")


def post(path, sender, *, htmx=False, **data):
    headers = {**HTMX, "HX-Target": "event-crew"} if htmx else {}
    return logged_in(sender).post(path, data, headers=headers)


class TestQueue:
    def test_is_offered_where_no_place_is_free(self, full, member):
        wait(full[0], make_member())
        text = text_of(page(full[0], member))
        assert "Zapsat se na čekací listinu" in text
        assert "Čeká 1 člověk." in text

    def test_queueing_answers_in_place_with_the_turn(self, full, member):
        wait(full[0], make_member(), since=timezone.now() - timedelta(hours=1))
        answer = post(f"/events/{full[0].pk}/queue/", member, htmx=True)
        text = text_of(answer)
        assert answer.status_code == 200
        assert "Na čekací listině jste na 2. místě" in text
        assert "Čekají 2 lidé." in text
        assert "Až se pro vás uvolní místo, nabídneme vám ho." in text
        assert queues.waiting(full[0])[1] == member

    def test_and_without_scripts_leads_back(self, full, member):
        answer = post(f"/events/{full[0].pk}/queue/", member)
        assert (answer.status_code, answer.url) == (302, f"/events/{full[0].pk}/")

    def test_leaving_it_asks_first(self, full, member):
        wait(full[0], member)
        assert "Přijdete o své pořadí" in text_of(page(full[0], member))
        assert "už nejste" in text_of(post(f"/events/{full[0].pk}/unqueue/", member, htmx=True))
        assert queues.waiting(full[0]) == []

    def test_a_refusal_says_why(self, full, member):
        Event.objects.update(status=Status.OPEN, capacity_closed=False)
        PositionFactory(event=full[0])
        answer = post(f"/events/{full[0].pk}/queue/", member, htmx=True)
        assert answer.status_code == 409
        assert "Je pro vás volné místo, stačí se přihlásit." in text_of(answer)
        assert "Zapsat se" not in text_of(page(full[0], member))

    @pytest.mark.parametrize("case", ["participant", "viewer", "coordinated", "unfit", "started", "draft", "archived"])
    def test_nothing_is_offered_in_vain(self, full, member, case):
        event, _leader, other = full
        reader = {"participant": other, "viewer": make_viewer()}.get(case, member)
        if case == "coordinated":
            Event.objects.update(master_event=MasterEventFactory(coordinator=make_coordinator()))
        elif case == "unfit":
            event.positions.last().qualifications.add(QualificationFactory())
        elif case == "started":
            Event.objects.update(start=timezone.now() - timedelta(minutes=1))
        elif case == "draft":
            Event.objects.update(status=Status.DRAFT, capacity_closed=False)
        elif case == "archived":
            Event.objects.update(is_archived=True)
        assert "Zapsat se" not in text_of(page(event, reader))

    def test_whoever_finds_people_sees_who_waits_and_others_only_how_many(self, full, member):
        event, leader, other = full
        first, second = make_member(name="Malá Jana"), make_member(name="Novák Jan")
        wait(event, first, second)
        for reader in (leader, make_coordinator()):
            text = text_of(page(event, reader))
            assert text.index("Malá Jana") < text.index("Novák Jan")
        crew.leave(event.pk, by=other, at=NOW)
        assert "má nabídku do 06.05.2027 06:00" in text_of(page(event, leader))
        for reader in (member, other):
            assert "Malá Jana" not in text_of(page(event, reader))

    def test_the_backoffice_shows_it_too(self, full, offer, member):
        answer = logged_in(make_admin()).get(f"/admin/events/event/{full[0].pk}/change/")
        assert f"<strong>{member.name}</strong>" in text_of(answer)
        assert "má nabídku do 06.05.2027 06:00" in text_of(answer)


class TestOffer:
    def test_stands_on_the_page_with_both_answers(self, full, offer, member):
        text = text_of(page(full[0], member))
        assert f"Uvolnilo se místo a jste na řadě: {offer.position}" in text
        assert "Držíme ho pro vás do 06.05.2027 06:00" in text
        assert f'action="/offers/{offer.pk}/accept/"' in text
        assert f'action="/offers/{offer.pk}/decline/"' in text
        assert "jste na 1. místě" not in text

    def test_others_see_that_the_place_is_offered(self, full, offer):
        text = text_of(page(full[0], make_member()))
        assert "Nabídnuto do 06.05.2027 06:00" in text
        assert "/offers/" not in text
        assert "/claim/" not in text

    def test_is_accepted_with_one_click(self, full, offer, member):
        text = text_of(post(f"/offers/{offer.pk}/accept/", member, htmx=True))
        assert "jste přihlášeni na akci Půlmaraton" in text
        assert full[0].assignments.filter(person=member).exists()
        assert "/offers/" not in text

    def test_is_declined_with_one_click(self, full, offer, member):
        answer = post(f"/offers/{offer.pk}/decline/", member, next="/")
        assert (answer.status_code, answer.url) == (302, "/")
        assert queues.fresh(offer).state == "declined"

    def test_a_late_answer_says_so(self, offer, member):
        Offer.objects.update(expires_at=timezone.now(), offered_at=timezone.now() - timedelta(hours=1))
        answer = post(f"/offers/{offer.pk}/accept/", member, htmx=True)
        assert answer.status_code == 409
        assert "Lhůta na odpověď už uplynula." in text_of(answer)
        assert "jste na řadě" not in text_of(page(offer.event, member))

    def test_is_nobody_elses(self, offer):
        for code in ("accept", "decline"):
            assert post(f"/offers/{offer.pk}/{code}/", make_coordinator()).status_code == 404

    def test_only_by_post(self, offer, member):
        assert logged_in(member).get(f"/offers/{offer.pk}/accept/").status_code == 405
        assert queues.fresh(offer).state == "open"

    def test_never_leads_to_another_site(self, offer, member):
        answer = post(f"/offers/{offer.pk}/decline/", member, next="https://evil.example/")
        assert answer.url == f"/events/{offer.event_id}/"

    def test_marks_another_duty_at_that_time(self, full, offer, member):
        put(member, PositionFactory(event=EventFactory(start=EVENING)))
        assert "Ve stejnou dobu máte jinou službu." in text_of(page(full[0], member))
        assert "Jiná služba ve stejnou dobu" in text_of(logged_in(member).get("/"))


class TestHandOver:
    @pytest.fixture
    def proposal(self, full, member):
        return handover.propose(full[0].pk, member.pk, by=full[2], at=NOW)

    def find(self, event, person, text="", **headers):
        return logged_in(person).get(f"/events/{event.pk}/hand-over/", {"q": text}, headers=headers)

    def test_the_page_of_the_event_leads_participants_to_it(self, full, member):
        assert f'href="/events/{full[0].pk}/hand-over/"' in text_of(page(full[0], full[2]))
        assert "hand-over" not in text_of(page(full[0], member))

    def test_lists_nobody_before_a_name_is_typed(self, full, member):
        text = text_of(self.find(full[0], full[2]))
        assert "Napište alespoň dvě písmena jména." in text
        assert member.name not in text

    def test_finds_by_name_with_and_without_scripts(self, full, member):
        put(member, PositionFactory(event=EventFactory(start=EVENING)))
        for headers in ({}, HTMX):
            answer = self.find(full[0], full[2], "dvor", **headers)
            text = text_of(answer)
            assert f'value="{member.pk}"' in text
            assert "Ve stejnou dobu má jinou službu" in text
            assert ("<html" in text) is (not headers)
        assert "Nenašli jsme nikoho" in text_of(self.find(full[0], full[2], "xyz"))

    def test_asking_leads_back_to_the_event(self, full, member):
        answer = post(f"/events/{full[0].pk}/hand-over/", full[2], person=member.pk)
        assert (answer.status_code, answer.url) == (302, f"/events/{full[0].pk}/")
        text = text_of(page(full[0], full[2]))
        assert "O převzetí služby jste požádali: Dvořák Petr" in text
        assert HandOver.objects.get().substitute == member

    def test_asking_nobody_says_so(self, full):
        client = logged_in(full[2])
        answer = client.post(f"/events/{full[0].pk}/hand-over/", {"person": "x"}, follow=True)
        assert "Uživatel nenalezen nebo není aktivní." in text_of(answer)

    def test_whoever_is_not_on_the_event_is_led_to_its_page(self, full, member):
        answer = self.find(full[0], member)
        assert (answer.status_code, answer.url) == (302, f"/events/{full[0].pk}/")

    def test_the_substitute_answers_on_the_page(self, full, proposal, member):
        text = text_of(page(full[0], member))
        assert f"{full[2].name} vás prosí o převzetí služby" in text
        answer = post(f"/hand-overs/{proposal.pk}/accept/", member, htmx=True)
        assert "Službu jste převzali" in text_of(answer)
        assert full[0].assignments.filter(person=member).exists()

    def test_the_substitute_may_decline(self, proposal, member):
        assert "Převzetí služby jste odmítli." in text_of(
            post(f"/hand-overs/{proposal.pk}/decline/", member, htmx=True)
        )

    def test_whoever_asked_may_take_it_back(self, full, proposal):
        assert f'action="/hand-overs/{proposal.pk}/withdraw/"' in text_of(page(full[0], full[2]))
        assert "služba zůstává vám" in text_of(post(f"/hand-overs/{proposal.pk}/withdraw/", full[2], htmx=True))

    def test_nobody_answers_for_others(self, full, proposal, member):
        for code, stranger in (("accept", full[2]), ("decline", full[1]), ("withdraw", member)):
            assert post(f"/hand-overs/{proposal.pk}/{code}/", stranger).status_code == 404
        assert queues.fresh(proposal).state == "proposed"

    def test_an_unknown_answer_is_no_request(self, proposal, member):
        assert post(f"/hand-overs/{proposal.pk}/perhaps/", member).status_code == 400

    def test_a_lost_race_says_so(self, proposal, member):
        handover.withdraw(proposal.pk, by=proposal.person, at=NOW)
        answer = post(f"/hand-overs/{proposal.pk}/accept/", member, htmx=True)
        assert answer.status_code == 409
        assert "Tato žádost už neplatí." in text_of(answer)


class TestDashboard:
    def test_asks_first_of_all(self, full, offer, member):
        event, leader, _other = full
        proposal = handover.propose(
            event.pk, able(event.positions.first().qualifications.get(), name="Malá").pk, by=leader, at=NOW
        )
        text = text_of(logged_in(member).get("/"))
        assert "Čeká na vás" in text
        assert "Místo pro vás, držíme ho do 06.05.2027 06:00" in text
        assert f'action="/offers/{offer.pk}/accept/"' in text
        text = text_of(logged_in(proposal.substitute).get("/"))
        assert f"{leader.name} vás prosí o převzetí služby" in text
        assert f'action="/hand-overs/{proposal.pk}/decline/"' in text

    def test_says_nothing_without_questions(self, full, offer):
        assert "Čeká na vás" not in text_of(logged_in(full[1]).get("/"))

    def test_answers_lead_back_to_it(self, offer, member):
        client = logged_in(member)
        answer = client.post(f"/offers/{offer.pk}/accept/", {"next": "/"}, follow=True)
        assert answer.redirect_chain == [("/", 302)]
        assert "jste přihlášeni na akci Půlmaraton" in text_of(answer)

    def test_queries_do_not_grow(self, django_assert_max_num_queries, member):
        leading = QualificationFactory(can_lead=True)
        client = logged_in(member)

        def ask() -> None:
            event, _leader, other = full_event(leading)
            wait(event, member)
            crew.leave(event.pk, by=other, at=NOW)
            event, _leader, other = full_event(leading)
            handover.propose(event.pk, member.pk, by=other, at=NOW)

        ask()
        client.get("/")
        with django_assert_max_num_queries(13) as few:
            client.get("/")
        for _n in range(5):
            ask()
        with django_assert_max_num_queries(len(few)):
            assert text_of(client.get("/")).count("/offers/") == 12


def test_nothing_is_inline(full, offer, member):
    event, leader, _other = full
    able(event.positions.first().qualifications.get(), name="Malá")
    pages = [page(event, member), page(event, leader), logged_in(member).get("/")]
    pages.append(logged_in(leader).get(f"/events/{event.pk}/hand-over/", {"q": "mala"}))
    assert [inline_parts(answer) for answer in pages] == [[]] * 4


def test_the_page_with_a_queue_keeps_its_queries(django_assert_max_num_queries, full, member):
    event, _leader, other = full
    client = logged_in(member)
    wait(event, member)
    crew.leave(event.pk, by=other, at=NOW)
    client.get(f"/events/{event.pk}/")
    with django_assert_max_num_queries(14) as few:
        client.get(f"/events/{event.pk}/")
    wait(event, *(make_member() for _n in range(20)), since=NOW + timedelta(hours=1))
    with django_assert_max_num_queries(len(few)):
        assert "Na čekací" not in text_of(client.get(f"/events/{event.pk}/"))
