"""QR codes as rows of modules."""

from __future__ import annotations

import segno
from django.utils.translation import gettext_lazy as _

from equipment.labels.sizes import Unrenderable

#: Modules that stay white around a code, as its standard asks for.
BORDER = 4

Modules = tuple[tuple[bool, ...], ...]


def modules_of(text: str) -> Modules:
    """Return the code with its border, True for dark. Raises Unrenderable when no code holds so much text."""
    try:
        code = segno.make_qr(text, error="m", boost_error=False)
    except segno.DataOverflowError:
        raise Unrenderable(_("The address is too long for a code.")) from None
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=BORDER))
