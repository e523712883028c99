"""Permission checks about work reports."""

from __future__ import annotations

from typing import Any

OWN = "reports.generate_work_report"
ANY = "reports.generate_any_work_report"


def may_make_work_report(user: Any, person: Any) -> bool:
    """Say whether `user` may make, and then download, a work report of `person`."""
    return bool(user.has_perm(OWN if user.pk == person.pk else ANY))


def may_choose_person(user: Any) -> bool:
    """Say whether `user` may make work reports of others at all."""
    return bool(user.has_perm(ANY))
