"""Subscribing browsers, removing them, and choosing what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.db import one_at_a_time
from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import registry
from notifications.push import keys, rules
from notifications.push.models import PushChoice, PushSubscription, digest_of

#: Browsers that one person may have; each of them costs a request for every notification.
MOST_DEVICES = 10

_ON = _("%(name)s gets notifications in a browser: %(device)s")
_OFF = _("%(name)s gets no more notifications in a browser: %(device)s")
_MOVED = _("A browser of %(name)s belongs to somebody else now: %(device)s")
_GONE = _("A browser of %(name)s takes no more notifications: %(device)s")
_WISHED = _("%(name)s wishes to be told in browsers: %(notice)s")
_DECLINED = _("%(name)s declines to be told in browsers: %(notice)s")


class SentKeys(NamedTuple):
    """What a browser gives out when it has subscribed."""

    endpoint: str
    p256dh: str
    auth: str


@transaction.atomic
def subscribe(sent: SentKeys, *, by: Any, user_agent: str = "") -> PushSubscription:
    """Remember a browser of `by`; the same one again changes nothing but its keys.

    A browser that somebody else had on is theirs no more: two people share it, and it now shows what is for the one
    who switched it on last. Raises DomainError when notifications are off, when what was sent cannot be right, when
    somebody else's endpoint comes with keys that are not its own, or when the person has too many devices.
    """
    _require_sound(sent)
    person = _locked(by.pk)
    one_at_a_time(f"push.{digest_of(sent.endpoint)}")
    known = PushSubscription.objects.filter(endpoint_digest=digest_of(sent.endpoint)).first()
    if known and known.person_id != person.pk:
        _take_away(known, sent, by)
        known = None
    return _renewed(known, sent) if known else _added(person, sent, user_agent)


def _require_sound(sent: SentKeys) -> None:
    if not keys.is_on():
        raise DomainError(_("Notifications in browsers are switched off."))
    if not rules.is_endpoint(sent.endpoint, local_too=settings.PUSH_TO_LOCAL_ADDRESSES):
        raise DomainError(_("This browser uses a service for notifications that MedCover cannot reach."))
    if not rules.is_public_point(sent.p256dh) or not rules.is_secret(sent.auth):
        raise DomainError(_("The browser sent keys that cannot be used. Reload the page and try again."))


def _locked(person_id: Any) -> Any:
    return get_user_model().objects.select_for_update(no_key=True).get(pk=person_id)


def _take_away(known: PushSubscription, sent: SentKeys, by: Any) -> None:
    """Whoever has the keys holds the browser; an endpoint alone may have been found somewhere."""
    if (known.p256dh, known.auth) != (sent.p256dh, sent.auth):
        raise DomainError(_("The browser sent keys that cannot be used. Reload the page and try again."))
    _record(known, _MOVED, by=by)
    known.delete()


def _renewed(known: PushSubscription, sent: SentKeys) -> PushSubscription:
    known.keep(sent.endpoint, sent.auth)
    known.p256dh, known.application_key = sent.p256dh, keys.public_key()
    known.save()
    return known


def _added(person: Any, sent: SentKeys, user_agent: str) -> PushSubscription:
    own = PushSubscription.objects.of(person.pk)
    own.exclude(application_key=keys.public_key()).delete()  # of a key that this installation has no more
    if own.count() >= MOST_DEVICES:
        raise DomainError(_("You have too many devices. Remove one that you do not use any more."))
    row = PushSubscription(
        person=person, p256dh=sent.p256dh, application_key=keys.public_key(), label=rules.label_of(user_agent)
    )
    row.keep(sent.endpoint, sent.auth)
    row.save()
    _record(row, _ON, by=person)
    return row


@transaction.atomic
def unsubscribe(subscription_id: Any, *, by: Any) -> None:
    """Forget one of the own devices. Raises DomainError when there is none such."""
    person = _locked(by.pk)
    row = PushSubscription.objects.of(person.pk).filter(pk=subscription_id).first()
    if row is None:
        raise DomainError(_("This device is not among yours any more."))
    _record(row, _OFF, by=by)
    row.delete()


@transaction.atomic
def forget_gone(row: PushSubscription) -> None:
    """Forget a device of which its push service says that it is there no more."""
    _record(row, _GONE)
    row.delete()


def mark_used(row: PushSubscription, at: datetime) -> None:
    """Note that a push service has taken something for the device."""
    PushSubscription.objects.filter(pk=row.pk).update(last_used=at)


@transaction.atomic
def choose(wishes: Mapping[str, bool], *, by: Any) -> bool:
    """Write which types the person wishes to get in their browsers (code → yes or no); say whether anything changed.

    Codes that are not among the wishes stay as they were. Raises DomainError for a type that no browser gets.
    """
    person = _locked(by.pk)
    offered = {notice.code: notice for notice in registry.by_push_for(person.role_names)}
    if not wishes.keys() <= offered.keys():
        raise DomainError(_("Unknown type of notification."))
    decided = PushChoice.objects.of(person.pk)
    changed = {code for code, wanted in wishes.items() if wanted != decided.get(code, offered[code].by_push)}
    for code in sorted(changed):
        PushChoice.objects.update_or_create(person=person, code=code, defaults={"wanted": wishes[code]})
        words = {"name": person.name, "notice": offered[code].name}
        summary = audit.sentence(_WISHED if wishes[code] else _DECLINED, words)
        audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
    return bool(changed)


def _record(row: PushSubscription, words: Promise, *, by: Any = None) -> None:
    """Record on the person what became of their device; its endpoint and keys stand in no record."""
    summary = audit.sentence(words, {"name": row.person.name, "device": row.label or _("unknown browser")})
    audit.record(row.person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
