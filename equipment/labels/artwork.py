"""Labels on the organisation's own artwork."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from PIL import Image, ImageDraw

from equipment.labels.code import Modules
from equipment.labels.drawing import WHITE, draw_code, write
from equipment.labels.layout import Box, Code, placed
from equipment.labels.options import Content
from equipment.labels.sizes import Canvas
from equipment.labels.template import Template

#: In pixels; smaller type nobody could read.
LEAST_TYPE = 4


@dataclass(frozen=True)
class Placing:
    """The artwork on a label: as large as it fits, its sides in proportion, in the middle."""

    template: Template
    artwork: Box
    scale: Fraction
    code: Code

    def of(self, box: Box) -> Box:
        """Return where a box of the artwork lies on the label."""
        return scaled(box, self.artwork, self.scale)


def place(template: Template, canvas: Canvas, modules: int) -> Placing:
    """Place the artwork and the code on it. Raises Unrenderable when there is less than a pixel for a module."""
    width, height = template.size
    scale = min(Fraction(canvas.width, width), Fraction(canvas.height, height))
    wide, high = max(1, int(width * scale)), max(1, int(height * scale))
    left, top = (canvas.width - wide) // 2, (canvas.height - high) // 2
    artwork = Box(left, top, left + wide, top + high)
    return Placing(template, artwork, scale, placed(scaled(template.code, artwork, scale), modules))


def scaled(box: Box, artwork: Box, scale: Fraction) -> Box:
    """Return a box of the artwork in pixels of the label; neighbours that touch still do, and never overlap."""
    left, top, right, bottom = (int(value * scale) for value in (box.left, box.top, box.right, box.bottom))
    return Box(artwork.left + left, artwork.top + top, artwork.left + right, artwork.top + bottom)


def artwork_label(canvas: Canvas, placing: Placing, modules: Modules, content: Content) -> Image.Image:
    """Draw a label on the artwork; what is not asked for leaves the artwork as it is. Raises TemplateChanged."""
    picture = Image.new("RGB", (canvas.width, canvas.height), WHITE)
    template, artwork = placing.template, placing.artwork
    shrunk = template.opened().resize((artwork.width, artwork.height), Image.Resampling.LANCZOS)
    picture.paste(shrunk, (artwork.left, artwork.top))
    _blank(picture, placing.of(template.code))
    draw_code(picture, placing.code, modules)
    for box, text in ((template.name, content.name), (template.url, content.url)):
        if box is not None and text:
            _blank(picture, placing.of(box))
            font = str(template.font) if template.font else ""
            write(picture, placing.of(box), text, LEAST_TYPE, path=font, shorten=False)
    return picture


def _blank(picture: Image.Image, box: Box) -> None:
    if box.width > 0 and box.height > 0:
        ImageDraw.Draw(picture).rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill=WHITE)
