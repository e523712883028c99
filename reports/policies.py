"""Permission checks about reports and work reports."""

from __future__ import annotations

from typing import Any

OWN = "reports.generate_work_report"
ANY = "reports.generate_any_work_report"
REPORTS = "reports.view_reports"


def may_make_work_report(user: Any, person: Any) -> bool:
    """Say whether `user` may make, and then download, a work report of `person`."""
    return bool(user.has_perm(OWN if user.pk == person.pk else ANY))


def may_choose_person(user: Any) -> bool:
    """Say whether `user` may make work reports of others at all."""
    return bool(user.has_perm(ANY))


def may_see_reports(user: Any) -> bool:
    """Say whether `user` may see reports about everybody and everything."""
    return bool(user.has_perm(REPORTS))


def may_see_report_of(user: Any, person_id: Any) -> bool:
    """Say whether `user` may see the report about a person; everybody sees their own, whatever their roles."""
    return bool(user.pk == person_id or may_see_reports(user))
