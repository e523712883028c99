"""Pushes of the static status page: what waits, and how the last ones have ended."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from equipment.static_page.querysets import PushQuerySet


class StaticPagePush(models.Model):
    """One wish that the static status page be written anew. It holds no content: the page is made when it is written.

    Every transaction that alters the page adds a row, which locks nothing; whoever pushes merges all that wait.
    """

    class Status(models.TextChoices):
        """What has become of it."""

        PENDING = "pending", _("Waiting")
        DELIVERED = "delivered", _("Written")
        FAILED = "failed", _("Failed")

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    #: Somebody has asked for it: it does not wait for the next attempt of those before it.
    at_once = models.BooleanField(default=False)
    asked_at = models.DateTimeField(_("asked for"))
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    #: Where it was written, such as "s3 bucket/index.html", and what CloudFront calls the invalidation.
    target = models.CharField(_("target"), max_length=300, blank=True)
    invalidation = models.CharField(_("invalidation of the cache"), max_length=64, blank=True)

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = _("push of the static page")
        verbose_name_plural = _("static status page")
        default_permissions = ()
        permissions = [("push_static_page", _("Can push the static status page"))]
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["asked_at"], name="static_page_push_pending", condition=models.Q(status="pending"))
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "delivered", "failed"]), name="static_page_push_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status="pending", ended_at__isnull=True)
                | (~models.Q(status="pending") & models.Q(ended_at__isnull=False)),
                name="static_page_push_ended_or_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.asked_at:%Y-%m-%d %H:%M}"
