"""Every change of the digest and its blocks.

All of them lock the row of the digest first, so that blocks are counted, ordered and deleted one change after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common.db import update_rows
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.common.text import tidy
from medcover.system import audit
from medcover.system.models import AuditEntry
from notifications.digest import registry
from notifications.digest.models import Digest, DigestBlock
from notifications.digest.options import MOST_HTML

RIGHT = "system.manage_digest"
#: So many blocks of one kind, and so many keys in one call that orders them.
MOST_OF_A_KIND = 5
MOST_ORDERED = 50

#: Columns that `save_schedule` may write; those of the second set change when the digest is due.
EDITABLE = ("enabled", "frequency_hours", "preferred_hour", "subject", "header_html", "footer_html")
TIMING = frozenset({"enabled", "frequency_hours", "preferred_hour"})


class Gone(DomainError):
    """The block does not exist any more."""

    def __init__(self) -> None:
        super().__init__(_("The block does not exist any more, please reload the page."))


def require(by: Any) -> None:
    """Raise NotAllowed unless the actor may manage the digest; None as actor is the system itself."""
    if by is not None and not by.has_perm(RIGHT):
        raise NotAllowed


# --- the row ---------------------------------------------------------------------------------------------


@transaction.atomic
def load() -> Digest:
    """Return the row of the digest; on first use it is made, with one disabled block of each kind."""
    found = Digest.objects.filter(pk=1).first()
    if found is not None:
        return found
    with audit.unrecorded():
        digest, is_new = Digest.objects.get_or_create(pk=1)
        if is_new:
            DigestBlock.objects.bulk_create(_first_blocks())
    return digest


def _first_blocks() -> list[DigestBlock]:
    return [_fresh(kind, place) for place, kind in enumerate(registry.kinds(), start=1)]


def _fresh(kind: registry.BlockKind, place: int, *, enabled: bool = False) -> DigestBlock:
    return DigestBlock(kind=kind.code, order=place, enabled=enabled, config=kind.options_of({}))


def lock() -> Digest:
    """Lock and return the row of the digest."""
    return Digest.objects.select_for_update().get(pk=load().pk)


@transaction.atomic
def save_schedule(*, by: Any, at: datetime | None = None, version: int | None = None, **fields: Any) -> Digest:
    """Write when the digest is sent, its subject, header and footer.

    Raises NotAllowed, StaleRecord when `version` is not the row's, ValidationError for bad values.
    """
    require(by)
    if unknown := fields.keys() - set(EDITABLE):
        raise TypeError(f"Not columns of the schedule: {sorted(unknown)}")
    digest = lock()
    digest.expect_version(version)
    changed = {name: value for name, value in _as_stored(fields).items() if getattr(digest, name) != value}
    if not changed:
        return digest
    for name, value in changed.items():
        setattr(digest, name, value)
    if changed.keys() & TIMING:
        digest.scheduled_at = at or timezone.now()
    digest.full_clean()
    digest.raise_version()
    with audit.trail(by=by):
        digest.save()
    return digest


def _as_stored(fields: dict[str, Any]) -> dict[str, Any]:
    stored = dict(fields)
    if "subject" in stored:
        stored["subject"] = tidy(stored["subject"])
    for name in ("header_html", "footer_html"):
        if len(stored.get(name, "")) > MOST_HTML:
            raise ValidationError({name: _("This is too long for a mail.")})
    return stored


# --- its blocks ------------------------------------------------------------------------------------------


@transaction.atomic
def add_block(code: str, *, by: Any) -> DigestBlock:
    """Add a block of this kind at the end, switched on, with the defaults of its kind.

    Raises NotAllowed, and DomainError for a kind that is none or of which there are enough.
    """
    require(by)
    kind = registry.find(code)
    if kind is None:
        raise DomainError(_("There is no such kind of block."))
    lock()
    if DigestBlock.objects.of_kind(code).count() >= MOST_OF_A_KIND:
        raise DomainError(_("There can be at most %d blocks of one kind.") % MOST_OF_A_KIND)
    block = _fresh(kind, DigestBlock.objects.last_place() + 1, enabled=True)
    with audit.trail(by=by):
        block.save()
    return block


@transaction.atomic
def order_blocks(keys: Sequence[int], *, by: Any) -> None:
    """Put the blocks into this order.

    Raises NotAllowed, DomainError for more keys than there can be, and StaleRecord unless each block is named once:
    then somebody has added or deleted one meanwhile.
    """
    require(by)
    if len(keys) > MOST_ORDERED:
        raise DomainError(_("That is more than there are blocks."))
    digest = lock()
    blocks = list(DigestBlock.objects.in_order())
    by_key = {block.pk: block for block in blocks}
    if sorted(keys) != sorted(by_key):
        raise StaleRecord
    ordered = [by_key[key] for key in keys]
    if ordered == blocks:
        return
    for place, block in enumerate(ordered, start=1):
        block.order = place
    update_rows(ordered, ["order"])
    _record_order(digest, blocks, ordered, by)


def _record_order(digest: Digest, before: list[DigestBlock], after: list[DigestBlock], by: Any) -> None:
    words = [", ".join(str(block) for block in blocks) for blocks in (before, after)]
    summary = audit.sentence(_("Order of the digest's blocks: %s"), words[1])
    audit.record(digest, kind=AuditEntry.Kind.EDIT, by=by, summary=summary, changes={"blocks": words})


@transaction.atomic
def switch_block(key: int, *, enabled: bool, by: Any) -> DigestBlock:
    """Make a block part of the mail, or not; raises NotAllowed and Gone.

    What is wanted is said, not turned round, so it needs no version: twice the same changes nothing.
    """
    require(by)
    block = _lock_block(key)
    if block.enabled == enabled:
        return block
    block.enabled = enabled
    return _write(block, by)


@transaction.atomic
def save_block(key: int, data: Any, *, prefix: str = "", by: Any, version: int | None = None) -> DigestBlock:
    """Write the options of a block as they were typed into its form; what is out of range is put right.

    Raises NotAllowed, Gone, StaleRecord when `version` is not the row's, DomainError for a kind that is gone.
    """
    require(by)
    block = _lock_block(key)
    block.expect_version(version)
    kind = registry.find(block.kind)
    if kind is None:
        raise DomainError(_("There is no such kind of block."))
    config = kind.options_typed(data, prefix=prefix)
    if block.config == config:
        return block
    block.config = config
    return _write(block, by)


@transaction.atomic
def delete_block(key: int, *, by: Any, version: int | None = None) -> None:
    """Delete a block with its options; raises NotAllowed, Gone, and StaleRecord when `version` is not the row's."""
    require(by)
    block = _lock_block(key)
    block.expect_version(version)
    with audit.trail(by=by):
        block.delete()


def _lock_block(key: int) -> DigestBlock:
    lock()
    block = DigestBlock.objects.filter(pk=key).first()
    if block is None:
        raise Gone
    return block


def _write(block: DigestBlock, by: Any) -> DigestBlock:
    block.raise_version()
    with audit.trail(by=by):
        block.save()
    return block
