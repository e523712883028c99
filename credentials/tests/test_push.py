"""A qualification that is about to expire, in a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.expiry import remind_of_expiry
from credentials.tests.factories import QualificationFactory, hold
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage, PushChoice
from notifications.push import keys
from notifications.push.composing import compose
from notifications.tests.push.devices import subscribed
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings) -> None:
    settings.VAPID_PRIVATE_KEY, settings.VAPID_SUBJECT = keys.new_pair().private, "mailto:spravce@example.org"


def test_leads_to_the_profile_and_only_who_asked_for_it():
    today = timezone.localdate()
    keen, other, qualification = make_member(), make_member(), QualificationFactory(name="Zdravotník")
    for person in (keen, other, make_admin()):
        subscribed(person)
        hold(person, qualification, until=today + timedelta(days=20))
    PushChoice.objects.create(person=keen, code="qualification_expiring", wanted=True)
    remind_of_expiry(at=timezone.now().replace(hour=12))
    message = OutboxMessage.objects.get(channel="push")
    note = compose(message, SiteSettings.load())
    assert note is not None
    assert (message.recipient, note.path, note.is_urgent) == (keen, "/profile/", False)
    assert note.title[0].isupper()
