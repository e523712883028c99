"""manage.py seed_demo"""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from debriefing import demo as debriefing
from equipment import demo as equipment
from events.demo import backups, build, feedback, templates
from medcover.common.errors import DomainError
from notifications.slack import posting


class Command(BaseCommand):
    """Fill the database with the demo organisation, once."""

    help = "Makes demo accounts, events, equipment and debriefings; what exists is left as it is. Development only."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--if-empty", action="store_true", help="do nothing unless the database is empty")

    def handle(self, *, if_empty: bool, **_options: Any) -> None:
        """Build what is missing, or refuse with one sentence and change nothing."""
        if if_empty and not build.is_empty():
            return
        now = timezone.now()
        try:
            with transaction.atomic(), posting.silence():
                made = build.build(at=now)
                made["items"] = equipment.build(at=now)
                templates.build()
                made["debriefings"] = debriefing.build(at=now)
                made["feedback"] = feedback.build(at=now)
                made["backups"] = backups.build(at=now)
        except (DomainError, ValidationError) as refusal:
            messages = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            raise CommandError(" ".join(messages)) from refusal
        self.stdout.write(_told(made))


def _told(made: Counter[str]) -> str:
    if not made.total():
        return _("The demo data are there already; nothing was changed.")
    return _(
        "Demo data made: %(people)d people, %(qualifications)d qualifications, %(masters)d master events,"
        " %(events)d events, %(items)d items of equipment, %(debriefings)d debriefings."
    ) % {name: made[name] for name in ("people", "qualifications", "masters", "events", "items", "debriefings")}
