"""What debriefing managers see: events with what people have said, who is missing, and a way to remind them."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from debriefing import policies
from debriefing.forms.listing import DebriefingFilter
from debriefing.overview import Card, cards
from debriefing.querysets import VIEW_ALL, debriefed_events
from debriefing.services import asking
from medcover.common import paging
from medcover.common.date_ranges import quick_ranges
from medcover.common.errors import DomainError, NotAllowed

PER_PAGE = 10

readers_of_all = permission_required(VIEW_ALL, raise_exception=True)


@readers_of_all
@never_cache
@require_safe
@sensitive_variables()
def manage(request: HttpRequest) -> HttpResponse:
    """Show one page of the completed events that match, with what people have said."""
    form = DebriefingFilter(request.GET)
    page = paging.slice_of(form.found(request.user), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    context = {
        "form": form,
        "ranges": quick_ranges(timezone.localdate()),
        "cards": cards(list(page.page), request.user),
        "labels": _labels(),
        "page_obj": page.page,
    }
    return render(request, "debriefing/manage.html", context)


@readers_of_all
@never_cache
@require_safe
@sensitive_variables()
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what everybody on one event has said, and who has not answered."""
    context = {"card": _card(request, pk), "labels": _labels(), "may_remind": policies.may_manage(request.user)}
    return render(request, "debriefing/event.html", context)


def _labels() -> dict[str, str]:
    """Return the words that every card repeats, translated once for the page."""
    return {
        "participant": _("Participant"),
        "note": _("Note"),
        "event": pgettext("column", "Course of the event"),
        "customer": pgettext("column", "Customer"),
        "colleagues": pgettext("column", "Colleagues"),
        "facts": _("Hours and material"),
        "submitted": _("Handed in"),
        "missing": _("Still missing"),
        "times": _("Times kept"),
        "no_times": _("Times not kept"),
        "real_times": _("Real times"),
    }


def _card(request: HttpRequest, pk: int) -> Card:
    found = debriefed_events().filter(pk=pk).first()
    if found is None:
        raise Http404
    return cards([found], request.user)[0]


@readers_of_all
@require_POST
def remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind everybody on an event who has not answered."""
    try:
        count = asking.remind_by_hand(pk, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        words = ngettext("%d person has been reminded.", "%d people have been reminded.", count)
        messages.success(request, words % count)
    return redirect("debriefing:event", pk)
