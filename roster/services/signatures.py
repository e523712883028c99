"""Services of signatures. People change their own; there is no way to anybody else's."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import Signature, User
from roster.policies import may_keep_signature
from roster.services.accounts import lock_person
from roster.signatures import isolated


def save_signature(data: bytes, *, by: Any, version: int | None = None) -> User:
    """Keep the picture in `data` as the signature of `by`, in place of the one before.

    The same picture once more means nothing written. Raises NotAllowed, UnfitPicture, StaleRecord when `version`
    is not the person's, DomainError while many others save theirs.
    """
    if not may_keep_signature(by):
        raise NotAllowed
    # Before anything is locked: this takes a moment.
    return _keep(isolated.signature_png(data), by=by, version=version)


@transaction.atomic
def _keep(png: bytes, *, by: Any, version: int | None) -> User:
    person = lock_person(by.pk)
    person.expect_version(version)
    if Signature.objects.picture_of(person) == png:
        return person
    Signature.objects.update_or_create(person=person, defaults={"picture": png})
    return _changed(person, _("Signature saved: %s"), by=by)


@transaction.atomic
def delete_signature(*, by: Any, version: int | None = None) -> User:
    """Delete the signature of `by`. Raises NotAllowed, StaleRecord, DomainError when there is none."""
    if not may_keep_signature(by):
        raise NotAllowed
    person = lock_person(by.pk)
    person.expect_version(version)
    deleted, _rows = Signature.objects.of(person).delete()
    if not deleted:
        raise DomainError(_("You have no signature here."))
    return _changed(person, _("Signature deleted: %s"), by=by)


def _changed(person: User, words: Promise, *, by: Any) -> User:
    """Count the change and record it, without the picture."""
    person.raise_version()
    person.save(update_fields=["version", "updated"])
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=audit.sentence(words, person.name))
    return person
