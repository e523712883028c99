"""The overview of what each role may do, made of the one matrix; nothing can be changed here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from roster.rights import MATRIX, Role, permissions_of

TITLE = _("Overview of the rights of roles")
RIGHT = "system.view_administration"

#: Models name the rights that are theirs alone; of the four that Django makes by itself it knows only English words.
_DJANGOS_OWN: dict[str, Promise] = {
    "roster.view_user": _("Can view people"),
    "roster.add_user": _("Can make accounts"),
    "roster.change_user": _("Can change accounts"),
    "credentials.view_qualification": _("Can view qualifications"),
    "credentials.add_qualification": _("Can add qualifications"),
    "credentials.change_qualification": _("Can change qualifications"),
    "credentials.delete_qualification": _("Can delete qualifications"),
    "events.view_masterevent": _("Can view master events"),
    "events.add_masterevent": _("Can add master events"),
    "events.change_masterevent": _("Can change master events"),
    "events.view_event": _("Can view published events"),
    "events.add_event": _("Can add events"),
    "events.change_event": _("Can change events"),
    "events.delete_event": _("Can delete archived events for good"),
    "events.view_eventtemplate": _("Can view event templates"),
    "events.add_eventtemplate": _("Can add event templates"),
    "events.change_eventtemplate": _("Can change event templates"),
    "events.delete_eventtemplate": _("Can delete event templates"),
}

#: The one app with more than one subject: the end of a right's code → its subject.
_SUBJECTS: dict[str, Promise] = {"_masterevent": _("Master events"), "_eventtemplate": _("Event templates")}


@dataclass(frozen=True)
class Right:
    """One row: what it allows, its code, and by role whether it is held."""

    code: str
    words: str | Promise
    held: list[bool]


@dataclass(frozen=True)
class Area:
    """Rights of one subject."""

    name: str
    rights: list[Right]


def areas() -> Iterator[Area]:
    """Yield the rights of the matrix by subject, both in the order of the matrix."""
    words = _words()
    for name, codes in groupby(MATRIX, key=area_of):
        yield Area(name, [Right(code, words[code], [code in permissions_of(role) for role in Role]) for code in codes])


def area_of(code: str) -> str:
    """Return the heading under which a right stands."""
    app, codename = code.split(".")
    subjects = (words for ending, words in _SUBJECTS.items() if codename.endswith(ending))
    return str(next(subjects, apps.get_app_config(app).verbose_name))


def _words() -> dict[str, str | Promise]:
    named = {
        f"{model._meta.app_label}.{codename}": words
        for model in apps.get_models()
        for codename, words in model._meta.permissions
    }
    return {**_DJANGOS_OWN, **named}


@require_safe
def rights_view(request: HttpRequest) -> TemplateResponse:
    """Show the matrix to whoever may see how the installation is run."""
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": TITLE,
        "roles": [role.label for role in Role],
        "areas": list(areas()),
        "totals": [len(permissions_of(role)) for role in Role],
        "count": len(MATRIX),
    }
    return TemplateResponse(request, "admin/rights.html", context)
