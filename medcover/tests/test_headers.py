"""Every address answers with all headers, and no file that it gives out can run in the site's name."""

from __future__ import annotations

import pytest

from medcover.tests.access import log_in, make_rows
from medcover.tests.test_access_table import TABLE

pytestmark = pytest.mark.django_db

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PRESENT = ("Content-Security-Policy", "Permissions-Policy", "X-Frame-Options", "Reporting-Endpoints")

#: Shown in the page, and made by the program itself from nothing that somebody has uploaded as it is.
MADE_BY_US = {
    "application/json", "application/manifest+json", "text/javascript", "text/plain", "image/png", "image/svg+xml",
}  # fmt: skip


def kind_of(answer) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0]


@pytest.mark.parametrize("who", ["superuser", "anonymous"])
def test_every_address(who):
    rows = make_rows()
    client = log_in(who)
    files = set()
    for _address, path, _answers in TABLE:
        answer = client.get(path.format(**rows))
        lacking = [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
        lacking += [name for name in PRESENT if name not in answer.headers]
        assert lacking == [], path
        policy = answer.headers["Content-Security-Policy"]
        # A mail brings its styles along; it is shown in a sandbox, where nothing runs.
        assert "unsafe" not in policy or ("sandbox" in policy and "default-src 'none'" in policy), path
        if answer.status_code == 200 and kind_of(answer) not in ("text/html", *MADE_BY_US):
            is_attachment = answer.headers.get("Content-Disposition", "").startswith("attachment")
            assert is_attachment or "sandbox" in policy, path
            files.add(kind_of(answer))
    assert who == "anonymous" or len(files) > 1
