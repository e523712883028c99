"""Every change of an account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications.services import drop_pending_of
from roster.models import User, new_token
from roster.rights import Role
from roster.signals import standing_changed

#: Fields of an account that `update_person` may write.
EDITABLE = frozenset(
    {"name", "email", "phone", "calendar_view", "dashboard_horizon", "event_time_format", "theme", "language"}
)


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str,
    by: Any,
    phone: str = "",
    roles: Iterable[Role] = (),
    password: str | None = None,
    active: bool = True,
) -> User:
    """Create an account that is active at once, sends no mail and has only the given roles.

    Raises ValidationError for a malformed or taken address.
    """
    with audit.trail(by=by):
        person: User = User.objects.create_user(email, password, name=name.strip(), phone=phone, is_active=active)
        _put_roles(person, set(roles))
    return person


@transaction.atomic
def update_person(person_id: Any, *, by: Any, version: int | None = None, **fields: Any) -> User:
    """Write the given fields of an account; nothing changed means nothing written.

    Raises StaleRecord when `version` is not the row's, ValidationError for bad values.
    """
    person = _locked(person_id)
    person.expect_version(version)
    changed = {name: value for name, value in fields.items() if getattr(person, name) != value}
    if not changed:
        return person
    if unknown := changed.keys() - EDITABLE:
        raise TypeError(f"Not fields of an account: {sorted(unknown)}")
    for name, value in changed.items():
        setattr(person, name, value)
    person.full_clean(exclude=["password"])
    person.raise_version()
    with audit.trail(by=by):
        person.save()
    return person


@transaction.atomic
def set_roles(person_id: Any, roles: Iterable[Role], *, by: Any, at: datetime) -> None:
    """Make the person hold exactly these roles."""
    person = _locked(person_id)
    with audit.trail(by=by):
        if _put_roles(person, set(roles)):
            _announce(person, by, at)


def _put_roles(person: User, roles: set[Role]) -> bool:
    wanted = {role.value for role in roles}
    if wanted == set(person.groups.values_list("name", flat=True)):
        return False
    person.groups.set(Group.objects.filter(name__in=wanted))
    person.__dict__.pop("_role_names", None)
    return True


@transaction.atomic
def activate(person_id: Any, *, by: Any, at: datetime) -> User:
    """Let the person log in. Refused for an archived account."""
    person = _locked(person_id)
    if person.is_archived:
        raise DomainError(_("Restore the person from the archive first."))
    return _set_state(person, by=by, at=at, summary=_("Account activated: %s") % person.name, is_active=True)


@transaction.atomic
def deactivate(person_id: Any, *, by: Any, at: datetime) -> User:
    """Stop the person from logging in and forget the messages that wait for them. Not on oneself."""
    person = _locked(person_id)
    _refuse_self(person, by)
    dropped = drop_pending_of(person.pk)
    summary = _("Account deactivated: %(name)s (dropped messages: %(count)d)") % {"name": person.name, "count": dropped}
    return _set_state(person, by=by, at=at, summary=summary, is_active=False)


@transaction.atomic
def archive(person_id: Any, *, by: Any, at: datetime) -> User:
    """Retire the person: inactive, hidden from lists and pickers; what they did stays. Not on oneself."""
    person = _locked(person_id)
    _refuse_self(person, by)
    if person.is_archived:
        raise DomainError(_("This person is already archived."))
    dropped = drop_pending_of(person.pk)
    summary = _("Person archived: %(name)s (dropped messages: %(count)d)") % {"name": person.name, "count": dropped}
    kind = AuditEntry.Kind.ARCHIVE
    return _set_state(person, by=by, at=at, summary=summary, kind=kind, is_active=False, is_archived=True)


@transaction.atomic
def unarchive(person_id: Any, *, by: Any, at: datetime) -> User:
    """Take the person out of the archive; the account stays inactive until activated."""
    person = _locked(person_id)
    if not person.is_archived:
        raise DomainError(_("This person is not archived."))
    summary = _("Person restored from the archive: %s") % person.name
    return _set_state(person, by=by, at=at, summary=summary, kind=AuditEntry.Kind.UNARCHIVE, is_archived=False)


def _set_state(
    person: User, *, by: Any, at: datetime, summary: object, kind: str = AuditEntry.Kind.STATUS, **state: bool
) -> User:
    for name, value in state.items():
        setattr(person, name, value)
    person.raise_version()
    with audit.trail(by=by, kind=kind, summary=summary):
        person.save()
    _announce(person, by, at)
    return person


@transaction.atomic
def renew_calendar_link(person_id: Any, *, which: str, by: Any) -> User:
    """Replace the secret of one calendar link ("own" or "all"); the old link is dead at once."""
    person = _locked(person_id)
    field = {"own": "ical_token", "all": "ical_all_token"}[which]
    setattr(person, field, new_token())
    person.save(update_fields=[field])
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=_("Calendar link renewed: %s") % person.name)
    return person


def _locked(person_id: Any) -> User:
    # NO KEY: a row elsewhere may still be pointed at this person meanwhile, so no lock order with events arises.
    person: User = User.objects.select_for_update(no_key=True).get(pk=person_id)
    return person


def _refuse_self(person: User, by: Any) -> None:
    if by is not None and person.pk == by.pk:
        raise DomainError(_("You cannot do this to your own account."))


def _announce(person: User, by: Any, at: datetime) -> None:
    standing_changed.send(sender=User, person_ids=[person.pk], by=by, at=at)
