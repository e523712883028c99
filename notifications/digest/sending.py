"""Putting the digest into the outbox: when it is due, at once, or as a trial.

The row of the digest is locked before rows of the outbox. Its facts are read at the moment of the decision and travel
in the messages; their words are made when each mail is written.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import services as outbox
from notifications.digest import registry, rules
from notifications.digest.collecting import payload_of
from notifications.digest.models import Digest
from notifications.digest.rendering import CODE, TOPIC
from notifications.digest.services import load, lock, require


@transaction.atomic
def send_if_due(*, at: datetime) -> bool:
    """Send the digest if its schedule asks for it `at`; say whether it did. Of two workers the second finds it sent.

    Without anybody to send it to it counts as sent, so that it is not tried again every hour.
    """
    digest = lock()
    if not digest.enabled or not _is_due(digest, at):
        return False
    _queue(digest, at)
    digest.last_sent_at = at
    with audit.unrecorded():  # the outbox tells that it was sent; in the record it would be noise
        digest.save(update_fields=["last_sent_at"])
    return True


def _is_due(digest: Digest, at: datetime) -> bool:
    return rules.is_due(
        frequency_hours=digest.frequency_hours,
        preferred_hour=digest.preferred_hour,
        last_sent=digest.last_sent_at,
        scheduled_at=digest.scheduled_at,
        at=at,
        zone=ZoneInfo(SiteSettings.load().time_zone),
    )


def _queue(digest: Digest, at: datetime) -> int:
    people = registry.audience()
    if not people:
        return 0
    return outbox.enqueue(CODE, recipients=people, topic=TOPIC, payload=payload_of(digest, at=at))


@transaction.atomic
def send_now(*, by: Any, at: datetime) -> int:
    """Send the digest to everybody who gets it and return how many they are; the schedule does not count it.

    Raises NotAllowed, and DomainError when there is nobody.
    """
    require(by)
    digest = lock()
    count = _queue(digest, at)
    if not count:
        raise DomainError(_("There is no active administrator to send the digest to."))
    sentence = ngettext_lazy("Digest sent to %d administrator", "Digest sent to %d administrators", count)
    audit.record(digest, kind=AuditEntry.Kind.EDIT, by=by, summary=audit.sentence(sentence, count))
    return count


@transaction.atomic
def send_test(address: str, *, by: Any, at: datetime) -> str:
    """Send the digest as a trial to any address and return it tidied.

    Raises NotAllowed, and ValidationError when no mail could be sent to the address.
    """
    require(by)
    to = tidy(address)
    _expect_address(to)
    digest = load()
    outbox.enqueue_to(to, CODE, payload=payload_of(digest, at=at, is_test=True))
    # Without the address: the record cannot forget it, the outbox can.
    audit.record(digest, kind=AuditEntry.Kind.EDIT, by=by, summary=_("Trial digest sent"))
    return to


def _expect_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise ValidationError(_("Enter an e-mail address.")) from error
