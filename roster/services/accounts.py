"""Services of accounts: every change but that of a password."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.bulk import BulkResult, for_each
from medcover.common.errors import DomainError
from medcover.common.phones import normalise_phone
from medcover.common.prepared import UUID, prepared
from medcover.common.slack_channels import as_handle
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications import registry
from notifications.models import OutboxMessage
from notifications.services import drop_pending_of, enqueue, remember_wishes
from roster.models import User, address_taken, new_token
from roster.rights import Role
from roster.services.administrators import refuse_to_lose_last
from roster.signals import standing_changed

#: Fields of an account that `update_person` may write.
EDITABLE = frozenset(
    {
        "name", "email", "phone", "slack_handle", "calendar_view", "dashboard_horizon", "event_time_format",
        "reminder_hours", "theme", "language",
    }
)  # fmt: skip

#: How typed text is stored; compared in this form, so that a space too many is no change.
_STORED_FORM = {
    "name": tidy,
    "email": User.objects.normalize_email,
    "phone": normalise_phone,
    "slack_handle": as_handle,
}


class ErasedPerson(DomainError):
    """Refusal: the personal data of this person are gone, and the row stays as it is for ever."""

    def __init__(self) -> None:
        super().__init__(_("The personal data of this person have already been erased."))


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
    typed = _as_stored({"name": name, "phone": phone})
    with audit.trail(by=by):
        with _address_still_free(email):
            person: User = User.objects.create_user(email, password, is_active=active, **typed)
        person.groups.add(*Group.objects.filter(name__in=[role.value for role in roles]))
    return person


@transaction.atomic
def update_person(person_id: Any, *, by: Any, version: int | None = None, **fields: Any) -> User:
    """Write the given fields of an account; nothing changed means nothing written.

    Raises StaleRecord when `version` is not the row's, ValidationError for bad values.
    """
    person = lock_person(person_id)
    person.expect_version(version)
    changed = {name: value for name, value in _as_stored(fields).items() if getattr(person, name) != value}
    if not changed:
        return person
    if unknown := changed.keys() - EDITABLE:
        raise TypeError(f"Not fields of an account: {sorted(unknown)}")
    for name, value in changed.items():
        setattr(person, name, value)
    # An old value that today's rules would refuse does not stand in the way of changing another.
    person.full_clean(exclude={field.name for field in User._meta.fields} - changed.keys())
    person.raise_version()
    with audit.trail(by=by), _address_still_free(person.email):
        person.save()
    return person


def _as_stored(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _STORED_FORM[name](value) if name in _STORED_FORM else value for name, value in fields.items()}


@contextmanager
def _address_still_free(email: str) -> Iterator[None]:
    """Answer like validation when somebody else takes the address between the check and the write."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"email": address_taken(email)}) from error


@transaction.atomic
def choose_theme(person_id: Any, theme: str, *, by: Any) -> User:
    """Remember the colours of the person's pages.

    The version stays: the switch is in the header of every page, and using it must not make the form below it stale.
    """
    person = lock_person(person_id)
    if theme != person.theme:
        person.theme = User.Theme(theme)
        with audit.trail(by=by):
            person.save(update_fields=["theme", "updated"])
    return person


@transaction.atomic
def choose_notices(person_id: Any, wishes: Mapping[str, bool], *, by: Any, version: int | None = None) -> User:
    """Write which optional notifications the person wishes to get (code → yes or no); the others stay as they are.

    Raises StaleRecord when `version` is not the row's, DomainError for a type that cannot be declined.
    """
    person = lock_person(person_id)
    person.expect_version(version)
    changed = remember_wishes(person.pk, wishes)
    for code, wanted in changed.items():
        _record_wish(person, registry.get(code).name, wanted=wanted, by=by)
    if changed:
        person.raise_version()
        person.save(update_fields=["version", "updated"])
    return person


def _record_wish(person: User, notice: str | Promise, *, wanted: bool, by: Any) -> None:
    words = _("%(name)s wishes to be told: %(notice)s") if wanted else _("%(name)s declines to be told: %(notice)s")
    summary = audit.sentence(words, {"name": person.name, "notice": notice})
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)


@transaction.atomic
def set_roles(person_id: Any, roles: Iterable[Role], *, by: Any, at: datetime) -> None:
    """Make the person hold exactly these roles. Raises LastAdministrator."""
    person = lock_person(person_id)
    with audit.trail(by=by):
        changed = _put_roles(person, set(roles))
    if changed:
        person.raise_version()
        person.save(update_fields=["version", "updated"])
        _announce(person, by, at)


def _put_roles(person: User, roles: set[Role]) -> bool:
    wanted = {role.value for role in roles}
    held = set(person.groups.values_list("name", flat=True))
    if wanted == held:
        return False
    if Role.ADMIN.value in held - wanted:
        refuse_to_lose_last(person)
    person.groups.set(Group.objects.filter(name__in=wanted))
    for remembered in ("_role_names", "carried_role_names"):
        person.__dict__.pop(remembered, None)
    return True


