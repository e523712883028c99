"""Profile page, made of cards. Each form has an address of its own and comes back on the whole page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from equipment.states import held_by
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.addresses import absolute
from roster import services
from roster.forms import NoticesForm, PasswordForm, PersonalForm, PreferencesForm, SignatureForm, focus_first_error
from roster.models import Signature, User
from roster.policies import may_keep_signature
from roster.views.people import with_validity
from roster.views.second_factor import state_of

#: How many of the coming duties the page lists.
DUTIES_SHOWN = 10


@dataclass(frozen=True)
class CalendarLink:
    """One of the two secret addresses, and the words around it."""

    which: str
    title: Promise
    explanation: Promise
    url: str


def personal_form(request: HttpRequest, person: User, data: Any = None) -> PersonalForm:
    """The form of „Osobní údaje“."""
    may_rename = request.user.has_perm("roster.edit_own_name")
    return PersonalForm(data, instance=person, may_rename=may_rename, auto_id="personal_%s")


def preferences_form(_request: HttpRequest, person: User, data: Any = None) -> PreferencesForm:
    """The form of „Nastavení“."""
    return PreferencesForm(data, instance=person, auto_id="preferences_%s")


def notices_form(_request: HttpRequest, person: User, data: Any = None) -> NoticesForm:
    """The form of „Oznámení“."""
    return NoticesForm(data, person=person, auto_id="notices_%s")


def password_form(_request: HttpRequest, person: User, data: Any = None) -> PasswordForm:
    """The form of „Změna hesla“."""
    return PasswordForm(data, person=person, auto_id="password_%s")


def signature_form(request: HttpRequest, person: User, data: Any = None) -> SignatureForm:
    """The form of „Podpis pro výkaz práce“."""
    files = None if data is None else request.FILES
    return SignatureForm(data, files, version=person.version, auto_id="signature_%s")


FORMS: dict[str, Callable[..., Any]] = {
    "personal_form": personal_form,
    "preferences_form": preferences_form,
    "notices_form": notices_form,
    "password_form": password_form,
    "signature_form": signature_form,
}


def page(request: HttpRequest, refused: dict[str, forms.BaseForm], *, status: int = HTTPStatus.OK) -> HttpResponse:
    """Show all cards as the database has them, except the forms that come back `refused`."""
    person = User.objects.get(pk=request.user.pk)
    now = timezone.now()
    context = {
        **{name: make(request, person) for name, make in FORMS.items() if name not in refused},
        **refused,
        "signature": _signature(person) if may_keep_signature(request.user) else None,
        "holdings": with_validity(person.holdings.shown()),
        "held": held_by(person, now),
        "second_factor": state_of(person),
        "local_login": settings.AUTH_MODE == "local",
        "account_url": settings.OIDC_ACCOUNT_URL,
        "duties": list(person.assignments.upcoming(now).in_order_of_duty()[:DUTIES_SHOWN]),
        "calendar_links": _calendar_links(request, person),
    }
    return render(request, "roster/profile.html", context, status=status)


def _signature(person: User) -> dict[str, Any]:
    """What the card of the signature says: the address of the picture, empty without one, and the version."""
    exists = Signature.objects.of(person).exists()
    # With the version in it, no browser shows an older picture from its memory.
    url = f"{reverse('roster:signature_picture')}?v={person.version}" if exists else ""
    return {"url": url, "version": person.version}


def _calendar_links(request: HttpRequest, person: User) -> list[CalendarLink]:
    return [
        CalendarLink(
            "own",
            _("Calendar link – my events"),
            _("The events you are signed up for, in the calendar of your phone or computer."),
            absolute(request, reverse("ical", args=[person.ical_token])),
        ),
        CalendarLink(
            "all",
            _("Calendar link – all events"),
            _("All published events with their staffing, in the calendar of your phone or computer."),
            absolute(request, reverse("ical", args=[person.ical_all_token])),
        ),
    ]


@method_decorator(never_cache, name="dispatch")
class FormView(View):
    """Takes one of the page's forms; reading its address leads to the page.

    `name` is that of the form in FORMS, `refused_at` the field at which the refusals of its service are shown,
    `anchor` the place on the page to return to.
    """

    name: ClassVar[str]
    done: ClassVar[Promise]
    refused_at: ClassVar[str] = ""
    anchor: ClassVar[str] = ""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Redirect to the page."""
        return redirect("roster:profile")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Save and return to the page; a refused form comes back with its errors, a stale one with fresh values."""
        person = User.objects.get(pk=request.user.pk)
        form = self.form(person)
        if not form.is_valid():
            return self._once_more(form)
        try:
            saved = self.save(form)
        except StaleRecord as refusal:
            messages.error(request, str(refusal))
            return page(request, {}, status=HTTPStatus.CONFLICT)
        except DomainError as refusal:
            if not self.refused_at or isinstance(refusal, NotAllowed):
                raise
            form.add_error(self.refused_at, str(refusal))
            return self._once_more(form)
        self._say(saved, changed=saved.version != person.version)
        return redirect(reverse("roster:profile") + (f"#{self.anchor}" if self.anchor else ""))

    def form(self, person: User) -> Any:
        """Return the form with what was sent."""
        return FORMS[self.name](self.request, person, self.request.POST)

    def save(self, form: Any) -> User:
        """Write what the form holds; return the person as it is now."""
        return services.update_person(
            self.request.user.pk, by=self.request.user, version=form.cleaned_data["version"], **form.changes()
        )

    def _once_more(self, form: Any) -> HttpResponse:
        focus_first_error(form)
        return page(self.request, {self.name: form}, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _say(self, person: User, *, changed: bool) -> None:
        # In the language that the person has from now on.
        with translation.override(person.language):
            if changed:
                messages.success(self.request, str(self.done))
            else:
                messages.info(self.request, str(_("There was nothing to change.")))


class ProfileView(FormView):
    """The page itself; takes „Osobní údaje“."""

    name = "personal_form"
    done = _("Your personal details have been saved.")

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Show the page."""
        return page(request, {})


class PreferencesView(FormView):
    """Takes „Nastavení“."""

    name = "preferences_form"
    done = _("Your settings have been saved.")


class NoticesView(FormView):
    """Takes „Oznámení“."""

    name = "notices_form"
    done = _("Your choice of notifications has been saved.")

    def save(self, form: Any) -> User:
        """Write what was decided."""
        return services.choose_notices(
            self.request.user.pk, form.decided(), by=self.request.user, version=form.cleaned_data["version"]
        )


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordView(FormView):
    """Takes „Změna hesla“; the session in use stays, all others of the person end."""

    name = "password_form"
    done = _("Your password has been changed. You have been logged out on your other devices.")

    def save(self, form: Any) -> User:
        """Set the new password."""
        person = services.set_password(self.request.user.pk, form.cleaned_data["new"], by=self.request.user)
        update_session_auth_hash(self.request, person)
        return person


@require_POST
@permission_required("roster.edit_own_profile", raise_exception=True)
def renew_calendar_link(request: HttpRequest, which: str) -> HttpResponseBase:
    """Replace one secret address; the old one is dead at once."""
    services.renew_calendar_link(request.user.pk, which=which, by=request.user)
    messages.success(request, _("The new calendar link is ready. The old one no longer works."))
    return redirect(f"{reverse('roster:profile')}#calendar-link-{which}")


@require_safe
def calendar_guide(request: HttpRequest) -> HttpResponse:
    """Say step by step how a link gets into a calendar."""
    return render(request, "roster/calendar_guide.html")
