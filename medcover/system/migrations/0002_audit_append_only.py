"""The audit record may only grow."""

from __future__ import annotations

from django.db import migrations

FORBID = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON system_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
"""

ALLOW = """
DROP TRIGGER audit_append_only ON system_auditentry;
DROP FUNCTION audit_append_only();
"""


class Migration(migrations.Migration):
    """Refuse UPDATE and DELETE in the database itself."""

    dependencies = [("system", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, ALLOW)]
