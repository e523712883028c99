"""Help for the test suite that has to be at hand when the settings load."""

from __future__ import annotations

import sys
from pathlib import Path


class MissingVariable(str):
    """Django's `string_if_invalid` for tests: a variable missing from one of our templates is an error.

    Templates of Django and of libraries rely on missing variables, so they keep the empty string.
    """

    own_templates: str

    def __new__(cls, own_templates: Path) -> MissingVariable:
        """Be the empty text that Django expects, and remember which templates are our own."""
        text = super().__new__(cls, "%s")
        text.own_templates = str(own_templates)
        return text

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: object) -> str:
        # Django passes only the variable; the context, and with it the template, is one frame up.
        context = sys._getframe(1).f_locals["context"]
        template = context.render_context.template or context.template
        if template.origin.name.startswith(self.own_templates):
            raise UndefinedVariableError(f"{template.origin.name}: “{variable}” is not in the context.")
        return ""


class UndefinedVariableError(Exception):
    """A template of ours names something that its view does not give it."""
