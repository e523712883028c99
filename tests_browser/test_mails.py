"""Mails as a mail program on a phone shows them, in both themes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser

from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.mails import composed
from roster.models import User
from roster.services import invitations
from roster.tests.factories import make_admin, make_member
from tests_browser import accessibility

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PHONE = {"width": 390, "height": 844}


def _news(reader: User) -> str:
    """Three events with everything that a table or a list is made for."""
    start = timezone.now() + timedelta(days=20)
    rows = []
    for number, (name, code) in enumerate(
        [
            ("Pražský půlmaraton – stanoviště u Národního divadla", "assignments_opened"),
            ("Ples", "event_changed"),
            ("Dětský den", "assignment_confirmed"),
        ]
    ):
        event = EventFactory(
            name=name,
            status=Status.OPEN,
            start=start + timedelta(days=number),
            end=start + timedelta(days=number, hours=6),
        )
        put(reader, PositionFactory(event=event, description="Zdravotník u cíle"))
        PositionFactory(event=event, description="Řidič sanitního vozu", is_optional=True)
        payload = {
            "event_id": event.pk,
            "event_name": event.name,
            "position": "Zdravotník u cíle",
            "changes": {"address": ["Národní třída 1, Praha", "náměstí Jiřího z Poděbrad 1, Praha 3"]},
        }
        rows.append(OutboxMessage(code=code, recipient=reader, to_email=reader.email, payload=payload, batch="events"))
    return _html(*rows)


def _invitation(_reader: User) -> str:
    invitations.invite("nova@example.org", by=make_admin(), at=timezone.now())
    return _html(OutboxMessage.objects.get(code="invitation"))


def _html(*rows: OutboxMessage) -> str:
    mail = composed(*rows)
    assert mail is not None
    return str(mail.alternatives[0].content)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("mail", [_news, _invitation], ids=["news", "invitation"])
def test_fits_a_phone_and_can_be_read(browser: Browser, site: SiteSettings, mail, scheme):
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(mail(make_member(name="Černá Žofie", language="cs")))
    picture = Path(settings.VAR_DIR) / "browser" / f"mail_{mail.__name__.strip('_')}_{scheme}.png"
    page.screenshot(path=picture, full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert asked == [], "a mail asks for nothing from outside"
    assert accessibility.violations(page, accessibility.COLOURS) == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 28)"}[scheme]
    context.close()
