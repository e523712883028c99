"""Mixins of the admin classes: searching as the app searches, saving through its services.

Combine as `class EventAdmin(SavedByService, FoldedSearch, NothingDeleted, admin.ModelAdmin)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR, InlineModelAdmin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.backoffice.forms import LocalDateTimeField
from medcover.common.errors import DomainError, StaleRecord


class NothingDeleted(admin.ModelAdmin):
    """Admin mixin for rows that are archived, never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse; archiving and the like are actions of their own."""
        return False


class FoldedSearch(admin.ModelAdmin):
    """Search by the model's own `matching()`, which knows neither case nor diacritics.

    `search_fields` must still be named, because the admin draws the search box only then.
    """

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Return the rows that match, and that they hold no duplicates."""
        return queryset.matching(search_term), False


class RowPage(admin.ModelAdmin):
    """Admin mixin that redirects back to the page of a row."""

    def address_name(self, view: str) -> str:
        """Return by what name Django knows one of the addresses of this class."""
        return f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{view}"

    def change_url(self, request: HttpRequest, pk: Any) -> str:
        """Return the address of a row's form; it still knows the filters of the list it was reached from."""
        filters: Any = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return str(add_preserved_filters(filters, reverse(self.address_name("change"), args=[quote(pk)])))

    def after(self, request: HttpRequest, pk: Any, message: object, level: int = messages.SUCCESS) -> HttpResponseBase:
        """Say what happened and go back to the row."""
        self.message_user(request, str(message), level)
        return HttpResponseRedirect(self.change_url(request, pk))


class SavedByService(RowPage):
    """Admin mixin for Django's form over a service of ours: `store` is the only thing that writes.

    The form must be a `VersionedForm`. One request is one transaction. A refusal comes back as the form with
    the sentence above it and everything typed still there; a stale form is answered with the fresh record.
    Django's own log of actions stays empty, because the services record in the audit trail.
    """

    saved_message: str | Promise = _("The changes have been saved.")
    added_message: str | Promise = _("“%(name)s” has been created.")

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Model:
        """Call the service with what the valid form and formsets say and return the saved row."""
        raise NotImplementedError

    # --- the form ---------------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give the form the refusal that the service has just answered with, if any.

        The version is declared by the form itself; Django would refuse to make a field of the model's column.
        """
        if kwargs.get("fields"):
            kwargs["fields"] = [name for name in kwargs["fields"] if name != "version"]
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "service_refusal", None)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let the form of an existing row carry its version."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["version"], "classes": ["hidden"]})]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The version is placed by `get_fieldsets`."""
        return [name for name in super().get_fields(request, obj) if name != "version"]

    # --- saving -----------------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save the form; whatever the service refuses has been rolled back when it arrives here."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleRecord as stale:
            self.message_user(request, str(stale), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        except (DomainError, ValidationError) as refusal:
            request.service_refusal = sentence_of(refusal)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave writing to `save_related`, which knows the formsets as well."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write everything at once through the service."""
        form.instance.pk = self.store(request, form, formsets, change=change).pk

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Nothing to construct: the audit trail tells what changed."""
        return ""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep Django's own log empty."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Keep Django's own log empty."""

    # --- the answer -------------------------------------------------------------------------------------

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Go to the new row, where the next steps are; a pop-up closes as Django closes it."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, self.added_message % {"name": obj}, messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(request, obj.pk))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay on the row."""
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        self.message_user(request, str(self.saved_message), messages.SUCCESS)
        return HttpResponseRedirect(self.change_url(request, obj.pk))


def sentence_of(refusal: DomainError | ValidationError) -> str:
    """Return the words of a refusal."""
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


class BoundedRows(InlineModelAdmin):
    """Inline with so many rows at the most; whatever number a form claims to hold, no more are made and drawn."""

    max_num = 300

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Make the form of the rows."""
        return super().get_formset(request, obj, **{"absolute_max": self.max_num, **kwargs})


class LocalMoments(admin.ModelAdmin):
    """Admin mixin for moments typed to the minute, in the site's zone."""

    formfield_overrides = {DateTimeField: {"form_class": LocalDateTimeField, "widget": AdminSplitDateTime}}
