"""Download of everything that is known of oneself, as one archive: a file for programs and one to read."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from medcover.common.errors import DomainError
from roster.privacy.export import Part
from roster.services import own_data

#: By these a program recognises the file. The number rises when a key changes its meaning or goes.
FORMAT, FORMAT_VERSION = "medcover-personal-data", 1


@method_decorator(never_cache, name="dispatch")
class OwnDataView(View):
    """Hands the archive out; only on purpose, so reading the address leads to the profile."""

    def get(self, _request: HttpRequest) -> HttpResponseBase:
        """Redirect to the page with the button."""
        return redirect("roster:profile")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the archive, or with the page when it has been given out just now."""
        at = timezone.now()
        try:
            parts = own_data.gather(request.user.pk, by=request.user, at=at)
        except DomainError as refusal:
            messages.warning(request, str(refusal))
            return redirect("roster:profile")
        name = f"medcover-{timezone.localtime(at):%Y-%m-%d}.zip"
        answer = HttpResponse(_archive(request, parts, at), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _archive(request: HttpRequest, parts: Sequence[Part], at: datetime) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _for_programs(request, parts, at))
        archive.writestr("prehled.html", _for_people(request, parts, at))
    return buffer.getvalue()


def _for_programs(request: HttpRequest, parts: Sequence[Part], at: datetime) -> str:
    document = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "generated_at": at,
        "organisation": _organisation(request),
        "data": {part.key: part.as_data() for part in parts},
    }
    return json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def _for_people(request: HttpRequest, parts: Sequence[Part], at: datetime) -> str:
    context = {"person": request.user, "organisation": _organisation(request), "at": at, "parts": parts}
    return render_to_string("roster/own_data.html", context).lstrip()


def _organisation(request: Any) -> str:
    return str(request.site_settings.organisation_name)
