"""manage.py seed_load"""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from debriefing import load as debriefing
from equipment import load as equipment
from events.load.build import build
from events.load.shape import Shape
from events.models import Assignment
from medcover.common.errors import DomainError
from medcover.common.progress import ProgressBar


class Command(BaseCommand):
    """Fill an empty database with as many people and events as measuring needs."""

    help = "Makes many invented people and events, the same each time, for measuring. Only in an empty database."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options for the two sizes."""
        parser.add_argument("--users", type=int, default=2_000, metavar="N", help="how many people (2000)")
        parser.add_argument("--events", type=int, default=10_000, metavar="M", help="how many events (10000)")

    def handle(self, *, users: int, events: int, **_options: Any) -> None:
        """Build everything, or refuse with one sentence and change nothing."""
        now = timezone.now()
        try:
            with transaction.atomic():
                build(Shape(users, events), at=now, progress=ProgressBar(sys.stderr))
                equipment.build(at=now)
                debriefing.build(at=now)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        words = {"people": users, "events": events, "assignments": Assignment.objects.count()}
        self.stdout.write(_("Load data made: %(people)d people, %(events)d events, %(assignments)d sign-ups.") % words)
