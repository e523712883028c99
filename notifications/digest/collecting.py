"""Asking the blocks for their facts, at one moment and once for all readers."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from medcover.system.models import SiteSettings
from notifications.digest import registry
from notifications.digest.models import Digest, DigestBlock
from notifications.registry import Payload

logger = logging.getLogger(__name__)


def payload_of(digest: Digest, *, at: datetime, is_test: bool = False) -> Payload:
    """Return what a message holds: everything that the digest tells `at`, in no language yet.

    The blocks that are switched on are asked; one that fails is logged and left out.
    """
    with timezone.override(ZoneInfo(SiteSettings.load().time_zone)):
        asked = [_facts_of(block, at) for block in DigestBlock.objects.enabled().in_order()]
    return {
        "subject": digest.subject,
        "is_test": is_test,
        "header": digest.header_html,
        "footer": digest.footer_html,
        "blocks": [block for block in asked if block is not None],
    }


def _facts_of(block: DigestBlock, at: datetime) -> dict[str, Any] | None:
    kind = registry.find(block.kind)
    if kind is None:
        return None  # of a part of the product that is not installed any more
    try:
        with transaction.atomic():  # a failing query must leave the others able to ask
            options = kind.options_of(block.config)
            facts = _plain(kind.collect(options, at))
    except Exception as error:  # noqa: BLE001 - whatever one block cannot do must not keep back the others
        # The text of the error may name people, and the log is not theirs to be in.
        logger.error("Block %d (%s) of the digest is left out: %s", block.pk, block.kind, type(error).__name__)
        return None
    return {"kind": block.kind, "title": options["title"], "facts": facts}


def _plain(facts: registry.Facts) -> Any:
    """Return the facts as JSON holds them, so that a preview shows what a mail will."""
    return json.loads(json.dumps(facts, cls=DjangoJSONEncoder))
