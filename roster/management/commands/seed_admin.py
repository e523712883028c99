"""manage.py seed_admin --email ADDRESS --name NAME [--password-stdin]"""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from medcover.common.errors import DomainError
from medcover.setup.services import Repair, ensure_administrator


class Command(BaseCommand):
    """Make or repair an administrator without the set-up wizard."""

    help = (
        "Makes the first administrator, or repairs one: active, not archived, with the role Admin. Running it again "
        "changes nothing. Closes the set-up wizard. Asks for a password on a terminal and prints it nowhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare who it is."""
        parser.add_argument("--email", required=True, metavar="ADDRESS", help="the login name")
        parser.add_argument("--name", required=True, help="of a new account, surname first; a known one keeps its own")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *, email: str, name: str, password_stdin: bool, **_options: Any) -> None:
        """Make or repair the administrator, or refuse with one sentence and change nothing."""
        password = _read_line() if password_stdin else _asked()
        try:
            repair = ensure_administrator(email=email, name=name, password=password, at=timezone.now())
        except (DomainError, ValidationError) as refusal:
            messages = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            raise CommandError(" ".join(messages)) from refusal
        for line in _told(repair):
            self.stdout.write(line)


def _read_line() -> str:
    """The first line is the password, whatever it holds; only its end is none of it."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise CommandError(_("There is no password on standard input."))
    return password


def _asked() -> str | None:
    """Ask on a terminal; where there is none, there is no password."""
    if not sys.stdin.isatty():
        return None
    password = getpass(_("Password (empty: leave it as it is): "))
    if not password:
        return None
    if password != getpass(_("Password again: ")):
        raise CommandError(_("The two passwords differ."))
    return password


def _told(repair: Repair) -> list[str]:
    person = repair.person
    lines = [_("Administrator: %(name)s (%(email)s)") % {"name": person.name, "email": person.email}]
    lines += [str(deed) for deed in repair.deeds] or [_("The account is in order; nothing was changed.")]
    if not person.has_usable_password():
        lines.append(
            _(
                "It has no password yet. Run this command again with --password-stdin, or choose “Forgotten your "
                "password?” on the login page: the link comes by e-mail."
            )
        )
    return lines
