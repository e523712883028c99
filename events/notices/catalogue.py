"""When each type of notification about events is sent and to whom, as the catalogue in the backoffice says it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_SIGNED_UP = _("Everybody signed up")
_CONCERNED = _("Everybody signed up or waiting for a place, and who was about to hear of the event")
_STAFF = _("All members and coordinators")
_LEADER = _("Responsible person")
_OFFERED = _("The person to whom the place was offered")

#: Code → trigger, recipients.
DESCRIBED: dict[str, tuple[Promise, Promise]] = {
    "assignment_confirmed": (_("Somebody signs up or is signed up"), _("The person signed up")),
    "assignment_released": (_("Somebody signs off or is signed off"), _("The person signed off")),
    "event_published": (_("An event is published"), _STAFF),
    "assignments_opened": (_("Sign-ups open, also when they do so again"), _STAFF),
    "event_changed": (_("An edit that changes something is saved"), _SIGNED_UP),
    "event_cancelled": (_("An event is cancelled"), _CONCERNED),
    "event_archived": (_("An event is archived, alone or with its master event"), _CONCERNED),
    "event_unarchived": (_("An event is restored from the archive"), _SIGNED_UP),
    "event_message": (
        _("Somebody writes to people of an event"),
        _("Those who were chosen of everybody signed up or waiting"),
    ),
    "duty_reminder": (_("A duty comes near, by the lead time that the person chose"), _SIGNED_UP),
    "unfilled_reminder": (
        _("A moment of the event's schedule has come and somebody is missing"),
        _("Responsible person and coordinator of the master event"),
    ),
    "place_offered": (_("A place becomes free that somebody waits for"), _("The person whose turn it is")),
    "offer_expired": (_("An offered place was not answered in time"), _OFFERED),
    "offer_withdrawn": (_("An offered place is there no more"), _OFFERED),
    "place_freed": (_("Somebody leaves an event"), _LEADER),
    "place_filled": (_("Somebody comes to an event"), _LEADER),
    "place_available": (
        _("A place becomes free that nobody waits for"),
        _("Everybody who could take it and is free at that time"),
    ),
    "drop_out_alarm": (_("Somebody leaves shortly before the start"), _("Responsible person and coordinators")),
    "handover_proposed": (_("Somebody asks for a substitute"), _("The person who is asked")),
    "handover_accepted": (_("A duty is handed over"), _("The person who had it, and the responsible person")),
    "handover_declined": (_("A substitute declines"), _("The person who asked")),
    "handover_withdrawn": (_("A question for a substitute is withdrawn"), _("The person who was asked")),
}
