"""The way out: SMTP by the settings row, or files where no server is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import unquote
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from medcover.system.models import SiteSettings

#: Seconds for each step of the conversation with the mail server.
SMTP_TIMEOUT = 10

#: On this port the connection is encrypted from its first byte.
IMPLICIT_TLS_PORT = 465


class Unreachable(Exception):
    """The way out is barred for every message, not only for the one in hand."""


class Refused(Exception):
    """The mail was not taken, and nobody said why."""


class Mailer:
    """One worker's connection: opened for the first mail, kept for the next, opened anew after a failure."""

    def __init__(self, site: SiteSettings) -> None:
        self.site = site
        self._backend = _smtp(site) if site.smtp_host else FileBackend(Path(settings.MAIL_DIR))

    def send(self, mail: EmailMessage) -> None:
        """Hand the mail over; returns only when it was accepted.

        Raises Unreachable when there is no connection to be had or the server stops answering in the middle, and
        whatever it objects to otherwise.
        """
        try:
            self._open()
            if not self._backend.send_messages([mail]):
                raise Refused
        except Exception as error:
            self.close()  # in which state the conversation broke off is not worth knowing
            if _is_stall(error):
                raise Unreachable(f"{type(error).__name__}: {error}") from error
            raise

    def _open(self) -> None:
        if self.site.smtp_host and not self.site.smtp_configured:
            raise Unreachable("The SMTP login is incomplete or its password cannot be read any more.")
        try:
            self._backend.open()
        except Exception as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Part from the server; it does not matter any more what it has to say about it."""
        with suppress(OSError):
            self._backend.close()


def _is_stall(error: BaseException | None) -> bool:
    """Say whether waiting for the server has led to the error; it would lead to the next one as well."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def connected() -> Iterator[Mailer]:
    """Yield the way out as the settings row describes it at this moment."""
    mailer = Mailer(SiteSettings.load())
    try:
        yield mailer
    finally:
        mailer.close()


def _smtp(site: SiteSettings) -> BaseEmailBackend:
    implicit_tls = site.smtp_port == IMPLICIT_TLS_PORT
    return smtp.EmailBackend(
        host=site.smtp_host,
        port=site.smtp_port,
        username=site.smtp_user,
        password=site.smtp_password or "",
        use_ssl=implicit_tls,
        use_tls=site.smtp_use_tls and not implicit_tls,
        timeout=SMTP_TIMEOUT,
    )


class FileBackend(BaseEmailBackend):
    """Writes each mail into a file of its own, named after its Message-ID: sent again, it lands in the same one."""

    def __init__(self, directory: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.directory = directory

    def open(self) -> bool:
        """Make the directory, for the eyes of this account only."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; a reader never sees half of one."""
        for mail in email_messages:
            content = mail.message()
            name = unquote(content["Message-ID"]).partition("@")[0]
            draft = self.directory / f"{name}.part"
            draft.write_bytes(content.as_bytes())
            draft.replace(self.directory / f"{name}.eml")
        return len(email_messages)
