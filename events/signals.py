"""Signals of this app, for the apps above; sent inside the transaction of the change.

A receiver only calls one service.
"""

from __future__ import annotations

from django.dispatch import Signal

#: An event is over; its row is locked. Arguments: `event`, `notify`, `at`.
event_completed = Signal()

#: An event that was over long ago has come in with its people. Arguments: `event`, `assignments`, `by`, `at`.
past_event_imported = Signal()
