"""Signals of this app, sent inside the transaction of the change. A receiver only calls one service."""

from __future__ import annotations

from django.dispatch import Signal

#: A repair was opened or changed, and with it perhaps the status of its item, which is locked.
#: Arguments: `before` (a copy of the repair, None when it is new), `after`, `by`, `at`.
repair_changed = Signal()

#: An item was made or written; it is locked. Arguments: `item`, `changed` (columns, all that matter when it is new).
item_changed = Signal()

#: A storage location was made or written; it is locked. Arguments: `location`, `changed` (columns).
location_changed = Signal()
