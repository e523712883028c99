"""Requests of Slack: which have been seen, and what is still to be done for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from medcover.common.masking import Needle
from medcover.system.erasing import JsonMentions

#: For so long Slack takes an answer to a request; afterwards nobody could be told.
ANSWERABLE = timedelta(minutes=25)
#: Slack sends a request again within minutes; forged repetitions older than five are refused by their signature.
REMEMBERED = timedelta(days=1)


class RequestQuerySet(models.QuerySet):
    """Requests."""

    def waiting(self, at: datetime) -> RequestQuerySet:
        """Requests that the worker has not answered and still can."""
        return self.filter(work__isnull=False, received_at__gt=at - ANSWERABLE)

    def unanswerable(self, at: datetime) -> RequestQuerySet:
        """Requests that nobody has answered in time."""
        return self.filter(work__isnull=False, received_at__lte=at - ANSWERABLE)

    def mentioning(self, needle: Needle) -> RequestQuerySet:
        """Requests in whose work the needle stands somewhere."""
        return self.filter(JsonMentions("work", needle), work__isnull=False) if needle else self.none()

    def forgotten(self, at: datetime) -> RequestQuerySet:
        """Requests that will not come again."""
        return self.filter(received_at__lte=at - REMEMBERED)


class SlackRequest(models.Model):
    """A request that came from Slack, so that the same one is done once however often it comes.

    `work` is what the worker is to answer; it names the asker by the workspace's key, and is emptied when it is done or
    can be done no more.
    """

    key = models.CharField(max_length=64, primary_key=True)
    received_at = models.DateTimeField(_("received"), db_index=True)
    work = models.JSONField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of Slack")
        verbose_name_plural = _("requests of Slack")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key[:8]}…"
