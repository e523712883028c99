"""Signals of this app, for the apps above; sent inside the transaction of the change.

Receivers only call one service, and may refuse by raising DomainError.
"""

from __future__ import annotations

from django.dispatch import Signal

#: An event has got another time. Arguments: `event`, locked and written; `start` and `end`, which it had before.
event_rescheduled = Signal()

#: An event has been made after another one, or after a template. Arguments: `event`, `source`, `by`.
event_copied = Signal()

#: A template has been made of an event. Arguments: `template`, `event`, `by`.
template_made = Signal()

#: An event is about to be deleted for good. Argument: `event`, locked.
deletion_requested = Signal()
