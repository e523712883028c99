"""Admin of qualifications: their graph, and a page on what deleting one would mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from credentials.models import Qualification
from credentials.services import delete_qualification, save_qualification
from events import overview
from medcover.backoffice.columns import tick
from medcover.backoffice.filters import DefaultFilter
from medcover.backoffice.forms import VersionedForm
from medcover.backoffice.mixins import FoldedSearch, SavedByService
from medcover.backoffice.paging import Paged
from medcover.common.czech import MISSING
from medcover.common.errors import DomainError

#: So many holders are named before a qualification is deleted; the rest are counted.
NAMED = 12


class QualificationForm(VersionedForm):
    """Name, meaning and place in the graph; whether that closes a cycle is for the service to say."""

    # Declared, so that the admin does not add its button for making one in a pop-up.
    direct_substitutes = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Superior qualifications (may stand in)"),
        queryset=Qualification.objects.living(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Their holders may take positions that demand this qualification."),
    )

    class Meta:
        model = Qualification
        fields = ("name", "description", "can_lead", "direct_substitutes")
        widgets = {"name": AdminTextInputWidget, "description": AdminTextareaWidget(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "direct_substitutes" in self.fields:
            offered = Qualification.objects.living().exclude(pk=self.instance.pk)
            self.fields["direct_substitutes"].queryset = offered  # type: ignore[attr-defined]


class DeletedFilter(DefaultFilter):
    """Choice between living and deleted qualifications."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices, the default first."""
        return [("living", gettext_lazy("In use")), ("deleted", gettext_lazy("Deleted"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the chosen side."""
        return queryset.deleted() if self.value() == "deleted" else queryset.living()


@admin.register(Qualification)
class QualificationAdmin(SavedByService, FoldedSearch, Paged, admin.ModelAdmin):
    """What people can be qualified for."""

    form = QualificationForm
    actions = None
    list_display = ("name_column", "description_column", "can_lead_column", "parents_column", "holders_column")
    list_filter = (DeletedFilter,)
    search_fields = ("name",)
    ordering = ("name_sort", "id")
    change_form_template = "admin/credentials/qualification/change_form.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        """Read each with its parents and the number of its holders."""
        rows: Any = super().get_queryset(request)
        return rows.with_holders_counted().with_living_substitutes()

    # --- columns ----------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Name"), ordering="name_sort")
    def name_column(self, row: Qualification) -> str:
        """Name of the qualification, sorted in Czech order."""
        return row.name

    @admin.display(description=gettext_lazy("Description"))
    def description_column(self, row: Qualification) -> str:
        """The beginning of it."""
        return Truncator(row.description).chars(120) or MISSING

    @admin.display(description=gettext_lazy("Resp. person"), ordering="-can_lead")
    def can_lead_column(self, row: Qualification) -> SafeString | str:
        """A tick for those whose holders may be responsible person."""
        return tick(_("yes")) if row.can_lead else MISSING

    @admin.display(description=gettext_lazy("Superior (may stand in)"))
    def parents_column(self, row: Any) -> str:
        """Whose holders may stand in directly."""
        return ", ".join(parent.name for parent in row.living_substitutes) or MISSING

    @admin.display(description=gettext_lazy("Holders"), ordering="holder_count")
    def holders_column(self, row: Any) -> SafeString | str:
        """How many people hold it, as a link to them."""
        if row.is_deleted or not row.holder_count:
            return str(row.holder_count)
        url = reverse(f"{self.admin_site.name}:roster_user_changelist", query={"qualification": row.pk})
        return format_html('<a href="{}">{}</a>', url, row.holder_count)

    # --- the form ---------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Leave what has been deleted as it is."""
        return super().has_change_permission(request, obj) and not getattr(obj, "is_deleted", False)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Delete once."""
        return super().has_delete_permission(request, obj) and not getattr(obj, "is_deleted", False)

    def store(self, request: HttpRequest, form: Any, formsets: Sequence[Any], *, change: bool) -> Model:
        """Save the qualification and its parents."""
        parents = [parent.pk for parent in form.cleaned_data["direct_substitutes"]]
        version = form.cleaned_data["version"] if change else None
        return save_qualification(
            form.instance, direct_substitutes=parents, by=request.user, at=timezone.now(), version=version
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Head the page with the name that is stored, not with the one being typed."""
        stored = "" if obj is None else Qualification.objects.values_list("name", flat=True).get(pk=obj.pk)
        context |= {"title": stored or _("New qualification"), "subtitle": None}
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- deleting ---------------------------------------------------------------------------------------

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what would happen (GET), or delete (POST)."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_delete_permission(request, row):
            raise PermissionDenied
        return self._delete(request, row) if request.method == "POST" else self._ask(request, row)

    def _ask(self, request: HttpRequest, row: Qualification) -> TemplateResponse:
        holders = row.holdings.select_related("person").order_by("person__name_sort")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Delete a qualification"),
            "row": row,
            "events": list(overview.demanding(row)),
            "templates": list(overview.templates_demanding(row)),
            "holder_count": holders.count(),
            "holders": [holding.person.name for holding in holders[:NAMED]],
            "back": self.change_url(request, row.pk),
        }
        return TemplateResponse(request, "admin/credentials/qualification/delete.html", context)

    def _delete(self, request: HttpRequest, row: Qualification) -> HttpResponse:
        try:
            count = delete_qualification(row.pk, by=request.user, at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self.change_url(request, row.pk))
        self.message_user(request, _deleted(row.name, count), messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:credentials_qualification_changelist"))


def _deleted(name: str, count: int) -> str:
    words = ngettext(
        "The qualification “%(name)s” has been deleted; %(count)d person held it.",
        "The qualification “%(name)s” has been deleted; %(count)d people held it.",
        count,
    )
    return words % {"name": name, "count": count}
