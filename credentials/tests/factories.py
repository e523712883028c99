"""Qualifications for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory

from credentials.models import Holding, Qualification, Substitution
from credentials.services import rebuild_closure
from medcover.system import audit
from medcover.tests.rows import RowFactory, relate


class QualificationFactory(RowFactory):
    """A qualification; pass `direct_substitutes=[...]`. The stored closure is rebuilt."""

    class Meta:
        model = Qualification

    name = factory.Sequence(lambda n: f"Kvalifikace {n}")

    @factory.post_generation
    def direct_substitutes(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if extracted:
            relate(self, "direct_substitutes", extracted)
            rebuild_closure()
        elif not self.is_deleted:
            Substitution.objects.create(requirement=self, substitute=self)


def hold(person: Any, *qualifications: Qualification, until: date | None = None) -> None:
    """Give the person the qualifications, as the database would hold them."""
    for qualification in qualifications:
        with audit.unrecorded():
            Holding.objects.create(person=person, qualification=qualification, valid_until=until)
