"""The digest in the backoffice: what the page shows and does, and for whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, text_of, told
from medcover.system.models import AuditEntry
from notifications.admin.digest import FRAME_POLICY
from notifications.digest import services
from notifications.digest.models import Digest, DigestBlock
from notifications.models import OutboxMessage
from notifications.tests.digests import block, messages, only, schedule
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

PAGE = "/admin/notifications/digest/"
ACTIONS = (
    "blocks/add/",
    "blocks/order/",
    "blocks/1/switch/",
    "blocks/1/save/",
    "blocks/1/delete/",
    "send-test/",
    "send-now/",
)
STALE = "Záznam byl mezitím změněn, načtěte stránku znovu."


@pytest.fixture
def admin() -> Any:
    services.load()
    return make_admin(name="Adamec Jan", email="adamec@example.org")


@pytest.fixture
def desk(admin) -> Client:
    return browser(admin)


def form(**changed: Any) -> dict[str, Any]:
    """The schedule as a browser would send it."""
    digest = Digest.objects.get()
    fields = {name: getattr(digest, name) for name in (*services.EDITABLE, "version")}
    return {name: value for name, value in {**fields, **changed}.items() if value is not False}


class TestThePage:
    def test_it_shows_schedule_and_blocks_and_holds_nothing_inline(self, desk):
        answer = desk.get(PAGE)
        page = text_of(answer)
        assert "Přehledový e-mail se pravidelně neodesílá." in page
        for title in ("Servisní statistiky", "Audit log", "Nadcházející akce", "Noví uživatelé", "Zpětná vazba",
                      "Poznámka", "Stav zálohování", "Aktivita uživatelů", "Končící kvalifikace"):  # fmt: skip
            assert title in page
        assert inline_parts(answer) == []

    def test_it_says_when_the_digest_comes(self, desk):
        schedule(frequency_hours=168, preferred_hour=6)
        assert "Přehledový e-mail se odesílá jednou týdně v 6:00." in text_of(desk.get(PAGE))
        schedule(frequency_hours=6)
        assert "Přehledový e-mail se odesílá každých 6 hodin." in text_of(desk.get(PAGE))

    def test_looking_changes_nothing(self, desk):
        desk.get("/admin/")  # the first request of an installation makes its settings
        before = list(DigestBlock.objects.values()), list(Digest.objects.values()), AuditEntry.objects.count()
        for address in (PAGE, *(f"{PAGE}{action}" for action in ACTIONS), f"{PAGE}preview/", f"{PAGE}preview/mail/"):
            desk.get(address)
        assert (list(DigestBlock.objects.values()), list(Digest.objects.values()), AuditEntry.objects.count()) == before
        assert not messages().exists()

    def test_it_takes_a_fixed_number_of_statements(self, desk):
        few = queries_of(desk, PAGE)
        for number in range(36):
            DigestBlock.objects.create(kind="audit_log", order=20 + number, config={})
        assert queries_of(desk, PAGE) <= few <= 14

    def test_a_kind_is_offered_until_there_are_five(self, desk):
        offered = '<option value="free_text">'
        assert offered in desk.get(PAGE).content.decode()
        for _number in range(4):
            desk.post(f"{PAGE}blocks/add/", {"kind": "free_text"})
        assert offered not in desk.get(PAGE).content.decode()
        assert told(desk.post(f"{PAGE}blocks/add/", {"kind": "free_text"}))[-1].endswith("nejvýše 5.")

    def test_titles_are_shown_as_text(self, desk):
        only("free_text", title="<script>alert(1)</script>", content="</textarea><script>alert(2)</script>")
        page = desk.get(PAGE).content.decode()
        assert "<script>alert" not in page

    def test_a_block_of_a_kind_that_is_gone_does_not_break_it(self, desk):
        only("of_another_time", title="Starý blok")
        assert "Tento druh bloku už neexistuje." in text_of(desk.get(PAGE))

    @pytest.mark.parametrize("config", [None, [], "x", 5, {"title": ["x"]}, {"rows": {}, "entities": 5}])
    def test_an_odd_row_does_not_break_it(self, desk, config):
        only("audit_log")
        DigestBlock.objects.update(config=config if config is not None else {})
        assert desk.get(PAGE).status_code == 200
        assert desk.get(f"{PAGE}preview/").status_code == 200


class TestTheSchedule:
    def test_it_is_saved(self, desk, admin):
        answer = desk.post(
            PAGE, form(enabled=True, frequency_hours=72, preferred_hour=6, header_html="<p>Dobrý den</p>")
        )
        assert told(answer) == ["Rozvrh byl uložen."]
        digest = Digest.objects.get()
        assert (digest.enabled, digest.frequency_hours, digest.preferred_hour) == (True, 72, 6)
        assert digest.header_html == "<p>Dobrý den</p>"

    @pytest.mark.parametrize(
        "wrong", [{"frequency_hours": 5}, {"preferred_hour": 24}, {"preferred_hour": "x"}, {"subject": "x" * 256}]
    )
    def test_a_wrong_one_comes_back_with_what_was_typed(self, desk, wrong):
        answer = desk.post(PAGE, form(footer_html="<p>napsáno</p>", **wrong))
        assert answer.status_code == 200
        assert "napsáno" in answer.content.decode()
        assert Digest.objects.get().version == 1

    @pytest.mark.parametrize("version", [0, 7, "", "x"])
    def test_a_stale_one_is_refused(self, desk, version):
        answer = desk.post(PAGE, form(enabled=True, version=version))
        assert told(answer) == [STALE]
        assert not Digest.objects.get().enabled


class TestTheBlocks:
    def test_one_is_added_saved_and_deleted(self, desk):
        desk.post(f"{PAGE}blocks/add/", {"kind": "upcoming_events"})
        added = DigestBlock.objects.in_order().last()
        prefix = f"block-{added.pk}"
        saved = {f"{prefix}-title": "Týden", f"{prefix}-days": "14", f"{prefix}-rows": "x", "version": 1}
        assert desk.post(f"{PAGE}blocks/{added.pk}/save/", saved).url == f"{PAGE}#{prefix}"
        added.refresh_from_db()
        assert added.config == {"title": "Týden", "days": 14, "rows": 15, "only_vacant": False}
        assert told(desk.post(f"{PAGE}blocks/{added.pk}/delete/", {"version": 1}))[-1] == STALE
        desk.post(f"{PAGE}blocks/{added.pk}/delete/", {"version": 2})
        assert not DigestBlock.objects.filter(pk=added.pk).exists()

    def test_the_order_is_saved_by_one_call(self, desk):
        keys = [str(row.pk) for row in DigestBlock.objects.in_order()][::-1]
        answer = desk.post(f"{PAGE}blocks/order/", {"order": ",".join(keys)}, headers={"HX-Request": "true"})
        assert answer.content.decode() == "Pořadí bylo uloženo."
        assert [str(row.pk) for row in DigestBlock.objects.in_order()] == keys

    @pytest.mark.parametrize("order", ["", "1", "x,y", "1;2", ",".join(map(str, range(60))), "9" * 30, "1," * 200])
    def test_an_order_that_is_none_is_refused(self, desk, order):
        before = [row.pk for row in DigestBlock.objects.in_order()]
        answer = desk.post(f"{PAGE}blocks/order/", {"order": order}, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert told(desk.post(f"{PAGE}blocks/order/", {"order": order}))
        assert [row.pk for row in DigestBlock.objects.in_order()] == before

    def test_switching_answers_with_the_switch_and_the_new_version(self, desk):
        key = block("free_text").pk
        answer = desk.post(f"{PAGE}blocks/{key}/switch/", {"enabled": "on"}, headers={"HX-Request": "true"})
        page = text_of(answer)
        assert 'aria-checked="true"' in page
        assert f'id="block-{key}-version" value="2" hx-swap-oob="true"' in page

    def test_switching_works_without_scripts(self, desk):
        key = block("free_text").pk
        assert told(desk.post(f"{PAGE}blocks/{key}/switch/", {"enabled": "on"})) == ["Blok je zapnutý."]
        assert DigestBlock.objects.get(pk=key).enabled

    def test_one_that_is_gone_is_said_to_be(self, desk):
        answer = desk.post(f"{PAGE}blocks/999999999/switch/", {"enabled": "on"}, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert "Blok už neexistuje" in answer.content.decode()
        assert told(desk.post(f"{PAGE}blocks/999999999/save/", {}))[-1].startswith("Blok už neexistuje")


class TestTheMail:
    def test_the_preview_is_in_a_frame_that_can_do_nothing(self, desk):
        page = text_of(desk.get(f"{PAGE}preview/"))
        (frame,) = [part.partition(">")[0] for part in page.split("<iframe")[1:]]
        assert "sandbox" in frame
        assert "allow-" not in frame

    def test_the_frame_has_a_policy_of_its_own(self, desk):
        only("free_text", title="Text", content="<script>alert(1)</script><p>ahoj</p>")
        answer = desk.get(f"{PAGE}preview/mail/")
        assert answer.headers["Content-Security-Policy"] == FRAME_POLICY
        assert "script-src" not in FRAME_POLICY
        assert "'none'" in FRAME_POLICY.partition(";")[0]
        assert FRAME_POLICY.endswith("sandbox")
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert ">ahoj</p>" in answer.content.decode()

    def test_it_is_that_of_whoever_looks_and_nothing_is_queued(self, desk):
        assert "Dobrý den, Adamec Jan," in desk.get(f"{PAGE}preview/mail/").content.decode()
        assert not OutboxMessage.objects.exists()

    def test_a_trial_is_queued(self, desk):
        answer = desk.post(f"{PAGE}send-test/", {"address": "nekdo@example.org"})
        assert told(answer) == ["Testovací e-mail na adresu nekdo@example.org byl zařazen do fronty."]
        assert messages().get().to_email == "nekdo@example.org"

    def test_a_trial_to_nowhere_is_not(self, desk):
        assert told(desk.post(f"{PAGE}send-test/", {"address": "nikam"})) == ["Zadejte e-mailovou adresu."]
        assert not messages().exists()

    def test_all_administrators_get_it_at_once(self, desk):
        make_admin()
        answer = desk.post(f"{PAGE}send-now/")
        assert told(answer) == ["Přehledový e-mail pro 2 administrátory byl zařazen do fronty."]
        assert messages().count() == 2

    def test_it_can_be_read_in_the_outbox(self, desk):
        only("free_text", title="Zpráva", content="<p>ahoj</p>")
        desk.post(f"{PAGE}send-now/")
        answer = desk.get(f"/admin/notifications/outboxmessage/{messages().get().pk}/change/")
        assert "== Zpráva == ahoj" in text_of(answer)


@pytest.mark.parametrize(
    ("make", "status"),
    [(make_coordinator, 403), (make_member, 302), (lambda: None, 302)],
    ids=["coordinator", "member", "nobody"],
)
def test_nobody_else_gets_in_or_does_anything(make, status):
    services.load()
    person = make()
    client = browser(person) if person else Client()
    for address in ("", "preview/", "preview/mail/"):
        assert client.get(f"{PAGE}{address}").status_code == status
    for action in ("", *ACTIONS):
        assert client.post(f"{PAGE}{action}", {"kind": "free_text", "address": "a@example.org"}).status_code == status
    assert not messages().exists()
    assert Digest.objects.get().version == 1
