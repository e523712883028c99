"""Labels as PNG files, made when they are asked for and kept nowhere.

The largest one has 34 million pixels, about 150 MB while it is drawn. A process therefore draws one label at a time;
whoever else asks waits, and is told to try again when that takes too long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image

from equipment.labels.artwork import Placing, artwork_label, place
from equipment.labels.code import Modules, modules_of
from equipment.labels.drawing import plain_label
from equipment.labels.layout import Layout, lay_out
from equipment.labels.options import Content, Options
from equipment.labels.sizes import Canvas, canvas_of
from equipment.labels.template import Template
from medcover.common.errors import DomainError

#: Seconds for which somebody waits for those before them.
PATIENCE = 20
#: A preview has no longer side than this, in pixels; its layout is that of the label.
PREVIEW_SIDE = 1200
#: What is nearly all white packs well at once; more effort takes twice the time.
_COMPRESSION = 1

_turn = threading.Lock()


class Busy(DomainError):
    """Others have been drawing for too long."""


@dataclass(frozen=True)
class Plan:
    """A label that can be made: everything about it but the pixels."""

    canvas: Canvas
    modules: Modules
    content: Content
    where: Layout | Placing


def plan(content: Content, options: Options, template: Template | None) -> Plan:
    """Return how the label will be. Raises Unrenderable with a sentence when it cannot be made."""
    canvas, modules = canvas_of(options.size, options.device.dpi), modules_of(content.address)
    if template is not None:
        return Plan(canvas, modules, content, place(template, canvas, len(modules)))
    where = lay_out(canvas, len(modules), wifi=len(content.wifi), name=bool(content.name), url=bool(content.url))
    return Plan(canvas, modules, content, where)


def png(planned: Plan) -> bytes:
    """Return the label as a file that knows its dots per inch. Raises Busy, TemplateChanged."""
    with one_at_a_time():
        return _encoded(_drawn(planned), planned.canvas.dpi)


def preview(planned: Plan) -> bytes:
    """Return the label as a file for a screen: the same, smaller where it is large. Raises Busy, TemplateChanged."""
    with one_at_a_time():
        picture = _drawn(planned)
        times = -(-max(picture.size) // PREVIEW_SIDE)
        return _encoded(picture.reduce(times) if times > 1 else picture, planned.canvas.dpi // times)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one thread of the process in. Raises Busy for whoever waits too long."""
    if not _turn.acquire(timeout=PATIENCE):
        raise Busy(_("Many labels are being made at the moment. Please try again in a while."))
    try:
        yield
    finally:
        _turn.release()


def _drawn(planned: Plan) -> Image.Image:
    where = planned.where
    if isinstance(where, Placing):
        return artwork_label(planned.canvas, where, planned.modules, planned.content)
    return plain_label(planned.canvas, where, planned.modules, planned.content)


def _encoded(picture: Image.Image, dpi: int) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG", dpi=(dpi, dpi), compress_level=_COMPRESSION)
    return file.getvalue()
