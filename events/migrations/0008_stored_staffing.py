"""Events carry the figures of their staffing, counted by triggers in the statement that changes a crew or a plan.

`events_staffing_counted` counts, `events_count_staffing` writes what it finds. The latter locks the events before it
counts, and counts in a statement of its own, so that of two changes at once the second one sees what the first has
committed. A guard ignores every other attempt to write the figures: a saved instance holds those of its reading.
"""

from __future__ import annotations

from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION events_staffing_counted(keys bigint[]) RETURNS TABLE (
    event_id bigint, mandatory_total integer, mandatory_filled integer, optional_total integer,
    optional_filled integer, held_places integer, participant_count integer
) LANGUAGE sql STABLE AS $$
    SELECT event.id, place.mandatory::integer, place.mandatory_taken::integer, place.optional::integer,
           place.optional_taken::integer, held.number::integer, people.number::integer
    FROM events_event AS event,
    LATERAL (
        SELECT count(*) FILTER (WHERE NOT position.is_optional) AS mandatory,
               count(assignment.id) FILTER (WHERE NOT position.is_optional) AS mandatory_taken,
               count(*) FILTER (WHERE position.is_optional) AS optional,
               count(assignment.id) FILTER (WHERE position.is_optional) AS optional_taken
        FROM events_position AS position
        LEFT JOIN events_assignment AS assignment ON assignment.position_id = position.id
        WHERE position.event_id = event.id
    ) AS place,
    LATERAL (
        SELECT count(*) AS number FROM events_offer AS offer
        WHERE offer.event_id = event.id AND offer.state = 'open'
    ) AS held,
    LATERAL (
        SELECT count(*) AS number FROM events_assignment AS assignment WHERE assignment.event_id = event.id
    ) AS people
    WHERE event.id = ANY (keys)
$$;

CREATE FUNCTION events_count_staffing(keys bigint[]) RETURNS integer LANGUAGE plpgsql
SET medcover.counting_staffing = 'on' AS $$
DECLARE
    changed integer;
BEGIN
    PERFORM FROM events_event WHERE id = ANY (keys) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event AS event
    SET mandatory_total = counted.mandatory_total, mandatory_filled = counted.mandatory_filled,
        optional_total = counted.optional_total, optional_filled = counted.optional_filled,
        held_places = counted.held_places, participant_count = counted.participant_count
    FROM events_staffing_counted(keys) AS counted
    WHERE event.id = counted.event_id
      AND (event.mandatory_total, event.mandatory_filled, event.optional_total, event.optional_filled,
           event.held_places, event.participant_count)
          IS DISTINCT FROM
          (counted.mandatory_total, counted.mandatory_filled, counted.optional_total, counted.optional_filled,
           counted.held_places, counted.participant_count);
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;

CREATE FUNCTION events_staffing_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN
            SELECT array_agg(DISTINCT event_id) INTO keys FROM new_rows;
        WHEN 'DELETE' THEN
            SELECT array_agg(DISTINCT event_id) INTO keys FROM old_rows;
        ELSE
            SELECT array_agg(event_id) INTO keys
            FROM (SELECT event_id FROM old_rows UNION SELECT event_id FROM new_rows) AS touched;
    END CASE;
    IF keys IS NOT NULL THEN
        PERFORM events_count_staffing(keys);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION events_guard_staffing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('medcover.counting_staffing', true) = 'on' THEN
        RETURN NEW;
    ELSIF TG_OP = 'INSERT' THEN
        NEW.mandatory_total := 0; NEW.mandatory_filled := 0; NEW.optional_total := 0; NEW.optional_filled := 0;
        NEW.held_places := 0; NEW.participant_count := 0;
    ELSE
        NEW.mandatory_total := OLD.mandatory_total; NEW.mandatory_filled := OLD.mandatory_filled;
        NEW.optional_total := OLD.optional_total; NEW.optional_filled := OLD.optional_filled;
        NEW.held_places := OLD.held_places; NEW.participant_count := OLD.participant_count;
    END IF;
    RETURN NEW;
END
$$;
"""

#: A trigger that sees the rows of a statement serves one kind of statement only.
_TRIGGERS = """
CREATE TRIGGER staffing_after_insert AFTER INSERT ON {table}
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION events_staffing_changed();
CREATE TRIGGER staffing_after_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION events_staffing_changed();
CREATE TRIGGER staffing_after_delete AFTER DELETE ON {table}
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION events_staffing_changed();
"""

_TABLES = ("events_position", "events_assignment", "events_offer")

TRIGGERS = (
    "".join(_TRIGGERS.format(table=table) for table in _TABLES)
    + """
CREATE TRIGGER staffing_guard BEFORE INSERT OR UPDATE OF
    mandatory_total, mandatory_filled, optional_total, optional_filled, held_places, participant_count
    ON events_event FOR EACH ROW EXECUTE FUNCTION events_guard_staffing();
"""
)

FIRST_COUNT = "SELECT events_count_staffing(array_agg(id)) FROM events_event;"

REMOVE = (
    "DROP TRIGGER staffing_guard ON events_event;\n"
    + "".join(
        f"DROP TRIGGER staffing_after_{change} ON {table};\n"
        for table in _TABLES
        for change in ("insert", "update", "delete")
    )
    + """
DROP FUNCTION events_guard_staffing();
DROP FUNCTION events_staffing_changed();
DROP FUNCTION events_count_staffing(bigint[]);
DROP FUNCTION events_staffing_counted(bigint[]);
"""
)


def _figure() -> models.PositiveIntegerField:
    return models.PositiveIntegerField(db_default=0, default=0, editable=False)


class Migration(migrations.Migration):
    """Add the figures, the triggers that keep them, and count once."""

    dependencies = [("events", "0007_season_imports")]

    operations = [
        *[
            migrations.AddField("event", name, _figure())
            for name in (
                "mandatory_total",
                "mandatory_filled",
                "optional_total",
                "optional_filled",
                "held_places",
                "participant_count",
            )
        ],
        migrations.RunSQL(FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL(FIRST_COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, REMOVE),
        migrations.AddIndex(
            "event",
            models.Index(condition=models.Q(("is_archived", False)), fields=["end"], name="event_living_end"),
        ),
    ]
