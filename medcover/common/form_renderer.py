"""Form renderer: Django's own widgets, labels and lists of errors drawn from the Jinja templates that Django ships.

A form of the backoffice draws hundreds of widgets and options; Django's own engine takes several times as long.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.forms.renderers import Jinja2, TemplatesSetting
from django.utils.functional import cached_property

#: What nobody has changed; widgets of the admin and of crispy exist for Django's own engine only.
_SHIPPED = ("django/forms/widgets/", "django/forms/label.html", "django/forms/errors/")


class Widgets(Jinja2):
    """Django's own widgets, a few of them rewritten in `templates/jinja2` so that they include less."""

    @cached_property
    def engine(self) -> Any:
        """The engine, which looks among ours first."""
        ours, shipped = settings.BASE_DIR / "templates" / "jinja2", Path(forms.__file__).parent / "jinja2"
        options = {"APP_DIRS": True, "DIRS": [ours, shipped], "NAME": "widgets", "OPTIONS": {}}
        return self.backend(options)


class FormRenderer(TemplatesSetting):
    """Finds templates in the settings' engines, but those that Django ships for fields in its Jinja engine."""

    def __init__(self) -> None:
        self._jinja = Widgets()

    def get_template(self, template_name: str) -> Any:
        """Return the template of a form, a field or a widget."""
        own = template_name.startswith(_SHIPPED)
        return self._jinja.get_template(template_name) if own else super().get_template(template_name)
