"""Personal data in this app: the account, its security, roles, invitations."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medcover.common.masked_rows import mask_rows, mentioning
from roster.models import Authenticator, Invitation, RecoveryCode, Signature, User
from roster.privacy.export import Labels, Part, Worded, choice
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding
from roster.rights import Role

#: Columns of the account that outlive the person; every other one goes back to what it is in a new account.
STAYING = frozenset({"id", "is_active", "is_archived", "created"})

_TEXTS_OF_INVITATIONS = ("subject", "text")


class AccountData(Contributor):
    """The rows of this app."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out account, settings, roles, security and invitations."""
        yield _account(person)
        yield _preferences(person)
        yield _roles(person)
        yield _security(person)
        yield _signature(person)
        yield _invitations(person)

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Name the account's contents and count what hangs on it."""
        yield Finding(_("name, e-mail, phone and their former values, name in Slack"))
        yield Finding(_("password, calendar links, link to the account at a provider, time of the last login"))
        yield Finding(_("settings of the profile and roles"))
        yield Finding(_("signature"), Signature.objects.filter(person=identity.person_id).count())
        yield Finding(
            _("two-step verification and its recovery codes"),
            Authenticator.objects.filter(user=identity.person_id).count()
            + RecoveryCode.objects.filter(person=identity.person_id).count(),
        )
        yield Finding(_("invitations to the person"), _invitations_to(identity.addresses).count())
        yield Finding(_("failed logins"), _attempts(identity).count())

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Name the row itself, and invitations that the person sent."""
        yield Finding(_("the empty account with the day it was created, so that records have somebody to point at"))
        yield Finding(
            _("invitations the person sent to others"),
            Invitation.objects.filter(created_by=identity.person_id).count(),
        )

    def erase(self, erasure: Erasure) -> None:
        """Turn the account into a pseudonym, and delete everything else."""
        person_id, identity = erasure.person_id, erasure.identity
        Authenticator.objects.filter(user=person_id).delete()
        RecoveryCode.objects.filter(person=person_id).delete()
        Signature.objects.filter(person=person_id).delete()
        _attempts(identity).delete()
        _blank(User.objects.get(pk=person_id), erasure)
        own = _invitations_to(identity.addresses).select_for_update(of=("self",)).order_by("pk")
        Invitation.objects.filter(pk__in=[row.pk for row in own]).delete()
        naming = mentioning(Invitation.objects.all(), _TEXTS_OF_INVITATIONS, identity.elsewhere)
        mask_rows(naming.select_for_update().order_by("pk"), _TEXTS_OF_INVITATIONS, erasure.elsewhere)


def address_of(pseudonym: str) -> str:
    """Return the address of a pseudonym, to which nothing can ever be delivered."""
    return f"{pseudonym.rsplit(maxsplit=1)[-1].lower()}@erased.invalid"


def _blank(person: User, erasure: Erasure) -> None:
    """Write over the account: what a new account begins with, and the pseudonym."""
    person.groups.clear()
    for field in User._meta.concrete_fields:
        if field.name not in STAYING:
            setattr(person, field.attname, field.get_default())
    person.name, person.email = erasure.pseudonym, address_of(erasure.pseudonym)
    person.password = make_password(None)
    person.erased_at = person.updated = erasure.at
    person.set_name_keys()
    columns = (field.attname for field in User._meta.concrete_fields if field.name not in STAYING)
    written = {name: getattr(person, name) for name in columns}
    # Counted up, not begun anew: sessions and forms of the past must not fit again.
    written |= {"version": F("version") + 1, "session_epoch": F("session_epoch") + 1}
    User.objects.filter(pk=person.pk).update(**written)


def _invitations_to(addresses: Iterable[str]) -> Any:
    return Invitation.objects.filter(email__in=addresses)


def _attempts(identity: Identity) -> Any:
    return AccessAttempt.objects.filter(username__in=identity.addresses)


# --- what is given out -------------------------------------------------------------------------------


def _account(person: User) -> Part:
    columns: Labels = {
        "id": "",
        "name": pgettext_lazy("person", "Name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "slack_handle": _("Name in Slack"),
        "state": _("State"),
        "created": _("Created"),
        "updated": _("Last change"),
        "last_login": _("Last login"),
    }
    state = Worded(person.state.value, person.state.label)
    told = ("name", "email", "phone", "slack_handle", "created", "updated", "last_login")
    given = {name: getattr(person, name) for name in told}
    row = {"id": str(person.pk), "state": state, **given}
    return Part("account", _("Account"), columns, [row], single=True)


def _preferences(person: User) -> Part:
    columns = {
        "calendar_view": _("Default calendar view"),
        "dashboard_horizon": _("Dashboard horizon (days)"),
        "event_time_format": _("Format of event times"),
        "reminder_hours": _("Reminder of a duty"),
        "theme": _("Dark mode"),
        "language": _("Language"),
    }
    row: dict[str, Any] = {name: choice(person, name) for name in columns if name != "dashboard_horizon"}
    row["dashboard_horizon"] = person.dashboard_horizon
    return Part("preferences", _("Settings"), columns, [row], single=True)


def _roles(person: User) -> Part:
    labels: dict[str, Any] = {role.value: role.label for role in Role}
    rows = [{"role": Worded(name, labels.get(name, name))} for name in sorted(person.role_names)]
    return Part("roles", _("Roles"), {"role": _("Role")}, rows)


def _security(person: User) -> Part:
    """How things stand; the secrets themselves are named and not given."""
    columns = {
        "password_set": _("Password is set"),
        "second_factor_on": _("Two-step verification is on"),
        "second_factor_since": _("Two-step verification set up"),
        "recovery_codes_left": _("Recovery codes left"),
        "calendar_links": _("Secret calendar links (shown in the profile)"),
        "provider_linked": _("Linked to an account at a provider"),
        "failed_logins": _("Failed logins that count"),
    }
    device = Authenticator.objects.devices_for_user(person, confirmed=True).first()
    attempts = AccessAttempt.objects.filter(username=person.email).values_list("failures_since_start", flat=True)
    row = {
        "password_set": person.has_usable_password(),
        "second_factor_on": device is not None,
        "second_factor_since": device.created_at if device else None,
        "recovery_codes_left": RecoveryCode.objects.filter(person=person).count(),
        "calendar_links": len([token for token in (person.ical_token, person.ical_all_token) if token]),
        "provider_linked": bool(person.oidc_subject),
        "failed_logins": sum(attempts),
    }
    return Part("security", _("Security of the account"), columns, [row], single=True)


def _signature(person: User) -> Part:
    """The picture itself, as text that programs turn back into a PNG file."""
    columns = {"media_type": _("Type of the picture"), "picture_base64": _("Picture (base64)")}
    found = Signature.objects.filter(person=person)
    rows = [{"media_type": row.media_type, "picture_base64": b64encode(row.picture).decode()} for row in found]
    return Part("signature", _("Signature"), columns, rows)


def _invitations(person: User) -> Part:
    columns = {
        "created_at": pgettext_lazy("invitation", "Created"),
        "created_by": _("Created by"),
        "state": _("State"),
        "subject": _("Subject"),
        "text": _("Message"),
        "expires_at": _("Expires"),
        "opened_at": _("Link first opened"),
        "used_at": _("Used"),
        "cancelled_at": _("Cancelled"),
    }
    found = _invitations_to([person.email]).select_related("created_by").order_by("created_at", "pk")
    return Part("invitations", _("Invitations to you"), columns, [_invitation(row, columns) for row in found])


def _invitation(row: Invitation, columns: Iterable[str]) -> dict[str, Any]:
    state = row.state_at(timezone.now())
    known = {"created_by": row.created_by.name, "state": Worded(state.value, state.label)}
    return {name: known.get(name, getattr(row, name, None)) for name in columns}
