"""Parts of windows and messages, in the form in which Slack takes them (Block Kit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from notifications.slack.text import cut, storable

Block = dict[str, Any]

#: Slack's own limits: entries of a list, and characters.
MOST_OPTIONS, LABEL, TITLE, HINT = 100, 75, 24, 150
#: Of a text that somebody types.
LONGEST_INPUT = 3000


class Option(NamedTuple):
    """One entry of a list; `group` is the heading under which it stands."""

    value: str
    label: str
    hint: str = ""
    group: str = ""


def plain(text: object) -> Block:
    """Return text without any signs of its own."""
    return {"type": "plain_text", "text": str(text), "emoji": True}


def option(one: Option) -> Block:
    """Return an entry of a list."""
    made: Block = {"text": plain(cut(one.label, LABEL) or "—"), "value": one.value}
    return {**made, "description": plain(cut(one.hint, LABEL))} if one.hint else made


def listed(options: Sequence[Option]) -> Block:
    """Return a list's entries, under their headings where they have some; at most as many as Slack takes."""
    options = options[:MOST_OPTIONS]
    if not any(one.group for one in options):
        return {"options": [option(one) for one in options]}
    groups: dict[str, list[Block]] = {}
    for one in options:
        groups.setdefault(one.group, []).append(option(one))
    return {
        "option_groups": [{"label": plain(cut(name, LABEL) or "—"), "options": found} for name, found in groups.items()]
    }


def window(
    code: str, title: object, blocks: Sequence[Block], *, submit: object, cancel: object, hidden: str = ""
) -> Block:
    """Return a window; `hidden` comes back with what is sent."""
    return {
        "type": "modal",
        "callback_id": code,
        "title": plain(cut(title, TITLE)),
        "submit": plain(cut(submit, TITLE)),
        "close": plain(cut(cancel, TITLE)),
        "private_metadata": hidden,
        "blocks": list(blocks),
    }


def field(name: str, label: object, element: Block, *, optional: bool = False, hint: object = "") -> Block:
    """Return a labelled field; its name is that of its value."""
    block: Block = {"type": "input", "block_id": name, "label": plain(label), "element": element, "optional": optional}
    return {**block, "hint": plain(cut(hint, HINT))} if hint else block


def text_input(*, multiline: bool = False, initial: str = "", longest: int = LONGEST_INPUT) -> Block:
    """Return a field in which text is typed."""
    element: Block = {"type": "plain_text_input", "action_id": "text", "multiline": multiline, "max_length": longest}
    return {**element, "initial_value": initial} if initial else element


def select(options: Sequence[Option], *, chosen: str = "") -> Block:
    """Return a list of which one entry is chosen."""
    element: Block = {"type": "static_select", "action_id": "choice", **listed(options)}
    return _with_choice(element, options, chosen)


def choice(source: str, options: Sequence[Option], *, chosen: str = "") -> Block:
    """Return a list as it stands; one that is too long for Slack is searched while people type (`source`)."""
    if len(options) <= MOST_OPTIONS:
        return select(options, chosen=chosen)
    return _with_choice({"type": "external_select", "action_id": source, "min_query_length": 0}, options, chosen)


def _with_choice(element: Block, options: Sequence[Option], chosen: str) -> Block:
    found = next((one for one in options if one.value == chosen), None) if chosen else None
    return {**element, "initial_option": option(found)} if found else element


def tick(value: str, label: object, hint: str = "") -> Block:
    """Return a box that is ticked or not."""
    return {"type": "checkboxes", "action_id": "ticks", "options": [option(Option(value, str(label), hint))]}


def day(initial: str = "") -> Block:
    """Return a field for a day, as ISO writes it."""
    element: Block = {"type": "datepicker", "action_id": "day"}
    return {**element, "initial_date": initial} if initial else element


def section(text: str, *, button: Block | None = None) -> Block:
    """Return a paragraph, with a button beside it."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return {**block, "accessory": button} if button else block


def context(text: str) -> Block:
    """Return a small line."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def button(code: str, label: object, value: str) -> Block:
    """Return a button."""
    return {"type": "button", "action_id": code, "text": plain(cut(label, LABEL)), "value": value}


def values_of(state: Any) -> Mapping[str, Any]:
    """Return what stands in the fields of a window, by name: texts, and for boxes the values of those ticked."""
    fields = state.get("values", {}) if isinstance(state, dict) else {}
    found = {name: _value(next(iter(actions.values()), {})) for name, actions in fields.items()}
    return {name: storable(value) if isinstance(value, str) else value for name, value in found.items()}


def _value(element: Mapping[str, Any]) -> Any:
    kind = element.get("type")
    if kind == "checkboxes":
        return [one["value"] for one in element.get("selected_options") or ()]
    if kind == "datepicker":
        return element.get("selected_date") or ""
    if kind in ("static_select", "external_select"):
        return (element.get("selected_option") or {}).get("value", "")
    return element.get("value") or ""
