"""Reports of people without an account, and the page that thanks for one."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from equipment.models import Repair
from equipment.public.forms import ReportForm
from equipment.public.views.item import page
from equipment.public.views.requests import public_page, shown_line
from equipment.services.repairs import strangers
from equipment.services.repairs.opening import Picture, Reported
from equipment.services.repairs.strangers import TooManyReports
from equipment.slack.posts import channels_of
from equipment.status_board import Line
from equipment.views.files import sent
from medcover.common.errors import DomainError
from medcover.system.rate_limits import address_of

_SALT = "equipment.public.reported"
#: So long the page that thanks for a report can be opened again.
SHOWN_FOR = timedelta(hours=1)


@public_page
@require_POST
def report(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a report; what is wrong with it is said above the form, with everything that was typed."""
    line, now = shown_line(code), timezone.now()
    form = ReportForm(request.POST, request.FILES, code=code, at=now)
    if not form.is_valid():
        return _again(request, line, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    data, name = sent(form, "photo")
    picture, sender = Picture(data, name) if name else None, address_of(request)
    try:
        made = strangers.report(line.item.pk, form.problem, form.stranger, sender=sender, at=now, picture=picture)
    except TooManyReports as refusal:
        form.add_error(None, str(refusal))
        return _again(request, line, form, HTTPStatus.TOO_MANY_REQUESTS)
    except (DomainError, ValidationError) as refusal:
        form.add_error(None, refusal.messages if isinstance(refusal, ValidationError) else str(refusal))
        return _again(request, line, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(confirmation_url(code, made))


def _again(request: HttpRequest, line: Line, form: ReportForm, status: HTTPStatus) -> HttpResponse:
    form.ask_again()
    return page(request, line, form, status=status)


def confirmation_url(code: str, made: Reported) -> str:
    """Return the address that thanks for a report: signed, for a while, and of use with its item only."""
    token = signing.dumps([made.repair.pk, made.picture_refused], salt=f"{_SALT}.{code}")
    return f"{reverse('public:confirmation', args=[code])}?{urlencode({'made': token})}"


@public_page
@require_safe
def confirmation(request: HttpRequest, code: str) -> HttpResponse:
    """Thank for the report that was just made, and for no other."""
    line = shown_line(code)
    key, refused = _opened(request.GET.get("made", ""), code)
    made = Repair.objects.filter(pk=key, item=line.item).first()
    if made is None:
        raise Http404
    context = {
        "item": line.item,
        "repair": made,
        "picture_refused": refused,
        "channels": channels_of(line.item.location),
    }
    return render(request, "public/confirmation.html", context)


def _opened(token: str, code: str) -> tuple[Any, Any]:
    try:
        key, refused = signing.loads(token, salt=f"{_SALT}.{code}", max_age=SHOWN_FOR)
    except signing.BadSignature as error:
        raise Http404 from error
    return key, refused
