"""The digest when somebody's personal data are erased: its texts may name anybody."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet

from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Mask, Needle
from medcover.system.erasing import JsonMentions
from notifications.digest.models import Digest, DigestBlock
from notifications.digest.services import lock

TEXTS = ("subject", "header_html", "footer_html")


def count_mentions(needle: Needle) -> int:
    """Count the texts of the digest in which the needle stands: the one around the blocks, and the blocks."""
    if not needle:
        return 0
    return mentioning(Digest.objects.all(), TEXTS, needle).count() + _blocks(needle).count()


@transaction.atomic
def mask_texts(names: Mask) -> None:
    """Mask what names the person in the digest and its blocks, past the record; open forms become stale."""
    mask_rows([lock()], TEXTS, names)
    for block in _blocks(names.needle) if names.needle else ():
        block.raise_version()
        config = names.json(block.config)
        DigestBlock.objects.filter(pk=block.pk).update(config=config, version=block.version)


def _blocks(needle: Needle) -> QuerySet[DigestBlock]:
    return DigestBlock.objects.filter(Q(JsonMentions("config", needle)))
