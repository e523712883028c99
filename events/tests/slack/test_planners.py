"""Commands of those who do duties, and what is told of events in a channel."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services import lifecycle, reminders
from events.tests.factories import EventFactory, PositionFactory, put
from events.tests.stories import able, make_capacity_event
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_member, make_viewer

pytestmark = pytest.mark.django_db

EMAIL = "clen@example.org"


def soon(**fields) -> Event:
    start = timezone.now() + timedelta(days=fields.pop("days", 5))
    return EventFactory(start=start, end=start + timedelta(hours=4), **fields)


@pytest.fixture
def member():
    return make_member(email=EMAIL, name="Novák Jan")


@pytest.fixture
def user(workspace, member):
    return workspace.user(EMAIL)


def ask(workspace, name: str, *, user: str) -> dict:
    assert workspace.command(name, user=user).content == b""
    workspace.work()
    return workspace.answered(user)[-1]


def buttons(answer: dict) -> list[dict]:
    return [block["accessory"] for block in answer["blocks"] if "accessory" in block]


def press(workspace, button: dict, *, user: str, **said) -> str:
    assert workspace.press(button, user=user, **said).content == b""
    workspace.work()
    return workspace.answered(user)[-1]["text"]


@pytest.mark.parametrize("name", ["/medcover-duties", "/medcover-open"])
def test_who_has_no_account_is_told_so(workspace, name):
    assert ask(workspace, name, user=workspace.user())["text"].startswith(":lock:")


class TestDuties:
    def test_none(self, workspace, user):
        assert "V příštích 30 dnech nemáte žádnou službu" in ask(workspace, "/medcover-duties", user=user)["text"]

    def test_the_next_ones_with_place_and_link(self, workspace, user, member):
        later, first = soon(name="Ples <b>", days=9), soon(name="Závody", address="Brno, hala")
        put(member, PositionFactory(event=later))
        put(member, PositionFactory(event=first, description="Řidič"))
        soon(name="Cizí")
        text = ask(workspace, "/medcover-duties", user=user)["text"]
        lines = text.splitlines()
        assert f"<http://testserver/events/{first.pk}/|Závody> – Řidič, Brno, hala" in lines[1]
        assert "|Ples &lt;b&gt;>" in lines[2]
        assert "Cizí" not in text

    def test_in_the_language_of_the_account(self, workspace, member):
        member.language = "en"
        member.save()
        text = ask(workspace, "/medcover-duties", user=workspace.user(EMAIL, locale="cs-CZ"))["text"]
        assert "You have no duty" in text


class TestOpenings:
    def test_nothing_is_open(self, workspace, user):
        PositionFactory(event=soon(status=Status.DRAFT, name="Koncept"))
        assert "Koncept" not in str(ask(workspace, "/medcover-open", user=user))

    def test_who_does_not_sign_up_is_told_so(self, workspace):
        make_viewer(email="divak@example.org")
        text = ask(workspace, "/medcover-open", user=workspace.user("divak@example.org"))["text"]
        assert text == "Váš účet se na akce nepřihlašuje."

    def test_a_place_is_taken_by_a_button_once(self, workspace, user, member):
        position = PositionFactory(event=soon(name="Závody", status=Status.OPEN), description="Řidič")
        PositionFactory(event=soon(status=Status.OPEN), qualifications=[QualificationFactory()])
        answer = ask(workspace, "/medcover-open", user=user)
        (button,) = buttons(answer)
        assert "Řidič" in str(answer["blocks"])
        assert button["value"] == f"place:{position.pk}"
        assert press(workspace, button, user=user, trigger_id="1").startswith(":white_check_mark: Jste přihlášeni")
        assert Assignment.objects.get().person == member
        workspace.press(button, user=user, trigger_id="1")
        workspace.work()
        assert len(workspace.answered(user)) == 2, "The same press again is not answered again."
        assert press(workspace, button, user=user).startswith(":x:")

    def test_somebody_else_was_faster(self, workspace, user):
        position = PositionFactory(event=soon(status=Status.OPEN))
        PositionFactory(event=position.event)
        (button,) = buttons(ask(workspace, "/medcover-open", user=user))
        put(make_member(), position)
        assert press(workspace, button, user=user).startswith(":x:")
        assert Assignment.objects.count() == 1

    def test_a_seat_of_an_event_by_conditions(self, workspace):
        qualification = QualificationFactory()
        person = able(qualification, email="umi@example.org")
        start = timezone.now() + timedelta(days=5)
        event = make_capacity_event({qualification: 1}, start=start, end=start + timedelta(hours=4), status=Status.OPEN)
        user = workspace.user("umi@example.org")
        (button,) = buttons(ask(workspace, "/medcover-open", user=user))
        assert button["value"] == f"event:{event.pk}"
        assert press(workspace, button, user=user).startswith(":white_check_mark:")
        assert Assignment.objects.get().person == person

    @pytest.mark.parametrize("value", ["", "place", "place:", "place:x", "event:0", "odd:1", f"place:{'9' * 30}"])
    def test_nonsense_in_a_button(self, workspace, user, value):
        button = {"action_id": "medcover_join", "value": value}
        assert press(workspace, button, user=user).startswith(":x:")

    def test_of_a_draft_nothing_is_said_to_who_sees_none(self, workspace):
        make_viewer(email="divak@example.org")
        user, position = workspace.user("divak@example.org"), PositionFactory(event=soon(status=Status.DRAFT))
        button = {"action_id": "medcover_join", "value": f"place:{position.pk}"}
        assert press(workspace, button, user=user) == ":x: Toto místo už neexistuje."

    def test_whoever_left_meanwhile_signs_up_for_nothing(self, workspace, user, member):
        PositionFactory(event=soon(status=Status.OPEN))
        (button,) = buttons(ask(workspace, "/medcover-open", user=user))
        type(member).objects.update(is_active=False)
        assert press(workspace, button, user=user).startswith(":lock:")
        assert not Assignment.objects.exists()

    def test_the_questions_do_not_grow_with_the_events(self, workspace, user, django_assert_max_num_queries):
        for number in range(12):
            PositionFactory(event=soon(name=f"Akce {number}", status=Status.OPEN))
        with django_assert_max_num_queries(55):  # the request, the worker's sweep and the drain
            answer = ask(workspace, "/medcover-open", user=user)
        assert len(buttons(answer)) == 8
        assert "Na přehledu jsou ještě 4 akce." in str(answer["blocks"])


class TestPosts:
    @pytest.fixture(autouse=True)
    def _channel(self):
        SiteSettings.objects.update_or_create(pk=1, defaults={"slack_events_channel": "#akce"})

    def open(self, event, **how) -> None:
        lifecycle.transition(event.pk, "open", by=make_admin(), at=timezone.now(), **how)

    def posts(self, workspace) -> list[str]:
        workspace.work()
        return [text for channel, text in workspace.posts if channel == "#akce"]

    def test_sign_ups_have_opened(self, workspace):
        event = soon(name="Závody", status=Status.PUBLISHED, address="Brno")
        PositionFactory(event=event)
        self.open(event)
        (text,) = self.posts(workspace)
        assert text.startswith(
            f":loudspeaker: *Otevřely se přihlášky*: <http://testserver/events/{event.pk}/|Závody>\n"
        )
        assert text.endswith("· Brno · volné je 1 místo")

    def test_by_the_worker_too(self, workspace):
        event = soon(status=Status.PUBLISHED, signups_open_at=timezone.now() - timedelta(minutes=1))
        PositionFactory(event=event)
        lifecycle.open_due(at=timezone.now())
        assert len(self.posts(workspace)) == 1

    def test_quietly_means_quietly_and_without_a_channel_nothing_is_told(self, workspace):
        quiet, loud = (PositionFactory(event=soon(status=Status.PUBLISHED)).event for _n in range(2))
        self.open(quiet, notify=False)
        SiteSettings.objects.update(slack_events_channel="")
        self.open(loud)
        assert not OutboxMessage.objects.filter(channel="slack").exists()

    def test_without_slack_nothing_is_queued(self):
        self.open(PositionFactory(event=soon(status=Status.PUBLISHED)).event)
        assert not OutboxMessage.objects.filter(channel="slack").exists()

    def test_what_was_called_off_meanwhile_is_not_told(self, workspace):
        event = PositionFactory(event=soon(status=Status.PUBLISHED)).event
        self.open(event)
        Event.objects.update(status=Status.CANCELLED)
        assert self.posts(workspace) == []

    @pytest.mark.parametrize(("days", "told"), [(2, 1), (6, 0)])
    def test_people_are_missing_soon(self, workspace, days, told):
        event = soon(status=Status.OPEN, days=days, reminder_schedule="168,72", name="Závody")
        PositionFactory(event=event)
        reminders.remind_of_unfilled(at=timezone.now())
        texts = self.posts(workspace)
        assert len(texts) == told
        if told:
            assert texts[0].startswith(":hourglass: *Brzy začíná a chybějí lidé*")
            assert texts[0].endswith("chybí 1 člověk")
        reminders.remind_of_unfilled(at=timezone.now())
        assert len(self.posts(workspace)) == told
