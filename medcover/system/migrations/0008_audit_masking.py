"""The audit record may be masked: one function puts a pseudonym in the place of a person's name and contacts.

The trigger still refuses every UPDATE and DELETE but this: while `audit_mask` runs, a row may become exactly what the
masking makes of it. Whatever else an UPDATE asks for at that time, another column or another text, is refused as ever.
"""

from __future__ import annotations

from django.db import migrations, models

FUNCTIONS = r"""
-- What is looked for comes as two patterns: `exact` matches it and nothing else, `rough` is quick and matches in every
-- text that holds it.
CREATE FUNCTION json_mentions(content jsonb, exact text, rough text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN content::text ~ rough THEN EXISTS (
        SELECT FROM jsonb_path_query(content, 'strict $.**') AS part
        WHERE jsonb_typeof(part) = 'string' AND part #>> '{}' ~ exact
    ) ELSE false END
$$;

CREATE FUNCTION json_masked(content jsonb, pattern text, pseudonym text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    CASE jsonb_typeof(content)
        WHEN 'string' THEN
            RETURN to_jsonb(regexp_replace(content #>> '{}', pattern, pseudonym, 'g'));
        WHEN 'array' THEN
            RETURN (
                SELECT coalesce(jsonb_agg(json_masked(item, pattern, pseudonym) ORDER BY place), '[]')
                FROM jsonb_array_elements(content) WITH ORDINALITY AS items(item, place)
            );
        WHEN 'object' THEN
            RETURN (
                SELECT coalesce(jsonb_object_agg(key, json_masked(value, pattern, pseudonym)), '{}')
                FROM jsonb_each(content)
            );
        ELSE
            RETURN content;
    END CASE;
END
$$;

CREATE FUNCTION audit_mentions(entry system_auditentry, exact text, rough text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN concat_ws(
            ' ', entry.object_repr, entry.summary, entry.changes_text, entry.changes, entry.serialized_data,
            entry.additional_data
        ) ~ rough THEN
            entry.object_repr ~ exact OR entry.summary ~ exact OR entry.changes_text ~ exact OR json_mentions(
                jsonb_build_array(entry.changes, entry.serialized_data, entry.additional_data), exact, rough
            )
        ELSE false
    END
$$;

CREATE FUNCTION audit_masked(entry system_auditentry, pattern text, pseudonym text) RETURNS system_auditentry
LANGUAGE plpgsql STABLE AS $$
BEGIN
    entry.object_repr := regexp_replace(entry.object_repr, pattern, pseudonym, 'g');
    entry.summary := regexp_replace(entry.summary, pattern, pseudonym, 'g');
    entry.changes_text := regexp_replace(entry.changes_text, pattern, pseudonym, 'g');
    entry.changes := json_masked(entry.changes, pattern, pseudonym);
    entry.serialized_data := json_masked(entry.serialized_data, pattern, pseudonym);
    entry.additional_data := json_masked(entry.additional_data, pattern, pseudonym);
    RETURN entry;
END
$$;

CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    masking jsonb := nullif(current_setting('medcover.audit_masking', true), '')::jsonb;
BEGIN
    IF TG_OP = 'UPDATE' AND masking IS NOT NULL THEN
        IF NEW IS NOT DISTINCT FROM audit_masked(OLD, masking ->> 'pattern', masking ->> 'pseudonym') THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the audit record is append-only (masking changes nothing but a person''s words)'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RAISE EXCEPTION 'the audit record is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Entries about the key `person` lose everything that `own` matches, all others what `elsewhere` matches; an empty
-- pattern matches nothing. Returns how many entries changed.
CREATE FUNCTION audit_mask(
    person text, own text, own_rough text, elsewhere text, elsewhere_rough text, pseudonym text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    changed bigint := 0;
    more bigint;
    only_about text;
    pattern text;
    rough text;
BEGIN
    IF person = '' OR pseudonym !~ '^[^\\&]+ [0-9A-F]{4,32}$' THEN
        RAISE EXCEPTION 'neither a person nor a pseudonym' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR pattern, rough, only_about IN VALUES (own, own_rough, person), (elsewhere, elsewhere_rough, NULL) LOOP
        CONTINUE WHEN pattern = '';
        IF '' ~ pattern THEN
            RAISE EXCEPTION 'a pattern that matches everything' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        PERFORM set_config(
            'medcover.audit_masking', jsonb_build_object('pattern', pattern, 'pseudonym', pseudonym)::text, true
        );
        UPDATE system_auditentry AS entry
        SET (object_repr, summary, changes_text, changes, serialized_data, additional_data) = (
            SELECT masked.object_repr, masked.summary, masked.changes_text,
                masked.changes, masked.serialized_data, masked.additional_data
            FROM audit_masked(entry, pattern, pseudonym) AS masked
        )
        WHERE (only_about IS NULL OR object_pk = only_about OR position(only_about IN changes::text) > 0)
            AND audit_mentions(entry, pattern, rough);
        GET DIAGNOSTICS more = ROW_COUNT;
        changed := changed + more;
    END LOOP;
    PERFORM set_config('medcover.audit_masking', '', true);
    RETURN changed;
END
$$;
REVOKE EXECUTE ON FUNCTION audit_mask(text, text, text, text, text, text) FROM PUBLIC;
"""

BACK = """
DROP FUNCTION audit_mask(text, text, text, text, text, text);
CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP FUNCTION audit_masked(system_auditentry, text, text);
DROP FUNCTION audit_mentions(system_auditentry, text, text);
DROP FUNCTION json_masked(jsonb, text, text);
DROP FUNCTION json_mentions(jsonb, text, text);
"""


class Migration(migrations.Migration):
    """Open the record for one operation, and name the kind of its entry."""

    dependencies = [("system", "0007_set_up_before_the_wizard")]

    operations = [
        migrations.RunSQL(FUNCTIONS, BACK),
        migrations.AlterField(
            model_name="auditentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("create", "Created"),
                    ("edit", "Edited"),
                    ("delete", "Deleted"),
                    ("status_change", "Status changed"),
                    ("archive", "Archived"),
                    ("unarchive", "Unarchived"),
                    ("import", "Imported"),
                    ("export", "Exported"),
                    ("erase", "Personal data erased"),
                    ("resend", "Sent again"),
                    ("cancel", "Cancelled"),
                    ("link_clicked", "Link opened"),
                    ("complete", "Completed"),
                    ("password_reset_requested", "New password requested"),
                    ("password_reset_completed", "New password set"),
                    ("email_failed", "Mail failed"),
                    ("error", "Error"),
                ],
                db_index=True,
                max_length=32,
                verbose_name="kind",
            ),
        ),
    ]
