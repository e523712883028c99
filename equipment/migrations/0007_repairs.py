"""Repairs with their timeline, which may only grow: erasing a person masks texts in it, and nothing else changes."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import equipment.models.repair

GROW_ONLY = """
CREATE FUNCTION repair_entries_grow_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.id, OLD.repair_id, OLD.kind, OLD.author_id, OLD.photo_id, OLD.created)
        IS NOT DISTINCT FROM (NEW.id, NEW.repair_id, NEW.kind, NEW.author_id, NEW.photo_id, NEW.created) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the timeline of repairs is append-only (% refused)', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER repair_entries_grow_only BEFORE UPDATE OR DELETE ON equipment_repairentry
    FOR EACH ROW EXECUTE FUNCTION repair_entries_grow_only();
"""

FREE = """
DROP TRIGGER repair_entries_grow_only ON equipment_repairentry;
DROP FUNCTION repair_entries_grow_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("equipment", "0006_consumables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Repair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("assigned", "Assigned"),
                            ("in_progress", "In progress"),
                            ("parts_needed", "Parts needed"),
                            ("parts_ordered", "Parts ordered"),
                            ("parts_received", "Parts received"),
                            ("needs_specialist", "Needs a specialist"),
                            ("resolved", "Resolved"),
                            ("no_issue", "Closed – no issue found"),
                            ("duplicate", "Closed – duplicate"),
                        ],
                        default="new",
                        max_length=20,
                        verbose_name="status",
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("down", "Down"), ("degraded", "Degraded"), ("unsure", "Not sure")],
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        validators=[django.core.validators.MaxLengthValidator(5000)], verbose_name="what is wrong"
                    ),
                ),
                (
                    "is_safety_risk",
                    models.BooleanField(
                        default=False,
                        help_text="Using the item could hurt somebody. It cannot be taken until the repair is closed.",
                        verbose_name="safety risk",
                    ),
                ),
                (
                    "is_consumable",
                    models.BooleanField(
                        default=False,
                        help_text="Something has run out and has to be filled up.",
                        verbose_name="consumable",
                    ),
                ),
                ("reporter_name", models.CharField(blank=True, max_length=200, verbose_name="name of the reporter")),
                (
                    "reporter_email",
                    models.EmailField(blank=True, max_length=255, verbose_name="e-mail of the reporter"),
                ),
                ("eta", models.DateField(blank=True, null=True, verbose_name="expected to be done")),
                (
                    "specialist_text",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(5000)],
                        verbose_name="for the specialist",
                    ),
                ),
                ("created", models.DateTimeField(editable=False, verbose_name="reported")),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assignee",
                    ),
                ),
                (
                    "duplicate_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="equipment.repair",
                        verbose_name="duplicate of",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repairs",
                        to="equipment.equipmentitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
            ],
            options={
                "verbose_name": "repair",
                "verbose_name_plural": "repairs",
                "ordering": ["-created", "-id"],
                "permissions": [("report_problem", "Can report problems with items")],
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="itemreport",
            name="repair",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="equipment.repair",
                verbose_name="repair",
            ),
        ),
        migrations.CreateModel(
            name="RepairPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "file",
                    models.FileField(max_length=255, upload_to=equipment.models.repair.photo_path, verbose_name="file"),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name of the file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("created", models.DateTimeField(editable=False, verbose_name="added")),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "repair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="equipment.repair",
                        verbose_name="repair",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo of a repair",
                "verbose_name_plural": "photos of repairs",
                "ordering": ["-created", "-id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RepairEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "Reported"),
                            ("status", "Status"),
                            ("severity", "Severity"),
                            ("assignee", "Assignee"),
                            ("eta", "Expected to be done"),
                            ("duplicate", "Duplicate of"),
                            ("specialist", "For the specialist"),
                            ("note", "Note"),
                            ("photo", "Photo"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("author_name", models.CharField(blank=True, max_length=200, verbose_name="name of the author")),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("old", models.CharField(blank=True, max_length=255, verbose_name="before")),
                ("new", models.CharField(blank=True, max_length=255, verbose_name="after")),
                ("created", models.DateTimeField(editable=False, verbose_name="when")),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "repair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="equipment.repair",
                        verbose_name="repair",
                    ),
                ),
                (
                    "photo",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entry",
                        to="equipment.repairphoto",
                        verbose_name="photo",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a repair",
                "verbose_name_plural": "entries of repairs",
                "ordering": ["-created", "-id"],
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="repair",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        (
                            "new",
                            "assigned",
                            "in_progress",
                            "parts_needed",
                            "parts_ordered",
                            "parts_received",
                            "needs_specialist",
                        ),
                    )
                ),
                fields=["item", "severity"],
                name="repair_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="repair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "new",
                            "assigned",
                            "in_progress",
                            "parts_needed",
                            "parts_ordered",
                            "parts_received",
                            "needs_specialist",
                            "resolved",
                            "no_issue",
                            "duplicate",
                        ],
                    )
                ),
                name="repair_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="repair",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["", "down", "degraded", "unsure"])), name="repair_severity_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="repair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("duplicate_of__isnull", False), ("status", "duplicate")),
                    models.Q(models.Q(("status", "duplicate"), _negated=True), ("duplicate_of__isnull", True)),
                    _connector="OR",
                ),
                name="repair_duplicates_point_at_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="repair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("duplicate_of__isnull", True),
                    models.Q(("duplicate_of", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="repair_not_its_own_duplicate",
            ),
        ),
        migrations.AddConstraint(
            model_name="repair",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reporter__isnull", True), models.Q(("reporter_email", ""), ("reporter_name", "")), _connector="OR"
                ),
                name="repair_one_way_to_name_the_reporter",
            ),
        ),
        migrations.AddIndex(
            model_name="repairentry",
            index=models.Index(fields=["repair", "kind", "new"], name="repair_entry_of_status"),
        ),
        migrations.AddConstraint(
            model_name="repairentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "photo"), ("photo__isnull", False)),
                    models.Q(models.Q(("kind", "photo"), _negated=True), ("photo__isnull", True)),
                    _connector="OR",
                ),
                name="repair_entry_photo_where_one_is",
            ),
        ),
        migrations.RunSQL(GROW_ONLY, FREE),
    ]
