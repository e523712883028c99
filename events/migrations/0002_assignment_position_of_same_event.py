"""A person can only stand on a position of the event they are signed up for."""

from __future__ import annotations

from django.db import migrations

BIND = """
ALTER TABLE events_position ADD CONSTRAINT position_with_its_event UNIQUE (id, event_id);
ALTER TABLE events_assignment ADD CONSTRAINT assignment_position_of_same_event
    FOREIGN KEY (position_id, event_id) REFERENCES events_position (id, event_id) DEFERRABLE INITIALLY DEFERRED;
"""

UNBIND = """
ALTER TABLE events_assignment DROP CONSTRAINT assignment_position_of_same_event;
ALTER TABLE events_position DROP CONSTRAINT position_with_its_event;
"""


class Migration(migrations.Migration):
    """Add the composite foreign key that Django cannot express."""

    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunSQL(BIND, UNBIND)]
