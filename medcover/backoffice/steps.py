"""Steps of one row, declared as a table: buttons above its form, and the address that they post to.

An admin class lists its `Step`s. Each is offered where it is possible and to whoever holds its right; the
service behind it checks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from medcover.backoffice.buttons import Button, posted_version
from medcover.common.db import Versioned
from medcover.common.errors import DomainError


@dataclass(frozen=True)
class Step:
    """One button.

    `possible` says whether it makes sense for a row; `run` is called with the row's key, `by` and `at`.
    `consequence` is what will be different, in one or two sentences; `done` is said afterwards.
    `tone` is that of the button.
    """

    code: str
    label: Promise | str
    icon: str
    permission: str
    possible: Callable[[Any], bool]
    run: Callable[..., object]
    consequence: Promise | str
    done: Promise | str
    tone: str = "quiet"


class Stepped(admin.ModelAdmin):
    """An admin class with `steps`."""

    steps: Sequence[Step] = ()

    def offered_steps(self, request: HttpRequest, row: Any) -> list[Step]:
        """Return the steps that are possible for the row and allowed to the person."""
        return [step for step in self.steps if request.user.has_perm(step.permission) and step.possible(row)]

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address at which a step is taken."""
        view, name = self.admin_site.admin_view(self.step_view), self._name("step")
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
        """Show the steps as buttons above the form, with the version of the row as it is."""
        context |= {"buttons": [], "version": 0}
        if obj is not None:
            row = self.as_stored(request, obj)
            context |= {"buttons": self._buttons(request, row), "version": getattr(row, "version", 0)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def as_stored(self, request: HttpRequest, row: Any) -> Any:
        """Return the row as it is: a refused form has put what was typed on its own copy."""
        return row if request.method == "GET" else self.get_queryset(request).get(pk=row.pk)

    def _buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        return [
            Button(step.label, self._address("step", quote(row.pk), step.code), step.consequence, step.icon, step.tone)
            for step in self.offered_steps(request, row)
        ]

    def step_view(self, request: HttpRequest, object_id: str, code: str) -> HttpResponseBase:
        """Take one step; anything but a post just shows the row."""
        row = self.get_object(request, unquote(object_id))
        step = next((step for step in self.steps if step.code == code), None)
        if row is None or step is None:
            raise Http404
        if not self.has_view_permission(request, row) or not request.user.has_perm(step.permission):
            raise PermissionDenied
        if request.method == "POST":
            self._take(request, row, step)
        else:
            self.message_user(request, _("Choose the step on this page."), messages.ERROR)
        return HttpResponseRedirect(self._address("change", quote(row.pk)))

    def _take(self, request: HttpRequest, row: Any, step: Step) -> None:
        try:
            if isinstance(row, Versioned):
                row.expect_version(posted_version(request.POST.get("version")))
            step.run(row.pk, by=request.user, at=timezone.now())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, str(step.done), messages.SUCCESS)

    def _name(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def _address(self, view: str, *args: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._name(view)}", args=args)
