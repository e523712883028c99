"""Checks of the environment at start: one sentence for each thing that is missing or unsafe."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

AUTH_MODES = ("local", "oidc")
SECRET_KEY_LENGTH = 50
_SECRET_KEY_CHARACTERS = 5
_PUSH_KEY_BYTES = 32
_TOKEN_LENGTH = 16
#: The order of the curve P-256.
_PUSH_KEY_BELOW = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PUSH_CONTACT = r"mailto:[^@\s]+@[\w-]+(\.[\w-]+)+|https://[\w-]+(\.[\w-]+)+"
#: Commands of Slack → what they are called where nothing else is said.
SLACK_COMMAND_NAMES = {
    "report": "/esb-report",
    "status": "/esb-status",
    "repair": "/esb-repair",
    "update": "/esb-update",
    "duties": "/medcover-duties",
    "open": "/medcover-open",
}
_SLACK_COMMAND = r"/[a-z0-9_-]{1,31}"
_TRUE = {"true", "on", "ok", "y", "yes", "1"}


def refuse_unfit(environ: Mapping[str, str]) -> None:
    """Raise ImproperlyConfigured naming everything at once that keeps production from starting."""
    refuse(reasons_against(environ))


def refuse(reasons: Iterable[str]) -> None:
    """Raise ImproperlyConfigured with all reasons, if there are any."""
    if found := list(reasons):
        raise ImproperlyConfigured("MedCover does not start:\n" + "\n".join(f"- {reason}" for reason in found))


def reasons_against(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with `environ`; nothing when production may start."""
    yield from _about_secret_key(environ.get("SECRET_KEY", ""))
    if environ.get("DEBUG", "").strip().lower() in _TRUE:
        yield "DEBUG is on. Remove it: it would show settings and data to strangers."
    yield from _about_hosts(environ.get("ALLOWED_HOSTS", ""))
    if not environ.get("DATABASE_URL", "").startswith(("postgres://", "postgresql://")):
        yield "DATABASE_URL is missing or not of the form postgres://user:password@host:5432/name."
    if not environ.get("BASE_URL", "").startswith("https://"):
        yield "BASE_URL is missing or not an https:// address; links in mails begin with it."
    yield from reasons_against_login(environ)
    issuer = environ.get("OIDC_ISSUER", "").strip()
    if environ.get("AUTH_MODE", "").strip() == "oidc" and issuer and not issuer.startswith("https://"):
        yield "OIDC_ISSUER is not an https:// address."


def reasons_against_login(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the way in which people are to log in; wrong anywhere, not in production alone."""
    mode = environ.get("AUTH_MODE", "local").strip()
    if mode not in AUTH_MODES:
        yield "AUTH_MODE is neither local nor oidc."
    if mode != "oidc":
        return
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not environ.get(name, "").strip():
            yield f"{name} is missing; AUTH_MODE=oidc needs it."
    if "openid" not in environ.get("OIDC_SCOPES", "openid").split():
        yield "OIDC_SCOPES does not contain openid."


def reasons_against_push(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the key for notifications in browsers; nothing when there is none."""
    key = environ.get("VAPID_PRIVATE_KEY", "").strip()
    if not key:
        return
    if not _is_push_key(key):
        yield "VAPID_PRIVATE_KEY is no key for notifications in browsers. Make one: manage.py vapid_key."
    if not re.fullmatch(_PUSH_CONTACT, environ.get("VAPID_SUBJECT", "").strip()):
        yield "VAPID_SUBJECT is missing or neither mailto:you@example.org nor an https:// address."


def reasons_against_slack(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with what is said about Slack; nothing when it is not used."""
    if not environ.get("SLACK_BOT_TOKEN", "").strip():
        return
    if not environ["SLACK_BOT_TOKEN"].strip().startswith("xoxb-"):
        yield "SLACK_BOT_TOKEN is no token of a bot; it begins with xoxb-."
    connects = environ.get("SLACK_SOCKET_MODE_CONNECT", "").strip().lower() in _TRUE
    if connects and not environ.get("SLACK_APP_TOKEN", "").strip().startswith("xapp-"):
        yield "SLACK_APP_TOKEN is missing or no token of an app, which begins with xapp-; Socket Mode needs it."
    names = [_slack_command(environ, code) for code in SLACK_COMMAND_NAMES]
    for name in names:
        if not re.fullmatch(_SLACK_COMMAND, name, re.ASCII):
            yield f"{name} is no name of a Slack command: a slash, then small letters, digits, - or _."
    if len(set(names)) < len(names):
        yield "Two Slack commands have the same name; look at the SLACK_COMMAND_ variables."


def _slack_command(environ: Mapping[str, str], code: str) -> str:
    return environ.get(f"SLACK_COMMAND_{code.upper()}", "").strip() or SLACK_COMMAND_NAMES[code]


def reasons_against_watching(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the variables about logs and figures; wrong anywhere."""
    if environ.get("LOG_FORMAT", "").strip() not in ("", "json", "text"):
        yield "LOG_FORMAT is neither json nor text."
    token = environ.get("METRICS_TOKEN", "").strip()
    if token and len(token) < _TOKEN_LENGTH:
        yield f"METRICS_TOKEN is too short: it needs at least {_TOKEN_LENGTH} characters."
    for network in filter(None, environ.get("METRICS_NETWORKS", "").split(",")):
        try:
            ip_network(network.strip(), strict=False)
        except ValueError:
            yield f"METRICS_NETWORKS names {network.strip()}, which is no network such as 10.0.0.0/8."


def _is_push_key(key: str) -> bool:
    """Say whether it is a number of 32 bytes within the order of the curve, in base64 for addresses."""
    if not re.fullmatch(r"[\w-]{43}=?", key, re.ASCII):
        return False
    raw = base64.urlsafe_b64decode(key.rstrip("=") + "=")
    return len(raw) == _PUSH_KEY_BYTES and 0 < int.from_bytes(raw, "big") < _PUSH_KEY_BELOW


def _about_secret_key(key: str) -> Iterator[str]:
    if not key:
        yield "SECRET_KEY is missing."
    elif len(key) < SECRET_KEY_LENGTH or len(set(key)) < _SECRET_KEY_CHARACTERS:
        yield f"SECRET_KEY is too weak: it needs at least {SECRET_KEY_LENGTH} random characters."
    elif "insecure" in key.lower():
        yield "SECRET_KEY is the one for development. Make one of your own."


def _about_hosts(hosts: str) -> Iterator[str]:
    names = [name.strip() for name in hosts.split(",") if name.strip()]
    if not names:
        yield "ALLOWED_HOSTS is missing: name the host names under which the site is reached, separated by commas."
    elif "*" in names:
        yield "ALLOWED_HOSTS allows every host; name them."
