"""User model."""

from __future__ import annotations

import secrets
import uuid
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from medcover.common.db import Named, TimeStamped, Versioned
from medcover.common.phones import validate_phone
from roster.models.sessions import EndableSessions
from roster.querysets import UserManager
from roster.restricted_rights import is_held_back
from roster.rights import CONFIDENTIAL, FOR_OTHERS, Role, permissions_of

#: What the column and its constraint say by themselves; `address_taken` names the address as well.
ADDRESS_TAKEN = _("A person with this e-mail already exists.")


def address_taken(email: str) -> ValidationError:
    """Return the refusal of an address that somebody else has."""
    message = _("A person with the e-mail %(email)s already exists.")
    return ValidationError(message, code="unique", params={"email": email})


@lru_cache
def _granting(_backends: tuple[str, ...]) -> list[Any]:
    """Backends that are asked about permissions, by the setting that names them; they have no state."""
    return [backend for backend in get_backends() if hasattr(backend, "has_perm")]


def new_token() -> str:
    """Return 32 random bytes in hex: the secret part of a link."""
    return secrets.token_hex(32)


class User(Versioned, TimeStamped, Named, EndableSessions, PermissionsMixin):
    """A person with an account; the e-mail is the login name. Never hard-deleted."""

    class CalendarView(models.TextChoices):
        """First view of the calendar on a desktop."""

        MONTH = "month", _("Month")
        WEEK = "week", _("Week")
        DAY = "day", _("Day")
        LIST = "list", _("List")

    class TimeFormat(models.IntegerChoices):
        """How the time of an event is written."""

        DURATION = 1, _("start and duration")
        RANGE = 2, _("start–end")

    class Theme(models.TextChoices):
        """Colours of the pages."""

        AUTO = "auto", _("like the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Language(models.TextChoices):
        """Language of pages and mails."""

        CZECH = "cs", "Čeština"
        ENGLISH = "en", "English"

    class State(models.TextChoices):
        """State of an account; told by three columns."""

        ACTIVE = "active", _("Active")
        WAITING = "waiting", _("Waiting for activation")
        ARCHIVED = "archived", pgettext_lazy("account", "Archived")
        ERASED = "erased", _("Erased")

    class ReminderLead(models.IntegerChoices):
        """How many hours before a duty its reminder comes."""

        TWO_HOURS = 2, _("2 hours before")
        SIX_HOURS = 6, _("6 hours before")
        TWELVE_HOURS = 12, _("12 hours before")
        DAY = 24, _("a day before")
        TWO_DAYS = 48, _("2 days before")
        THREE_DAYS = 72, _("3 days before")
        WEEK = 168, _("a week before")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), max_length=255, unique=True, error_messages={"unique": ADDRESS_TAKEN})
    name = models.CharField(
        pgettext_lazy("person", "name"), max_length=255, help_text=_("Surname first, for example Novák Jan")
    )
    phone = models.CharField(_("phone"), max_length=50, blank=True, validators=[validate_phone])
    #: That there is one says that they may be called in Slack; who they are there is found by the e-mail.
    slack_handle = models.CharField(_("name in Slack"), max_length=80, blank=True)
    is_active = models.BooleanField(_("active"), default=False)
    is_archived = models.BooleanField(_("archived"), default=False)
    #: When the personal data were erased; from then on the row is a pseudonym that past duties point at.
    erased_at = models.DateTimeField(_("personal data erased"), null=True, editable=False)
    calendar_view = models.CharField(
        _("calendar opens as"), max_length=8, choices=CalendarView, default=CalendarView.LIST
    )
    dashboard_horizon = models.PositiveSmallIntegerField(
        _("overview looks ahead (days)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    event_time_format = models.PositiveSmallIntegerField(
        _("time of an event"), choices=TimeFormat, default=TimeFormat.DURATION
    )
    reminder_hours = models.PositiveSmallIntegerField(
        _("reminder of a duty"), choices=ReminderLead, default=ReminderLead.DAY
    )
    theme = models.CharField(_("colours"), max_length=8, choices=Theme, default=Theme.AUTO)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.CZECH)
    ical_token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    ical_all_token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)

    #: The newest link to a new password carries it; empty when there is no link that works.
    password_reset_nonce = models.CharField(max_length=64, blank=True, editable=False)

    # Rights come from roles alone.
    user_permissions = None  # type: ignore[assignment]

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name_sort", "id"]
        default_permissions = ("add", "change", "view")
        permissions = [
            ("edit_own_profile", _("Can edit the own profile")),
            ("edit_own_name", _("Can change the own displayed name")),
            ("activate_user", _("Can activate accounts")),
            ("deactivate_user", _("Can deactivate accounts")),
            ("archive_user", _("Can archive and unarchive people")),
            ("view_archived_user", _("Can list archived people")),
            ("assign_role", _("Can change roles")),
            ("invite_user", _("Can invite people")),
            ("access_backoffice", _("Can open the backoffice")),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="user_email_unique_whatever_case", violation_error_message=ADDRESS_TAKEN
            ),
            models.CheckConstraint(condition=~Q(is_active=True, is_archived=True), name="user_archived_is_inactive"),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(is_archived=True), name="user_erased_is_archived"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Store the address in its one form."""
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    def unique_error_message(self, model_class: Any, unique_check: Any) -> ValidationError:
        """Name the address that is taken."""
        if unique_check == ("email",):
            return address_taken(self.email)
        return super().unique_error_message(model_class, unique_check)

    def get_full_name(self) -> str:
        """Return the displayed name."""
        return self.name

    def get_short_name(self) -> str:
        """Return the displayed name; names are kept surname first and not taken apart."""
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's word for "may open the admin"; here a permission of roles."""
        return self.has_perm("roster.access_backoffice")

    @property
    def state(self) -> State:
        """Active, archived, erased, or nothing of it: waiting for somebody to activate the account."""
        if self.erased_at:
            return self.State.ERASED
        if self.is_archived:
            return self.State.ARCHIVED
        return self.State.ACTIVE if self.is_active else self.State.WAITING

    @property
    def roles(self) -> list[Role]:
        """The person's roles in the order of the matrix."""
        return [role for role in Role if role.value in self.role_names]

    def has_role(self, role: Role) -> bool:
        """Say whether the person holds the role."""
        return role.value in self.role_names

    @property
    def role_names(self) -> set[str]:
        """Names of the person's groups, read once per instance."""
        if not hasattr(self, "_role_names"):
            carried = getattr(self, "carried_role_names", None)  # `with_role_names()`
            self._role_names = {group.name for group in self.groups.all()} if carried is None else set(carried)
        return self._role_names

    @property
    def acts_as_member(self) -> bool:
        """Whether the person has only a member's rights in the request at hand (`roster.middleware`)."""
        return is_held_back(self.pk)

    @property
    def acting_roles(self) -> set[Role]:
        """The roles that count now: whoever acts as a member is none of those who act for others."""
        return set(self.roles) - FOR_OTHERS | {Role.MEMBER} if self.is_held_back else set(self.roles)

    @property
    def is_held_back(self) -> bool:
        """The person would have more rights if they did not act as a member."""
        return self.acts_as_member and (self.is_superuser or not FOR_OTHERS.isdisjoint(self.roles))

    def could(self, perm: str) -> bool:
        """Say whether the person's roles grant `perm`, whatever they act as at the moment."""
        return self.is_active and (self.is_superuser or any(perm in permissions_of(role) for role in self.roles))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the backends, but let nobody past the confidential boundary without its role.

        As Django's own, except that superusers who act as members are asked, too, and that the backends are found once
        and not for each of the hundreds of questions of a page.
        """
        if perm in CONFIDENTIAL:
            return self.is_active and self.has_role(Role.DEBRIEFING_MANAGER)
        if self.is_superuser and self.is_active and not self.acts_as_member:
            return True
        return self.is_active and any(
            backend.has_perm(self, perm, obj) for backend in _granting(tuple(settings.AUTHENTICATION_BACKENDS))
        )

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        """Return all permissions, with the same boundary as `has_perm`."""
        granted = super().get_all_permissions(obj)
        return granted if self.has_role(Role.DEBRIEFING_MANAGER) else granted - CONFIDENTIAL
