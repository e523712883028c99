"""Master event model: the folders that events live in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.querysets import MasterEventQuerySet
from medcover.common.db import Named, TimeStamped, Versioned


class MasterEvent(Versioned, TimeStamped, Named, models.Model):
    """A group of events; exactly one, the built-in General, always exists."""

    name = models.CharField(
        _("name"),
        max_length=255,
        unique=True,
        error_messages={"unique": _("A master event of this name already exists.")},
    )
    description = models.TextField(_("description"), blank=True)
    coordinator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("coordinator"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="coordinated_master_events",
        help_text=_("With a coordinator, people do not sign up or off by themselves on any of its events."),
    )
    is_general = models.BooleanField(_("default"), default=False, editable=False)
    is_archived = models.BooleanField(_("archived"), default=False, editable=False)

    objects = MasterEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("master event")
        verbose_name_plural = _("master events")
        ordering = ["-is_general", "name_sort", "id"]
        default_permissions = ("add", "change", "view")
        permissions = [
            ("archive_masterevent", _("Can archive master events")),
            ("unarchive_masterevent", _("Can unarchive master events")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["is_general"], condition=Q(is_general=True), name="one_general_master"),
            models.CheckConstraint(condition=~Q(is_general=True, is_archived=True), name="general_never_archived"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_coordinated(self) -> bool:
        """People are placed by a coordinator, not by themselves."""
        return self.coordinator_id is not None
