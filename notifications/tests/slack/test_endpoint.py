"""`/slack/events`: what is proven to come from Slack, what is not, and what came before."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from medcover.common.errors import DomainError
from notifications.models import OutboxMessage, SlackRequest
from notifications.slack import inbound, jobs, registry, working
from notifications.slack.models import ANSWERABLE, REMEMBERED
from notifications.slack.registry import Command, Done, Faults, Open, Say, Window
from notifications.tests.slack.workspace import EVENTS, SECRET, Answer, signature
from roster.tests.factories import UserFactory, make_member

pytestmark = pytest.mark.django_db

URL_ENCODED = "application/x-www-form-urlencoded"


@pytest.fixture
def heard(monkeypatch):
    """What a command of the tests has been asked; it answers what it is told."""
    asked: list = []
    answers: list = [Say("ano")]

    def answer(call):
        asked.append(call)
        if isinstance(answers[-1], Exception):
            raise answers[-1]
        return answers[-1]

    command = registry.commands["report"]
    monkeypatch.setitem(registry.commands, "report", Command("report", command.description, answer))
    monkeypatch.setitem(registry.commands, "status", Command("status", "", answer, by_worker=True))
    monkeypatch.setitem(registry.windows, "w", Window("w", answer, main="f"))
    monkeypatch.setitem(registry.buttons, "b", answer)
    return asked, answers


def view(code: str = "w") -> dict:
    return {"callback_id": code, "private_metadata": "7", "blocks": []}


class TestProof:
    def test_there_is_nothing_without_a_token_or_a_secret(self, settings):
        assert Client().post(EVENTS).status_code == 404
        settings.SLACK_BOT_TOKEN = "xoxb-1"
        assert Client().post(EVENTS).status_code == 404

    def test_no_module_of_ours_loads_the_library_before_it_is_needed(self):
        top_level = {
            path.name
            for app in ("notifications", "equipment", "events", "roster", "medcover")
            for path in (settings.BASE_DIR / app).rglob("*.py")
            if "tests" not in path.parts and "slack_" in (text := path.read_text())
            for line in text.splitlines()
            if line.startswith(("import slack_", "from slack_"))
        }
        assert top_level == set()

    def test_only_post(self, workspace):
        assert Client().get(EVENTS).status_code == 405

    def test_the_challenge_is_answered(self, workspace):
        body = json.dumps({"type": "url_verification", "challenge": "vyzva", "token": "x"})
        answer = workspace.send(body, kind="application/json")
        assert (answer.status_code, answer.json()) == (200, {"challenge": "vyzva"})

    @pytest.mark.parametrize(
        "forged",
        [
            lambda: {"X-Slack-Signature": "v0=" + "0" * 64},
            lambda: {"X-Slack-Signature": ""},
            lambda: {"X-Slack-Request-Timestamp": "včera"},
            lambda: {"X-Slack-Request-Timestamp": ""},
            lambda: signature("text=jiny"),
            lambda: signature("command=/esb-report", secret="jine"),
            lambda: signature("command=/esb-report", at=time.time() - 900),
            lambda: signature("command=/esb-report", at=time.time() + 900),
        ],
    )
    def test_what_is_not_signed_just_now_is_refused_unread(self, workspace, heard, forged):
        answer = workspace.send("command=/esb-report", **forged())
        assert answer.status_code == 401
        assert heard[0] == []
        assert not SlackRequest.objects.exists()

    def test_a_token_of_our_pages_is_not_asked_for(self, workspace, heard):
        body = f"command=%2Fesb-report&user_id={workspace.user()}&trigger_id=1"
        client = Client(enforce_csrf_checks=True)
        assert client.post(EVENTS, body, content_type=URL_ENCODED, headers=signature(body)).status_code == 200

    @pytest.mark.parametrize(
        "body",
        ["payload=%7B", "payload=[]", "payload=7", "", "command=%2Funknown", "command=/esb-report", "a" * 99],
    )
    def test_signed_nonsense_breaks_nothing(self, workspace, body):
        assert workspace.send(body).status_code < 500

    @pytest.mark.parametrize("body", ["[]", "{", "7", '{"type": "event_callback"}', '{"event": []}'])
    def test_signed_nonsense_of_the_other_sort_breaks_nothing(self, workspace, body):
        assert workspace.send(body, kind="application/json").status_code < 500

    def test_bytes_that_are_no_text_are_refused(self, workspace):
        assert Client().post(EVENTS, b"\xff\xfe", content_type=URL_ENCODED, headers=signature("x")).status_code == 401

    def test_commands_are_called_as_the_settings_say(self, workspace, heard, settings):
        settings.SLACK_COMMANDS = {**settings.SLACK_COMMANDS, "report": "/zavada"}
        user = workspace.user()
        assert workspace.command("/esb-report", user=user).status_code == 404
        assert workspace.command("/zavada", user=user).json()["text"] == "ano"

    def test_messages_of_channels_are_taken_and_forgotten(self, workspace):
        event = {"type": "event_callback", "event_id": "E1", "event": {"type": "message", "text": "ahoj", "user": "U"}}
        for retry in ("", "1"):
            answer = workspace.send(json.dumps(event), kind="application/json", **{"X-Slack-Retry-Num": retry})
            assert answer.status_code == 200
        assert not SlackRequest.objects.exists()
        assert workspace.calls == []


class TestOnce:
    def test_a_command_that_comes_again_is_not_done_again(self, workspace, heard):
        user = workspace.user()
        first = workspace.command("/esb-report", user=user, trigger_id="1.2")
        again = workspace.command("/esb-report", user=user, trigger_id="1.2")
        assert first.json()["text"] == "ano"
        assert again.content == b""
        assert len(heard[0]) == 1

    def test_a_window_that_comes_again_is_not_done_again_and_closes(self, workspace, heard):
        heard[1].append(Done("hotovo"))
        user = workspace.user()
        answers = [workspace.submit(view(), {}, user=user, trigger_id="1.3").json() for _time in range(2)]
        assert answers == [{"response_action": "clear"}] * 2
        assert len(heard[0]) == 1
        assert OutboxMessage.objects.count() == 1

    @pytest.mark.parametrize("answer", [Faults({"f": "ne"}), Open(view()), DomainError("ne")])
    def test_a_window_that_changed_nothing_may_come_again(self, workspace, heard, answer):
        heard[1].append(answer)
        user = workspace.user()
        answers = [workspace.submit(view(), {}, user=user, trigger_id="1.3").json() for _time in range(2)]
        assert answers[0] == answers[1]
        assert answers[0]["response_action"] in ("errors", "push")
        assert len(heard[0]) == 2
        assert not SlackRequest.objects.exists()

    def test_a_button_that_is_sent_again_is_pressed_once(self, workspace, heard):
        user, button = workspace.user(), {"action_id": "b", "value": "5"}
        for _time in range(2):
            assert workspace.press(button, user=user, trigger_id="1.4").content == b""
        workspace.work()
        workspace.work()
        assert [call.text for call in heard[0]] == ["5"]
        assert len(workspace.answered(user)) == 1

    def test_a_window_nobody_knows_just_closes(self, workspace):
        assert workspace.submit(view("gone"), {}, user=workspace.user()).json() == {"response_action": "clear"}

    def test_a_button_nobody_knows_is_taken(self, workspace):
        assert workspace.press({"action_id": "gone", "value": ""}, user=workspace.user()).status_code == 200
        assert not SlackRequest.objects.exists()


class TestWhoAsks:
    def test_the_active_account_with_the_same_address(self, workspace, heard):
        person = make_member(email="petr@example.org", language="en")
        workspace.command("/esb-report", user=workspace.user("Petr@Example.org"))
        caller = heard[0][0].caller
        assert (caller.account, caller.language) == (person, "en")

    @pytest.mark.parametrize(
        "signs", [{"is_stranger": True}, {"is_bot": True}, {"deleted": True}, {"is_email_confirmed": False}]
    )
    def test_a_guest_a_robot_or_an_unproven_address_has_no_account(self, workspace, heard, signs):
        make_member(email="petr@example.org")
        workspace.command("/esb-report", user=workspace.user("petr@example.org", **signs))
        assert heard[0][0].caller.account is None

    def test_an_account_that_is_not_active_is_none(self, workspace, heard):
        UserFactory(email="petr@example.org", is_active=False)
        workspace.command("/esb-report", user=workspace.user("petr@example.org"))
        assert heard[0][0].caller.account is None

    @pytest.mark.parametrize(("locale", "language"), [("en-US", "en"), ("cs-CZ", "cs"), ("de-DE", "cs"), ("", "cs")])
    def test_strangers_are_answered_in_the_language_of_their_slack(self, workspace, heard, locale, language):
        workspace.command("/esb-report", user=workspace.user(locale=locale))
        assert heard[0][0].caller.language == language

    def test_without_an_answer_of_slack_everybody_is_a_stranger(self, workspace, heard):
        make_member(email="petr@example.org")
        user = workspace.user("petr@example.org")
        workspace.answers["users.info"] = [Answer(status=500, body={})]
        assert workspace.command("/esb-report", user=user).json()["text"] == "ano"
        assert heard[0][0].caller.account is None

    def test_a_slack_that_says_nothing_does_not_keep_us_longer_than_it_waits(self, workspace, heard):
        workspace.answers["users.info"] = [Answer(hangs=True)]
        begun = time.monotonic()
        assert workspace.command("/esb-report", user=workspace.user()).json()["text"] == "ano"
        assert time.monotonic() - begun < 2.5


class TestRefusals:
    def test_a_refusal_is_a_sentence_for_the_asker_alone(self, workspace, heard):
        heard[1].append(DomainError("To <nejde>."))
        answer = workspace.command("/esb-report", user=workspace.user()).json()
        assert answer == {"response_type": "ephemeral", "text": ":x: To &lt;nejde&gt;."}

    @pytest.mark.logs_errors
    def test_the_unexpected_is_told_without_its_words(self, workspace, heard, caplog):
        heard[1].append(RuntimeError("Novák Jan"))
        user = workspace.user()
        assert "Něco se nepovedlo" in workspace.command("/esb-report", user=user).json()["text"]
        assert "Něco se nepovedlo" in workspace.submit(view(), {}, user=user).json()["errors"]["f"]
        assert "Novák" not in caplog.text
        assert "RuntimeError" in caplog.text

    def test_a_window_that_slack_does_not_open_is_told(self, workspace, heard):
        heard[1].append(Open(view()))
        workspace.answers["views.open"] = [Answer(body={"ok": False, "error": "expired_trigger_id"})]
        answer = workspace.command("/esb-report", user=workspace.user()).json()
        assert "Zkuste to ještě jednou" in answer["text"]


class TestWorker:
    def test_what_takes_longer_is_acknowledged_and_answered_by_the_worker(
        self, workspace, heard, django_capture_on_commit_callbacks
    ):
        user = workspace.user()
        with django_capture_on_commit_callbacks(execute=True):
            answer = workspace.command("/esb-status", " kde? ", user=user)
        assert (answer.status_code, answer.content) == (200, b"")
        assert heard[0] == []
        assert OrmQ.objects.count() == 1, "The worker was not woken."
        working.answer(SlackRequest.objects.get().key)
        said = workspace.answered(user)[0]
        assert (said["text"], said["response_type"], said["replace_original"]) == ("ano", "ephemeral", False)
        assert heard[0][0].text == "kde?"
        assert SlackRequest.objects.get().work is None

    def test_what_slack_did_not_take_is_told_again_and_not_done_again(self, workspace, heard):
        user = workspace.user()
        workspace.command("/esb-status", user=user)
        workspace.answers[f"hooks/{user}"] = [Answer(status=503, body={})]
        workspace.work()
        assert SlackRequest.objects.get().work["say"]["text"] == "ano"
        jobs.answer_waiting()
        assert len(heard[0]) == 1
        assert len(workspace.answered(user)) == 2
        assert SlackRequest.objects.get().work is None

    def test_an_answer_that_slack_refuses_for_good_is_given_up(self, workspace, heard):
        user = workspace.user()
        workspace.command("/esb-status", user=user)
        workspace.answers[f"hooks/{user}"] = [Answer(status=404, body={})]
        workspace.work()
        assert SlackRequest.objects.get().work is None

    def test_answers_go_to_slack_only(self, workspace, heard):
        elsewhere = "http://127.0.0.1:9/hooks/x"
        workspace.command("/esb-status", user=workspace.user(), response_url=elsewhere)
        workspace.work()
        assert len(heard[0]) == 1
        assert SlackRequest.objects.get().work is None

    def test_what_nobody_can_be_told_any_more_is_emptied_and_later_forgotten(self, workspace, heard):
        workspace.command("/esb-status", user=workspace.user())
        now = timezone.now()
        working.answer_waiting(at=now + ANSWERABLE + timedelta(minutes=1))
        assert SlackRequest.objects.get().work is None
        assert heard[0] == []
        working.answer_waiting(at=now + REMEMBERED + timedelta(minutes=1))
        assert not SlackRequest.objects.exists()

    def test_without_slack_the_job_does_nothing(self):
        assert jobs.answer_waiting() == 0


def test_the_key_of_a_request_is_that_of_the_act():
    one = inbound._key_of({"type": "view_submission", "trigger_id": "1"})
    assert one != inbound._key_of({"type": "view_submission", "trigger_id": "2"})
    assert one != inbound._key_of({"trigger_id": "1"})
    assert SECRET not in one
