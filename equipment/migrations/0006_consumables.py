"""Consumables: kinds, lots, and a ledger that may only grow."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

#: The note may be masked, and an event that is deleted is forgotten; nothing else changes, and nothing goes.
FORBID = """
CREATE FUNCTION movement_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.id, NEW.lot_id, NEW.quantity, NEW.kind, NEW.undoes_id, NEW.by_id, NEW.at)
            IS NOT DISTINCT FROM (OLD.id, OLD.lot_id, OLD.quantity, OLD.kind, OLD.undoes_id, OLD.by_id, OLD.at)
        AND (NEW.event_id IS NULL OR NEW.event_id IS NOT DISTINCT FROM OLD.event_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the ledger of consumables is append-only (% refused)', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE ON equipment_movement
    FOR EACH ROW EXECUTE FUNCTION movement_append_only();
"""

ALLOW = """
DROP TRIGGER movement_append_only ON equipment_movement;
DROP FUNCTION movement_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("equipment", "0005_packing"),
        ("events", "0010_reminders_of_free_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consumable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name_sort", models.CharField(db_index=True, editable=False, max_length=600)),
                ("name_search", models.CharField(editable=False, max_length=300)),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                (
                    "unit",
                    models.CharField(
                        help_text="What is counted: pieces, packages, pairs.", max_length=30, verbose_name="unit"
                    ),
                ),
                (
                    "minimum",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="With less than this in stock it is to be bought; 0 means that nothing has to be there.",
                        validators=[django.core.validators.MaxValueValidator(99999)],
                        verbose_name="minimum stock",
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(5000)],
                        verbose_name="description",
                    ),
                ),
                ("is_archived", models.BooleanField(default=False, editable=False, verbose_name="archived")),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where new deliveries go unless something else is said.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consumables",
                        to="equipment.storagelocation",
                        verbose_name="usual location",
                    ),
                ),
            ],
            options={
                "verbose_name": "consumable",
                "verbose_name_plural": "consumables",
                "ordering": ["name_sort", "id"],
                "permissions": [
                    ("manage_consumables", "Can keep the stock of consumables"),
                    ("use_consumables", "Can record what was used on own events"),
                ],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("number", models.CharField(blank=True, max_length=100, verbose_name="lot number")),
                (
                    "expires_on",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it may be used; empty: never.",
                        null=True,
                        verbose_name="expires on",
                    ),
                ),
                ("received_on", models.DateField(verbose_name="received on")),
                ("quantity", models.PositiveIntegerField(default=0, editable=False, verbose_name="in stock")),
                (
                    "consumable",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="equipment.consumable",
                        verbose_name="consumable",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="equipment.storagelocation",
                        verbose_name="location",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot of a consumable",
                "verbose_name_plural": "lots of consumables",
                "ordering": ["id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Movement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("used", "Used"),
                            ("disposed", "Disposed of"),
                            ("corrected", "Stock-taking"),
                            ("moved", "Moved elsewhere"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="used_consumables",
                        to="events.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="equipment.lot",
                        verbose_name="lot",
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="equipment.movement",
                        verbose_name="undoes",
                    ),
                ),
            ],
            options={
                "verbose_name": "movement of a consumable",
                "verbose_name_plural": "movements of consumables",
                "ordering": ["-id"],
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="consumable",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("name"),
                name="consumable_name_unique",
                violation_error_message="A consumable of this name already exists, perhaps in the archive.",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("quantity__gt", 0)), fields=["consumable", "expires_on"], name="lots_in_stock"
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.UniqueConstraint(
                fields=("consumable", "number", "expires_on", "location"),
                name="lot_of_a_batch_once_at_a_location",
                nulls_distinct=False,
                violation_error_message="There is such a lot at this location already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", 0), _negated=True), name="movement_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undoes__isnull", False),
                    models.Q(("kind", "received"), ("quantity__gt", 0)),
                    models.Q(("kind__in", ["used", "disposed"]), ("quantity__lt", 0)),
                    ("kind__in", ["corrected", "moved"]),
                    _connector="OR",
                ),
                name="movement_in_the_direction_of_its_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="movement",
            constraint=models.CheckConstraint(
                condition=models.Q(("event__isnull", True), ("kind", "used"), _connector="OR"),
                name="movement_for_an_event_is_use",
            ),
        ),
        migrations.RunSQL(FORBID, ALLOW),
    ]
