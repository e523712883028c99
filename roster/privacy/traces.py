"""Traces of erased people, by which they are recognised in old lists that are imported once more."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from django.conf import settings

from medcover.common.czech import fold
from roster.models import ErasedTrace
from roster.privacy.identity import Identity


def leave(identity: Identity) -> None:
    """Leave the traces of a person who is being erased; of what others are called by as well there are none."""
    digests = {digest_of(text) for text in (identity.names | identity.addresses) - identity.ambiguous}
    ErasedTrace.objects.bulk_create([ErasedTrace(digest=digest) for digest in digests], ignore_conflicts=True)


def erased_among(texts: Iterable[str]) -> set[str]:
    """Return which of these names and addresses belonged to people who have been erased; one query."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = {text: {digest_of(text, key) for key in keys} for text in texts if text}
    wanted = set().union(*digests.values())
    known = set(ErasedTrace.objects.filter(digest__in=wanted).values_list("digest", flat=True))
    return {text for text, found in digests.items() if found & known}


def digest_of(text: str, key: str | None = None) -> str:
    """Return the keyed digest of a name, whatever case, diacritics and order of its words, or of an address.

    The key is the installation's own unless one of the past is given.
    """
    words = " ".join(sorted(fold(text).split()))
    return hmac.new((key or settings.SECRET_KEY).encode(), f"erased\0{words}".encode(), hashlib.sha256).hexdigest()
