"""Every change of a password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User
from roster.services.accounts import lock_person


@transaction.atomic
def set_password(person_id: Any, password: str, *, by: Any) -> User:
    """Give the account a new password, which ends its other sessions; the value is recorded nowhere.

    Raises ValidationError for a password that is too weak.
    """
    person = lock_person(person_id)
    validate_password(password, person)
    person.set_password(password)
    person.raise_version()
    person.save(update_fields=["password", "version", "updated"])
    summary = audit.sentence(_("Password changed: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
    return person
