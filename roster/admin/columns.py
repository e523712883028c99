"""Columns of the person change list; none of them costs a query."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from credentials.models import Holding, Qualification
from medcover.backoffice.columns import NothingLast, badge
from medcover.common import formats
from medcover.common.czech import MISSING
from roster.models import User

#: State → class of the badge and its icon.
_BADGES = {
    User.State.ACTIVE: ("open", "person-check"),
    User.State.WAITING: ("partial", "clock"),
    User.State.ARCHIVED: ("draft", "archive"),
    User.State.ERASED: ("draft", "trash"),
}
_STATE_ORDER = Case(
    When(erased_at__isnull=False, then=Value(3)),
    When(is_archived=True, then=Value(2)),
    When(is_active=False, then=Value(1)),
    default=Value(0),
)


def moment(at: datetime | None) -> str:
    """Write a moment in the site's zone."""
    return formats.date_time(at, timezone.get_current_timezone())


class PersonColumns(admin.ModelAdmin):
    """Admin mixin with the columns as methods; the detail page shows some of them as well."""

    @admin.display(description=pgettext_lazy("person", "Name"), ordering="name_sort")
    def name_column(self, person: User) -> str:
        """Surname first, in Czech order."""
        return person.name

    @admin.display(description=_("State"), ordering=_STATE_ORDER)
    def state_column(self, person: User) -> SafeString:
        """Badge of the state."""
        return badge(*_BADGES[person.state], person.state.label)

    @admin.display(description=_("Roles"))
    def roles_column(self, person: User) -> str:
        """The roles by their names on screen."""
        return ", ".join(str(role.label) for role in person.roles) or MISSING

    @admin.display(description=Qualification._meta.verbose_name_plural)
    def qualifications_column(self, person: User) -> str:
        """Living qualifications; what is no longer valid today says so."""
        return ", ".join(_words(holding) for holding in person.holdings.all()) or MISSING

    @admin.display(description=_("Last login"), ordering=NothingLast("last_login"))
    def last_login_column(self, person: User) -> str:
        """The moment, or that there was none."""
        return moment(person.last_login) if person.last_login else pgettext("last login", "never")

    @admin.display(description=_("Personal data erased"))
    def erased_column(self, person: User) -> str:
        """The moment in the site's zone."""
        return moment(person.erased_at)

    @admin.display(description=pgettext_lazy("person", "Created"), ordering="created")
    def created_column(self, person: User) -> str:
        """The day, for want of room."""
        return f"{person.created.astimezone(timezone.get_current_timezone()):%d.%m.%Y}"


def _words(holding: Holding) -> str:
    name, expired = holding.qualification.name, pgettext("qualification", "expired")
    return name if holding.is_valid_on(timezone.localdate()) else f"{name} ({expired})"
