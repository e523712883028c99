"""What a person is given of their devices, and what the backoffice shows of what goes there."""

from __future__ import annotations

import pytest
from django.urls import reverse

from medcover.backoffice.tests.pages import browser as backoffice
from medcover.backoffice.tests.pages import rows_of, text_of
from notifications.models import OutboxMessage, PushChoice
from notifications.tests.factories import MessageFactory, message_to
from notifications.tests.push.devices import Browser, subscribed
from roster.privacy.lower_apps import MessageData
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

LIST = reverse("admin:notifications_outboxmessage_changelist")


def test_people_are_given_their_devices_and_choices_but_no_secret():
    person, browser = make_member(), Browser()
    row = subscribed(person, browser)
    subscribed(make_member(), label="Chrome, Windows")
    PushChoice.objects.create(person=person, code="event_cancelled", wanted=False)
    parts = {part.key: part for part in MessageData().export(person)}
    (device,) = parts["devices"].as_data()
    assert (device["device"], device["created"]) == ("Firefox, Android", row.created)
    assert parts["push_choices"].as_data() == [{"type": "event_cancelled", "wanted": False}]
    assert all(secret not in str(device) for secret in browser.sent)


class TestBackoffice:
    @pytest.fixture
    def client(self):
        return backoffice(make_admin(language="en"))

    @pytest.fixture
    def pushed(self):
        person = make_member()
        return message_to(
            person, code="urgent", subject="Kolo", channel=OutboxMessage.Channel.PUSH, device=subscribed(person).pk
        )

    def test_says_by_which_way_a_message_goes(self, client, pushed):
        mail = MessageFactory(subject="Dopis")
        assert text_of(client.get(LIST)).count("browser") >= 1
        assert rows_of(client.get(LIST, {"channel__exact": "push"})) == [str(pushed)]
        assert rows_of(client.get(LIST, {"channel__exact": "mail"})) == [str(mail)]

    def test_shows_what_the_device_would_show(self, client, pushed):
        address = reverse("admin:notifications_outboxmessage_change", args=[pushed.pk])
        assert "Zpráva" in client.get(address).context["preview"]

    def test_says_why_it_cannot(self, client, pushed):
        OutboxMessage.objects.update(code="of_a_former_version")
        address = reverse("admin:notifications_outboxmessage_change", args=[pushed.pk])
        assert "KeyError" in client.get(address).context["preview"]

    def test_neither_endpoint_nor_keys_stand_on_any_page(self, client, pushed):
        person = pushed.recipient
        device = person.push_subscriptions.get()
        for name, key in (("notifications_outboxmessage", pushed.pk), ("roster_user", person.pk)):
            page = client.get(reverse(f"admin:{name}_change", args=[key])).content.decode()
            assert device.endpoint not in page
            assert device.p256dh not in page
