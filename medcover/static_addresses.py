"""Static files storage of production: file names that change with what they hold."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class KnownAddresses(CompressedManifestStaticFilesStorage):
    """Manifest storage that puts each address together only once.

    A page names some thirty files, mostly the one with the icons, and which they are does not change while a process
    runs: the manifest is read when it starts.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._known: dict[str | None, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the address of a file."""
        if force:
            return str(super().url(name, force))
        if name not in self._known:
            self._known[name] = str(super().url(name))
        return self._known[name]
