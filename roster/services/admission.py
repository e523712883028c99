"""Login of whoever comes through the OpenID Connect provider: accounts that exist already, and nobody else."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User
from roster.rights import Role
from roster.services.accounts import lock_person, set_roles
from roster.services.administrators import LastAdministrator
from roster.services.sessions import end_sessions

#: The one claim by which people are found by their address; any other holds the key of the account.
EMAIL = "email"


class Refused(DomainError):
    """Refusal: the provider knows this person, but they do not come in; the sentence says why."""


def slug_of(role: Role) -> str:
    """Return the name of a role as a provider knows it: `debriefing-manager`."""
    return role.value.lower().replace(" ", "-")


def admit(claims: dict[str, Any], *, at: datetime) -> User:
    """Return who may come in now, with the roles that the provider names, if it is to name any.

    Raises Refused for an unknown, archived or inactive person and for one without a known role; that also ends
    all sessions they have here.
    """
    person = _known(claims)
    if person is None:
        raise Refused(_("There is no MedCover account for you. Ask an administrator to create one."))
    if reason := _reason_against(person, claims):
        with transaction.atomic():
            end_sessions(lock_person(person.pk))
        raise Refused(reason)
    return _let_in(person, claims, at=at)


def end_sessions_of_subject(subject: str) -> None:
    """End all sessions of whoever last came in as `subject`."""
    for person_id in User.objects.filter(oidc_subject=subject).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            end_sessions(lock_person(person_id))


def _known(claims: dict[str, Any]) -> User | None:
    value = str(claims.get(settings.OIDC_PERSON_CLAIM) or "")
    people = User.objects.not_erased()
    found: User | None
    if settings.OIDC_PERSON_CLAIM == EMAIL:
        verified = claims.get("email_verified") in (True, "true")
        found = people.filter(email=User.objects.normalize_email(value)).first() if verified else None
        return found
    try:
        found = people.filter(pk=uuid.UUID(value)).first()
    except ValueError:
        return None
    return found


def _reason_against(person: User, claims: dict[str, Any]) -> Promise | None:
    if person.is_archived:
        return _("This account has been archived. Please contact an administrator.")
    if not person.is_active:
        return _("This account is waiting to be activated. Please contact an administrator.")
    if settings.OIDC_ROLES_CLAIM and not _roles(claims):
        return _("You have no role in MedCover. Ask an administrator of your organisation to give you one.")
    return None


def _roles(claims: dict[str, Any]) -> set[Role]:
    named = claims.get(settings.OIDC_ROLES_CLAIM) or []
    slugs = {named} if isinstance(named, str) else {str(slug) for slug in named}
    return {role for role in Role if slug_of(role) in slugs}


@transaction.atomic
def _let_in(person: User, claims: dict[str, Any], *, at: datetime) -> User:
    if settings.OIDC_ROLES_CLAIM:
        _take_over_roles(person, _roles(claims), at=at)
    person = lock_person(person.pk)
    if person.oidc_subject != claims["sub"]:
        person.oidc_subject = claims["sub"]
        person.save(update_fields=["oidc_subject"])
    return person


def _take_over_roles(person: User, roles: set[Role], *, at: datetime) -> None:
    """Give the person the roles that the provider names; the last administrator stays one, and that is recorded."""
    try:
        set_roles(person.pk, roles, by=None, at=at)
    except LastAdministrator:
        set_roles(person.pk, {*roles, Role.ADMIN}, by=None, at=at)
        words = _("The provider no longer names %s an administrator; as the last one they keep the role.")
        audit.record(person, kind=AuditEntry.Kind.EDIT, summary=audit.sentence(words, person.name))
