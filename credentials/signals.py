"""Signals of this app, for the apps above; sent inside the transaction of the change.

Receivers only call one service. Arguments: `person_ids` (None: anybody may be affected), `by`, `at`.
"""

from __future__ import annotations

from django.dispatch import Signal

#: What people are qualified for, or what a qualification is good for, changed.
qualifications_changed = Signal()

#: A qualification is about to be deleted. A receiver may refuse by raising DomainError. Argument: `qualification`.
deletion_requested = Signal()
