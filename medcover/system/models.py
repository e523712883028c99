"""Models of the installation: the one settings row, audit record, heartbeats, counters of rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from auditlog.models import AbstractLogEntry
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from medcover.common.crypto import decrypt, encrypt
from medcover.common.db import Versioned
from medcover.common.prepared import prepared
from medcover.common.zones import validate_time_zone
from medcover.system.audit_batch import gather
from medcover.system.audit_context import current_trail
from medcover.system.rules import addresses_in, validate_addresses

#: Nobody plans more rest than three days.
MOST_REST_HOURS = 72

#: Nobody is asked about a repair two years after it was done.
MOST_REPORTER_DAYS = 730

#: Two weeks: nobody wants to hear of a change later than that.
MOST_DELAY_MINUTES = 20_160


def delay_field(label: Any, default: int) -> models.PositiveIntegerField:
    """Minutes for which a notification waits for more news."""
    limits = [MinValueValidator(1), MaxValueValidator(MOST_DELAY_MINUTES)]
    return models.PositiveIntegerField(label, default=default, validators=limits)


class WifiInfo(models.TextChoices):
    """What a label shows of the Wi-Fi, from the least to the most; each shows what those before it do."""

    NONE = "none", _("Nothing")
    HEADER = "header", _("That it is needed")
    SSID = "ssid", _("Name of the network")
    PASSWORD = "password", _("Name of the network and password")


class SiteSettings(Versioned, models.Model):
    """The single row (id 1) of settings that an administrator may change while the system runs."""

    organisation_name = models.CharField(_("organisation name"), max_length=255, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="Europe/Prague", validators=[validate_time_zone]
    )
    base_url = models.CharField(
        _("public address of the application"),
        max_length=512,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Used for links in mails, for example https://medcover.example.org"),
    )
    session_hours = models.PositiveIntegerField(
        _("login lasts (hours)"), default=24, validators=[MinValueValidator(1), MaxValueValidator(8760)]
    )
    backoffice_requires_second_factor = models.BooleanField(
        _("backoffice only with two-step verification"),
        default=False,
        help_text=_(
            "Whoever has not switched it on is led to it on the way into the backoffice, and has only a member's "
            "rights on all other pages until then. Set up your own one first."
        ),
    )
    minimum_rest_hours = models.PositiveSmallIntegerField(
        _("minimum rest between duties (hours)"),
        default=0,
        validators=[MaxValueValidator(MOST_REST_HOURS)],
        help_text=_(
            "Whoever would have less time than this between two duties is warned, and assigning them needs a reason. "
            "0 = not watched."
        ),
    )
    offer_hours = models.PositiveSmallIntegerField(
        _("an offered place waits for an answer (hours)"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text=_("Shortly before the event it waits less long, so that others can still be asked."),
    )
    drop_out_hours = models.PositiveSmallIntegerField(
        _("alarm when somebody signs off later than (hours before the start)"),
        default=48,
        validators=[MaxValueValidator(720)],
        help_text=_("0 switches the alarm off."),
    )
    public_pages = models.BooleanField(
        _("public pages"),
        default=True,
        help_text=_(
            "The status board and the pages behind the codes on equipment, where anybody can report a problem without "
            "an account. Switched off, none of these addresses exists."
        ),
    )
    reporter_days = models.PositiveSmallIntegerField(
        _("contacts of reporters are kept (days)"),
        default=90,
        validators=[MaxValueValidator(MOST_REPORTER_DAYS)],
        help_text=_(
            "So long after a repair has been closed, name and e-mail of whoever reported it on the public pages are "
            "removed. 0 = in the night after it has been closed."
        ),
    )
    notify_delay_under_24h_min = delay_field(_("less than 24 hours before the event"), 5)
    notify_delay_1_7_days_min = delay_field(_("1–7 days before the event"), 60)
    notify_delay_1_4_weeks_min = delay_field(_("1–4 weeks before the event"), 360)
    notify_delay_over_month_min = delay_field(_("more than a month before the event"), 1440)
    mails_per_minute = models.PositiveIntegerField(
        _("most mails in a minute"),
        default=0,
        validators=[MaxValueValidator(100_000)],
        help_text=_("What the mail server allows; mails about accounts do not wait for it. 0 = as many as there are."),
    )
    smtp_host = models.CharField(_("SMTP server"), max_length=255, blank=True)
    smtp_port = models.PositiveIntegerField(
        _("SMTP port"), default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    smtp_use_tls = models.BooleanField(_("use TLS (STARTTLS)"), default=True)
    smtp_user = models.CharField(_("SMTP user"), max_length=255, blank=True)
    smtp_password_token = models.TextField(blank=True, editable=False)
    smtp_sender = models.CharField(_("sender (From)"), max_length=255, blank=True)
    mail_block = models.BooleanField(
        _("block sending of mails (development mode)"),
        default=False,
        help_text=_("Mails from the outbox are skipped instead of sent, those about accounts included."),
    )
    mail_block_allowed = models.TextField(
        _("allowed addresses (exceptions from the block)"),
        blank=True,
        validators=[validate_addresses],
        help_text=_("Separated by commas. When empty, the block lets nothing through."),
    )
    wifi_ssid = models.CharField(
        _("name of the Wi-Fi (SSID)"), max_length=100, blank=True, help_text=_("Kept as it is typed, spaces included.")
    )
    wifi_password_token = models.TextField(_("password of the Wi-Fi"), blank=True, editable=False)
    wifi_info_default = models.CharField(
        _("Wi-Fi on new labels"), max_length=8, choices=WifiInfo.choices, default=WifiInfo.NONE
    )
    setup_complete = models.BooleanField(_("set-up complete"), default=False, editable=False)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        default_permissions = ()
        permissions = [
            ("view_administration", _("Can open the administration pages")),
            ("manage_settings", _("Can manage settings and imports")),
            ("manage_digest", _("Can manage the admin digest")),
            ("view_audit", _("Can read the audit record")),
            ("run_backup", _("Can create a backup")),
            ("download_backup", _("Can download a backup")),
            ("restore_backup", _("Can restore a backup")),
            ("delete_backup", _("Can delete a backup")),
        ]
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_single_row")]

    def __str__(self) -> str:
        return str(_("Site settings"))

    @classmethod
    def load(cls) -> SiteSettings:
        """Return the settings row, creating it with defaults on first use."""
        return _settings_row.first() or cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def current(cls) -> SiteSettings:
        """Return the row as the request at hand has read it; outside a request as it is now."""
        return _of_request.get() or cls.load()

    @contextmanager
    def hold_for_request(self) -> Iterator[None]:
        """Make `current` return this instance inside the block."""
        token = _of_request.set(self)
        try:
            yield
        finally:
            _of_request.reset(token)

    @property
    def notify_delays(self) -> tuple[int, int, int, int]:
        """For how many minutes notifications wait for more news, those of the nearest events first."""
        return (
            self.notify_delay_under_24h_min,
            self.notify_delay_1_7_days_min,
            self.notify_delay_1_4_weeks_min,
            self.notify_delay_over_month_min,
        )

    @property
    def smtp_password(self) -> str | None:
        """The password in clear, or None when none is stored or it cannot be opened any more."""
        return decrypt(self.smtp_password_token) if self.smtp_password_token else None

    @smtp_password.setter
    def smtp_password(self, plain: str) -> None:
        self.smtp_password_token = encrypt(plain) if plain else ""

    @property
    def wifi_password(self) -> str | None:
        """The password in clear, or None when none is stored or it cannot be opened any more."""
        return decrypt(self.wifi_password_token) if self.wifi_password_token else None

    @wifi_password.setter
    def wifi_password(self, plain: str) -> None:
        self.wifi_password_token = encrypt(plain) if plain else ""

    @property
    def smtp_configured(self) -> bool:
        """A server is named, and either no login is used or both its halves are usable."""
        return bool(self.smtp_host) and bool(self.smtp_user) == bool(self.smtp_password)

    def blocks_mail_to(self, address: str) -> bool:
        """Say whether the development block keeps a queued mail to `address` in the house."""
        return self.mail_block and address.strip().lower() not in addresses_in(self.mail_block_allowed)


@prepared()
def _settings_row(_p: Any) -> Any:
    """The one row, which every request asks for."""
    return SiteSettings.objects.filter(pk=1)


_of_request: ContextVar[SiteSettings | None] = ContextVar("site settings of the request", default=None)


class AuditEntry(AbstractLogEntry):
    """One recorded change. The table is append-only: a database trigger refuses UPDATE and DELETE.

    The one exception is `erasing.mask_record`, which can only put a pseudonym in the place of a person's words.
    """

    class Kind(models.TextChoices):
        """What happened, finer than auditlog's create/update/delete."""

        CREATE = "create", _("Created")
        EDIT = "edit", _("Edited")
        DELETE = "delete", _("Deleted")
        STATUS = "status_change", _("Status changed")
        ARCHIVE = "archive", _("Archived")
        UNARCHIVE = "unarchive", _("Unarchived")
        IMPORT = "import", _("Imported")
        EXPORT = "export", _("Exported")
        ERASE = "erase", _("Personal data erased")
        RESEND = "resend", _("Sent again")
        CANCEL = "cancel", _("Cancelled")
        LINK_CLICKED = "link_clicked", _("Link opened")
        COMPLETE = "complete", _("Completed")
        RESET_REQUESTED = "password_reset_requested", _("New password requested")
        RESET_COMPLETED = "password_reset_completed", _("New password set")
        MESSAGE = "message", _("Message written")
        MAIL_FAILED = "email_failed", _("Mail failed")
        ERROR = "error", _("Error")

    kind = models.CharField(_("kind"), max_length=32, choices=Kind, db_index=True)
    summary = models.TextField(_("summary"), blank=True)
    # Not a foreign key: this app knows no events, and the record must outlive what it speaks of.
    event_id = models.BigIntegerField(_("event"), null=True, blank=True, db_index=True, editable=False)

    additional_data: Any  # a column of the base; its type is more than mypy can follow

    class Meta(AbstractLogEntry.Meta):
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit record")
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.summary or self.object_repr

    def save(self, **kwargs: Any) -> None:
        """Complete a new entry from the trail that the running service has opened; it may be written a little later."""
        if self._state.adding:
            self._follow(current_trail())
            if gather(self):
                return
        super().save(**kwargs)

    def _follow(self, trail: Any) -> None:
        extra = dict(self.additional_data or {})
        event_id = extra.pop("event_id", None)
        self.additional_data = extra or None
        self.event_id = self.event_id or event_id or trail.event_id
        if self.actor_id is None:
            self.actor = trail.actor
        self.actor_email = None  # the register of people knows it; a copy here could never be erased
        self.kind = self.kind or trail.kind or self._plain_kind()
        if not self.summary:
            self.summary = self._in_site_language(trail.summary)

    def _plain_kind(self) -> str:
        kinds = {
            self.Action.CREATE: self.Kind.CREATE,
            self.Action.UPDATE: self.Kind.EDIT,
            self.Action.DELETE: self.Kind.DELETE,
        }
        return kinds.get(self.action, self.Kind.EDIT)

    def _in_site_language(self, summary: object) -> str:
        with translation.override(settings.LANGUAGE_CODE):
            if summary:
                return str(summary)
            model = self.content_type.model_class()
            subject = model._meta.verbose_name if model else self.content_type.name
            return f"{self.Kind(self.kind).label}: {subject} {self.object_repr}"


class Heartbeat(models.Model):
    """When a background process was last alive."""

    name = models.CharField(max_length=64, primary_key=True)
    beat_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, at: datetime) -> None:
        """Note that `name` was alive at `at`."""
        cls.objects.update_or_create(name=name, defaults={"beat_at": at})


class PaceCounter(models.Model):
    """How often something was done since a moment; the key is a keyed digest that leads back to nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key[:8]}… ×{self.count}"
