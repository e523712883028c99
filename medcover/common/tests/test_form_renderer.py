"""Tests of the form renderer: what it draws is letter by letter what Django's own templates draw."""

from __future__ import annotations

import pytest
from django import forms
from django.forms.renderers import Jinja2
from django.utils.safestring import mark_safe

from medcover.common.form_renderer import FormRenderer

HOSTILE = '<script>x</script>"&'
GROUP = ("Group " + HOSTILE, [(3, "three"), (4, mark_safe("<b>4</b>"))])
CHOICES = [("", "---"), (1, HOSTILE), (HOSTILE, "two"), GROUP]
ATTRS = {"id": "id_one", "class": "wide", "required": True, "disabled": False, "data-x": HOSTILE}


class OwnOption(forms.Select):
    option_template_name = "django/forms/widgets/checkbox_option.html"


class OwnBox(forms.CheckboxSelectMultiple):
    option_template_name = "django/forms/widgets/select_option.html"


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.TextInput(), HOSTILE), (forms.TextInput(), None), (forms.TextInput(), ""), (forms.NumberInput(), 0),
        (forms.HiddenInput(), 3), (forms.CheckboxInput(), True), (forms.CheckboxInput(), False),
        (forms.Textarea(), HOSTILE), (forms.DateInput(), "2026-01-01"), (forms.FileInput(), None),
        (forms.Select(choices=CHOICES), 1), (forms.Select(choices=CHOICES), HOSTILE), (forms.Select(), None),
        (forms.SelectMultiple(choices=CHOICES), [1, 3]), (forms.NullBooleanSelect(), True),
        (forms.CheckboxSelectMultiple(choices=CHOICES), [HOSTILE, 4]), (forms.RadioSelect(choices=CHOICES), 3),
        (forms.SplitDateTimeWidget(), None), (OwnOption(choices=CHOICES), 1), (OwnBox(choices=CHOICES), [1]),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, forms.Widget) else repr(one)[:12],
)  # fmt: skip
@pytest.mark.parametrize("attrs", [None, ATTRS], ids=["plain", "with attributes"])
def test_widgets_are_drawn_as_django_draws_them(widget, value, attrs):
    drawn = widget.render("name", value, attrs, renderer=FormRenderer())
    assert drawn == widget.render("name", value, attrs, renderer=Jinja2())
    assert "<script>x" not in drawn


@pytest.mark.parametrize("data", [{}, {"text": "x" * 9, "one": "5"}], ids=["missing", "wrong"])
def test_labels_and_errors_are_drawn_as_django_draws_them(data):
    class Form(forms.Form):
        text = forms.CharField(label=HOSTILE, max_length=3)
        one = forms.ChoiceField(choices=CHOICES)

    ours, shipped = Form(data, renderer=FormRenderer()), Form(data, renderer=Jinja2())
    for name in Form.base_fields:
        assert ours[name].label_tag() == shipped[name].label_tag()
        assert str(ours[name].errors) == str(shipped[name].errors)
    assert "<script>x" not in str(ours)
