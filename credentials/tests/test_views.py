"""The qualifications on the member pages."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory
from events.tests.pages import logged_in, text_of
from medcover.backoffice.tests.pages import queries_of
from roster.rights import Role
from roster.tests.factories import UserFactory, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST = reverse("qualifications")


def names(client) -> list[str]:
    return [row.name for row in client.get(LIST).context["page_obj"]]


def child_of(*parents: Qualification, **fields) -> Qualification:
    child = QualificationFactory(**fields)
    child.direct_substitutes.set(parents)
    return child


class TestQualifications:
    def test_are_listed_in_czech_order_without_deleted_ones(self):
        for name in ("Záchranář", "Řidič", "Chirurg", "Hlídka"):
            QualificationFactory(name=name)
        QualificationFactory(name="Brankář", is_deleted=True, deleted_at=timezone.now())
        assert names(logged_in(make_viewer())) == ["Hlídka", "Chirurg", "Řidič", "Záchranář"]

    def test_say_who_may_lead_and_who_may_stand_in(self):
        gone = QualificationFactory(name="Brankář", is_deleted=True, deleted_at=timezone.now())
        child_of(QualificationFactory(name="Lékař"), gone, name="Záchranář", can_lead=True, description="První\npomoc")
        text = text_of(logged_in(make_member(language="en")).get(LIST))
        row = text[text.index("Záchranář</td>") :]
        assert "První<br>pomoc" in row
        assert 'aria-label="yes"' in row
        assert "Lékař" in row
        assert "Brankář" not in text

    def test_without_any_the_page_says_so(self):
        assert "No qualification has been entered yet." in text_of(logged_in(make_member(language="en")).get(LIST))

    def test_are_for_whoever_has_the_right(self):
        assert logged_in(UserFactory(roles=[Role.TECHNICIAN])).get(LIST).status_code == 403

    def test_cost_no_more_for_more_of_them(self):
        client = logged_in(make_member())
        child_of(QualificationFactory())
        few = queries_of(client, LIST)
        for _ in range(15):
            child_of(QualificationFactory(), QualificationFactory())
        assert queries_of(client, LIST) <= few <= 10
