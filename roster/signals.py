"""What the register announces to the floors above; sent inside the transaction of the change.

A receiver only calls one service. Arguments: `person_ids`, `by`, `at`.
"""

from __future__ import annotations

from django.dispatch import Signal

#: Roles or account state changed: what these people may do may have changed with it.
standing_changed = Signal()
