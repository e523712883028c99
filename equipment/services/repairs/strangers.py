"""Services for people without an account: their reports, at a pace that floods nobody, and forgetting who they were."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from equipment.models import EquipmentItem, Repair, RepairEntry
from equipment.services.repairs import opening
from equipment.services.repairs.opening import Picture, Problem, Reported, Stranger
from equipment.services.repairs.record import lock_repair
from medcover.common.errors import DomainError, NotAllowed
from medcover.common.text import tidy
from medcover.system import audit, rate_limits
from medcover.system.models import SiteSettings

#: Reports within an hour: from one network address (a whole station may share it), and about one item.
OF_SENDER, OF_ITEM, WITHIN = 10, 12, timedelta(hours=1)


class TooManyReports(DomainError):
    """Refusal: the sender, or all of them together about this item, report too often."""


def report(
    item_id: Any, problem: Problem, stranger: Stranger, *, sender: str, at: datetime, picture: Picture | None = None
) -> Reported:
    """Keep what somebody without an account says is wrong with an item; `sender` is their network address.

    Counted before the picture is looked at, which is the expensive part. Raises NotAllowed while the public pages are
    switched off, TooManyReports, and what `opening.report` raises; DomainError also without a name.
    """
    if not SiteSettings.current().public_pages:
        raise NotAllowed
    if not tidy(stranger.name):
        raise DomainError(_("Write your name."))
    if not EquipmentItem.objects.in_use().filter(pk=item_id).exists():
        raise DomainError(_("This item does not exist."))
    _keep_pace(item_id, sender, at)
    return opening.report(item_id, problem, by=None, at=at, picture=picture, stranger=stranger)


def _keep_pace(item_id: Any, sender: str, at: datetime) -> None:
    """Count the sender first: whoever is over the limit must not use up that of the item for others."""
    if not rate_limits.allows("public report", sender, most=OF_SENDER, within=WITHIN, at=at):
        raise TooManyReports(_("Too many reports have come from your network within an hour. Try again later."))
    if not rate_limits.allows("public report of item", str(item_id), most=OF_ITEM, within=WITHIN, at=at):
        raise TooManyReports(_("Many people have reported this item within an hour. What is wrong is known by now."))


def forget_reporters(*, at: datetime) -> int:
    """Take name and e-mail of strangers off repairs that have been closed for as long as the settings say.

    What they have written about the item stays. Returns how many repairs there were; running twice changes nothing.
    """
    closed_by = at - timedelta(days=SiteSettings.current().reporter_days)
    keys = list(Repair.objects.with_forgettable_reporter(closed_by).order_by("pk").values_list("pk", flat=True))
    return sum(_forget(key, closed_by) for key in keys)


@transaction.atomic
def _forget(repair_id: int, closed_by: datetime) -> bool:
    row = lock_repair(repair_id)
    if not Repair.objects.with_forgettable_reporter(closed_by).filter(pk=row.pk).exists():
        return False  # reopened meanwhile
    with audit.unrecorded():
        row.reporter_name = row.reporter_email = ""
        row.save(update_fields=["reporter_name", "reporter_email"])
    RepairEntry.objects.filter(repair=row).exclude(author_name="").update(author_name="")
    return True
