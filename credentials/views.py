"""Member page of qualifications, read-only: they are changed in the backoffice."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from credentials.models import Qualification
from medcover.common import paging

PER_PAGE = 100


@permission_required("credentials.view_qualification", raise_exception=True)
@require_safe
def qualification_list(request: HttpRequest) -> HttpResponse:
    """Show what people can be qualified for, and who may stand in for whom."""
    found = Qualification.objects.living()
    page = paging.slice_of(found.with_living_substitutes(), request.GET.get("page"), PER_PAGE, counted=found)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    return render(request, "credentials/qualifications.html", {"page_obj": page.page})
