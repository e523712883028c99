"""Frame of commands that compare what is stored with what it is computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class VerifyCommand(BaseCommand):
    """Report what is stored wrongly, and with --repair mend it; ends with an error while anything is wrong."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--repair", action="store_true", help="write what was computed")

    def handle(self, *, repair: bool, **_options: Any) -> None:
        """Report each difference; with --repair, mend them and look again."""
        found = list(self.differences())
        for difference in found:
            self.stdout.write(self.line(difference))
        if repair and found:
            self.mend(found)
            found = list(self.differences())
        if found:
            raise CommandError(self.refusal(len(found)))
        self.stdout.write(self.success())

    def differences(self) -> Iterable[Any]:
        """Return what is stored otherwise than it is computed."""
        raise NotImplementedError

    def line(self, difference: Any) -> str:
        """Return how a difference is reported."""
        raise NotImplementedError

    def mend(self, differences: Sequence[Any]) -> None:
        """Write what was computed."""
        raise NotImplementedError

    def refusal(self, count: int) -> str:
        """Return the sentence about so many differences."""
        raise NotImplementedError

    def success(self) -> str:
        """Return the sentence that everything is right."""
        raise NotImplementedError
