"""An artwork of the organisation's own on which labels are drawn: reading its description, once at start.

`QR_TEMPLATE_CONFIG_PATH` names a JSON file; what is wrong with it keeps every process from starting.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFont

from equipment.labels.layout import Box
from equipment.labels.sizes import MOST_PIXELS
from medcover.common.errors import DomainError

SETTING = "QR_TEMPLATE_CONFIG_PATH"
#: A description is some hundred bytes; more than this is not read.
MOST_BYTES = 100_000
_CORNERS = 4


class TemplateChanged(DomainError):
    """The picture on the disk is not the one that was looked at when the process started."""


@dataclass(frozen=True)
class Template:
    """A picture, and where on it things are drawn, in its own pixels."""

    image: Path
    size: tuple[int, int]
    code: Box
    name: Box
    url: Box | None = None
    font: Path | None = None

    def opened(self) -> Image.Image:
        """Return the picture on white. Raises TemplateChanged when it is gone or has another size than at start."""
        try:
            picture = _decoded(self.image)
        except (OSError, ImproperlyConfigured):
            picture = None
        if picture is None or picture.size != self.size:
            raise TemplateChanged(_("The picture for labels has been changed. MedCover has to be restarted."))
        return picture


def configured() -> Template | None:
    """Return the template of this installation, if it has one. Raises ImproperlyConfigured when it is unfit."""
    path = str(getattr(settings, SETTING, "") or "").strip()
    return read(path) if path else None


@cache
def read(path: str) -> Template:
    """Read a description; later changes of the file do not matter. Raises ImproperlyConfigured."""
    source = Path(path)
    described = _described(source)
    image = _path(source, described, "image")
    size = _checked_image(image)
    boxes = {key: _box(described, key, size) for key in ("qr_bbox", "name_bbox")}
    if described.get("url_bbox") is not None:
        boxes["url_bbox"] = _box(described, "url_bbox", size)
    _keep_apart(boxes)
    return Template(image, size, boxes["qr_bbox"], boxes["name_bbox"], boxes.get("url_bbox"), _font(source, described))


def _unfit(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"MedCover does not start:\n- {SETTING}: {reason}")


def _described(source: Path) -> Mapping[str, Any]:
    try:
        with source.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unfit(f"{source} cannot be read ({type(error).__name__}).") from None
    if len(content) > MOST_BYTES:
        raise _unfit(f"{source} has more than {MOST_BYTES} bytes.")
    try:
        described = json.loads(content)
    except (ValueError, RecursionError):
        raise _unfit(f"{source} is no JSON in UTF-8.") from None
    if not isinstance(described, dict):
        raise _unfit(f"{source} is no object with keys.")
    return described


def _path(source: Path, described: Mapping[str, Any], key: str) -> Path:
    """Return a path, relative to the description."""
    value = described.get(key)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise _unfit(f"{key} is missing or no path.")
    return source.parent / value


def _checked_image(path: Path) -> tuple[int, int]:
    try:
        return _decoded(path).size
    except OSError as error:
        raise _unfit(f"image {path} cannot be read ({type(error).__name__}).") from None


def _decoded(path: Path) -> Image.Image:
    """Return the whole picture on white, turned as its pixels are."""
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _unfit(f"image {path} has more than {MOST_PIXELS} pixels.")
            opened.load()
            return _on_white(opened)
    except (SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise _unfit(f"image {path} is damaged or no picture ({type(error).__name__}).") from None


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    flat = Image.new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    return flat


def _box(described: Mapping[str, Any], key: str, size: tuple[int, int]) -> Box:
    corners = described.get(key)
    if not isinstance(corners, list) or len(corners) != _CORNERS or any(type(value) is not int for value in corners):
        raise _unfit(f"{key} is missing or not four whole numbers [x0, y0, x1, y1].")
    box = Box(*corners)
    if box.width <= 0 or box.height <= 0:
        raise _unfit(f"{key} is empty: x1 has to be more than x0, and y1 more than y0.")
    if min(corners) < 0 or box.right > size[0] or box.bottom > size[1]:
        raise _unfit(f"{key} reaches out of the image, which has {size[0]} × {size[1]} pixels.")
    return box


def _keep_apart(boxes: Mapping[str, Box]) -> None:
    for (first, one), (second, other) in combinations(boxes.items(), 2):
        if one.overlaps(other):
            raise _unfit(f"{first} and {second} overlap.")


def _font(source: Path, described: Mapping[str, Any]) -> Path | None:
    if described.get("font") is None:
        return None
    path = _path(source, described, "font")
    try:
        ImageFont.truetype(str(path), 12)
    except (OSError, ValueError) as error:
        raise _unfit(f"font {path} cannot be read ({type(error).__name__}).") from None
    return path
