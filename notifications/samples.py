"""Sample notifications: an administrator sees what a type looks like, in a mail to an address of their choice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import registry, rules, services
from notifications.models import OutboxMessage
from notifications.registry import NoticeType, Sample


def choices() -> list[tuple[str, str]]:
    """Return what a sample can be about, of all batches: key and words."""
    return [choice for batch in registry.batches() for choice in batch.choices()]


@transaction.atomic
def send_sample(code: str, *, to: str, about: str, at_once: bool, by: Any) -> OutboxMessage:
    """Queue a sample of an optional type to an address; return the message.

    Neither switches nor roles nor wishes are asked. It leaves alone, merges with nothing and so never changes what
    really waits for `by`, whose name and language it has. Raises DomainError for an unknown type, an impossible
    address, or when there is nothing that it could be about.
    """
    notice = _known(code)
    address = tidy(to)
    _require_address(address)
    with translation.override(by.language or settings.LANGUAGE_CODE):
        found = _sample_of(notice, about)
        subject = notice.subject(found.payload)
    message = OutboxMessage.objects.create(
        code=code,
        recipient=by,
        to_email=address,
        subject=rules.subject_line(subject),
        payload=found.payload | {"sample": True},
        send_after=None if at_once else timezone.now() + _delay_of(notice, found),
        instance_name=settings.INSTANCE_NAME,
    )
    summary = audit.sentence(_("Sample of a notification queued: %s"), notice.name)
    # Without the address: the record cannot forget it, the outbox can.
    audit.record(SiteSettings.current(), kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
    services.wake_after_commit()
    return message


def _known(code: str) -> NoticeType:
    notice = next((notice for notice in registry.catalogue() if notice.code == code), None)
    if notice is None or notice.always_on:
        raise DomainError(_("Unknown type of notification."))
    return notice


def _require_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise DomainError(_("Enter the e-mail address that the sample is to go to.")) from error


def _sample_of(notice: NoticeType, about: str) -> Sample:
    if notice.batch:
        return registry.batch(notice.batch).sample(notice.code, about)
    return Sample(notice.sample() if notice.sample else {})


def _delay_of(notice: NoticeType, found: Sample) -> timedelta:
    if not notice.can_wait or found.about is None:
        return timedelta(0)
    return rules.delay(found.about, timezone.now(), SiteSettings.current().notify_delays)
