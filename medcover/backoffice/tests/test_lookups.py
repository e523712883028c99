"""Parameters of change lists: nothing but what the lists offer is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Model, OrderBy
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from events.tests.factories import EventFactory, PositionFactory
from medcover.backoffice.lookups import COMMON, ClosedLookups
from medcover.backoffice.site import Backoffice
from roster.models import User
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

SUFFIXES = ("", "__exact", "__startswith", "__icontains", "__regex", "__gt", "__isnull", "__in", "__year")

#: Columns that no page of the backoffice shows, whoever reads.
SECRET = re.compile(r"password|token|nonce|secret|session_epoch|digest|key_hash|oidc_subject")


def classes() -> list[tuple[type[Model], Any]]:
    """Every model with a page in the backoffice, and the class of that page."""
    return sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)


def paths_of(model: type[Model]) -> Iterator[str]:
    """Each field of the model, and each field one relation further, backwards too."""
    for field in model._meta.get_fields():
        yield field.name
        if field.is_relation and field.related_model:
            yield from (f"{field.name}__{further.name}" for further in field.related_model._meta.get_fields())


def lookups_of(model: type[Model]) -> list[str]:
    return [path + suffix for path in paths_of(model) for suffix in SUFFIXES]


@pytest.fixture
def coordinator(client):
    person = make_coordinator()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return person


def keys_in(answer) -> list[Any]:
    return [row.pk for row in answer.context["cl"].result_list]


def test_no_class_takes_a_look_up_that_its_list_does_not_offer(rf):
    request = rf.get("/")
    request.user = make_admin()
    walked = accepted = 0
    for model, page in classes():
        offered = page.offered_parameters(request)
        for lookup in lookups_of(model):
            walked += 1
            accepted += lookup in offered
            assert page.lookup_allowed(lookup, "x", request) == (lookup in offered), (model, lookup)
    assert len(classes()) >= 9
    assert walked > 5_000
    assert accepted < 20  # the fields that lists filter by: status, type, paid, and the dates of the hierarchy


def test_what_is_not_offered_is_answered_as_if_it_were_not_there(client):
    """Each list with rows, one request with every look-up at once: the same rows as without any."""
    client.force_login(make_admin(), backend="roster.backends.RoleBackend")
    PositionFactory.create_batch(2)
    make_member()
    seen = 0
    for model, page in classes():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        plain = client.get(url)
        if not (plain.context and "cl" in plain.context):
            continue
        request = plain.wsgi_request
        unlisted = [lookup for lookup in lookups_of(model) if lookup not in page.offered_parameters(request)]
        for start in range(0, len(unlisted), 200):
            answer = client.get(url, dict.fromkeys(unlisted[start : start + 200], "zzz"))
            assert answer.status_code == 200, url
            assert keys_in(answer) == keys_in(plain), url
        seen += bool(keys_in(plain))
    assert seen >= 3


@pytest.mark.parametrize(
    ("lookup", "right", "wrong"),
    [
        ("password__startswith", "argon2", "bcrypt"),
        ("ical_token__regex", "^[0-9a-f]", "^x"),
        ("password_reset_nonce__isnull", "1", "0"),
        ("led_events__name__startswith", "A", "zzz"),
    ],
)
def test_secrets_cannot_be_guessed_by_the_rows(client, coordinator, lookup, right, wrong):
    victim = make_admin()
    victim.set_password("argon2 whatever it is")
    victim.save()
    url = reverse("admin:roster_user_changelist")
    answers = [client.get(url, {"id__exact": str(victim.pk), lookup: guess}) for guess in (right, wrong)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert keys_in(answers[0]) == keys_in(answers[1]) == keys_in(client.get(url))


def test_an_order_reads_only_columns_that_are_shown(client, coordinator):
    make_member(), make_member()
    for model, page in classes():
        for name in flatten(page.list_display):
            shown_by = getattr(getattr(page, str(name), None), "admin_order_field", None)
            expression = shown_by.expression.name if isinstance(shown_by, OrderBy) else str(shown_by)
            assert not SECRET.search(expression), (model, name)
    url = reverse("admin:roster_user_changelist")
    for asked in ("99", "-99", "password", "-password", "1.99", "0x", "1\x00"):
        assert keys_in(client.get(url, {"o": asked})) == keys_in(client.get(url))


@pytest.mark.logs_errors
@pytest.mark.parametrize("name", ["password", "ical_token", "email"])
def test_no_other_column_identifies_rows(client, coordinator, name):
    assert client.get(reverse("admin:roster_user_changelist"), {"_to_field": name}).status_code == 400


def test_search_looks_at_what_the_list_shows(client, coordinator):
    person = make_member(name="Dvořák Petr")
    url = reverse("admin:roster_user_changelist")
    for secret in (person.password[:12], person.ical_token[:12], str(person.pk)):
        assert keys_in(client.get(url, {"q": secret})) == []
    assert keys_in(client.get(url, {"q": "dvorak"})) == [person.pk]


class TestDays:
    @pytest.mark.parametrize(
        "day",
        [
            {"start__year": "9" * 20}, {"start__year": "0"}, {"start__year": "9999"}, {"start__year": "-1"},
            {"start__year": "x"}, {"start__year": "2027", "start__month": "13"},
            {"start__year": "2027", "start__month": "2", "start__day": "30"},
        ],
    )  # fmt: skip
    def test_that_do_not_exist_find_nothing(self, client, coordinator, day):
        EventFactory()
        answer = client.get(reverse("admin:events_event_changelist"), day)
        assert answer.status_code == 200
        assert keys_in(answer) == []

    def test_that_exist_find_what_is_on_them(self, client, coordinator):
        event = EventFactory()
        url = reverse("admin:events_event_changelist")
        assert keys_in(client.get(url, {"start__year": "2027", "start__month": "5"})) == [event.pk]
        assert keys_in(client.get(url, {"start__year": "2026"})) == []


def test_links_of_our_own_pages_use_what_the_lists_offer(client):
    person = make_admin()
    client.force_login(person, backend="roster.backends.RoleBackend")
    EventFactory()
    offered = {
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"): page.offered_parameters(request)
        for request in [_request_of(person)]
        for model, page in classes()
    }
    seen = 0
    for page in ("/admin/", "/admin/events/event/", "/admin/roster/user/", "/admin/system/auditentry/", "/profile/"):
        for link in re.findall(r'href="([^"]*\?[^"]*)"', client.get(page).content.decode()):
            address = urlsplit(unescape(link))
            path = address.path or page
            if path in offered:
                names = {name for name, _value in parse_qsl(address.query, keep_blank_values=True)}
                assert names <= offered[path] | {"_changelist_filters"}, link
                seen += bool(names - COMMON)
    assert seen >= 5


def _request_of(person: User):
    request = RequestFactory().get("/")
    request.user = person
    return request


def test_a_class_that_would_take_anything_is_not_registered():
    site = Backoffice(name="other")
    open_class = type("OpenAdmin", (admin.ModelAdmin,), {"__module__": "events.admin"})
    with pytest.raises(ImproperlyConfigured, match="OpenAdmin"):
        site.register(Event, open_class)
    site.register(Event, type("ClosedAdmin", (ClosedLookups,), {"__module__": "events.admin"}))
    assert site.is_registered(Event)


def test_values_that_a_filter_cannot_have_find_nothing(client, coordinator):
    EventFactory()
    url = reverse("admin:events_event_changelist")
    for query in ({"is_paid__exact": "perhaps"}, {"is_paid__exact": "perhaps", "e": "1"}):
        answer = client.get(url, query)
        assert answer.status_code == 200
        assert keys_in(answer) == []


def test_a_new_row_begins_only_with_what_its_fields_can_hold(client):
    client.force_login(make_admin(), backend="roster.backends.RoleBackend")
    url = reverse("admin:events_masterevent_add")
    for query in ({"coordinator": "x"}, {"coordinator": "1"}, {"nothing": "1"}, {"name": "Ples"}):
        assert client.get(url, query).status_code == 200


def test_the_way_to_a_page_of_a_row_bears_keys_that_are_none(client, coordinator):
    kind = ContentType.objects.get_for_model(User).pk
    for key in ("x", "1", "%00", "a/b"):
        assert client.get(f"/admin/r/{kind}/{key}/").status_code == 404
    event = EventFactory()
    there = f"/admin/r/{ContentType.objects.get_for_model(Event).pk}/{event.pk}/"
    assert client.get(there).url.endswith(f"/events/{event.pk}/")


def test_the_librarys_own_picker_answers_nobody(client, coordinator):
    query = {"app_label": "events", "model_name": "event", "field_name": "responsible_person", "term": "o"}
    assert client.get(reverse("admin:autocomplete"), query).status_code == 404


def test_many_words_are_searched_for_as_few(client, coordinator):
    person = make_member(name="Dvořák Petr")
    url = reverse("admin:roster_user_changelist")
    with CaptureQueriesContext(connection) as seen:
        assert keys_in(client.get(url, {"q": "petr " * 1500})) == [person.pk]
        client.get(url, {"q": " ".join(f"a{n}" for n in range(1500))})
    assert max(len(query["sql"]) for query in seen) < 20_000
