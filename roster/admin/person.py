"""Person admin: readable for coordinators, managed by administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Model, Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from credentials.models import Holding, Qualification
from credentials.services import set_holdings
from events import overview
from medcover.backoffice.bulk import BulkActions
from medcover.backoffice.mixins import BoundedRows, FoldedSearch, NothingDeleted, SavedByService
from medcover.backoffice.paging import Paged
from medcover.backoffice.steps import Step, StepTable
from roster import services
from roster.admin.actions import NOT_ON_ONESELF, ROLE_ACTIONS, STEPS
from roster.admin.columns import PersonColumns
from roster.admin.erasing import ErasurePages
from roster.admin.filters import QualificationFilter, RoleFilter, StateFilter
from roster.admin.forms import PERSONAL, HoldingForm, HoldingFormSet, PersonForm
from roster.lockout import is_locked
from roster.models import User

#: So many duties and led events are listed on a person's page.
LISTED = 10

#: What does not happen by itself, by how people log in.
NEW_ACCOUNT = {
    "local": gettext_lazy(
        "The account is active at once and gets only the roles you tick. No mail is sent and there is no password yet: "
        "the person sets one by “Forgotten password” on the login page, or an administrator on the person's page."
    ),
    "oidc": gettext_lazy(
        "The account is active at once and gets only the roles you tick. No mail is sent; the person logs in with the "
        "account of your organisation."
    ),
}


class HoldingInline(BoundedRows, admin.TabularInline):
    """What the person is qualified for."""

    model = Holding
    fk_name = "person"
    verbose_name = pgettext_lazy("to add one more", "qualification")
    verbose_name_plural = Qualification._meta.verbose_name_plural
    form = HoldingForm
    formset = HoldingFormSet
    extra = 1

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out what was deleted: nobody can choose it any more."""
        rows: Any = super().get_queryset(request)
        return rows.living().select_related("person", "qualification")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Offer a row only to whoever may fill it in."""
        return self.extra if self.has_add_permission(request, obj) else 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever sees the person sees their qualifications."""
        return request.user.has_perm("roster.view_user")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changing them has a right of its own."""
        return request.user.has_perm("credentials.assign_qualification")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Adding is a change of the person's qualifications."""
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Removing is one as well."""
        return self.has_change_permission(request, obj)


@admin.register(User)
class PersonAdmin(
    ErasurePages,
    SavedByService,
    StepTable,
    BulkActions,
    FoldedSearch,
    NothingDeleted,
    Paged,
    PersonColumns,
    admin.ModelAdmin,
):
    """The register of people."""

    form = PersonForm
    inlines = (HoldingInline,)
    list_display = (
        "name_column", "email", "state_column", "created_column", "last_login_column", "qualifications_column",
        "roles_column",
    )  # fmt: skip
    list_filter = (StateFilter, RoleFilter, QualificationFilter)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name or e-mail; diacritics do not matter")
    ordering = ("name_sort", "id")
    readonly_fields = ("roles_column", "last_login_column", "created_column", "erased_column")
    change_form_template = "admin/roster/user/change_form.html"
    steps = STEPS
    bulk_actions = ROLE_ACTIONS
    added_message = gettext_lazy("The account of “%(name)s” has been created and is active.")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read people with roles and qualifications; archived ones exist only for those who may list them."""
        people: Any = super().get_queryset(request)
        return people.visible_to(request.user).prefetch_related("groups", Prefetch("holdings", Holding.objects.shown()))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show beside the list how people come to be on it."""
        may_invite = settings.AUTH_MODE == "local" and request.user.has_perm("roster.invite_user")
        extra = {"may_invite": may_invite, **(extra_context or {})}
        return super().changelist_view(request, extra)

    def changed_sentence(self, count: int) -> str:
        """Count people."""
        return ngettext("%d person changed.", "%d people changed.", count) % count

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave pseudonyms as they are."""
        return super().has_change_permission(request, obj) and not getattr(obj, "erased_at", None)

    # --- the form ---------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Say on the form of a new person what does not happen by itself."""
        (_nameless, basics), *others = super().get_fieldsets(request, obj)
        note = {} if obj else {"description": NEW_ACCOUNT[settings.AUTH_MODE]}
        return [(gettext_lazy("Basic details"), {**basics, **note}), *others]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return as fields what may be changed, and the rest as it is; of a pseudonym there is little to show."""
        if obj is not None and obj.erased_at:
            return ["name", "created_column", "erased_column"]
        editable = self.has_change_permission(request, obj) if obj else True
        roles = "roles" if editable and request.user.has_perm("roster.assign_role") else "roles_column"
        facts = [] if obj is None else ["last_login_column", "created_column"]
        password = ["new_password"] if obj is not None and editable and settings.AUTH_MODE == "local" else []
        return [*PERSONAL, roles, *password, *facts]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Leave out of the form what it declares and the page does not show: that is not taken from anybody either."""
        form = super().get_form(request, obj, change=change, **kwargs)
        shown = {*self.get_fields(request, obj), "version"}
        for name in form.base_fields.keys() - shown:
            del form.base_fields[name]
        return form

    def offered_steps(self, request: HttpRequest, row: Any) -> list[Step]:
        """Return the steps, without deactivating or archiving oneself."""
        steps = super().offered_steps(request, row)
        return steps if row.pk != request.user.pk else [step for step in steps if step.code not in NOT_ON_ONESELF]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show around the form where the account stands and what the person is about to do."""
        context |= {"title": _("New user")} if obj is None else self._surroundings(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _surroundings(self, request: HttpRequest, person: User) -> dict[str, Any]:
        person, now = self.as_stored(request, person), timezone.now()
        return {
            "title": person.name,
            "subtitle": None,
            "state_badge": self.state_column(person),
            "locked": is_locked(person, at=now),
            "erase_url": self.erase_url(request, person),
            "duties": overview.duties_of(person, now)[:LISTED],
            "led_events": overview.led_by(person, now)[:LISTED],
        }

    # --- saving -----------------------------------------------------------------------------------------

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Model:
        """Write each part that the person may change; a part without a change leaves no trace."""
        at, by = timezone.now(), request.user
        person = self._update(form, by=by) if change else self._create(form, by=by)
        if change and "roles" in form.cleaned_data:
            services.set_roles(person.pk, form.wanted_roles(), by=by, at=at)
        for formset in formsets:
            set_holdings(person.pk, formset.wanted(), by=by, at=at)
        return person

    def _create(self, form: Any, *, by: Any) -> User:
        roles = form.wanted_roles() if "roles" in form.cleaned_data else set()
        return services.create_person(**form.personal(), roles=roles, by=by)

    def _update(self, form: Any, *, by: Any) -> User:
        version = form.cleaned_data["version"]
        person = services.update_person(form.instance.pk, by=by, version=version, **form.personal())
        if password := form.cleaned_data.get("new_password"):
            services.set_password(person.pk, password, by=by)
        return person
