"""Deleting an archived event for good: a page that names what goes with it and wants the name typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import NestedObjects, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events import policies
from events.models import Event
from events.services import archiving
from events.services.notifications import topic_of
from medcover.backoffice.mixins import SavedByService
from medcover.backoffice.steps import posted_version
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from notifications.models import OutboxMessage

#: So many rows of a kind are named; the rest are counted.
NAMED = 12


@dataclass(frozen=True)
class Loss:
    """Rows of one kind that go with an event."""

    what: str
    count: int
    names: list[str]

    @property
    def more(self) -> int:
        """How many of them are not named."""
        return self.count - len(self.names)


def losses_of(event: Event) -> list[Loss]:
    """Return everything that would be deleted with the event, whichever app it belongs to."""
    nested = NestedObjects(using="default")
    nested.collect([event])
    collected: dict[Any, set[Any]] = nested.model_objs
    own = {model: rows for model, rows in collected.items() if not (model is Event or model._meta.auto_created)}
    return [*(_loss(model, rows) for model, rows in own.items()), *_unsent(event)]


def _loss(model: Any, rows: Any) -> Loss:
    names = sorted(_name(row) for row in rows)
    return Loss(capfirst(str(model._meta.verbose_name_plural)), len(names), names[:NAMED])


def _name(row: Any) -> str:
    """Whoever is on the event is what an assignment is about."""
    return str(getattr(row, "person", row))


def _unsent(event: Event) -> Iterator[Loss]:
    waiting = OutboxMessage.objects.pending().about(topic_of(event)).count()
    if waiting:
        yield Loss(_("Mails about it that have not been sent yet"), waiting, [])


class DeletionPage(SavedByService):
    """Admin mixin that takes the place of the admin's own page for deleting."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow deleting archived events only; `obj` None asks for the right as such."""
        if obj is None:
            return request.user.has_perm("events.delete_event")
        return policies.may_delete(request.user, obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Say what goes (GET), or delete (POST)."""
        event: Event | None = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        if not request.user.has_perm("events.delete_event", event):
            raise PermissionDenied
        if not event.is_archived:
            refusal = _("Only an archived event can be deleted for good.")
            return self.after(request, event.pk, refusal, level=messages.ERROR)
        return self._delete(request, event) if request.method == "POST" else self._ask_for_name(request, event)

    def _ask_for_name(self, request: HttpRequest, event: Event, error: str = "") -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Delete for good"),
            "event": event,
            "event_url": self.change_url(request, event.pk),
            "losses": losses_of(event),
            "error": error,
            "typed": request.POST.get("confirmation", ""),
        }
        return TemplateResponse(request, "admin/events/event/delete.html", context)

    def _delete(self, request: HttpRequest, event: Event) -> HttpResponseBase:
        version, typed = posted_version(request.POST.get("version")), request.POST.get("confirmation", "")
        try:
            name = archiving.delete_event(event.pk, confirmation=typed, by=request.user, version=version)
        except NotAllowed as error:
            raise PermissionDenied from error
        except StaleRecord as stale:
            return self.after(request, event.pk, stale, level=messages.ERROR)
        except DomainError as refusal:
            return self._ask_for_name(request, event, str(refusal))
        messages.success(request, _("The event “%s” has been deleted for good.") % name)
        return HttpResponseRedirect(reverse("admin:events_masterevent_change", args=[event.master_event_id]))
