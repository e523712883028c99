"""Progress bar for commands that take a while."""

from __future__ import annotations

from typing import TextIO

WIDTH = 40


class ProgressBar:
    """Progress bar on a terminal that leaves nothing behind; silent everywhere else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = ""

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` steps are finished; the last step wipes the bar."""
        if not self._stream.isatty():
            return
        share = done / total if total else 1
        bar = "█" * int(share * WIDTH)
        self._draw(f"{bar:░<{WIDTH}} {share:4.0%}  {done}/{total}" if done < total else "")

    def _draw(self, line: str) -> None:
        if line != self._shown:
            self._stream.write(f"\r{line:<{len(self._shown)}}" if line else f"\r{'':{len(self._shown)}}\r")
            self._stream.flush()
            self._shown = line
