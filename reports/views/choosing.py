"""Choosing a person for a report by a part of their name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from roster.models import User

#: So many people are offered; whoever is not among them is searched for.
OFFERED = 15


@dataclass(frozen=True)
class Offer:
    """People who were found, each with the address of the report; there may be more of them."""

    rows: Sequence[tuple[User, str]]
    are_more: bool


def search(request: HttpRequest, page: str, people: Any, address: Callable[[User], str]) -> dict[str, Any]:
    """Return what `reports/_people_search.html` needs: those of `people` who match what was typed on a page."""
    asked = request.GET.get("q", "")[:255]
    return {"search_url": reverse(page), "q": asked, "people": _offer(people, asked, address) if asked else None}


def _offer(people: Any, asked: str, address: Callable[[User], str]) -> Offer:
    found = list(people.matching(asked).by_name()[: OFFERED + 1])
    return Offer([(person, address(person)) for person in found[:OFFERED]], len(found) > OFFERED)
