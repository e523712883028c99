"""Message catalogue: visible sentences found in the sources, kept in `locale/`, never missing.

`makemessages` needs GNU gettext, which an empty machine does not have; Babel reads the same sources with
Python alone. Used by `script/messages`, which brings the catalogue up to date, and by a test, which fails
while a Czech sentence is missing or doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "cs"
KEYWORDS: dict[str, Any] = {
    name + suffix: arguments
    for name, arguments in {
        "_": None,
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for suffix in ("", "_lazy")
}
KEYWORDS["gettext_noop"] = None

#: Directories of the checkout whose sentences nobody sees.
SKIPPED = {"tests", "migrations", "node_modules", "var", "tests_browser", "static"}

#: A call as `templatize` writes it; what stands between the calls is no Python.
_CALL = re.compile(r"""\bn?p?_?(?:gettext)?\((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?)+\s*(?:count)?\)""")
HEADER = "# Czech sentences of MedCover."


def catalogue_path() -> Path:
    """Return where the Czech catalogue is kept."""
    return Path(settings.BASE_DIR) / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def stored() -> Catalog:
    """Read the Czech catalogue."""
    with catalogue_path().open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def extracted() -> Catalog:
    """Collect every sentence of the sources, with the files it stands in."""
    found = Catalog(locale=LANGUAGE, header_comment=HEADER, fuzzy=False)
    for path in _sources():
        for message, context in _messages_of(path):
            found.add(message, context=context, locations=[(path.relative_to(settings.BASE_DIR).as_posix(), 0)])
    return found


def _sources() -> Iterator[Path]:
    for path in _tree(Path(settings.BASE_DIR)):
        if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
            yield path


def _tree(folder: Path) -> Iterator[Path]:
    """Walk the checkout without descending into what is skipped, some of which is huge."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in SKIPPED:
            continue
        if entry.is_dir():
            yield from _tree(entry)
        else:
            yield entry


def _messages_of(path: Path) -> Iterator[tuple[Any, str | None]]:
    source = path.read_text()
    if path.suffix != ".py":
        source = "\n".join(_CALL.findall(templatize(source, origin=path.as_posix())))
    calls: Iterator[Any] = extract_python(BytesIO(source.encode()), KEYWORDS, [], {})
    for _line, function, message, _comments in calls:
        yield from _interpreted(function, message)


def _interpreted(function: str, message: Any) -> Iterator[tuple[Any, str | None]]:
    """Sort a call's string arguments into singular, plural and context; calls on variables have none."""
    arguments = message if isinstance(message, tuple) else (message,)
    texts = [text for text in arguments if text]
    name = function.removesuffix("_lazy")
    wanted = {"ngettext": 2, "pgettext": 2, "npgettext": 3}.get(name, 1)
    if len(texts) < wanted:
        return
    if name == "ngettext":
        yield (texts[0], texts[1]), None
    elif name == "pgettext":
        yield texts[1], texts[0]
    elif name == "npgettext":
        yield (texts[1], texts[2]), texts[0]
    else:
        yield texts[0], None


def missing() -> list[str]:
    """Return the sentences without a complete, certain Czech translation."""
    catalogue = stored()
    return sorted(str(entry.id) for entry in extracted() if entry.id and not _is_translated(catalogue, entry))


def _is_translated(catalogue: Catalog, entry: Any) -> bool:
    key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
    known = catalogue.get(key, entry.context)
    if known is None or known.fuzzy or isinstance(known.id, tuple) != isinstance(entry.id, tuple):
        return False
    texts = known.string if isinstance(known.string, tuple) else (known.string,)
    return all(texts)


def update(translations: dict[tuple[str, str | None], Any] | None = None) -> None:
    """Write the catalogue anew: what the sources say, with the translations it had and those given."""
    fresh, old = extracted(), stored() if catalogue_path().exists() else Catalog(locale=LANGUAGE)
    for entry in fresh:
        if entry.id:
            entry.string = _string_for(entry, old, translations or {})
    catalogue_path().parent.mkdir(parents=True, exist_ok=True)
    with catalogue_path().open("wb") as file:
        write_po(file, fresh, sort_output=True, include_lineno=False, omit_header=False, width=110)


def _string_for(entry: Any, old: Catalog, given: dict[tuple[str, str | None], Any]) -> Any:
    key = entry.id[0] if isinstance(entry.id, tuple) else entry.id
    if (key, entry.context) in given:
        return given[key, entry.context]
    known = old.get(key, entry.context)
    if known is not None and isinstance(known.id, tuple) == isinstance(entry.id, tuple):
        return known.string
    return ("", "", "") if isinstance(entry.id, tuple) else ""
