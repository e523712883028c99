"""What every request brings along: the site's zone and the life of a login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from medcover.system.middleware import SiteMiddleware
from medcover.system.models import SiteSettings
from roster.tests.factories import make_member

pytestmark = pytest.mark.django_db


def configure(**fields: Any) -> None:
    SiteSettings.objects.update_or_create(pk=1, defaults=fields)


@pytest.fixture
def answer(rf) -> Callable[..., dict[str, Any]]:
    """Send a request through the middleware; return what its view could see."""

    def ask(path: str = "/", user: Any = None, session: SessionStore | None = None) -> dict[str, Any]:
        seen: dict[str, Any] = {"session": session or SessionStore()}

        def view(request: HttpRequest) -> HttpResponse:
            seen["zone"] = str(timezone.get_current_timezone())
            seen["site"] = getattr(request, "site_settings", None)
            return HttpResponse()

        request = rf.get(path)
        request.user, request.session = user or AnonymousUser(), seen["session"]
        SiteMiddleware(view)(request)
        return seen

    return ask


class TestTheZone:
    def test_is_the_sites_during_the_request_only(self, answer):
        configure(time_zone="America/New_York")
        assert answer()["zone"] == "America/New_York"
        assert str(timezone.get_current_timezone()) == "Europe/Prague"

    def test_changes_without_a_restart(self, answer):
        for zone in ("Asia/Tokyo", "Europe/Prague"):
            configure(time_zone=zone)
            assert answer()["zone"] == zone

    def test_is_given_back_when_the_view_fails(self, rf):
        configure(time_zone="Asia/Tokyo")

        def view(_request: HttpRequest) -> HttpResponse:
            raise RuntimeError

        request = rf.get("/")
        request.user = make_member()
        request.session = SessionStore()
        with pytest.raises(RuntimeError):
            SiteMiddleware(view)(request)
        assert str(timezone.get_current_timezone()) == "Europe/Prague"


class TestTheSettingsRow:
    def test_is_at_hand_for_the_view(self, answer):
        configure(organisation_name="ČČK Praha 1")
        assert answer()["site"].organisation_name == "ČČK Praha 1"

    @pytest.mark.parametrize("path", ["/healthz", "/static/build/site.css"])
    def test_is_not_touched_where_no_database_may_be_needed(self, answer, path, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert answer(path)["site"] is None


class TestTheSession:
    def test_lasts_as_long_as_the_site_says(self, answer):
        configure(session_hours=3)
        assert answer(user=make_member())["session"].get_expiry_age() == 3 * 3600

    def test_follows_a_changed_setting(self, answer):
        person, session = make_member(), SessionStore()
        for hours in (3, 5):
            configure(session_hours=hours)
            answer(user=person, session=session)
            assert session.get_expiry_age() == hours * 3600

    def test_is_written_once_a_minute(self, answer):
        person, session = make_member(), SessionStore()
        with time_machine.travel(datetime(2027, 5, 5, tzinfo=UTC), tick=False) as clock:
            for seconds, written in ((0, True), (59, False), (1, True), (30, False)):
                clock.shift(seconds)
                session.modified = False
                answer(user=person, session=session)
                assert session.modified is written

    def test_is_not_made_for_strangers(self, answer):
        assert not answer()["session"].modified
