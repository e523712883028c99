"""Signals of this app, for the apps above; sent inside the transaction of the change.

A receiver only calls one service.
"""

from __future__ import annotations

from django.dispatch import Signal

#: Roles or account state changed: what these people may do may have changed with it.
#: Arguments: `person_ids`, `by`, `at`.
standing_changed = Signal()

#: An invited person has just got their account. Arguments: `person_id`, `invitation_id`, `by`, `at`.
person_registered = Signal()
