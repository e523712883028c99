"""Reading and filling pages of the backoffice in tests."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.messages import get_messages
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

_INLINE = re.compile(r"""<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:""", re.IGNORECASE)


def browser(person: Any) -> Client:
    """A browser in which that person is logged in."""
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def text_of(answer: HttpResponse) -> str:
    """The page with every run of white space as one space."""
    return " ".join(answer.content.decode().split())


def inline_parts(answer: HttpResponse) -> list[str]:
    """What the content security policy would not let run."""
    return _INLINE.findall(answer.content.decode())


def rows_of(answer: HttpResponse) -> list[str]:
    """The rows of a change list, as their names."""
    return [str(row) for row in answer.context["cl"].result_list]


def form_data(answer: HttpResponse, **changed: Any) -> dict[str, Any]:
    """What a browser would post from the change form on the page, with some values typed anew."""
    data: dict[str, Any] = {}
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return {name: value for name, value in {**data, **changed}.items() if value is not None}


def told(answer: HttpResponse) -> list[str]:
    """The messages that the answer carries to the next page."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def queries_of(client: Client, url: str) -> int:
    """How many queries the page takes, once the process knows what it remembers between requests."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
