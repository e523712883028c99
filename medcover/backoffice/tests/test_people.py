"""Picking a person in the backoffice by typing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from events.tests.pages import logged_in
from roster.tests.factories import make_coordinator, make_member

pytestmark = pytest.mark.django_db


def found(client, **params):
    answer = client.get(reverse("admin:people_search"), params)
    assert answer.status_code == 200
    return answer.json()


def test_finds_active_people_without_diacritics_in_czech_order():
    client = logged_in(make_coordinator(name="Zoubková Eva"))
    for name in ("Chalupa Černoch", "Černý Tomáš", "Cerny Adam"):
        make_member(name=name)
    make_member(name="Černá Neaktivní", is_active=False)
    names = [result["text"].split(" (")[0] for result in found(client, term="CERN")["results"]]
    assert names == ["Cerny Adam", "Černý Tomáš", "Chalupa Černoch"]


def test_comes_in_pages():
    client = logged_in(make_coordinator(name="Zoubková Eva"))
    for n in range(25):
        make_member(name=f"Osoba {n:02d}")
    first, second = found(client, term="osoba"), found(client, term="osoba", page="2")
    assert (len(first["results"]), first["pagination"]["more"]) == (20, True)
    assert (len(second["results"]), second["pagination"]["more"]) == (5, False)


def test_is_for_the_backoffice_only():
    assert logged_in(make_member()).get(reverse("admin:people_search"), follow=True).status_code == 403
