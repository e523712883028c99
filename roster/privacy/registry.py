"""Registry of contributors of personal data: every app registers its own.

An app above declares a `Contributor` in its `privacy.py` and registers it when it is ready; this app never learns its
words. All contributors are asked in turn, in the order in which rows are locked: what belongs to this app, the apps
above from the bottom up, then digest, feedback and outbox and at last the audit record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from medcover.common.masking import Mask
from roster.models import User
from roster.privacy.export import Part
from roster.privacy.identity import Identity


@dataclass(frozen=True)
class Finding:
    """Something that was found of a person, in words, and how many there are of it; None where counting is silly."""

    words: str | Promise
    count: int | None = None


@dataclass(frozen=True)
class Erasure:
    """An erasure in progress, as contributors are told of it."""

    identity: Identity
    pseudonym: str
    at: datetime

    @property
    def person_id(self) -> Any:
        """Whose data are erased."""
        return self.identity.person_id

    @cached_property
    def own(self) -> Mask:
        """For texts that are known to be about the person."""
        return Mask(self.identity.own, self.pseudonym)

    @cached_property
    def elsewhere(self) -> Mask:
        """For all other texts: leaves alone what may mean somebody else."""
        return Mask(self.identity.elsewhere, self.pseudonym)


class Contributor:
    """An app's part in personal data. Each method may be left as it is, and then says or does nothing.

    The number of queries of every method is fixed, however much there is of the person.
    """

    def export(self, person: User) -> Iterable[Part]:
        """Give out what is known of the person to themself: no secrets, of others nothing but names they see anyway."""
        return ()

    def objections(self, identity: Identity, *, at: datetime) -> Iterable[str]:
        """Say, in sentences, why the person cannot be erased yet."""
        return ()

    def goes(self, identity: Identity) -> Iterable[Finding]:
        """Name what `erase` would remove."""
        return ()

    def stays(self, identity: Identity) -> Iterable[Finding]:
        """Name what would stay under the pseudonym."""
        return ()

    def lock_before_person(self, identity: Identity) -> None:
        """Lock what the written order puts before people, if `erase` is going to write it."""

    def erase(self, erasure: Erasure) -> None:
        """Lock and remove what is the person's alone, and mask them in texts.

        The person's row is locked, nothing is recorded by itself. Raises DomainError when it cannot be done now.
        """


_registered: list[Contributor] = []


def register(contributor: Contributor) -> None:
    """Add the contributor of a floor above; apps are ready from the bottom up, and in this order they are asked."""
    _registered.append(contributor)


def contributors() -> list[Contributor]:
    """Return all in the order in which they are asked."""
    from roster.privacy.account import AccountData
    from roster.privacy.lower_apps import DigestData, FeedbackData, InstallationData, MessageData, RecordData

    return [InstallationData(), AccountData(), *_registered, DigestData(), FeedbackData(), MessageData(), RecordData()]
