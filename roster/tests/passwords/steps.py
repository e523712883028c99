"""What somebody does who has forgotten their password."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.utils.module_loading import import_string
from django_q.models import OrmQ

from roster.services import passwords

NOW = datetime(2027, 5, 5, 12, 0, tzinfo=UTC)
NEW = "nové heslo 7"
FORGOTTEN, NEW_PAGE, LOGIN = "/password/forgotten/", "/password/new/", "/login/"
PETR = "petr@example.org"


def ask(client, email=PETR):
    """Ask for a link on the page, and do what the worker does then."""
    answer = client.post(FORGOTTEN, {"email": email}, follow=True)
    for row in OrmQ.objects.all():
        if row.func() == "roster.jobs.request_reset":
            import_string(row.func())(*row.task["args"])
            row.delete()
    return answer


def token_for(person) -> str:
    """Request a link and return its secret part, as the mail would hold it."""
    passwords.request_reset(person.email)
    person.refresh_from_db()
    return passwords.reset_token(person)


def follow(client, token):
    return client.get(f"{NEW_PAGE}{token}/")


def choose(client, new=NEW, repeated=None):
    return client.post(NEW_PAGE, {"new": new, "repeated": new if repeated is None else repeated})


def is_dead(answer) -> bool:
    return answer.status_code == 400 and "registration/link_dead.html" in [row.name for row in answer.templates]


def knows(person, password: str) -> bool:
    person.refresh_from_db()
    return bool(person.check_password(password))


def without_secrets(answer) -> str:
    """The page without what differs from page to page by design: the nonce and the CSRF tokens."""
    page = re.sub(r"hx-headers='[^']*'", "", answer.content.decode())
    return re.sub(r'(value|content|nonce)="[^"]*"', "", page)
