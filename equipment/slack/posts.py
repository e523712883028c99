"""Posts about repairs: queued with the change, as a snapshot; put into words when they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.models import Repair, StorageLocation
from equipment.repairs.rules import Severity, Status, as_told
from equipment.slack.news import News, State, news_of
from medcover.common.slack_channels import as_written
from medcover.system.models import SiteSettings
from notifications.slack import config
from notifications.slack.posting import post
from notifications.slack.registry import Payload, Post, add_posts
from notifications.slack.text import DAY, DONE, MOVED, NEW, PERSON, REPAIR, RISK, cut, line

Mention = Callable[[Any, str], str]

#: Characters of a description that a post shows.
_SHOWN = 1000


def register() -> None:
    """Add the kinds of posts."""
    add_posts(*(Post(_code(news), name, words) for news, (name, words) in _KINDS.items()))


def tell(before: Repair | None, after: Repair) -> None:
    """Queue what is told of a change of a repair; nothing without Slack."""
    if not config.is_on():
        return
    site = SiteSettings.current()
    wanted = {news for news in News if getattr(site, news.value)}
    for news in news_of(_state(before) if before else None, _state(after), wanted):
        post(_code(news), _snapshot(before, after), channel=_channel(after))


def channels_of(location: StorageLocation | None) -> list[str]:
    """Return where repairs of a location are talked about; none without Slack, or without a channel of its own."""
    own = location.slack_channel if location and config.is_on() else ""
    if not own:
        return []
    common, general = as_written(settings.SLACK_OOPS_CHANNEL), as_written(settings.SLACK_GENERAL_CHANNEL)
    return [own, common] if common and own not in (common, general) else [own]


def _code(news: News) -> str:
    return f"repair_{news.name.lower()}"


def _state(repair: Repair) -> State:
    return State(repair.status, repair.severity, repair.assignee_id, repair.eta)


def _channel(repair: Repair) -> str:
    location = repair.item.location
    return location.slack_channel if location else ""


def _snapshot(before: Repair | None, after: Repair) -> Payload:
    was = before or after
    location = after.item.location
    return {
        "repair": after.pk,
        "item": after.item.name,
        "area": location.name if location else "",
        "is_risk": after.is_safety_risk,
        # Only for what is told of them.
        **({"description": after.description, "reporter": after.reported_by} if before is None else {}),
        "severity": [was.severity, after.severity],
        "status": [was.status, after.status],
        "eta": [as_told(was.eta), as_told(after.eta)],
        "assignee": [_name(was), _name(after)],
        "assignee_id": str(after.assignee_id or ""),
    }


def _name(repair: Repair) -> str:
    return repair.assignee.name if repair.assignee else ""


# --- words ---------------------------------------------------------------------------------------------


def _headed(sign: str, title: str, payload: Payload, *lines: str) -> str:
    """Return a post: what it is about, where that belongs, and what is to be said of it."""
    place = f" ({line(payload['area'])})" if payload["area"] else ""
    about = f"{sign} *{title}* – *{line(payload['item'])}*{place}, #{payload['repair']}"
    return "\n".join([about, *(text for text in lines if text)])


def _warned(sign: str, payload: Payload) -> str:
    return f"{RISK} *" + _("SAFETY RISK") + f"* {RISK}" if payload["is_risk"] else sign


def _new(payload: Payload, mention: Mention) -> str:
    # What a technician enters has no reporter, and may have no severity; neither is a word to be shown.
    reporter = line(payload["reporter"]) or _("entered by a technician")
    return _headed(
        _warned(NEW, payload),
        _("Something is wrong"),
        payload,
        _("Severity: %s") % severity_word(payload["severity"][1]),
        _("Reported by: %s") % reporter,
        _assigned(payload, mention),
        f"> {line(cut(payload['description'], _SHOWN))}",
    )


def _assigned(payload: Payload, mention: Mention) -> str:
    name = payload["assignee"][1]
    return _("Assigned to: %s") % mention(payload["assignee_id"], name) if name else ""


def _resolved(payload: Payload, _mention: Mention) -> str:
    status = payload["status"][1]
    title = _("Back in service") if status == Status.RESOLVED else _("Repair closed")
    return _headed(DONE, title, payload, status_word(status))


def _severity(payload: Payload, _mention: Mention) -> str:
    old, new = (severity_word(value) for value in payload["severity"])
    return _headed(_warned(REPAIR, payload), _("Severity changed"), payload, f"{old} → {new}")


def _eta(payload: Payload, _mention: Mention) -> str:
    old, new = (day_word(value) for value in payload["eta"])
    said = f"{old} → {new}" if payload["eta"][0] else new
    return _headed(DAY, _("Expected to be done"), payload, said)


def _moved(payload: Payload, mention: Mention) -> str:
    old, new = (status_word(value) for value in payload["status"])
    changed = payload["assignee"][0] != payload["assignee"][1]
    return _headed(
        MOVED, _("The repair moves on"), payload, f"{old} → {new}", _handed(payload, mention) if changed else ""
    )


def _reassigned(payload: Payload, mention: Mention) -> str:
    return _headed(PERSON, _("Assignee"), payload, _handed(payload, mention))


def _handed(payload: Payload, mention: Mention) -> str:
    """Say who works on it now; whoever did before is a name only, and is not called."""
    old, name = payload["assignee"]
    if not name:
        return _("Nobody any more (before: %s)") % line(old)
    new = mention(payload["assignee_id"], name)
    return f"{line(old)} → {new}" if old else _("Assigned to: %s") % new


def severity_word(severity: str) -> str:
    """Return how bad it is in a word, also where nobody has judged it."""
    return str(Severity(severity).label) if severity else _("not judged")


def status_word(status: str) -> str:
    """Return where the work stands in a word."""
    return str(Status(status).label)


def day_word(day: str) -> str:
    """Return a day as it is read; it was stored as ISO writes it."""
    return f"{date.fromisoformat(day):%d.%m.%Y}" if day else _("no day")


_KINDS: dict[News, tuple[Promise, Callable[[Payload, Mention], str]]] = {
    News.NEW: (gettext_lazy("Slack: something is wrong"), _new),
    News.RESOLVED: (gettext_lazy("Slack: repair closed"), _resolved),
    News.SEVERITY: (gettext_lazy("Slack: severity changed"), _severity),
    News.ETA: (gettext_lazy("Slack: expected to be done"), _eta),
    News.STATUS: (gettext_lazy("Slack: repair moved on"), _moved),
    News.ASSIGNEE: (gettext_lazy("Slack: assignee changed"), _reassigned),
}
