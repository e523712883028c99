"""A mail that goes out at once, so that whoever sets the server up sees whether it works.

The one mail that a web request sends by itself: its outcome is what the request is for.
"""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry, SiteSettings
from notifications import mailers
from notifications.composing import PRODUCT, sender


def send_trial(*, by: Any) -> str:
    """Send a trial mail to the SMTP user, or to `by` where that is no address; return where it went.

    During the set-up there is nobody yet (`by` None), so the sender's address takes the place. The development
    block does not apply. Raises DomainError when no server is set, there is nobody to write to, or the server does
    not take the mail. Both outcomes of an attempt are recorded.
    """
    site = SiteSettings.load()
    if not site.smtp_configured:
        raise DomainError(_("SMTP is not configured, so no trial mail can be sent."))
    to = _recipient(site, by)
    try:
        with mailers.connected() as mailer:
            mailer.send(_mail(site, to))
    except Exception as error:
        _record(site, by, gettext_lazy("Trial mail was not accepted by the SMTP server"))
        raise DomainError(_("The trial mail could not be sent: %s") % (str(error) or type(error).__name__)) from error
    _record(site, by, gettext_lazy("Trial mail sent"))
    return to


def _recipient(site: SiteSettings, by: Any) -> str:
    if "@" in site.smtp_user:
        return site.smtp_user
    to: str = by.email if by is not None else parseaddr(site.smtp_sender)[1]
    if "@" not in to:
        raise DomainError(_("There is no address to send a trial mail to: fill in an SMTP user or a sender."))
    return to


def _mail(site: SiteSettings, to: str) -> EmailMessage:
    return EmailMessage(
        subject=_("MedCover — trial mail"),
        body=_("This is a trial mail from %(name)s. If you can read it, sending mails works.")
        % {"name": site.organisation_name or PRODUCT},
        from_email=sender(site),
        to=[to],
        headers={"X-MedCover-Instance": settings.INSTANCE_NAME or PRODUCT.lower(), "Auto-Submitted": "auto-generated"},
    )


def _record(site: SiteSettings, by: Any, summary: object) -> None:
    audit.record(site, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
