"""Bulk actions of change lists: choose, confirm, do, and say how many changed and why the others did not.

An admin class lists its `BulkAction`s; each is offered to whoever holds its right. What was chosen travels to
the confirmation as one field, so a thousand rows are no more than one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medcover.common.bulk import BulkResult
from medcover.common.redirects import safe_next

#: So many rows are named on the confirmation page; the rest are counted.
NAMED = 12


class Run(Protocol):
    """A bulk service; refusals of single rows are part of its outcome."""

    def __call__(self, ids: Sequence[Any], *, by: Any, at: datetime, notify: bool) -> BulkResult:
        """Change these rows and return what became of them."""


@dataclass(frozen=True)
class BulkAction:
    """One entry of the menu of actions.

    `consequence` is shown before anything happens. With `may_notify` the confirmation offers to tell the
    people concerned; it is off until chosen.
    """

    code: str
    label: Promise | str
    permission: str
    consequence: Promise | str
    run: Run
    may_notify: bool = True


class BulkActions(admin.ModelAdmin):
    """An admin class whose actions are `bulk_actions` and nothing else."""

    bulk_actions: Sequence[BulkAction] = ()

    def changed_sentence(self, count: int) -> str:
        """Return the words for `count` changed rows; a subclass names its rows."""
        return ngettext("%d row changed.", "%d rows changed.", count) % count

    def words_for(self, row: Any) -> str:
        """Return how a row is called on the confirmation page."""
        return str(row)

    def permitted_actions(self, request: HttpRequest) -> dict[str, BulkAction]:
        """Return the actions whose right the person holds, by code."""
        return {action.code: action for action in self.bulk_actions if request.user.has_perm(action.permission)}

    def get_actions(self, request: HttpRequest) -> Any:
        """Offer the permitted actions; none in a pop-up."""
        if IS_POPUP_VAR in request.GET:
            return {}
        permitted = self.permitted_actions(request)
        return {code: (partial(_ask, action), code, action.label) for code, action in permitted.items()}

    def get_urls(self) -> list[URLResolver | URLPattern]:  # type: ignore[override]
        """Add the address that a confirmation posts to."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_bulk"
        return [path("bulk/<str:code>/", self.admin_site.admin_view(self.bulk_view), name=name), *super().get_urls()]

    def ask(self, request: HttpRequest, action: BulkAction, rows: Any) -> TemplateResponse:
        """Show what is about to happen to which rows."""
        chosen = list(rows.order_by(*self.get_ordering(request)))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": action.label,
            "action": action,
            "count": len(chosen),
            "names": [self.words_for(row) for row in chosen[:NAMED]],
            "more": max(0, len(chosen) - NAMED),
            "ids": ",".join(str(row.pk) for row in chosen),
            "url": self._address("bulk", action.code),
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/bulk_confirm.html", context)

    def bulk_view(self, request: HttpRequest, code: str) -> HttpResponseBase:
        """Carry out the confirmed action and go back to the list as it was."""
        action = self.permitted_actions(request).get(code)
        if action is None:
            raise PermissionDenied
        back = safe_next(request.get_host(), request.POST.get("next"), self._address("changelist"))
        if request.method == "POST":
            self._do(request, action)
        return HttpResponseRedirect(back)

    def _do(self, request: HttpRequest, action: BulkAction) -> None:
        asked = self._keys(request.POST.get("ids", ""))
        found = list(self.get_queryset(request).filter(pk__in=asked).values_list("pk", flat=True))
        notify = action.may_notify and "notify" in request.POST
        outcome = action.run(found, by=request.user, at=timezone.now(), notify=notify)
        gone = [("?", _("not found"))] * (len(asked) - len(found))
        report(request, self.changed_sentence(len(outcome.changed)), [*outcome.skipped, *gone])

    def _keys(self, text: str) -> list[Any]:
        try:
            return [self.opts.pk.to_python(part) for part in text.split(",") if part]
        except ValidationError as error:
            raise BadRequest("Not keys of rows") from error

    def _address(self, name: str, *args: str) -> str:
        full = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{name}"
        return reverse(full, args=args)


def _ask(action: BulkAction, model_admin: BulkActions, request: HttpRequest, rows: Any) -> TemplateResponse:
    return model_admin.ask(request, action, rows)


def report(request: HttpRequest, changed: str, skipped: Iterable[tuple[str, str]]) -> None:
    """Say what changed, and beside it how many rows did not and why."""
    left_out = list(skipped)
    if not left_out:
        messages.success(request, changed)
        return
    total = ngettext("%d was skipped:", "%d were skipped:", len(left_out)) % len(left_out)
    messages.warning(request, f"{changed} {total} {reasons(left_out)}")


def reasons(skipped: Iterable[tuple[str, str]]) -> str:
    """Gather rows that share a reason: "Reason (First, Second); Another (Third)"."""
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in skipped:
        by_reason[reason.rstrip(".")].append(name)
    return "; ".join(f"{reason} ({_some(names)})" for reason, names in by_reason.items())


def _some(names: list[str]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" + {rest}" if rest > 0 else "")
