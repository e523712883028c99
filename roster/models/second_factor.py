"""The second factor of an account: an authenticator app, and recovery codes for the day the phone is gone."""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, UniqueConstraint
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from medcover.common.crypto import decrypt, encrypt

#: Shown in the app above the code.
ISSUER = "MedCover"

#: What every authenticator app understands: SHA-1, six digits, a new code every thirty seconds.
DIGITS = 6
STEP_SECONDS = 30
#: Codes of the step before and of the next one count too: clocks differ, and typing takes time.
TOLERANCE = 1

_SECRET_BYTES = 20


class AuthenticatorManager(models.Manager["Authenticator"]):
    """The reads that django-otp asks every kind of device for."""

    def devices_for_user(self, user: Any, confirmed: bool | None = None) -> QuerySet[Authenticator]:
        """Return the person's apps; `confirmed` None means in either state."""
        found = self.filter(user=user)
        return found if confirmed is None else found.filter(confirmed=confirmed)


class Authenticator(ThrottlingMixin, Device):
    """The app that makes a person's codes; unconfirmed until the first code from it has been right.

    django-otp's device with the secret encrypted, which its own TOTP device keeps in clear.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    secret_token = models.TextField(editable=False)
    #: The step of the last code accepted: neither it nor an older one is accepted again.
    last_step = models.BigIntegerField(default=-1, editable=False)
    #: By how many steps the phone's clock is ahead, as learnt from the codes accepted.
    drift = models.SmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AuthenticatorManager()

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        default_permissions = ()
        constraints = [UniqueConstraint(fields=["user"], name="authenticator_one_per_person")]

    def renew_secret(self) -> None:
        """Take a new secret, of which no app knows yet."""
        self.secret_token = encrypt(base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii"))
        self.confirmed, self.last_step, self.drift = False, -1, 0
        self.throttle_reset(commit=False)

    @property
    def secret(self) -> str | None:
        """The secret as apps take it when it is typed; None when it cannot be opened any more."""
        return decrypt(self.secret_token)

    @property
    def config_url(self) -> str:
        """The address inside the QR code: the secret, and what the app is to call it."""
        label = quote(f"{ISSUER}:{self.user.get_username()}", safe="")
        parameters = {"secret": self.secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP_SECONDS}
        return f"otpauth://totp/{label}?{urlencode(parameters)}"

    def verify_token(self, token: str) -> bool:
        """Say whether the code is right now, which uses it up. After wrong ones there is a pause, twice as long each.

        Call it with the row locked.
        """
        allowed, _reason = self.verify_is_allowed()
        if not allowed:
            return False
        right = self._accept(token)
        if right:
            self.throttle_reset()
        else:
            self.throttle_increment()
        return right

    def _accept(self, token: str) -> bool:
        if not (token.isascii() and token.isdecimal() and len(token) == DIGITS):
            return False
        if (secret := self.secret) is None:
            return False
        clock = TOTP(base64.b32decode(secret), step=STEP_SECONDS, digits=DIGITS, drift=self.drift)
        clock.time = time.time()
        if not clock.verify(int(token), TOLERANCE, self.last_step + 1):
            return False
        self.last_step, self.drift = clock.t(), clock.drift
        return True

    def get_throttle_factor(self) -> int:
        """Return the seconds of the first pause."""
        return int(getattr(settings, "OTP_TOTP_THROTTLE_FACTOR", 1))


class RecoveryCode(models.Model):
    """One code that opens the second step once; only its digest is kept, and the row goes when it is used."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        default_permissions = ()
        constraints = [UniqueConstraint(fields=["person", "digest"], name="recovery_code_unique_per_person")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @staticmethod
    def digest_of(code: str) -> str:
        """Return what is stored of a code, however its letters are grouped.

        A fast keyed digest: the codes are random enough not to be guessed, and the key is not in the database.
        """
        bare = "".join(char for char in code.lower() if char.isalnum())
        return salted_hmac("roster.recovery-code", bare, algorithm="sha256").hexdigest()
