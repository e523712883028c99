"""Export of everything that is known of a person, for themself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.privacy.export import Part
from roster.privacy.registry import contributors
from roster.services.accounts import lock_person

#: Gathering reads the whole record, so nobody sets it off again and again.
PAUSE = timedelta(minutes=1)


class TooSoon(DomainError):
    """Refusal: the person has just got their data."""

    def __init__(self) -> None:
        super().__init__(_("You downloaded your data a moment ago. You can do it again in a minute."))


@transaction.atomic
def gather(person_id: Any, *, by: Any, at: datetime) -> list[Part]:
    """Return everything that is known of the person, in the active language, and record that it was given out.

    Raises TooSoon within a minute of the last time.
    """
    person = lock_person(person_id)
    # By themself: what others have made of their data, such as a work report, keeps nobody waiting.
    given = AuditEntry.objects.filter(object_pk=str(person.pk), actor=by, kind=AuditEntry.Kind.EXPORT)
    if given.filter(timestamp__gt=at - PAUSE).exists():
        raise TooSoon
    summary = audit.sentence(_("Data downloaded: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.EXPORT, by=by, summary=summary)
    return [part for one in contributors() for part in one.export(person)]
