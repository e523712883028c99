"""Labels of the chosen items, from the list of the backoffice."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.forms.labels import MOST_LABELS
from equipment.policies import may_print_labels


class PrintsLabels(admin.ModelAdmin):
    """Offers the page with sheets of labels for the chosen rows; it changes nothing, so it asks for no confirmation."""

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer it to whoever makes labels, before what changes rows."""
        others = super().get_actions(request)
        if IS_POPUP_VAR in request.GET or not may_print_labels(request.user):
            return others
        return {"labels": (_to_labels, "labels", gettext_lazy("Print labels")), **others}


def _to_labels(_admin: Any, request: HttpRequest, rows: Any) -> HttpResponse | None:
    keys = list(
        rows.filter(is_archived=False).order_by("name_sort", "pk").values_list("pk", flat=True)[: MOST_LABELS + 1]
    )
    if not keys:
        messages.error(request, _("Items in the archive get no labels."))
        return None
    if len(keys) > MOST_LABELS:
        messages.error(request, _("One run makes %d labels at the most. Choose fewer items.") % MOST_LABELS)
        return None
    return redirect(f"{reverse('equipment:labels')}?ids={','.join(map(str, keys))}")
