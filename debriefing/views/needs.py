"""The list of what debriefings ask for, and the steps by which whoever plans settles it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from debriefing.forms.needs import STATES, NeedFilter
from debriefing.models import Need
from debriefing.need_overview import by_event, choose_templates
from debriefing.need_querysets import SETTLE, events_asked_about, having
from debriefing.services import needs
from debriefing.services.wanting import kinds_called, names_of_stock
from events.models import EventTemplate
from medcover.common import paging
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.redirects import safe_next
from medcover.common.text import key_in, tidy

#: Events on one page.
PER_PAGE = 10
#: More rows than any group has.
MOST_ROWS = 500

planners_only = permission_required(SETTLE, raise_exception=True)


@planners_only
@require_safe
def need_list(request: HttpRequest) -> HttpResponse:
    """Show one page of the events that something was missed on, with what it was and what became of it."""
    form, reader = NeedFilter(request.GET), request.user
    page = paging.slice_of(form.events(reader), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    entries = by_event(list(page.page), form.needs(reader))
    context = {
        "form": form,
        "states": STATES,
        "entries": entries,
        "templates": choose_templates(entries),
        "stock": list(names_of_stock()),
        "page_obj": page.page,
        "next_url": request.get_full_path(),
        "next_query": urlencode({"next": request.get_full_path()}),
    }
    return render(request, "debriefing/needs.html", context)


@planners_only
@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """Show all ways to settle one group of needs: a page of its own, of which the list fetches the forms."""
    found = Need.objects.shown_to(request.user).open().filter(pk__in=_keys(request.GET))
    events = events_asked_about(request.user).filter(having(found)).select_related("master_event")
    entries = by_event(list(events[:2]), found)
    groups = [(entry, group) for entry in entries for group in entry.groups]
    next_url = safe_next(request.get_host(), request.GET.get("next"), reverse("debriefing:needs"))
    if len(groups) != 1:
        messages.error(request, _("What you wanted to settle is not open any more."))
        return redirect(next_url)
    entry, group = groups[0]
    context = {"entry": entry, "group": group, "templates": choose_templates(entries), "next_url": next_url}
    return render(request, "debriefing/need_steps.html", context)


@planners_only
@require_POST
def add_to_template(request: HttpRequest) -> HttpResponse:
    """Let events of the chosen template begin with more."""
    template, count = key_in(request.POST.get("template")), key_in(request.POST.get("quantity"))
    return _do(
        request,
        lambda **who: needs.add_to_template(_keys(request.POST), template, count, **who),
        _added,
    )


def _added(template: EventTemplate) -> str:
    return _("The template “%s” has been changed; events made from it begin with it.") % template.name


@planners_only
@require_POST
def book_use(request: HttpRequest) -> HttpResponse:
    """Take what was used out of stock."""
    quantity = key_in(request.POST.get("quantity"))
    return _do(
        request,
        lambda **who: needs.book_use(_keys(request.POST), _kind_named(request), quantity, **who),
        lambda made: _taken(-sum(line.quantity for line in made)),
    )


def _taken(pieces: int) -> str:
    words = ngettext("%d piece has been taken out of stock.", "%d pieces have been taken out of stock.", pieces)
    return words % pieces


@planners_only
@require_POST
def accept_booked(request: HttpRequest) -> HttpResponse:
    """Settle what the crew has recorded in the stock already."""
    return _do(
        request,
        lambda **who: needs.accept_booked(_keys(request.POST), _kind_named(request), **who),
        _("It is settled."),
    )


@planners_only
@require_POST
def start_stocking(request: HttpRequest) -> HttpResponse:
    """Make a kind of the stock that is to be bought."""
    name, unit, minimum = _text(request, "name"), _text(request, "unit"), key_in(request.POST.get("quantity"))
    return _do(
        request,
        lambda **who: needs.start_stocking(_keys(request.POST), name, unit, minimum, **who),
        lambda made: _("“%s” is in the stock now and stands among what is to be bought.") % made.name,
    )


@planners_only
@require_POST
def settle_by_hand(request: HttpRequest) -> HttpResponse:
    """Note that it was settled in another way."""
    note = _text(request, "note")
    return _do(request, lambda **who: needs.settle_by_hand(_keys(request.POST), note, **who), _("It is settled."))


@planners_only
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Put it aside with a reason."""
    reason = _text(request, "note")
    return _do(request, lambda **who: needs.dismiss(_keys(request.POST), reason, **who), _("It has been dismissed."))


@planners_only
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """Take a dismissal back."""
    return _do(request, lambda **who: needs.reopen(_keys(request.POST), by=who["by"]), _("It is open again."))


# --- what was sent, and the answer ----------------------------------------------------------------------


def _keys(sent: QueryDict) -> list[int]:
    return [key_in(text) for text in sent.getlist("need")[:MOST_ROWS]]


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "")


def _kind_named(request: HttpRequest) -> int:
    """Return the key of the consumable that was named. Raises DomainError when the stock knows none."""
    name = tidy(_text(request, "consumable")).lower()
    key = kinds_called([name]).get(name)
    if key is None:
        raise DomainError(_("The stock knows nothing of this name. Choose one that is offered, or make a new kind."))
    return key


def _do(request: HttpRequest, change: Callable[..., Any], done: Any) -> HttpResponse:
    """Make a change and lead back to the list; a refusal is said there."""
    try:
        outcome = change(by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done(outcome) if callable(done) else str(done))
    return redirect(safe_next(request.get_host(), request.POST.get("next"), reverse("debriefing:needs")))