@transaction.atomic
def add_role(person_id: Any, role: Role, *, by: Any, at: datetime) -> None:
    """Give the person one more role. Refused when they hold it."""
    held = lock_person(person_id).roles
    if role in held:
        raise DomainError(_("The person already has this role."))
    set_roles(person_id, {*held, role}, by=by, at=at)


@transaction.atomic
def remove_role(person_id: Any, role: Role, *, by: Any, at: datetime) -> None:
    """Take one role from the person. Refused when they do not hold it."""
    held = lock_person(person_id).roles
    if role not in held:
        raise DomainError(_("The person does not have this role."))
    set_roles(person_id, {*held} - {role}, by=by, at=at)


def add_role_to_all(person_ids: Iterable[Any], role: Role, *, by: Any, at: datetime) -> BulkResult:
    """Give many people one more role, each in a transaction of their own."""
    return for_each(_names(person_ids), lambda person_id: add_role(person_id, role, by=by, at=at))


def remove_role_from_all(person_ids: Iterable[Any], role: Role, *, by: Any, at: datetime) -> BulkResult:
    """Take one role from many people, each in a transaction of their own."""
    return for_each(_names(person_ids), lambda person_id: remove_role(person_id, role, by=by, at=at))


def _names(person_ids: Iterable[Any]) -> dict[Any, str]:
    return dict(User.objects.filter(pk__in=list(person_ids)).by_name().values_list("pk", "name"))


@transaction.atomic
def activate(person_id: Any, *, by: Any, at: datetime) -> User:
    """Let the person log in, and tell them. Refused for an archived account."""
    person = lock_person(person_id)
    if person.is_archived:
        raise DomainError(_("Restore the person from the archive first."))
    if person.is_active:
        raise DomainError(_("This account is already active."))
    summary = audit.sentence(_("Account activated: %s"), person.name)
    _set_state(person, by=by, at=at, summary=summary, is_active=True)
    enqueue("account_activated", recipients=[person.pk], topic="account")
    return person


@transaction.atomic
def deactivate(person_id: Any, *, by: Any, at: datetime) -> User:
    """Stop the person from logging in and forget the messages that wait for them. Not on oneself."""
    person = lock_person(person_id)
    _refuse_self(person, by)
    if not person.is_active:
        raise DomainError(_("This account is not active."))
    words = _("Account deactivated: %(name)s (dropped messages: %(count)d)")
    return _retire(person, words, by=by, at=at, is_active=False)


@transaction.atomic
def archive(person_id: Any, *, by: Any, at: datetime) -> User:
    """Retire the person: inactive, hidden from lists and pickers; what they did stays. Not on oneself."""
    person = lock_person(person_id)
    _refuse_self(person, by)
    if person.is_archived:
        raise DomainError(_("This person is already archived."))
    words = _("Person archived: %(name)s (dropped messages: %(count)d)")
    kind = AuditEntry.Kind.ARCHIVE
    return _retire(person, words, by=by, at=at, kind=kind, is_active=False, is_archived=True)


@transaction.atomic
def unarchive(person_id: Any, *, by: Any, at: datetime) -> User:
    """Take the person out of the archive; the account stays inactive until activated."""
    person = lock_person(person_id)
    if not person.is_archived:
        raise DomainError(_("This person is not archived."))
    summary = audit.sentence(_("Person restored from the archive: %s"), person.name)
    return _set_state(person, by=by, at=at, summary=summary, kind=AuditEntry.Kind.UNARCHIVE, is_archived=False)


def _retire(person: User, words: Promise, *, by: Any, at: datetime, **state: Any) -> User:
    """Write the state, then forget what waits for the person.

    In this order, because the announcement locks events and whoever holds an event may want these messages.
    """
    refuse_to_lose_last(person)
    count = OutboxMessage.objects.pending().filter(recipient=person.pk).count()
    _set_state(person, by=by, at=at, summary=audit.sentence(words, {"name": person.name, "count": count}), **state)
    drop_pending_of(person.pk)
    return person


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
    person = lock_person(person_id)
    field = {"own": "ical_token", "all": "ical_all_token"}[which]
    setattr(person, field, new_token())
    person.save(update_fields=[field])
    summary = audit.sentence(_("Calendar link renewed: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
    return person


@prepared(person=UUID)
def _locked(p: Any) -> Any:
    """The person with their roles, under a lock."""
    return User.objects.with_role_names().select_for_update(no_key=True).filter(pk=p.person)


def lock_person(person_id: Any) -> User:
    """Lock and return the person; whoever locks events as well locks the person first.

    NO KEY: rows elsewhere may still come to point at this person meanwhile. Raises User.DoesNotExist, and
    ErasedPerson, so that no service brings anything back into a row that is a pseudonym by now.
    """
    person: User | None = _locked.first(person=person_id)
    if person is None:
        raise User.DoesNotExist
    if person.erased_at:
        raise ErasedPerson
    return person


def _refuse_self(person: User, by: Any) -> None:
    if by is not None and person.pk == by.pk:
        raise DomainError(_("You cannot do this to your own account."))


def _announce(person: User, by: Any, at: datetime) -> None:
    standing_changed.send(sender=User, person_ids=[person.pk], by=by, at=at)
