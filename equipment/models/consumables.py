"""What is used up: kinds, their lots in stock, and the ledger of every piece that came and went."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from equipment.consumables import rules
from equipment.consumables.querysets import ConsumableQuerySet, LotQuerySet, MovementQuerySet
from equipment.models.stock import StorageLocation
from events.models import Event
from medcover.common.db import Named, TimeStamped, Versioned


class Consumable(Versioned, TimeStamped, Named, models.Model):
    """A kind of material that is used up. Archived when nothing is left of it, never deleted.

    Its version also counts the movements of its lots.
    """

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=255)
    unit = models.CharField(_("unit"), max_length=30, help_text=_("What is counted: pieces, packages, pairs."))
    minimum = models.PositiveIntegerField(
        _("minimum stock"),
        default=0,
        validators=[MaxValueValidator(rules.MOST)],
        help_text=_("With less than this in stock it is to be bought; 0 means that nothing has to be there."),
    )
    description = models.TextField(_("description"), blank=True, validators=[MaxLengthValidator(5000)])
    location = models.ForeignKey(
        StorageLocation,
        verbose_name=_("usual location"),
        on_delete=models.PROTECT,
        related_name="consumables",
        null=True,
        blank=True,
        help_text=_("Where new deliveries go unless something else is said."),
    )
    is_archived = models.BooleanField(_("archived"), default=False, editable=False)

    objects = ConsumableQuerySet.as_manager()

    class Meta:
        verbose_name = _("consumable")
        verbose_name_plural = _("consumables")
        ordering = ["name_sort", "id"]
        default_permissions = ()
        permissions = [
            ("manage_consumables", _("Can keep the stock of consumables")),
            ("use_consumables", _("Can record what was used on own events")),
        ]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="consumable_name_unique",
                violation_error_message=_("A consumable of this name already exists, perhaps in the archive."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Lot(Versioned, models.Model):
    """What is left of one batch at one location. The number of pieces is the sum of its movements."""

    consumable = models.ForeignKey(
        Consumable, verbose_name=_("consumable"), on_delete=models.PROTECT, related_name="lots"
    )
    number = models.CharField(_("lot number"), max_length=100, blank=True)
    location = models.ForeignKey(
        StorageLocation,
        verbose_name=_("location"),
        on_delete=models.PROTECT,
        related_name="lots",
        null=True,
        blank=True,
    )
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("The last day on which it may be used; empty: never.")
    )
    received_on = models.DateField(_("received on"))
    quantity = models.PositiveIntegerField(_("in stock"), default=0, editable=False)

    objects = LotQuerySet.as_manager()

    class Meta:
        verbose_name = _("lot of a consumable")
        verbose_name_plural = _("lots of consumables")
        ordering = ["id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["consumable", "number", "expires_on", "location"],
                nulls_distinct=False,
                name="lot_of_a_batch_once_at_a_location",
                violation_error_message=_("There is such a lot at this location already."),
            )
        ]
        indexes = [
            models.Index(fields=["consumable", "expires_on"], condition=Q(quantity__gt=0), name="lots_in_stock"),
        ]

    def __str__(self) -> str:
        return f"{self.consumable} – {self.label}"

    @property
    def label(self) -> str:
        """The number and the last day of use, as people tell lots apart."""
        number = self.number or str(_("without a lot number"))
        return f"{number}, {self.expires_on:%d.%m.%Y}" if self.expires_on else number

    @property
    def batch(self) -> rules.Batch:
        """The lot as the rules take it."""
        return rules.Batch(self.pk, self.quantity, self.expires_on, self.received_on)

    def is_expired_on(self, day: date) -> bool:
        """Say whether its last day of use is before `day`."""
        return rules.is_expired(self.expires_on, day)


class Movement(models.Model):
    """One line of the ledger: pieces that came to a lot (positive) or left it (negative); never altered.

    The database refuses changes of everything but the note. Nothing but its event says yet what pieces were used for;
    where that may be a repair, it is one more nullable foreign key, and a constraint that at most one of both is given.
    """

    class Kind(models.TextChoices):
        """Why they came or left."""

        RECEIVED = "received", pgettext_lazy("movement", "Received")
        USED = "used", pgettext_lazy("movement", "Used")
        DISPOSED = "disposed", pgettext_lazy("movement", "Disposed of")
        CORRECTED = "corrected", pgettext_lazy("movement", "Stock-taking")
        MOVED = "moved", pgettext_lazy("movement", "Moved elsewhere")

    lot = models.ForeignKey(Lot, verbose_name=_("lot"), on_delete=models.PROTECT, related_name="movements")
    quantity = models.IntegerField(_("quantity"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    event = models.ForeignKey(
        Event,
        verbose_name=_("event"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="used_consumables",
    )
    #: The movement that this one takes back: same lot, kind and event, the opposite quantity.
    undoes = models.OneToOneField(
        "self", verbose_name=_("undoes"), on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("recorded by"), on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(_("recorded at"))

    objects = MovementQuerySet.as_manager()

    class Meta:
        verbose_name = _("movement of a consumable")
        verbose_name_plural = _("movements of consumables")
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="movement_of_something"),
            models.CheckConstraint(
                condition=Q(undoes__isnull=False)
                | Q(kind="received", quantity__gt=0)
                | Q(kind__in=["used", "disposed"], quantity__lt=0)
                | Q(kind__in=["corrected", "moved"]),
                name="movement_in_the_direction_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(event__isnull=True) | Q(kind="used"), name="movement_for_an_event_is_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity:+d} {self.lot.consumable.unit} {self.lot.consumable}"
