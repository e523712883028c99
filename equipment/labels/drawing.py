"""Drawing with pixels: codes, lines of text, the sign of the Wi-Fi."""

from __future__ import annotations

import logging
from functools import partial

from PIL import Image, ImageDraw

from equipment.labels import fonts
from equipment.labels.code import Modules
from equipment.labels.fitting import Fitted, fit
from equipment.labels.layout import LEAST_POINTS, Box, Code, Layout
from equipment.labels.options import Content
from equipment.labels.sizes import Canvas

logger = logging.getLogger(__name__)

WHITE, BLACK = "white", "black"


def plain_label(canvas: Canvas, layout: Layout, modules: Modules, content: Content) -> Image.Image:
    """Draw a label on white."""
    picture = Image.new("RGB", (canvas.width, canvas.height), WHITE)
    draw_code(picture, layout.code, modules)
    least = canvas.points(LEAST_POINTS)
    for number, row in enumerate(layout.wifi):
        _wifi_row(picture, row, content.wifi[number], least, signed=number == 0)
    for box, text in ((layout.name, content.name), (layout.url, content.url)):
        if box is not None:
            write(picture, box, text, least)
    return picture


def draw_code(picture: Image.Image, code: Code, modules: Modules) -> None:
    """Draw the dark modules on what is white, each as a square of whole pixels, and nothing between black and white."""
    count = len(modules)
    small = Image.new("L", (count, count))
    small.putdata([255 if dark else 0 for row in modules for dark in row])
    # As a mask it takes a third of the memory that it would as a picture.
    mask = small.resize((code.box.width, code.box.height), Image.Resampling.NEAREST)
    picture.paste(BLACK, (code.box.left, code.box.top), mask)


def write(picture: Image.Image, box: Box, text: str, least: int, *, path: str = "", shorten: bool = True) -> bool:
    """Write one line into the middle of a box; say whether there was room for any of it."""
    path = path or fonts.bold_path()
    fitted = fit(
        text, width=box.width, height=box.height, least=least, measure=partial(_measure, path), shorten=shorten
    )
    if fitted is None:
        logger.warning("A text is left out of a label: %d × %d px are too little.", box.width, box.height)
        return False
    _draw(picture, box, fitted, path)
    return True


def _wifi_row(picture: Image.Image, box: Box, text: str, least: int, *, signed: bool) -> None:
    """Write a row; the first one has the sign of the Wi-Fi in front."""
    if not signed:
        write(picture, box, text, least)
        return
    side = min(box.height * 7 // 10, box.width // 5)
    beside = Box(box.left + side + side // 4, box.top, box.right, box.bottom)
    fitted = fit(
        text, width=beside.width, height=beside.height, least=least, measure=partial(_measure, fonts.bold_path())
    )
    if fitted is None:
        logger.warning(
            "A row about the Wi-Fi is left out of a label: %d × %d px are too little.", box.width, box.height
        )
        return
    used = side + side // 4 + round(_measure(fonts.bold_path(), fitted.text, fitted.size)[0])
    left = box.left + (box.width - used) // 2
    _draw_sign(picture, Box(left, box.top + (box.height - side) // 2, left + side, box.top + (box.height + side) // 2))
    _draw(picture, Box(left + side + side // 4, box.top, left + used, box.bottom), fitted, fonts.bold_path())


def _draw_sign(picture: Image.Image, box: Box) -> None:
    """Draw three arcs above a dot."""
    draw, middle, foot = ImageDraw.Draw(picture), (box.left + box.right) // 2, box.bottom - box.height // 6
    width = max(1, box.height // 9)
    for part in (3, 5, 7):
        radius = box.height * part // 10
        around = (middle - radius, foot - radius, middle + radius, foot + radius)
        draw.arc(around, 225, 315, fill=BLACK, width=width)
    dot = max(1, box.height // 10)
    draw.ellipse((middle - dot, foot - dot, middle + dot, foot + dot), fill=BLACK)


def _measure(path: str, text: str, size: int) -> tuple[float, float]:
    """Return the width of the text, and the height of a line with the highest and lowest letters."""
    font = fonts.type_of(path, size)
    left, _top, right, _bottom = font.getbbox(text)
    return max(right, font.getlength(text)) - min(left, 0), sum(font.getmetrics())


def _draw(picture: Image.Image, box: Box, fitted: Fitted, path: str) -> None:
    middle = (box.left + box.width / 2, box.top + box.height / 2)
    draw = ImageDraw.Draw(picture)
    draw.text(middle, fitted.text, font=fonts.type_of(path, fitted.size), fill=BLACK, anchor="mm")
