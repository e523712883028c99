"""Services of feedback: sending it, and deleting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit, rate_limits
from medcover.system.models import AuditEntry, SiteSettings, UserFeedback
from medcover.system.version import version

LONGEST_MESSAGE = 5000
#: Of what browsers say of themselves so many characters are kept.
LONGEST_USER_AGENT, LONGEST_SCREEN, LONGEST_PAGE = 1000, 255, 2048
MOST_IN_AN_HOUR = 20
#: Who reads feedback may delete it.
MANAGE = "system.view_administration"


class FeedbackOff(DomainError):
    """Refusal: the installation takes no feedback."""

    def __init__(self) -> None:
        super().__init__(_("Feedback is switched off."))


@dataclass(frozen=True)
class Surroundings:
    """Where somebody was when they wrote: address of the page without the host, browser and screen as they say."""

    page: str = ""
    user_agent: str = ""
    screen: str = ""


@transaction.atomic
def send(message: str, surroundings: Surroundings, *, by: Any, at: datetime) -> UserFeedback:
    """Keep what somebody wrote; what is too long of the surroundings is cut.

    Not recorded: the row itself is the record of it. Raises FeedbackOff, or DomainError without a message, with one
    longer than `LONGEST_MESSAGE` characters, and after `MOST_IN_AN_HOUR` within an hour.
    """
    if not SiteSettings.load().feedback_enabled:
        raise FeedbackOff
    text = message.strip()
    if not text:
        raise DomainError(_("Write what you want to tell us."))
    if len(text) > LONGEST_MESSAGE:
        raise DomainError(_("The message is too long: at most %d characters.") % LONGEST_MESSAGE)
    if not rate_limits.allows("feedback", str(by.pk), most=MOST_IN_AN_HOUR, within=timedelta(hours=1), at=at):
        raise DomainError(_("You have sent a lot of messages. Try again in an hour."))
    return UserFeedback.objects.create(
        user=by,
        message=text,
        page=surroundings.page[:LONGEST_PAGE],
        user_agent=surroundings.user_agent[:LONGEST_USER_AGENT],
        screen=surroundings.screen[:LONGEST_SCREEN],
        app_version=version(),
        submitted=at,
    )


@transaction.atomic
def delete(pk: Any, *, by: Any) -> None:
    """Delete feedback for good; what is gone already is no mistake. Its words do not get into the record.

    Raises NotAllowed without the right to the administration, DomainError where everybody knows the passwords.
    """
    if not by.has_perm(MANAGE):
        raise NotAllowed
    if settings.DEVELOPMENT_LOGIN:
        raise DomainError(_("Feedback cannot be deleted in a development installation."))
    row = UserFeedback.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return
    summary = audit.sentence(_("Feedback of %s deleted"), str(row))
    audit.record(row, kind=AuditEntry.Kind.DELETE, by=by, summary=summary)
    row.delete()
