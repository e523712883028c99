"""The signature of a person, for the work reports they make for themself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Range
from django.utils.translation import gettext_lazy as _

from roster.querysets import SignatureQuerySet

PNG = "image/png"
MAX_BYTES = 50 * 1024


class Signature(models.Model):
    """One picture per person, in a row of its own, so that no read of a person ever carries it along."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+", verbose_name=_("person")
    )
    picture = models.BinaryField(_("picture"), max_length=MAX_BYTES)
    media_type = models.CharField(_("type of the picture"), max_length=50, default=PNG, editable=False)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Range(Length("picture"), (1, MAX_BYTES)), name="signature_size"),
            models.CheckConstraint(condition=Q(media_type=PNG), name="signature_is_png"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
