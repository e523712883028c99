"""The overview of what each role may do."""

from __future__ import annotations

import pytest
from django.urls import reverse

from medcover.backoffice import rights
from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, text_of
from roster.rights import MATRIX, Role, permissions_of
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

URL = reverse("admin:rights")


def rows() -> dict[str, rights.Right]:
    return {right.code: right for area in rights.areas() for right in area.rights}


class TestContent:
    def test_every_right_of_the_matrix_once(self):
        codes = [right.code for area in rights.areas() for right in area.rights]
        assert codes == list(MATRIX)

    def test_as_the_matrix_says(self):
        for code, right in rows().items():
            held = {role for role, holds in zip(Role, right.held, strict=True) if holds}
            assert held == {role for role in Role if code in permissions_of(role)}, code

    def test_every_right_has_words_of_its_own(self):
        words = [str(right.words) for right in rows().values()]
        assert len(set(words)) == len(words)

    def test_by_subject_each_named_once(self):
        names = [area.name for area in rights.areas()]
        assert len(names) == len(set(names)) == 9

    def test_the_subjects_of_events_are_told_apart(self):
        names = {rights.area_of(f"events.view_{what}") for what in ("event", "masterevent", "eventtemplate")}
        assert len(names) == 3

    def test_words_are_not_made_for_rights_that_are_not_there(self):
        assert set(rights._DJANGOS_OWN) <= set(MATRIX)


class TestPage:
    @pytest.fixture
    def answer(self):
        return browser(make_admin(language="en")).get(URL)

    def test_says_yes_and_no_to_screen_readers_too(self, answer):
        page = text_of(answer)
        held = sum(len(permissions_of(role)) for role in Role)
        assert page.count('<span class="visually-hidden"> yes </span>') == page.count("✔") == held
        assert page.count('<span class="visually-hidden"> no </span>') == page.count("✘") == len(MATRIX) * 6 - held

    def test_counts(self, answer):
        assert answer.context["totals"] == [len(permissions_of(role)) for role in Role]
        assert f"Total (of all {len(MATRIX)})" in text_of(answer)

    def test_names_all_six_roles(self, answer):
        assert answer.context["roles"] == [role.label for role in Role]
        assert [role in text_of(answer) for role in ("Coordinator", "Technician")] == [True, True]

    def test_keeps_the_content_security_policy(self, answer):
        assert inline_parts(answer) == []

    def test_costs_next_to_nothing(self):
        assert queries_of(browser(make_admin()), URL) <= 10


class TestWho:
    def test_administrators_find_it_on_the_start_page(self):
        client = browser(make_admin())
        assert f'href="{URL}"' in text_of(client.get(reverse("admin:index")))
        assert f'href="{URL}"' in text_of(client.get(reverse("admin:app_list", args=["system"])))

    def test_coordinators_do_not(self):
        client = browser(make_coordinator())
        assert client.get(URL).status_code == 403
        assert URL not in text_of(client.get(reverse("admin:index")))

    def test_members_and_strangers_do_not_either(self, client):
        assert browser(make_member()).get(URL, follow=True).status_code == 403
        assert client.get(URL)["Location"].startswith("/login/")

    def test_nothing_can_be_sent_to_it(self):
        assert browser(make_admin()).post(URL, {"Admin": "x"}).status_code == 405
