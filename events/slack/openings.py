"""`/medcover-open`: where somebody could help, with a button that signs them up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.dashboard import read_dashboard
from events.models import Event
from events.rules.conflicts import in_words
from events.services import crew
from events.services.crew import Joined
from events.services.locking import Gone
from events.slack.words import linked, no_account, style_of, when
from medcover.common.text import key_in
from notifications.slack import blocks
from notifications.slack.blocks import Block
from notifications.slack.registry import Call, Command, Say, add_button, add_commands
from notifications.slack.text import DONE, RISK, SUMMARY, line

JOIN = "medcover_join"
_PLACE, _SEAT = "place", "event"


def register() -> None:
    """Add the command and its button."""
    add_commands(Command("open", gettext_lazy("Where you could help"), answer, by_worker=True))
    add_button(JOIN, join)


def answer(call: Call) -> Say:
    """Show the events where the asker would help, the next first, as the overview does."""
    person = call.caller.account
    if person is None:
        return no_account()
    panel = read_dashboard(person, call.at).openings
    if panel is None:
        return Say(_("Your account does not sign up for events."))
    if not panel.events:
        return Say(f"{SUMMARY} " + _("Nothing is open at the moment for which you are needed."))
    heading = f"{SUMMARY} *" + _("Where you could help") + "*"
    shown = [blocks.section(heading), *(_line(event, style_of(call.caller)) for event in panel.events)]
    if more := panel.total - len(panel.events):
        words = ngettext("%d more event is on the overview.", "%d more events are on the overview.", more) % more
        shown.append(blocks.context(words))
    return Say(heading, shown)


def _line(event: Any, style: int) -> Block:
    place = next((one for one in event.free_places if one.is_fillable), None)
    described = f" – {line(place.description)}" if place and place.description else ""
    text = f"*{linked(event.pk, event.name)}*\n{when(event.start, event.end, style)}{described}"
    value = f"{_PLACE}:{place.pk}" if place else f"{_SEAT}:{event.pk}"
    return blocks.section(text, button=blocks.button(JOIN, _("Sign up"), value))


def join(call: Call) -> Say:
    """Sign the asker up; the same service as that of the pages says who may."""
    person = call.caller.account
    if person is None:
        return no_account()
    kind, _colon, number = call.text.partition(":")
    key = key_in(number)
    if not Event.objects.visible_to(person).filter(**{_LOOKUPS.get(kind, "pk"): key}).exists():
        raise Gone(_("This place is not there any more."))
    joined = _SERVICES[kind](key, by=person, at=call.at)
    return Say(
        "\n".join([_told(joined), *(f"{RISK} {line(said)}" for said in in_words(joined.conflicts, person.name))])
    )


def _told(joined: Joined) -> str:
    event = joined.assignment.event
    return f"{DONE} " + _("You are signed up: %s") % f"{linked(event.pk, event.name)}, {when(event.start, event.end)}"


_LOOKUPS = {_PLACE: "positions", _SEAT: "pk"}
_SERVICES: dict[str, Callable[..., Joined]] = {_PLACE: crew.claim, _SEAT: crew.join}
