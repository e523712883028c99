"""Filter form of the list of people. Whatever it does not know it ignores."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, F, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from medcover.common.forms import KnownChoice
from roster.models import User
from roster.rights import Role

DEFAULT_SORT = "name"

#: What the list can be sorted by; a leading "-" turns the order round.
_ORDERS: dict[str, Any] = {
    "name": F("name_sort"),
    "email": F("email"),
    "state": Case(When(is_archived=True, then=Value(2)), When(is_active=False, then=Value(1)), default=Value(0)),
    "created": F("created"),
    "login": F("last_login"),
}


class PeopleFilter(forms.Form):
    """What the reader wants to see of the people."""

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=255)
    role = KnownChoice(label=_("Role"), required=False, choices=[(role.value, role.label) for role in Role])
    archived = forms.BooleanField(label=_("Archived people"), required=False)
    sort = KnownChoice(
        required=False,
        initial=DEFAULT_SORT,
        choices=[(f"{sign}{key}", f"{sign}{key}") for key in _ORDERS for sign in ("", "-")],
    )

    def __init__(self, params: QueryDict) -> None:
        super().__init__(data=params)
        self.is_valid()

    @property
    def wants_archived(self) -> bool:
        """Whether only archived people are asked for; otherwise only the others are shown."""
        return bool(self.cleaned_data["archived"])

    @property
    def order(self) -> str:
        """The key of the order in force, with its sign."""
        return str(self.cleaned_data["sort"])

    def found(self) -> Any:
        """Return the people who match, in order; whoever has no value to sort by comes last in both directions."""
        people = User.objects.archived() if self.wants_archived else User.objects.not_archived()
        people = people.matching(self.cleaned_data.get("q", ""))
        if self.cleaned_data["role"]:
            people = people.with_role(Role(self.cleaned_data["role"]))
        key = _ORDERS[self.order.removeprefix("-")]
        order = key.desc(nulls_last=True) if self.order.startswith("-") else key.asc(nulls_last=True)
        return people.order_by(order, "name_sort", "pk")
