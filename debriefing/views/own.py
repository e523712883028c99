"""One's own debriefings: the list of them, the form, and what was handed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from debriefing import policies, rules
from debriefing.forms.submitting import DebriefingForm
from debriefing.models import ConfidentialAnswers
from debriefing.querysets import VIEW_OWN, of_person
from debriefing.services import submitting
from debriefing.services.submitting import AlreadySubmitted
from events.models import Assignment
from events.policies import may_view
from events.rules.lifecycle import Status
from medcover.common import paging
from medcover.common.errors import DomainError, NotAllowed

PER_PAGE = 20


@permission_required(VIEW_OWN, raise_exception=True)
@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    """Show the reader's debriefings, those that are missing and those handed in."""
    page = paging.slice_of(of_person(request.user), request.GET.get("page"), PER_PAGE)
    if page.past_end:
        return redirect(f"{request.path}{paging.page_query(request.GET, page.number)}")
    duties = [(duty, getattr(duty, "debriefing", None)) for duty in page.page]
    return render(request, "debriefing/own_list.html", {"duties": duties, "page_obj": page.page})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the person of a duty for their debriefing, keep it, or show what they have handed in."""
    assignment = _own_assignment(request, pk)
    if assignment.event.status != Status.COMPLETED:
        messages.warning(request, _("The debriefing can be filled in once the event is completed."))
        return redirect(_way_back(request, assignment))
    if hasattr(assignment, "debriefing"):
        return _submitted(request, assignment)
    return _asked(request, assignment)


def _own_assignment(request: HttpRequest, pk: int) -> Assignment:
    rows = Assignment.objects.select_related("event__master_event", "debriefing")
    assignment = rows.filter(pk=pk).first()
    if assignment is None:
        raise Http404
    if not policies.may_open(request.user, assignment):
        raise PermissionDenied
    return assignment


def _way_back(request: HttpRequest, assignment: Assignment) -> str:
    """The event's page, or the overview for whoever sees no events."""
    event = assignment.event
    return event.get_absolute_url() if may_view(request.user, event) else reverse("events:dashboard")


@sensitive_variables()
def _asked(request: HttpRequest, assignment: Assignment) -> HttpResponse:
    event = assignment.event
    part = policies.leader_part_for(request.user, event)
    form = DebriefingForm(request.POST or None, event=event, part=part, reader=request.user)
    if form.is_valid():
        try:
            submitting.submit(assignment.pk, form.entry(), by=request.user, at=timezone.now())
        except AlreadySubmitted:
            return redirect("debriefing:own", assignment.pk)
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except ValidationError as refusal:
            form.show(refusal.message_dict)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your debriefing has been handed in. Thank you."))
            return redirect("debriefing:own", assignment.pk)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = {"assignment": assignment, "event": event, "form": form, "back_url": _way_back(request, assignment)}
    return render(request, "debriefing/form.html", context, status=status)


@sensitive_variables()
def _submitted(request: HttpRequest, assignment: Any) -> HttpResponse:
    answers: Any = ConfidentialAnswers.objects.readable_by(request.user).filter(debriefing__assignment=assignment)
    context = {
        "assignment": assignment,
        "event": assignment.event,
        "debriefing": assignment.debriefing,
        "material": list(assignment.debriefing.material.all()),
        "needs": list(assignment.debriefing.needs.besides_material().with_subject()),
        "answers": answers.first(),
        "counts_people": rules.counts_people(assignment.event.kind),
        "back_url": _way_back(request, assignment),
    }
    return render(request, "debriefing/submitted.html", context)
