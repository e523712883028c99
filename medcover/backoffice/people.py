"""Person picker: a select searched by typing, as no page of the backoffice lists everybody."""

from __future__ import annotations

from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse

from medcover.common.paging import slice_of

PER_PAGE = 20


class PersonSelect(AutocompleteSelect):
    """The admin's search-as-you-type select, offering active people."""

    url_name = "%s:people_search"


def people_view(request: HttpRequest) -> JsonResponse:
    """Answer a picker: the active people whose name or address has every word of `term`, a page at a time."""
    if not request.user.has_perm("roster.view_user"):
        raise PermissionDenied
    people = get_user_model().objects.active().matching(request.GET.get("term", "")).by_name()
    page = slice_of(people, request.GET.get("page"), PER_PAGE).page
    results = [{"id": str(person.pk), "text": f"{person.name} ({person.email})"} for person in page]
    return JsonResponse({"results": results, "pagination": {"more": page.has_next()}})
