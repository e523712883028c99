"""Signature in the profile: sending a picture of it, seeing what became of it, deleting it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from medcover.common.forms import VersionForm
from roster.models import Signature, User
from roster.models.signature import PNG
from roster.policies import KEEP_SIGNATURE
from roster.services import signatures
from roster.views.profile import FormView

_needs_right = permission_required(KEEP_SIGNATURE, raise_exception=True)


@method_decorator(_needs_right, name="dispatch")
class SignatureView(FormView):
    """Takes „Podpis pro výkaz práce“."""

    name = "signature_form"
    done = _("Your signature has been saved.")
    refused_at = "picture"
    anchor = "signature"

    def save(self, form: Any) -> User:
        """Make the signature of the picture."""
        version = form.cleaned_data["version"]
        return signatures.save_signature(form.content(), by=self.request.user, version=version)


@method_decorator(_needs_right, name="dispatch")
class DeleteSignatureView(FormView):
    """Takes „Smazat podpis“."""

    done = _("Your signature has been deleted.")
    anchor = "signature"

    def form(self, person: User) -> Any:
        """Return the form, which holds nothing but the version."""
        return VersionForm(self.request.POST)

    def save(self, form: Any) -> User:
        """Delete the signature."""
        return signatures.delete_signature(by=self.request.user, version=form.cleaned_data["version"])


@require_safe
@_needs_right
def picture(request: HttpRequest) -> HttpResponseBase:
    """Send the signature of whoever asks; nobody gets anybody else's."""
    png = Signature.objects.picture_of(request.user)
    if png is None:
        raise Http404
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(png, content_type=PNG, headers=headers)
