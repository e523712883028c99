"""Signals of this app, for the apps above; sent inside the transaction of the change.

Receivers only call one service, and may refuse by raising DomainError.
"""

from __future__ import annotations

from django.dispatch import Signal

#: An event is about to be deleted for good. Argument: `event`, locked.
deletion_requested = Signal()
