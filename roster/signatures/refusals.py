"""Reasons why a picture cannot become a signature, in words for whoever sent it."""

from __future__ import annotations

from enum import IntEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError


class Reason(IntEnum):
    """The reasons; their numbers are the exit statuses by which the decoding process tells them."""

    EMPTY = 11
    NOT_A_PICTURE = 12
    UNSUPPORTED = 13
    TOO_MANY_PIXELS = 14
    TOO_HEAVY = 15


_SENTENCES: dict[Reason, Promise] = {
    Reason.EMPTY: _("Choose a file with a picture first."),
    Reason.NOT_A_PICTURE: _("This file is not a picture, or it is damaged. Choose another one."),
    Reason.UNSUPPORTED: _("This kind of file cannot be used. Choose a picture in the format PNG, JPEG or HEIC."),
    Reason.TOO_MANY_PIXELS: _(
        "The resolution of the picture is too high, the limit is 25 million pixels. "
        "Crop the picture or make it smaller."
    ),
    Reason.TOO_HEAVY: _(
        "The finished signature would take more than 50 KB. "
        "Sign with a dark pen on plain white paper and take the picture in good light."
    ),
}


class UnfitPicture(DomainError):
    """A picture was refused; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason
