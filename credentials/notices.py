"""Notifications about qualifications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from credentials.expiry import expiring
from credentials.models import Holding, Qualification
from notifications import registry
from notifications.models import OutboxMessage
from notifications.registry import Brief, NoticeType, Payload
from roster.rights import Role

#: Qualifications matter for whoever does duties or leads them.
_CREW = frozenset({Role.MEMBER.value, Role.COORDINATOR.value, Role.ADMIN.value})


def register() -> None:
    """Add this app's types to the catalogue."""
    registry.register(
        NoticeType(
            code="qualification_expiring",
            name=_("Qualification about to expire"),
            description=_("A qualification of yours ends in 90, 30 or 7 days."),
            trigger=_("A qualification ends in 90, 30 or 7 days; once for each"),
            recipients=_("The person who holds it"),
            roles=_CREW,
            template="credentials/mail/expiring",
            subject=_own_subject,
            context=_own,
            merge=_joined,
            sample=_no_holdings,
            brief=_own_brief,
        ),
        NoticeType(
            code="qualifications_expiring",
            name=_("Qualifications about to expire (overview)"),
            description=_("Qualifications of people end in 90, 30 or 7 days; one mail tells of all."),
            trigger=_("Qualifications end in 90, 30 or 7 days; once for each"),
            recipients=_("Administrators"),
            roles=frozenset({Role.ADMIN.value}),
            template="credentials/mail/expiring",
            subject=_subject_of_all,
            context=_all,
            merge=_joined,
            sample=_no_holdings,
        ),
    )


def _own_brief(_message: OutboxMessage) -> Brief:
    return Brief(path=reverse("roster:profile"))


def _own_subject(payload: Payload) -> str:
    count = max(len(payload["holdings"]), 1)
    words = ngettext("your qualification is about to expire", "your qualifications are about to expire", count)
    return f"MedCover — {words}"


def _subject_of_all(payload: Payload) -> str:
    count = max(len(payload["holdings"]), 1)
    words = ngettext("%d qualification is about to expire", "%d qualifications are about to expire", count) % count
    return f"MedCover — {words}"


def _joined(old: Payload, new: Payload) -> Payload:
    return {**new, "holdings": list(dict.fromkeys([*old["holdings"], *new["holdings"]]))}


def _no_holdings() -> Payload:
    return {"holdings": []}


def _own(message: OutboxMessage) -> dict[str, Any] | None:
    return _context(message, message.recipient, of_all=False)


def _all(message: OutboxMessage) -> dict[str, Any] | None:
    return _context(message, None, of_all=True)


def _context(message: OutboxMessage, person: Any, *, of_all: bool) -> dict[str, Any] | None:
    today = timezone.localdate()
    if message.payload.get("sample"):
        rows = _sample(message.recipient)
    else:
        rows = expiring(message.payload["holdings"], today=today, person=person)
    return {"rows": rows, "of_all": of_all} if rows else None


def _sample(person: Any) -> list[Holding]:
    """Qualifications of the reader, as if they were about to expire; that of nobody would say too little."""
    ends = timezone.localdate() + timedelta(days=30)
    rows = list(Holding.objects.shown().filter(person=person)[:2])
    for row in rows:
        row.valid_until = ends
    return rows or [_invented(person, ends)]


def _invented(person: Any, ends: Any) -> Holding:
    return Holding(person=person, qualification=Qualification(name=str(_("Paramedic"))), valid_until=ends)
