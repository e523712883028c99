"""The same request twice at once, and two workers at one request, each on connections of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment.models import Repair
from equipment.tests.factories import ItemFactory, make_technician, repair_of
from medcover.tests.threads import together
from notifications.models import OutboxMessage, SlackRequest
from notifications.slack import working

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_window_sent_twice_at_once_is_done_once(workspace):
    item = ItemFactory()
    user = workspace.user()
    workspace.command("/esb-report", user=user)
    values = {"item": item.pk, "name": "Eva", "description": "Nesvítí."}

    def send() -> dict:
        return workspace.submit(workspace.windows[0], values, user=user, trigger_id="7").json()

    assert [outcome.value for outcome in together([send, send])] == [{"response_action": "clear"}] * 2
    assert Repair.objects.count() == 1
    # The word of thanks, and the news.
    assert OutboxMessage.objects.filter(channel="slack").count() == 2


def test_of_two_who_take_a_repair_over_one_is_told_that_the_other_did(workspace):
    repair = repair_of()
    windows, users = [], []
    for email in ("a@example.org", "b@example.org"):
        make_technician(email=email)
        user = workspace.user(email)
        workspace.command("/esb-repair", user=user)
        answer = workspace.submit(workspace.windows[-1], {"repair": repair.pk}, user=user).json()
        windows.append(answer["view"])
        users.append(user)

    def claim(number: int):
        return lambda: workspace.submit(windows[number], {"action": "claim"}, user=users[number]).json()

    answers = [outcome.value["response_action"] for outcome in together([claim(0), claim(1)])]
    # Who comes second finds another version, or, when it asked after the first was done, takes it over knowingly.
    assert sorted(answers) in (["clear", "errors"], ["clear", "clear"])
    assert Repair.objects.get().entries.filter(kind="assignee").count() == answers.count("clear")


def test_two_workers_answer_once(workspace):
    ItemFactory(name="AED 1")
    user = workspace.user()
    workspace.command("/esb-status", user=user)
    key = SlackRequest.objects.get().key
    together([lambda: working.answer(key)] * 2)
    working.answer_waiting(at=timezone.now() + timedelta(minutes=1))
    assert len(workspace.answered(user)) == 1
    assert SlackRequest.objects.get().work is None
