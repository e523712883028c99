"""Lists of items and types for everybody who may see equipment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from equipment import page_querysets, policies
from equipment.consumables import attention
from equipment.forms.listing import STATES, ItemFilter
from equipment.models import EquipmentType
from equipment.states import states_of
from equipment.views.requests import readers_only
from medcover.common import paging

PER_PAGE = 30
TYPES_PER_PAGE = 100


@readers_only
@require_safe
def item_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the items that match what the address asks for."""
    form, now = ItemFilter(request.GET), timezone.now()
    found = form.found(request.user, now)
    page = paging.slice_of_keys(form.ordered(found), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "states": STATES,
        "rows": list(states_of(page_querysets.read_rows(page.page, request.user, now), now)),
        "page_obj": page.page,
        "held": page_querysets.count_held(request.user),
        "may_issue": policies.may_issue(request.user),
        "may_print_labels": policies.may_print_labels(request.user),
        "may_inspect": policies.may_record_inspections(request.user),
        "query": request.GET.urlencode(),
        "consumables": attention.for_reader(request.user, now),
    }
    return render(request, "equipment/items.html", context)


@readers_only
@require_safe
def type_list(request: HttpRequest) -> HttpResponse:
    """Show the types with how many items there are and can be used now."""
    now = timezone.now()
    found: Any = EquipmentType.objects.all()
    listed = found.with_items_counted().with_pool(now, now + timedelta(microseconds=1)).order_by("name_sort", "pk")
    page = paging.slice_of(listed, request.GET.get("page"), TYPES_PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    return render(request, "equipment/types.html", {"page_obj": page.page})
