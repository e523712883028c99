"""Steps of a repair that are one touch or one text, and its photos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from equipment.forms.item import PhotoForm
from equipment.models import Repair, RepairPhoto
from equipment.services.repairs import photos, work
from equipment.views.files import answer_with, sent
from equipment.views.requests import posted_version, sentence_of, warn_of_broken, workers_only
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.redirects import safe_next


def _do(request: HttpRequest, pk: int, change: Callable[[], Any], done: str) -> HttpResponse:
    """Make a change and lead back to the queue or to the repair; a refusal is said there."""
    get_object_or_404(Repair, pk=pk)
    try:
        outcome = change()
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except (DomainError, ValidationError) as refusal:
        messages.error(request, sentence_of(refusal))
    else:
        messages.success(request, done)
        warn_of_broken(request, outcome)
    return redirect(_back(request, pk))


def _back(request: HttpRequest, pk: int) -> str:
    """Return where the step was asked for, if that is a page that offers it."""
    page = reverse("equipment:repair", args=[pk])
    asked = safe_next(request.get_host(), request.POST.get("next"), page)
    return asked if urlsplit(asked).path in {page, reverse("equipment:repairs")} else page


@workers_only
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the repair upon oneself."""
    version, now = posted_version(request), timezone.now()
    done = _("The repair is yours.")
    return _do(request, pk, lambda: work.claim(pk, by=request.user, at=now, version=version), done)


@workers_only
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the repair as done, with a note."""
    version, now, note = posted_version(request), timezone.now(), request.POST.get("note", "")
    done = _("The repair is resolved.")
    return _do(request, pk, lambda: work.resolve(pk, note=note, by=request.user, at=now, version=version), done)


@workers_only
@require_POST
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a note."""
    now, text = timezone.now(), request.POST.get("note", "")
    return _do(request, pk, lambda: work.add_note(pk, text, by=request.user, at=now), _("The note has been added."))


@workers_only
@require_POST
def add_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a photo."""
    now = timezone.now()
    data, name = sent(PhotoForm(request.POST, request.FILES), "photo")
    done = _("The photo has been added.")
    return _do(request, pk, lambda: photos.add_photo(pk, data, name=name, by=request.user, at=now), done)


@workers_only
@require_safe
def send_photo(_request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send a photo of a repair; only whoever works on repairs gets it."""
    return answer_with(get_object_or_404(RepairPhoto, pk=pk), "image/jpeg")
