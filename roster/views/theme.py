"""Switch of colours (light, dark) in the header of every page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from medcover.common.redirects import safe_next
from roster import services
from roster.models import User

#: What one touch changes when no colours are named.
_NEXT = {
    User.Theme.AUTO: User.Theme.LIGHT,
    User.Theme.LIGHT: User.Theme.DARK,
    User.Theme.DARK: User.Theme.AUTO,
}


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponseBase:
    """Remember the chosen colours, or the next ones in turn; a stranger's browser remembers them by itself."""
    if request.user.is_authenticated:
        services.choose_theme(request.user.pk, _wanted(request, request.user.theme), by=request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    wanted = safe_next(request.get_host(), request.POST.get("next"), settings.LOGIN_REDIRECT_URL)
    return redirect(wanted)


def _wanted(request: HttpRequest, current: str) -> str:
    chosen = request.POST.get("theme", "")
    return chosen if chosen in User.Theme.values else _NEXT[User.Theme(current)]
