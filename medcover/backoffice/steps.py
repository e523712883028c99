"""Steps: buttons above the form of a row that change it as a whole, and the URL that they post to.

Each button is a `<details>` with one sentence about the consequence and a form that posts; the version of the row
goes along, so that nobody acts on a picture that is no longer true. What needs more than a sentence has a page of its
own and is an entry of a menu behind the buttons (`ObjectTool`). `templates/admin/buttons.html` draws both.

An admin class says which buttons there are (`buttons_for`) and what one of them does (`take_step`). Where both follow
from a table, it lists `Step`s instead (`StepTable`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from medcover.backoffice.mixins import RowPage
from medcover.common.db import Versioned
from medcover.common.errors import DomainError, NotAllowed

Words = Promise | str


@dataclass(frozen=True)
class Button:
    """Button above a form.

    `tone` is "main" for the one that usually comes next, "quiet" for others, "danger" for what takes something away.
    """

    label: Words
    url: str
    consequence: Words
    icon: str
    tone: str = "quiet"

    @property
    def anchor(self) -> str:
        """What a link to the opened button ends with: "step-" and the last part of its address."""
        return f"step-{self.url.rstrip('/').rpartition('/')[2]}"


@dataclass(frozen=True)
class ObjectTool:
    """A page on which something rarer is done with the row; `tone` is "quiet" or "danger"."""

    label: Words
    url: str
    icon: str
    tone: str = "quiet"


@dataclass(frozen=True)
class Told:
    """Message after a step."""

    words: Words
    level: int = messages.SUCCESS


class Stepped(RowPage):
    """An admin class with buttons above the form of a row."""

    def buttons_for(self, request: HttpRequest, row: Any) -> list[Button]:
        """Return what the person may do with the row now."""
        raise NotImplementedError

    def take_step(self, request: HttpRequest, row: Any, code: str, version: int) -> Told:
        """Do what the button of this code stands for, and return what to say.

        Raises Http404 for a code that is none, NotAllowed, StaleRecord or another DomainError.
        """
        raise NotImplementedError

    def require_step(self, request: HttpRequest, code: str) -> None:
        """Raise Http404 or PermissionDenied where that is clear from the code alone."""

    def step_url(self, row: Any, code: str) -> str:
        """Return the address that a button posts to."""
        return reverse(self.address_name("step"), args=[quote(row.pk), code])

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address at which a step is taken."""
        view = self.admin_site.admin_view(self.step_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        return [path("<path:object_id>/step/<slug:code>/", view, name=name), *super().get_urls()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the buttons above the form, with the version of the row as it is."""
        context |= {"buttons": [], "version": 0}
        if obj is not None:
            row = self.as_stored(request, obj)
            context |= {"buttons": self.buttons_for(request, row), "version": getattr(row, "version", 0)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def as_stored(self, request: HttpRequest, row: Any) -> Any:
        """Return the row as it is: a refused form has put what was typed on its own copy."""
        return row if request.method == "GET" else self.get_queryset(request).get(pk=row.pk)

    def step_view(self, request: HttpRequest, object_id: str, code: str) -> HttpResponseBase:
        """Take one step and say what came of it; anything but a post just shows the row."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        self.require_step(request, code)
        if request.method != "POST":
            return self.after(request, row.pk, _("Choose the step on this page."), level=messages.ERROR)
        try:
            told = self.take_step(request, row, code, posted_version(request.POST.get("version")))
        except NotAllowed as refusal:
            raise PermissionDenied from refusal
        except DomainError as refusal:
            return self.after(request, row.pk, refusal, level=messages.ERROR)
        return self.after(request, row.pk, told.words, level=told.level)


def posted_version(text: str | None) -> int:
    """Read the version that a button was shown with; 0, which no row has, for anything odd."""
    digits = (text or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


@dataclass(frozen=True)
class Step:
    """One row of a table of steps.

    `possible` says whether it makes sense for a row; `run` is called with the row's key, `by` and `at`.
    `consequence` is what will be different, in one or two sentences; `done` is said afterwards.
    `tone` is that of the button. `warning` makes a sentence of what `run` has returned, empty for none.
    """

    code: str
    label: Words
    icon: str
    permission: str
    possible: Callable[[Any], bool]
    run: Callable[..., object]
    consequence: Words
    done: Words
    tone: str = "quiet"
    warning: Callable[[Any], str] | None = None


class StepTable(Stepped):
    """An admin class with `steps`.

    Each is offered where it is possible and to whoever holds its right; the service behind it checks again.
    """

    steps: Sequence[Step] = ()

    def offered_steps(self, request: HttpRequest, row: Any) -> list[Step]:
        """Return the steps that are possible for the row and allowed to the person."""
        return [step for step in self.steps if request.user.has_perm(step.permission) and step.possible(row)]

    def buttons_for(self, request: HttpRequest, row: Any) -> list[Button]:
        """Draw the offered steps."""
        return [
            Button(step.label, self.step_url(row, step.code), step.consequence, step.icon, step.tone)
            for step in self.offered_steps(request, row)
        ]

    def require_step(self, request: HttpRequest, code: str) -> None:
        """Know only the steps of the table, and only for whoever holds the step's right."""
        if not request.user.has_perm(self._step(code).permission):
            raise PermissionDenied

    def _step(self, code: str) -> Step:
        step = next((step for step in self.steps if step.code == code), None)
        if step is None:
            raise Http404
        return step

    def take_step(self, request: HttpRequest, row: Any, code: str, version: int) -> Told:
        """Call the service of the step."""
        step = self._step(code)
        if isinstance(row, Versioned):
            row.expect_version(version)
        outcome = step.run(row.pk, by=request.user, at=timezone.now())
        if step.warning is not None and (words := step.warning(outcome)):
            self.message_user(request, words, messages.WARNING)
        return Told(step.done)
