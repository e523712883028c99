"""List and pages of people for everybody who may see people; they are changed in the backoffice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from credentials.models import Holding
from equipment.policies import VIEW
from equipment.states import held_by
from medcover.common import formats, paging
from medcover.common.czech import MISSING
from medcover.common.phones import dialable
from roster.forms.people import PeopleFilter
from roster.models import User
from roster.rights import Role

PER_PAGE = 30


@dataclass(frozen=True)
class Row:
    """One person of the list, as plain values: whatever a template has to search for costs as much as a statement."""

    url: str
    name: str
    email: str
    is_active: bool
    state: SafeString  # the badge
    created: str
    last_login: str
    holdings: str
    roles: str


@permission_required("roster.view_user", raise_exception=True)
@require_safe
def people_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the people who match what the address asks for."""
    form = PeopleFilter(request.GET)
    if form.wants_archived and not request.user.has_perm("roster.view_archived_user"):
        raise PermissionDenied
    found = form.found()
    listed = _with_holdings(found.with_role_names())
    page = paging.slice_of(listed, request.GET.get("page"), PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "roles": [(role.value, role.label) for role in Role],
        "rows": list(_rows(page.page)),
        "page_obj": page.page,
    }
    return render(request, "roster/people.html", context)


@permission_required("roster.view_user", raise_exception=True)
@require_safe
def person_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show how to reach one person and what they can do."""
    person = get_object_or_404(_with_holdings(User.objects.visible_to(request.user)), pk=pk)
    context = {
        "person": person,
        "phone": dialable(person.phone),
        "holdings": with_validity(person.holdings.all()),
        "held": held_by(person, timezone.now()) if request.user.has_perm(VIEW) else None,
    }
    return render(request, "roster/person.html", context)


def _with_holdings(people: Any) -> Any:
    """Read with each what they hold; one query, however many people."""
    return people.prefetch_related(Prefetch("holdings", Holding.objects.shown()))


def with_validity(holdings: Iterable[Holding]) -> list[tuple[Holding, bool]]:
    """Return qualifications that somebody holds, each with whether it counts today."""
    today = timezone.localdate()
    return [(holding, holding.is_valid_on(today)) for holding in holdings]


def _rows(people: Iterable[User]) -> Iterator[Row]:
    zone = timezone.get_current_timezone()
    badge_of = cache(_badge)
    for person in people:
        yield Row(
            url=reverse("person", args=[person.pk]),
            name=person.name,
            email=person.email,
            is_active=person.is_active,
            state=badge_of(person.state),
            created=f"{person.created.astimezone(zone):%d.%m.%Y}",
            last_login=formats.date_time(person.last_login, zone),
            holdings=_listed(_in_words(person.holdings.all())),
            roles=_listed(str(role.label) for role in person.roles),
        )


def _badge(state: User.State) -> SafeString:
    return render_to_string("components/person_state.html", {"state": state})


def _in_words(holdings: Iterable[Holding]) -> Iterator[str]:
    expired = pgettext("qualification", "expired")
    for holding, is_valid in with_validity(holdings):
        name = holding.qualification.name
        yield name if is_valid else f"{name} ({expired})"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or MISSING
