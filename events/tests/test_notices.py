"""What the mails about events say."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.template.loader import get_template
from django.test.utils import CaptureQueriesContext

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.notices import changes
from events.notices.content import sections
from events.notices.places import LIVE
from events.rules.lifecycle import Status
from events.services import notifications, planning
from events.services.planning import TOLD
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.mails import Balance, both_parts, configure, html_of, mail_about, words
from notifications import registry
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db

NOW = EVENING - timedelta(days=10)
CODES = [
    "assignment_confirmed", "assignment_released", "event_published", "assignments_opened",
    "event_changed", "event_cancelled", "event_archived", "event_unarchived",
]  # fmt: skip


@pytest.fixture
def event():
    return EventFactory(name="Půlmaraton", address="Letná")


class TestTheFrame:
    @pytest.mark.parametrize("code", CODES)
    def test_every_type_says_in_both_parts_who_what_when_and_where(self, event, code):
        reader = make_member(name="Čermáková Žofie")
        mail = mail_about(event, code, reader, position="Řidič", changes={"is_paid": [False, True]})
        link = f"http://testserver/events/{event.pk}/"
        for part in both_parts(mail):
            assert "Čermáková Žofie," in part
            assert "Půlmaraton" in part
            assert "15.05.2027, so 18:00 (4 h)" in part
            assert "Letná" in part
        assert link in mail.body
        assert f'href="{link}"' in html_of(mail)

    @pytest.mark.parametrize("code", CODES)
    def test_the_html_is_well_formed(self, event, code):
        mail = mail_about(event, code, make_member(), changes={"is_paid": [False, True]})
        checker = Balance()
        checker.feed(html_of(mail))
        assert checker.open == []

    def test_the_organisation_heads_and_ends_the_mail(self, event):
        reader = make_member(language="en")
        assert "MedCover" in mail_about(event, "event_cancelled", reader).body
        configure(organisation_name="ČČK Praha 1")
        for part in both_parts(mail_about(event, "event_cancelled", reader)):
            assert part.count("ČČK Praha 1") == 2
            assert "please do not reply to this e-mail." in part[-200:]

    def test_ends_with_the_way_to_choose_what_one_gets(self, event):
        mail = mail_about(event, "event_cancelled", make_member())
        for part in (str(mail.body), html_of(mail)):
            assert "http://testserver/profile/#notifications" in part

    def test_links_begin_with_the_sites_own_address(self, event):
        configure(base_url="https://dozory.example.org/")
        mail = mail_about(event, "event_cancelled", make_member())
        assert f"https://dozory.example.org/events/{event.pk}/" in mail.body

    def test_text_is_escaped_where_it_must_be_and_only_there(self):
        event = EventFactory(name="A & B <script>alert(1)</script>")
        reader = make_member(name="O'Neil <b>")
        mail = mail_about(event, "event_cancelled", reader)
        assert "A & B <script>alert(1)</script>" in mail.body
        assert "O'Neil <b>," in mail.body
        assert "<script>" not in html_of(mail)
        assert "A &amp; B &lt;script&gt;" in html_of(mail)

    def test_plain_text_has_no_tags_and_no_holes(self, event):
        for code in CODES:
            body = mail_about(event, code, make_member(), changes={"is_paid": [False, True]}).body
            assert "<" not in body
            assert "\n\n\n" not in body

    def test_the_time_is_written_as_the_reader_likes_it(self, event):
        reader = make_member(event_time_format=User.TimeFormat.RANGE)
        assert "15.05.2027, so 18:00–22:00" in mail_about(event, "event_cancelled", reader).body

    def test_the_time_is_that_of_the_sites_zone(self, event):
        configure(time_zone="America/New_York")
        assert "15.05.2027, so 12:00 (4 h)" in mail_about(event, "event_cancelled", make_member()).body

    def test_the_readers_language_decides(self, event):
        mail = mail_about(event, "event_cancelled", make_member(language="en"))
        assert mail.subject == "MedCover — Event cancelled: Půlmaraton"
        assert "The event has been cancelled." in mail.body
        assert "15.05.2027, Sat 18:00 (4 h)" in mail.body
        assert '<html lang="en">' in html_of(mail)

    def test_a_name_of_many_lines_stays_one_line_of_the_subject(self):
        event = EventFactory(name="Ples\r\nBcc: vsichni@example.org")
        mail = mail_about(event, "event_cancelled", make_member(language="en"))
        assert mail.subject == "MedCover — Event cancelled: Ples Bcc: vsichni@example.org"
        assert mail.message()["Bcc"] is None

    def test_an_event_that_is_gone_is_no_news(self, event):
        message = OutboxMessage(code="event_cancelled", recipient=make_member(), payload={"event_id": event.pk + 1})
        message.payload["event_name"] = "?"
        assert composed(message) is None


class TestOwnSignUps:
    @pytest.mark.parametrize(
        ("code", "with_position", "without"),
        [
            ("assignment_confirmed", "signed up for the position Řidič.", "signed up for the event."),
            ("assignment_released", "signed off from the position Řidič.", "signed off from the event."),
        ],
    )
    def test_name_the_position_if_it_has_a_name(self, event, code, with_position, without):
        reader = make_member(language="en")
        for part in both_parts(mail_about(event, code, reader, position="Řidič")):
            assert with_position in part
        for part in both_parts(mail_about(event, code, reader, position="")):
            assert without in part


class TestOffers:
    @pytest.fixture
    def medic(self):
        return QualificationFactory(name="Zdravotník")

    @pytest.fixture
    def offer(self, event, medic):
        driver, gone = QualificationFactory(name="Řidič"), QualificationFactory(name="Zrušená")
        gone.is_deleted, gone.deleted_at = True, NOW
        gone.save()
        PositionFactory(event=event, description="Vedoucí", qualifications=[medic])
        PositionFactory(event=event, description="Šofér", qualifications=[driver, medic])
        PositionFactory(event=event, description="Druhý", qualifications=[medic, gone])
        PositionFactory(event=event, description="Pomocník", is_optional=True)
        return event

    def seen_by(self, reader: User, event: Event, code: str = "assignments_opened") -> str:
        text, html = both_parts(mail_about(event, code, reader))
        assert words(text).count("Free") == html.count("Free")
        return text

    @pytest.mark.parametrize("code", ["event_published", "assignments_opened"])
    def test_show_all_positions_by_what_they_demand(self, offer, code):
        put(make_member(), offer.positions.get(description="Vedoucí"))
        text = self.seen_by(make_member(language="en"), offer, code)
        assert (
            "Zdravotník: - Vedoucí: Taken - Druhý: Free "
            "Řidič, Zdravotník: - Šofér: Free "
            "No requirements: - Pomocník (optional): Free"
        ) in text

    def test_do_not_name_who_is_on_a_position(self, offer):
        put(make_member(name="Tajná Osoba"), offer.positions.get(description="Vedoucí"))
        mail = mail_about(offer, "assignments_opened", make_member())
        assert "Tajná" not in mail.body + html_of(mail)

    def test_say_what_the_reader_can_take(self, offer, medic):
        reader = make_member(language="en")
        hold(reader, medic)
        assert "you can take: Vedoucí, Druhý, Pomocník." in self.seen_by(reader, offer)

    def test_say_when_nothing_fits(self, offer):
        offer.positions.filter(is_optional=True).delete()
        assert "You have no qualification for the free positions." in self.seen_by(make_member(language="en"), offer)

    def test_say_when_everything_is_taken(self, event):
        put(make_member(), PositionFactory(event=event))
        assert "All positions are taken." in self.seen_by(make_member(language="en"), event)

    def test_say_when_the_reader_is_on_it_already(self, event):
        reader = make_member(language="en")
        put(reader, PositionFactory(event=event))
        assert "You are already signed up for this event." in self.seen_by(reader, event)

    def test_say_when_a_coordinator_signs_people_up(self, offer):
        offer.master_event = MasterEventFactory(coordinator=make_coordinator())
        offer.save()
        assert "by its coordinator" in self.seen_by(make_member(language="en"), offer)

    def test_say_when_sign_ups_will_open(self, offer):
        offer.status, offer.signups_open_at = Status.PUBLISHED, EVENING - timedelta(days=5)
        offer.save()
        text = self.seen_by(make_member(language="en"), offer, "event_published")
        assert "Sign-ups open on 10.05.2027 18:00." in text

    def test_the_number_of_queries_does_not_grow_with_positions(self, offer, medic):
        reader = make_member()

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                mail_about(offer, "assignments_opened", reader)
            return len(captured)

        configure()
        few = queries()
        for position in PositionFactory.create_batch(20, event=offer, qualifications=[medic])[::2]:
            put(make_member(), position)
        assert queries() == few <= 5


class TestChanges:
    @pytest.fixture
    def boss(self):
        return make_coordinator()

    @pytest.fixture
    def member(self, event):
        person = make_member(language="en")
        put(person, PositionFactory(event=event))
        return person

    def edit(self, event: Event, boss: User, **fields: object) -> None:
        planning.edit_event(event.pk, by=boss, version=None, **fields)

    def test_every_change_that_is_told_has_a_name(self):
        assert set(changes.LABELS) >= TOLD

    def test_are_a_table_of_field_before_and_after(self, event, boss, member):
        self.edit(
            event, boss, name="Maraton", start=EVENING + timedelta(hours=1), is_paid=True, kind=Event.Kind.TRAINING,
            address="", description="První\nDruhý", master_event=MasterEventFactory(name="Sezóna"),
            signups_open_at=EVENING - timedelta(days=1), planned_participants=20,
        )  # fmt: skip
        message = OutboxMessage.objects.get()
        mail = composed(message)
        assert mail is not None
        html = words(html_of(mail))
        for row in (
            "Name of the event Půlmaraton Maraton",
            "Type of event Medical cover Training",
            "Start of the event 15.05.2027 18:00 15.05.2027 19:00",
            "Venue Letná —",
            "Description — První Druhý",
            "Paid event No Yes",
            "Opening of sign-ups — 14.05.2027 18:00",
            "Planned number of participants — 20",
        ):
            assert row in html
        assert "Sezóna" in html
        assert "Venue\n  Before: Letná\n  After: —\n" in mail.body
        assert "  After: První\n    Druhý\n" in mail.body

    def test_merge_to_the_oldest_old_and_the_newest_new(self, event, boss, member):
        self.edit(event, boss, contact="A", is_paid=True)
        self.edit(event, boss, contact="B")
        assert OutboxMessage.objects.get().payload["changes"] == {"contact": ["", "B"], "is_paid": [False, True]}

    def test_what_was_put_back_is_not_told(self, event, boss, member):
        self.edit(event, boss, contact="A", address="Žižkov")
        self.edit(event, boss, contact="")
        assert list(OutboxMessage.objects.get().payload["changes"]) == ["address"]
        self.edit(event, boss, address="Letná")
        assert not OutboxMessage.objects.exists()

    def test_a_moment_put_back_is_no_news_in_whatever_zone_the_form_speaks(self, event, boss, member):
        event.refresh_from_db()
        assert event.start.tzinfo != EVENING.tzinfo
        self.edit(event, boss, start=EVENING + timedelta(hours=1))
        self.edit(event, boss, start=EVENING)
        assert not OutboxMessage.objects.exists()

    def test_a_new_name_is_in_the_subject(self, event, boss, member):
        self.edit(event, boss, name="Maraton")
        assert OutboxMessage.objects.get().subject == "MedCover — Event changed: Maraton"

    def test_a_field_that_is_no_more_is_left_out(self):
        assert changes.rows({"weather": ("sun", "rain")}) == []


class TestSeveralInOne:
    """Batching, when it comes, puts several messages of one reader into one mail."""

    def test_entries_stand_under_their_event_in_order_of_start(self, event):
        reader = make_member()
        sooner = EventFactory(start=EVENING - timedelta(days=1))
        messages = [
            OutboxMessage(code=code, payload={"event_id": about.pk, "event_name": about.name})
            for code, about in [("event_cancelled", event), ("event_changed", sooner), ("event_archived", event)]
        ]
        found = [(section.event, [entry.code for entry in section.entries]) for section in sections(messages, reader)]
        assert found == [(sooner, ["event_changed"]), (event, ["event_cancelled", "event_archived"])]

    @pytest.mark.parametrize("code", CODES)
    def test_each_type_has_its_own_part_of_the_templates(self, code):
        for ending in ("html", "txt"):
            assert get_template(f"events/mail/entry_{code}.{ending}")


def test_the_catalogue_holds_exactly_the_types_of_this_app():
    codes = [notice.code for notice in registry.catalogue() if notice.batch == "events"]
    assert sorted(codes) == sorted([*CODES, *LIVE])


@time_machine.travel(EVENING)
def test_a_subject_that_is_too_long_is_cut_at_both_ends_of_the_road():
    event = EventFactory(name="Ž" * 255)
    notifications.notify_person("assignment_confirmed", put(make_member(), PositionFactory(event=event)))
    message = OutboxMessage.objects.get()
    assert len(message.subject) == 255
    mail = composed(message)
    assert mail is not None
    assert len(mail.subject) == 255
