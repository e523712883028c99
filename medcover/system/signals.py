"""Signals of this app, for the apps above; sent inside the transaction of the change.

A receiver only calls one service, which may refuse the change.
"""

from __future__ import annotations

from django.dispatch import Signal

#: Settings are being written. Arguments: `changed` (field → new value), `by`.
settings_changing = Signal()
