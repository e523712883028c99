"""Documents of items: which files are kept."""

from __future__ import annotations

from enum import Enum, auto

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError

MAX_BYTES = 7 * 1024 * 1024
#: Where the end of a PDF has to say that it is one.
_TAIL = 2048


class Reason(Enum):
    """Why a document is refused."""

    EMPTY = auto()
    NOT_PDF = auto()
    TOO_LARGE = auto()


_SENTENCES: dict[Reason, Promise] = {
    Reason.EMPTY: _("Choose a file first."),
    Reason.NOT_PDF: _("This file is not a PDF document, or it is damaged. Save the document as PDF."),
    Reason.TOO_LARGE: _("The document is larger than 7 MB."),
}


class UnfitDocument(DomainError):
    """A document was refused; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(_SENTENCES[reason])
        self.reason = reason


def require_pdf(data: bytes) -> None:
    """Refuse what is empty, too large or does not begin and end as a PDF does. Raises UnfitDocument.

    The file is opened nowhere here: it is kept as it came, and sent only to be downloaded.
    """
    if not data:
        raise UnfitDocument(Reason.EMPTY)
    if len(data) > MAX_BYTES:
        raise UnfitDocument(Reason.TOO_LARGE)
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-_TAIL:]:
        raise UnfitDocument(Reason.NOT_PDF)
