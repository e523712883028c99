"""The list of events in the backoffice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from events.tests.factories import EventFactory, PositionFactory
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db


def test_smoke(client):
    client.force_login(make_coordinator())
    event = EventFactory()
    position = PositionFactory(event=event)
    for url in [
        reverse("admin:events_event_changelist") + "?time=all",
        reverse("admin:events_event_add"),
        reverse("admin:events_event_change", args=[event.pk]),
        reverse("admin:events_event_assign", args=[event.pk, position.pk]),
        reverse("admin:events_masterevent_changelist"),
        reverse("admin:events_masterevent_add"),
        reverse("admin:events_masterevent_change", args=[event.master_event_id]),
    ]:
        answer = client.get(url)
        assert answer.status_code == 200, url
