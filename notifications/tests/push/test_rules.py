"""What may be the address, the keys and the name of a browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.push.rules import LONGEST_ENDPOINT, is_endpoint, is_public, is_public_point, is_secret, label_of
from notifications.tests.push.devices import Browser, in_base64

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


class TestEndpoint:
    @pytest.mark.parametrize(
        "address",
        [
            "https://fcm.googleapis.com/fcm/send/abc:APA91b-x_y",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
            "https://web.push.apple.com/QOsN",
            "https://wns2-par02p.notify.windows.com/w/?token=BQY%3d",
            "https://push.example.org:443/x",
            "https://93.184.215.14/x",
        ],
    )
    def test_of_any_service_in_the_internet(self, address):
        assert is_endpoint(address)

    @pytest.mark.parametrize(
        "address",
        [
            "", "x", "push.example.org/x", "http://push.example.org/x", "ftp://push.example.org/x",
            "file:///etc/passwd", "https:///x", "https://", "javascript:alert(1)", "data:text/plain,x",
            "https://localhost/x", "https://localhost./x", "https://a.localhost/x", "https://intranet/x",
            "https://printer.local/x", "https://db.internal/x", "https://router.lan/x", "https://host.home.arpa/x",
            "https://127.0.0.1/x", "https://127.1/x", "https://2130706433/x", "https://0x7f000001/x",
            "https://0177.0.0.1/x", "https://0.0.0.0/x", "https://10.1.2.3/x", "https://192.168.0.1/x",
            "https://172.16.0.1/x", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/x",
            "https://224.0.0.1/x", "https://[::1]/x", "https://[fe80::1%25eth0]/x", "https://[fc00::1]/x",
            "https://[::ffff:127.0.0.1]/x", "https://[::ffff:10.0.0.1]/x", "https://[64:ff9b::7f00:1]/x",
            "https://[2002:7f00:1::]/x", "https://[::]/x", "https://[::1",
            "https://user@push.example.org/x", "https://user:pw@push.example.org/x", "https://@push.example.org/x",
            "https://push.example.org:22/x", "https://push.example.org:99999/x", "https://push.example.org:x/",
            "https://push.example.org/x#y", "https://push.example.org/a b", "https://push.example.org/\n",
            "https://push.example.org\\@127.0.0.1/x", "https://příklad.cz/x", "https://push.example.org/\x00",
            "https://push.example.org/" + "x" * LONGEST_ENDPOINT,
        ],
    )  # fmt: skip
    def test_nothing_inside_and_nothing_odd(self, address):
        assert not is_endpoint(address)

    def test_of_this_machine_for_tests_only(self):
        assert is_endpoint("http://127.0.0.1:8123/x", local_too=True)
        assert not is_endpoint("ftp://127.0.0.1:8123/x", local_too=True)

    @given(st.text(max_size=60))
    def test_says_yes_or_no_to_anything(self, text):
        assert is_endpoint(f"https://{text}") in (True, False)


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("1.1.1.1", True),
        ("127.0.0.1", False),
        ("fe80::1%eth0", False),
        ("64:ff9b::101:101", True),
        ("2606:4700:4700::1111", True),
    ],
)
def test_public_is_what_lies_in_the_internet(address, outside):
    assert is_public(address) is outside


class TestKeys:
    def test_of_a_browser(self):
        sent = Browser().sent
        assert is_public_point(sent.p256dh)
        assert is_secret(sent.auth)
        assert is_public_point(sent.p256dh + "=")

    @pytest.mark.parametrize("text", ["", "x", "é", "A" * 88, "A" * 100_000, "\x00", "+/" * 40, in_base64(b"\4" * 65)])
    def test_nothing_else(self, text):
        assert not is_public_point(text)

    @pytest.mark.parametrize("text", ["", "x", "é", "A" * 20, "A" * 24, "A" * 100_000, "+" * 22])
    def test_no_other_secret(self, text):
        assert not is_secret(text)

    @given(st.text(max_size=200))
    def test_say_yes_or_no_to_anything(self, text):
        assert is_public_point(text) in (True, False)
        assert is_secret(text) in (True, False)


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        (FIREFOX, "Firefox, Android"),
        (CHROME, "Chrome, Windows"),
        (f"{CHROME} Edg/140.0", "Edge, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("curl/8", ""),
        ("", ""),
        ("<script>" * 1000, ""),
    ],
)
def test_a_browser_is_called_as_people_do(user_agent, label):
    assert label_of(user_agent) == label
