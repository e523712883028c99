"""The register of equipment: locations, types, items."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment.querysets import ItemQuerySet, LocationQuerySet, TypeQuerySet
from events.models import Event
from medcover.common.db import Named, TimeStamped, Versioned
from medcover.common.slack_channels import LONGEST as SLACK_CHANNEL_LENGTH
from medcover.common.slack_channels import validate_channel

#: Letters of a code: none that is taken for another one when it is read aloud or typed off a label.
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16

DEFAULT_ICON = "📦"


def new_code() -> str:
    """Return 80 random bits as they stand on a label: who has not seen it cannot guess it."""
    return "".join(secrets.choice(CODE_LETTERS) for _place in range(CODE_LENGTH))


class StorageLocation(Versioned, TimeStamped, Named, models.Model):
    """A place where items are kept; on the status board an area. Archived, never deleted."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=80)
    sort_order = models.PositiveIntegerField(
        _("order"),
        default=0,
        validators=[MaxValueValidator(999_999)],
        help_text=_("Lower numbers come first; equal ones are ordered by name."),
    )
    slack_channel = models.CharField(
        _("channel in Slack"),
        max_length=SLACK_CHANNEL_LENGTH,
        blank=True,
        validators=[validate_channel],
        help_text=_("Where repairs of its items are told, for example #zavady. When empty, in the general channel."),
    )
    is_archived = models.BooleanField(_("archived"), default=False, editable=False)

    objects = LocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("storage location")
        verbose_name_plural = _("storage locations")
        ordering = ["sort_order", "name_sort", "id"]
        default_permissions = ()
        permissions = [
            ("add_storagelocation", _("Can add storage locations")),
            ("change_storagelocation", _("Can change and archive storage locations")),
        ]
        constraints = [
            # Archived ones count as well: their name stands on items and in the record.
            models.UniqueConstraint(
                Lower("name"),
                name="storage_location_name_unique",
                violation_error_message=_("A storage location of this name already exists, perhaps in the archive."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class EquipmentType(Versioned, TimeStamped, Named, models.Model):
    """A sort of equipment; events are planned by quantities of types."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=255)
    icon = models.CharField(
        _("icon"), max_length=16, default=DEFAULT_ICON, help_text=_("An emoji; it stands beside events that need it.")
    )
    description = models.TextField(_("description"), blank=True)

    objects = TypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("type of equipment")
        verbose_name_plural = _("types of equipment")
        ordering = ["name_sort", "id"]
        default_permissions = ()
        permissions = [
            ("view_equipment", _("Can view equipment")),
            ("add_equipmenttype", _("Can add types of equipment")),
            ("change_equipmenttype", _("Can change types of equipment")),
            ("delete_equipmenttype", _("Can delete types of equipment")),
            ("plan_equipment", _("Can plan equipment for events")),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="equipment_type_name_unique",
                violation_error_message=_("A type of equipment of this name already exists."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.icon} {self.name}"


class EquipmentItem(Versioned, TimeStamped, Named, models.Model):
    """One piece of equipment. Archived, never deleted; who has it is told by its open `Issue`."""

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=255)
    type = models.ForeignKey(EquipmentType, verbose_name=_("type"), on_delete=models.PROTECT, related_name="items")
    location = models.ForeignKey(
        StorageLocation,
        verbose_name=_("storage location"),
        on_delete=models.PROTECT,
        related_name="items",
        null=True,
        blank=True,
        help_text=_("Where it belongs when nobody has it."),
    )
    place = models.CharField(
        _("place within the location"), max_length=255, blank=True, help_text=_("For example the shelf or the vehicle.")
    )
    manufacturer = models.CharField(_("manufacturer"), max_length=200, blank=True)
    model = models.CharField(_("model"), max_length=200, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=200, blank=True)
    #: Stands on the label of the item, as a QR code; opens its page.
    code = models.CharField(_("code"), max_length=CODE_LENGTH, unique=True, default=new_code, editable=False)
    acquired_on = models.DateField(_("acquired on"), null=True, blank=True)
    acquired_from = models.CharField(_("acquired from"), max_length=200, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    warranty_until = models.DateField(_("warranty until"), null=True, blank=True)
    service_due = models.DateField(
        _("next service due"),
        null=True,
        blank=True,
        help_text=_(
            "A reminder of one day; it stops nobody from using it. What comes round again and again is an inspection "
            "of the type: it reckons its days itself, and can take the item out of use."
        ),
    )
    expires_on = models.DateField(
        _("expires on"),
        null=True,
        blank=True,
        help_text=_("The last day on which it may be used; afterwards it counts for no plan and is not handed out."),
    )
    description = models.TextField(_("description"), blank=True, help_text=_("What it is and how it is used."))
    notes = models.TextField(_("notes"), blank=True, help_text=_("For those who look after equipment."))
    lost_since = models.DateTimeField(_("lost since"), null=True, blank=True, editable=False)
    is_archived = models.BooleanField(_("archived"), default=False, editable=False)
    #: The earliest last day of all its inspections, and of those that safety depends on (`services.standings`).
    inspection_due_on = models.DateField(_("next inspection due"), null=True, editable=False)
    safe_until = models.DateField(_("inspected for safety until"), null=True, editable=False)

    #: Set by services that take it out of the stock: the events that lack something because of it.
    breaks: Sequence[Event] = ()

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item of equipment")
        verbose_name_plural = _("items of equipment")
        ordering = ["name_sort", "id"]
        default_permissions = ()
        permissions = [
            ("add_equipmentitem", _("Can add items")),
            ("change_equipmentitem", _("Can change items")),
            ("delete_equipmentitem", _("Can archive items and take them out of the archive")),
            ("issue_equipmentitem", _("Can issue items to people")),
            ("report_own_equipmentitem", _("Can report the state of the own issued items")),
            ("modify_availability", _("Can take items out of service and back")),
            ("assign_equipment", _("Can assign items to events")),
            ("manage_repairs", _("Can work on repairs")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="equipment_item_price_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_lost(self) -> bool:
        """Somebody has reported it lost and nobody has found it yet."""
        return self.lost_since is not None

    def is_expired_on(self, day: date) -> bool:
        """Say whether its last day of use is before `day`."""
        return self.expires_on is not None and self.expires_on < day

    def is_inspection_overdue_on(self, day: date) -> bool:
        """Say whether the last day of one of its inspections is before `day`."""
        return self.inspection_due_on is not None and self.inspection_due_on < day
