"""The signature on the sheet: a picture that ends right of the last column and stands on the worker's line."""

from __future__ import annotations

from io import BytesIO

from openpyxl.drawing.image import Image
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
from openpyxl.drawing.xdr import XDRPositiveSize2D
from openpyxl.utils.units import cm_to_EMU, pixels_to_EMU
from openpyxl.worksheet.worksheet import Worksheet

from reports.work_report.sheet import SIGNED_ROW_HEIGHT, WIDTHS

#: In pixels; the width follows from the picture.
HEIGHT = 60
#: So far it ends beyond the last column, in centimetres.
BEYOND = 0.3


def sign(sheet: Worksheet, png: bytes, *, row: int) -> None:
    """Put the signature onto a row, which becomes tall enough for it."""
    sheet.row_dimensions[row].height = SIGNED_ROW_HEIGHT
    picture = Image(BytesIO(png))
    picture.width, picture.height = round(picture.width * HEIGHT / picture.height), HEIGHT
    right = pixels_to_EMU(sum(map(column_pixels, WIDTHS))) + cm_to_EMU(BEYOND)
    column, across = _column_at(right - pixels_to_EMU(picture.width))
    down = pixels_to_EMU(1) * SIGNED_ROW_HEIGHT * 96 / 72 - pixels_to_EMU(HEIGHT)
    picture.anchor = OneCellAnchor(
        _from=AnchorMarker(col=column, colOff=across, row=row - 1, rowOff=round(down)),
        ext=XDRPositiveSize2D(pixels_to_EMU(picture.width), pixels_to_EMU(picture.height)),
    )
    sheet.add_image(picture)


def column_pixels(width: float) -> int:
    """Return how wide a column of so many characters is on the screen."""
    return round(7 * width + 5)


def _column_at(left: int) -> tuple[int, int]:
    """Return the column, counted from 0, in which a place on the sheet lies, and how far inside; in EMU."""
    for column, width in enumerate(WIDTHS):
        within = pixels_to_EMU(column_pixels(width))
        if left < within:
            return column, left
        left -= within
    return len(WIDTHS), left
