"""Pages of the guides; they are for everybody, with an account or without."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from medcover.guides.facts import NAMES, facts
from medcover.guides.rendering import html_of

_TITLES = {
    "home": _("Guides"),
    "members": _("Guide for members"),
    "technicians": _("Guide for technicians"),
    "staff": _("Guide for coordinators and administrators"),
    "about": _("About MedCover"),
}


@login_not_required
@require_safe
def guide(request: HttpRequest, name: str = "home") -> HttpResponse:
    """Show a guide as it holds for this installation, in the reader's language."""
    if name not in _TITLES:
        raise Http404
    language = "cs" if get_language() == "cs" else "en"
    context = {
        "name": name,
        "title": _TITLES[name],
        "text": html_of(name, language, facts()),
        "others": [(other, _TITLES[other]) for other in NAMES if other != name],
    }
    return render(request, "guides/guide.html", context)
