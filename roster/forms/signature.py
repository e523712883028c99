"""The form that takes a picture of one's signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from medcover.common.forms import VersionField

#: Names besides types, because not every system knows HEIC.
ACCEPTED = "image/png,image/jpeg,image/heic,image/heif,.png,.jpg,.jpeg,.heic,.heif"

#: What a form sends besides the file, in bytes; generously.
_ENVELOPE = 64 * 1024


class SignatureForm(forms.Form):
    """„Podpis pro výkaz práce“. What kind of file it is, or whether there is any, its service judges."""

    version = VersionField()
    picture = forms.FileField(
        label=_("Picture of your signature"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "Sign with a dark pen on plain white paper and take a photo of it. PNG, JPEG or HEIC, at most 8 MB; "
            "we turn it upright, cut off the empty paper and make it small."
        ),
    )

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = version
        self.fields["picture"].widget = forms.FileInput(
            attrs={
                "accept": ACCEPTED,
                "data-max-bytes": settings.REQUEST_BODY_LIMIT - _ENVELOPE,
                "data-too-large": _("This file is larger than 8 MB. Choose a smaller picture."),
            }
        )

    def content(self) -> bytes:
        """Return what was sent; nothing when no file was chosen."""
        picture = self.cleaned_data["picture"]
        return bytes(picture.read()) if picture else b""
