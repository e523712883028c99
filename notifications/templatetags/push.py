"""What pages show of notifications in browsers; nothing, and nothing is read for it, without a key."""

from __future__ import annotations

from typing import Any

from django import template

from notifications.forms import PushChoicesForm
from notifications.push import keys
from notifications.push.models import PushSubscription

register = template.Library()


@register.inclusion_tag("notifications/push/head.html")
def push_head() -> dict[str, Any]:
    """Name what makes an application of the site on a phone."""
    return {"push_is_on": keys.is_on()}


@register.inclusion_tag("notifications/push/card.html", takes_context=True)
def push_card(context: template.Context) -> dict[str, Any]:
    """Show the card of the own profile; empty also for whoever no notification is meant for."""
    request = context["request"]
    if not keys.is_on():
        return {"form": None}
    form = PushChoicesForm(person=request.user, auto_id="push_%s")
    return {
        "form": form if form.wishes else None,
        "devices": list(PushSubscription.objects.working().of(request.user.pk)),
        "public_key": keys.public_key(),
        "csrf_token": context.get("csrf_token"),
        "request": request,
    }
