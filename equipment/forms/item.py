"""Forms of the page of an item."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from equipment.models import Attachment, ItemReport, Link
from medcover.common.forms import VersionField

#: Names besides types, because not every system knows HEIC.
PICTURES = "image/png,image/jpeg,image/heic,image/heif,.png,.jpg,.jpeg,.heic,.heif"

#: What a form sends besides the file, in bytes; generously.
_ENVELOPE = 64 * 1024


class MomentInput(forms.DateTimeInput):
    """The browser's own field for a day and a time, to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class ReportForm(forms.ModelForm):
    """What a holder says about the state of an item."""

    class Meta:
        model = ItemReport
        fields = ("kind", "text")
        widgets = {"kind": forms.RadioSelect, "text": forms.Textarea(attrs={"rows": 4, "maxlength": 2000})}


class ServiceForm(forms.Form):
    """A time out of service; an empty start means from now on, an empty end until somebody puts it back."""

    version = VersionField()
    reason = forms.CharField(label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))
    since = forms.DateTimeField(
        label=_("Out of service from"), required=False, widget=MomentInput, help_text=_("Empty = from now on.")
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=MomentInput, help_text=_("Empty = until somebody puts it back.")
    )


class PhotoForm(forms.Form):
    """A picture; what kind of file it is, or whether there is any, its service judges."""

    photo = forms.FileField(label=_("Photo"), required=False, allow_empty_file=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photo"].widget = file_input(PICTURES)


class DocumentForm(forms.Form):
    """A document with what it is."""

    document = forms.FileField(label=_("Document (PDF)"), required=False, allow_empty_file=True)
    category = forms.ChoiceField(
        label=_("Category"), choices=Attachment.Category, widget=forms.Select({"class": "form-select"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].widget = file_input("application/pdf,.pdf")


class LinkForm(forms.ModelForm):
    """An address outside."""

    url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        widget=forms.URLInput({"class": "form-control", "placeholder": "https://"}),
    )

    class Meta:
        model = Link
        fields = ("title", "url")
        widgets = {
            "title": forms.TextInput(
                {"class": "form-control", "placeholder": Link._meta.get_field("title").verbose_name}
            )
        }


def file_input(accepted: str) -> forms.FileInput:
    """Return the field of a file; the browser refuses what is larger than a request may be before it is sent."""
    return forms.FileInput(
        attrs={
            "class": "form-control",
            "accept": accepted,
            "data-max-bytes": settings.REQUEST_BODY_LIMIT - _ENVELOPE,
            "data-too-large": _("This file is larger than 8 MB. Choose a smaller one."),
        }
    )
