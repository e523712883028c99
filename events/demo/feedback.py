"""What people of the demo organisation have written about the application."""

from __future__ import annotations

from datetime import datetime, timedelta

from events.demo.organisation import DOMAIN
from medcover.system import feedback_services
from medcover.system.feedback_services import Surroundings
from medcover.system.models import UserFeedback
from roster.models import User

_PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36"
_DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"

#: Who, how many hours ago, what, and from where.
_WRITTEN = (
    ("dev.member", 50, "V kalendáři by se hodilo vidět i akce, na které čekám ve frontě.",
     Surroundings("/calendar/", _PHONE, "412 × 785 (412 × 915, 2.63×)")),
    ("dev.technician", 27, "Skener kódů v garáži funguje skvěle, díky!",
     Surroundings("/equipment/", _PHONE, "412 × 785 (412 × 915, 2.63×)")),
    ("dev.coordinator", 3, "Při kopírování akce bych chtěla rovnou vybrat jiného zodpovědného.",
     Surroundings("/admin/events/event/", _DESK, "1280 × 720 (1920 × 1080, 1×)")),
)  # fmt: skip


def build(*, at: datetime) -> int:
    """Send what is missing, and return how much that was."""
    made = 0
    for login, hours, message, around in _WRITTEN:
        if not UserFeedback.objects.filter(message=message).exists():
            person = User.objects.get(email=f"{login}@{DOMAIN}")
            feedback_services.send(message, around, by=person, at=at - timedelta(hours=hours))
            made += 1
    return made
