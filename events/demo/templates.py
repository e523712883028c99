"""Event templates of the demo organisation, kept from events that are over; what is there already is left as it is."""

from __future__ import annotations

from events.models import Event, EventTemplate
from events.services.templates import template_from

#: Name of a template → name of the event that it is made of.
TEMPLATES = {"Běžecký nebo cyklistický závod": "Cyklistický závod Ladronka", "Letní festival": "Noc divadel"}


def build() -> int:
    """Make the templates; return how many were made."""
    known = set(EventTemplate.objects.filter(name__in=TEMPLATES).values_list("name", flat=True))
    fresh = {name: source for name, source in TEMPLATES.items() if name not in known}
    made = [
        template_from(event, name, by=None)
        for name, source in fresh.items()
        for event in Event.objects.filter(name=source).order_by("-start", "pk")[:1]
    ]
    return len(made)
