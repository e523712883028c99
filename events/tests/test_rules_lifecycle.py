"""The table of moves against the specification's own table, pair by pair."""

from __future__ import annotations

from itertools import product

import pytest

from events.rules import lifecycle
from events.rules.lifecycle import FINAL, RUNNING, TRANSITIONS, Status, reachable

DRAFT, PUBLISHED, OPEN, CLOSED, COMPLETED, CANCELLED = Status

#: Every move that a person may ask for: code, from, to, right, what everybody hears, archived afterwards.
BY_HAND = [
    ("publish", DRAFT, PUBLISHED, "events.publish_event", ("event_published",), None),
    ("open", PUBLISHED, OPEN, "events.open_signups", ("assignments_opened",), None),
    ("open", CLOSED, OPEN, "events.open_signups", ("assignments_opened",), None),
    ("close", OPEN, CLOSED, "events.close_signups", (), None),
    ("cancel", DRAFT, CANCELLED, "events.cancel_event", ("event_cancelled",), True),
    ("cancel", PUBLISHED, CANCELLED, "events.cancel_event", ("event_cancelled",), True),
    ("cancel", OPEN, CANCELLED, "events.cancel_event", ("event_cancelled",), True),
    ("cancel", CLOSED, CANCELLED, "events.cancel_event", ("event_cancelled",), True),
    ("restore", CANCELLED, DRAFT, "events.restore_event", (), False),
]

#: Every move that only the system makes. What opens by its time tells the same as what is opened by hand.
BY_ITSELF = [
    ("open_when_due", PUBLISHED, OPEN, None, ("assignments_opened",), None),
    ("close_when_full", OPEN, CLOSED, None, (), None),
    ("reopen_when_free", CLOSED, OPEN, None, (), None),
    ("complete", OPEN, COMPLETED, None, (), None),
    ("complete", CLOSED, COMPLETED, None, (), None),
]

#: A cancelled event is archived, so it must be possible to restore it; cancelling an archived draft is harmless.
POSSIBLE_WHEN_ARCHIVED = {"cancel", "restore"}


def test_the_table_holds_these_moves_and_no_other():
    table = [
        (move.code, source, move.target, move.permission, move.notices, move.archived)
        for move in TRANSITIONS.values()
        for source in move.sources
    ]
    assert sorted(table, key=str) == sorted(BY_HAND + BY_ITSELF, key=str)


@pytest.mark.parametrize(("code", "status"), list(product(TRANSITIONS, Status)))
def test_every_pair_that_is_not_in_the_table_is_refused(code, status):
    allowed = {(row[0], row[1]) for row in BY_HAND + BY_ITSELF}
    reason = lifecycle.refusal(TRANSITIONS[code], status, archived=False)
    assert (reason is None) == ((code, status) in allowed)


@pytest.mark.parametrize(("code", "status"), sorted({(row[0], row[1]) for row in BY_HAND + BY_ITSELF}))
def test_archived_events_stay_where_they_are(code, status):
    reason = lifecycle.refusal(TRANSITIONS[code], status, archived=True)
    assert (reason is None) == (code in POSSIBLE_WHEN_ARCHIVED)


@pytest.mark.parametrize("status", Status)
def test_what_is_offered_is_what_would_be_done(status):
    for archived, full in product((False, True), repeat=2):
        offered = {move.code for move in lifecycle.possible_by_hand(status, archived=archived, full=full)}
        by_hand = [move for move in TRANSITIONS.values() if not move.is_automatic]
        done = {move.code for move in by_hand if not lifecycle.refusal(move, status, archived=archived, full=full)}
        assert offered == done


def test_nobody_completes_by_hand_and_nothing_leads_back():
    assert not [row for row in BY_HAND if row[2] == COMPLETED]
    assert reachable(COMPLETED) == set()
    assert [move.code for move in TRANSITIONS.values() if move.target == COMPLETED] == ["complete"]


def test_every_status_can_be_reached_from_a_draft():
    assert reachable(DRAFT) == set(Status)


def test_everything_but_completed_can_be_begun_anew():
    for status in set(Status) - {COMPLETED}:
        assert DRAFT in reachable(status)


def test_a_full_event_is_opened_by_nobody_but_closes_and_completes_as_ever():
    assert lifecycle.refusal(TRANSITIONS["open"], CLOSED, archived=False, full=True)
    for code, status in (("close", OPEN), ("cancel", CLOSED), ("complete", CLOSED), ("open_when_due", PUBLISHED)):
        assert not lifecycle.refusal(TRANSITIONS[code], status, archived=False, full=True)


def test_refusals_name_the_reason():
    completed = lifecycle.refusal(TRANSITIONS["cancel"], COMPLETED, archived=False)
    not_cancelled = lifecycle.refusal(TRANSITIONS["restore"], OPEN, archived=False)
    plain = lifecycle.refusal(TRANSITIONS["publish"], OPEN, archived=False)
    archived = lifecycle.refusal(TRANSITIONS["publish"], DRAFT, archived=True)
    assert len({str(reason) for reason in (completed, not_cancelled, plain, archived)}) == 4


def test_opening_what_was_closed_has_its_own_name():
    opening = TRANSITIONS["open"]
    assert lifecycle.label_for(opening, PUBLISHED) == opening.label != lifecycle.label_for(opening, CLOSED)


def test_final_and_running_do_not_overlap():
    assert {COMPLETED, CANCELLED} == FINAL
    assert {PUBLISHED, OPEN, CLOSED} == RUNNING
