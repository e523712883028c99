"""Qualifications for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory

from credentials.models import Holding, Qualification
from credentials.services import rebuild_closure


class QualificationFactory(factory.django.DjangoModelFactory):
    """A qualification; pass `direct_substitutes=[...]`. The stored closure is rebuilt."""

    class Meta:
        model = Qualification
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Kvalifikace {n}")

    @factory.post_generation
    def direct_substitutes(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.direct_substitutes.set(extracted or [])
        rebuild_closure()


def hold(person: Any, *qualifications: Qualification, until: date | None = None) -> None:
    """Give the person the qualifications, as the database would hold them."""
    for qualification in qualifications:
        Holding.objects.create(person=person, qualification=qualification, valid_until=until)
