"""Form of an invitation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from credentials.models import Qualification
from notifications.rules import SUBJECT_LENGTH
from roster.models import Invitation
from roster.notices import INVITATION_SUBJECT
from roster.services.invitations import Invited


class InvitationForm(forms.Form):
    """One or many addresses and the words of their mail; it opens with the words used last."""

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        widget=AdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_("One or more, separated by new lines, commas or semicolons."),
    )
    subject = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_LENGTH,
        required=False,
        widget=AdminTextInputWidget(attrs={"placeholder": INVITATION_SUBJECT}),
    )
    text = forms.CharField(
        label=_("Message"),
        required=False,
        widget=AdminTextareaWidget(attrs={"rows": 5}),
        help_text=_("Plain text in place of the standard words; empty sends those. The link is always added."),
    )
    qualifications = forms.ModelMultipleChoiceField(
        label=capfirst(Qualification._meta.verbose_name_plural),
        queryset=Qualification.objects.living(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Everybody invited now gets them when they register."),
    )

    def __init__(self, *args: Any, may_qualify: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_qualify:
            del self.fields["qualifications"]
        if not self.is_bound:
            self.initial = words_used_last()

    def wanted(self) -> dict[str, Any]:
        """Return what the service is asked for."""
        granted = self.cleaned_data.get("qualifications") or []
        return {**self.cleaned_data, "qualifications": [qualification.pk for qualification in granted]}


def words_used_last() -> dict[str, str]:
    """Return subject and message of the newest invitation; empty ones before the first."""
    newest = Invitation.objects.order_by("-created_at", "-id").first()
    return {"subject": newest.subject, "text": newest.text} if newest else {}


def outcome_of(invited: Invited) -> list[tuple[bool, str | Promise]]:
    """Return sentences about what became of the addresses, each with whether it is good news."""
    count = len(invited.sent)
    sentences: list[tuple[bool, str | Promise]] = []
    if count:
        sentences.append(
            (True, ngettext("%d invitation is on its way.", "%d invitations are on their way.", count) % count)
        )
    if invited.has_account:
        sentences.append((False, _("Not invited, because they have an account: %s") % ", ".join(invited.has_account)))
    if invited.already_invited:
        still = ", ".join(invited.already_invited)
        sentences.append((False, _("Not invited again, because their invitation is still valid: %s") % still))
    return sentences
