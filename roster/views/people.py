"""The register of people as everybody may read it who may see people; it is changed in the backoffice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from credentials.models import Holding
from medcover.common import paging
from medcover.common.phones import dialable
from roster.forms.people import PeopleFilter
from roster.models import User
from roster.rights import Role

PER_PAGE = 30


@dataclass(frozen=True)
class Row:
    """One person of the list, with what they hold and whether it counts today."""

    person: User
    holdings: list[tuple[Holding, bool]]


@permission_required("roster.view_user", raise_exception=True)
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the people who match what the address asks for."""
    form = PeopleFilter(request.GET)
    if form.wants_archived and not request.user.has_perm("roster.view_archived_user"):
        raise PermissionDenied
    found = form.found()
    page = paging.slice_of(_with_facts(found), request.GET.get("page"), PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "roles": [(role.value, role.label) for role in Role],
        "rows": [Row(person, with_validity(person.holdings.all())) for person in page.page],
        "page_obj": page.page,
    }
    return render(request, "roster/people.html", context)


@permission_required("roster.view_user", raise_exception=True)
@require_safe
def person_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how to reach one person and what they can do."""
    person = get_object_or_404(_with_facts(User.objects.visible_to(request.user)), pk=pk)
    context = {
        "person": person,
        "phone": dialable(person.phone),
        "holdings": with_validity(person.holdings.all()),
    }
    return render(request, "roster/person.html", context)


def _with_facts(people: Any) -> Any:
    """Read with each what is shown besides; a fixed number of queries, however many people."""
    return people.prefetch_related("groups", Prefetch("holdings", Holding.objects.shown()))


def with_validity(holdings: Iterable[Holding]) -> list[tuple[Holding, bool]]:
    """Return qualifications that somebody holds, each with whether it counts today."""
    today = timezone.localdate()
    return [(holding, holding.is_valid_on(today)) for holding in holdings]
