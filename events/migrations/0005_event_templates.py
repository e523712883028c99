"""Templates of events, in both modes of staffing; their rights move from the event to them."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

RIGHTS = ("view_eventtemplate", "add_eventtemplate", "change_eventtemplate", "delete_eventtemplate")


def drop_old_rights(apps, schema_editor):
    """The same rights are made anew for the template's own table after the migration, and the roles filled with them."""
    permissions = apps.get_model("auth", "Permission").objects
    permissions.filter(content_type__app_label="events", content_type__model="event", codename__in=RIGHTS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("credentials", "0003_qualifications_on_invitations"),
        ("events", "0004_staffing_conditions"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="event",
            options={
                "ordering": ["start", "id"],
                "permissions": [
                    ("view_draft_event", "Can view drafts of events"),
                    ("publish_event", "Can publish events"),
                    ("open_signups", "Can open sign-ups"),
                    ("close_signups", "Can close sign-ups"),
                    ("cancel_event", "Can cancel events"),
                    ("restore_event", "Can restore cancelled events"),
                    ("archive_draft_event", "Can archive drafts"),
                    ("archive_event", "Can archive events"),
                    ("unarchive_event", "Can unarchive events"),
                    ("assign_own", "Can sign up and off"),
                    ("assign_other", "Can assign and remove others"),
                    ("set_responsible_person", "Can choose the responsible person"),
                    ("send_notification", "Can send messages about events"),
                ],
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
        migrations.CreateModel(
            name="EventTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("version", models.PositiveIntegerField(default=1, editable=False, verbose_name="version")),
                ("name_sort", models.CharField(db_index=True, editable=False, max_length=600)),
                ("name_search", models.CharField(editable=False, max_length=300)),
                (
                    "name",
                    models.CharField(
                        error_messages={"unique": "A template of this name already exists."},
                        max_length=255,
                        unique=True,
                        verbose_name="name",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("medical", "Medical cover"),
                            ("training", "Training"),
                            ("presentation", "Presentation"),
                        ],
                        default="medical",
                        max_length=16,
                        verbose_name="type of event",
                    ),
                ),
                ("is_paid", models.BooleanField(default=False, verbose_name="paid event")),
                (
                    "staffing_mode",
                    models.CharField(
                        choices=[("positions", "positions"), ("conditions", "conditions")],
                        default="conditions",
                        editable=False,
                        max_length=16,
                        verbose_name="staffing",
                    ),
                ),
                (
                    "min_participants",
                    models.PositiveIntegerField(
                        blank=True, editable=False, null=True, verbose_name="minimum of participants"
                    ),
                ),
                (
                    "max_participants",
                    models.PositiveIntegerField(
                        blank=True, editable=False, null=True, verbose_name="maximum of participants"
                    ),
                ),
            ],
            options={
                "verbose_name": "event template",
                "verbose_name_plural": "event templates",
                "ordering": ["name_sort", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["medical", "training", "presentation"])),
                        name="template_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("max_participants__isnull", True),
                                ("min_participants__isnull", True),
                                ("staffing_mode", "positions"),
                            ),
                            models.Q(
                                ("max_participants__gte", models.F("min_participants")),
                                ("max_participants__isnull", False),
                                ("min_participants__gte", 1),
                                ("min_participants__isnull", False),
                                ("staffing_mode", "conditions"),
                            ),
                            _connector="OR",
                        ),
                        name="template_capacity_only_with_conditions",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplatePosition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "description",
                    models.CharField(blank=True, max_length=255, verbose_name="description of the position"),
                ),
                ("is_optional", models.BooleanField(default=False, verbose_name="optional")),
                (
                    "qualifications",
                    models.ManyToManyField(
                        blank=True,
                        related_name="template_positions",
                        to="credentials.qualification",
                        verbose_name="required qualifications",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="positions", to="events.eventtemplate"
                    ),
                ),
            ],
            options={
                "verbose_name": "position",
                "verbose_name_plural": "positions",
                "ordering": ["is_optional", "id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TemplateCondition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minimum", models.PositiveSmallIntegerField(verbose_name="minimum")),
                ("order", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "qualification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="template_conditions",
                        to="credentials.qualification",
                        verbose_name="qualification",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conditions",
                        to="events.eventtemplate",
                    ),
                ),
            ],
            options={
                "verbose_name": "staffing condition",
                "verbose_name_plural": "staffing conditions",
                "ordering": ["order", "id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("template", "qualification"), name="template_condition_once"),
                    models.CheckConstraint(
                        condition=models.Q(("minimum__gte", 1)), name="template_condition_minimum_positive"
                    ),
                ],
            },
        ),
        migrations.RunPython(drop_old_rights, migrations.RunPython.noop),
    ]
