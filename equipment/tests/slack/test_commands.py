"""Commands about equipment, as whole conversations: what is typed, what the windows show, what becomes of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from equipment.models import Repair, RepairEntry
from equipment.repairs.rules import Severity, Status
from equipment.services.repairs import work
from equipment.tests.factories import ItemFactory, LocationFactory, make_technician, repair_of
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from notifications.tests.slack.workspace import fields_of, options_of
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

TECHNICIAN = "opravil@example.org"


@pytest.fixture
def item():
    return ItemFactory(name="AED 1", location=LocationFactory(name="Garáž", sort_order=1))


@pytest.fixture
def technician():
    return make_technician(name="Opravil Jan", email=TECHNICIAN)


@pytest.fixture
def worker(workspace, technician):
    """The technician in Slack."""
    return workspace.user(TECHNICIAN)


def said(answer) -> str:
    """What the asker alone is told at once."""
    assert answer.json()["response_type"] == "ephemeral"
    return answer.json()["text"]


def faults(answer) -> dict[str, str]:
    assert answer.json()["response_action"] == "errors", answer.json()
    return answer.json()["errors"]


def said_above(window) -> str:
    """What a window says above its fields."""
    first = window["blocks"][0]
    return first["elements"][0]["text"] if first["type"] == "context" else ""


def closes(answer) -> bool:
    return answer.json() == {"response_action": "clear"}


def told(workspace, user: str) -> str:
    """What somebody is told in their own conversation."""
    workspace.work()
    return next(text for channel, text in reversed(workspace.posts) if channel == user)


class TestReport:
    def window(self, workspace, user):
        answer = workspace.command("/esb-report", "cokoli", user=user)
        assert (answer.status_code, answer.content) == (200, b"")
        return workspace.windows[-1]

    def test_a_stranger_reports_in_their_name(self, workspace, item):
        user = workspace.user("nikdo@example.org", name="Cizí Eva")
        window = self.window(workspace, user)
        fields = fields_of(window)
        assert list(fields) == ["item", "name", "description", "severity", "risk", "consumable"]
        assert options_of(fields["item"]) == ["AED 1 (Garáž)"]
        assert fields["name"]["initial_value"] == "Cizí Eva"
        assert fields["severity"]["initial_option"]["value"] == Severity.UNSURE
        values = {"item": item.pk, "name": "Eva", "description": " Nesvítí. ", "risk": ["risk"], "severity": "down"}
        assert closes(workspace.submit(window, values, user=user))
        repair = Repair.objects.get()
        assert (repair.reporter, repair.reporter_name, repair.description) == (None, "Eva", "Nesvítí.")
        assert (repair.severity, repair.is_safety_risk, repair.is_consumable) == ("down", True, False)
        assert told(workspace, user).startswith(":white_check_mark: Děkujeme")

    def test_somebody_with_an_account_reports_as_themself(self, workspace, item):
        member = make_member(email="clen@example.org")
        user = workspace.user("clen@example.org")
        window = self.window(workspace, user)
        assert "name" not in fields_of(window)
        values = {"item": item.pk, "description": "Nesvítí.", "consumable": ["consumable"], "severity": ""}
        assert closes(workspace.submit(window, values, user=user))
        repair = Repair.objects.get()
        assert (repair.reporter, repair.reporter_name, repair.severity) == (member, "", Severity.UNSURE)
        assert repair.is_consumable

    def test_an_account_that_may_not_report_reports_as_everybody_does(self, workspace, item):
        make_viewer(email="divak@example.org")
        user = workspace.user("divak@example.org")
        window = self.window(workspace, user)
        assert closes(workspace.submit(window, {"item": item.pk, "name": "D", "description": "x"}, user=user))
        assert Repair.objects.get().reporter is None

    def test_without_items_there_is_nothing_to_report(self, workspace):
        ItemFactory(is_archived=True)
        assert "Zatím tu není žádná položka" in said(workspace.command("/esb-report", user=workspace.user()))

    def test_the_language_is_that_of_the_asker(self, workspace, item):
        assert self.window(workspace, workspace.user(locale="en-GB"))["title"]["text"] == "Report a problem"
        assert self.window(workspace, workspace.user())["title"]["text"] == "Nahlásit závadu"

    @pytest.mark.parametrize(
        ("changes", "repairs"),
        [
            ({"item": "0"}, 0),
            ({"item": "9" * 30}, 0),
            ({"item": "'; --"}, 0),
            ({"description": "\u200b \n"}, 0),
            ({"description": "x" * 5001}, 0),
            ({"severity": "worst"}, 0),
            ({"name": "x" * 500}, 1),
            ({"name": "E\0va", "description": "Ne\0svítí. \ud800"}, 1),
            ({"item": "\0"}, 0),
            ({"name": "", "description": "<!channel> *tučně*"}, 1),
        ],
    )
    def test_what_cannot_be_is_refused_in_the_window(self, workspace, item, changes, repairs):
        user = workspace.user()
        window = self.window(workspace, user)
        values = {"item": item.pk, "name": "Eva", "description": "Nesvítí.", **changes}
        answer = workspace.submit(window, values, user=user)
        assert closes(answer) if repairs else faults(answer)["description"]
        assert Repair.objects.count() == repairs

    def test_an_item_archived_meanwhile_is_refused(self, workspace, item):
        user = workspace.user()
        window = self.window(workspace, user)
        type(item).objects.update(is_archived=True)
        values = {"item": item.pk, "name": "Eva", "description": "Nesvítí."}
        assert "archiv" in faults(workspace.submit(window, values, user=user))["description"]

    def test_more_items_than_a_list_takes_are_searched(self, workspace, item):
        kind = item.type
        for number in range(101):
            ItemFactory(name=f"Nosítka {number:03d}", type=kind)
        user = workspace.user()
        field = fields_of(self.window(workspace, user))["item"]
        assert (field["type"], field["action_id"], field["min_query_length"]) == ("external_select", "esb_items", 0)
        found = workspace.search("esb_items", "aed", user=user)
        assert [one["text"]["text"] for one in found] == ["AED 1 (Garáž)"]
        assert len(workspace.search("esb_items", "", user=user)) == 100
        assert workspace.search("gone", "", user=user) == []


class TestStatus:
    def ask(self, workspace, text: str = "", *, user: str = "") -> str:
        user = user or workspace.user()
        assert workspace.command("/esb-status", text, user=user).content == b""
        workspace.work()
        return workspace.answered(user)[-1]["text"]

    def test_nothing_is_registered(self, workspace):
        assert self.ask(workspace) == "Zatím tu není žádná položka."

    def test_the_summary_counts_and_names_what_is_not_well(self, workspace, item):
        ItemFactory(name="Nosítka", location=item.location)
        bad = ItemFactory(name="Kyslík", location=item.location)
        repair_of(item, severity="down", description="Nesvítí. " * 30, eta=date(2026, 6, 8))
        repair_of(bad, severity="", description="<@U1> *pozor*")
        hidden = LocationFactory(name="Zrušený", is_archived=True)
        repair_of(ItemFactory(name="Ve zrušeném", location=hidden))
        ItemFactory(name="Volně")
        text = self.ask(workspace)
        assert "*Garáž*  ✅ 1  ⚠️ 1  ❌ 1" in text
        assert "• ❌ AED 1 – Nesvítí." in text
        assert "(předpokládané dokončení 08.06.2026)" in text
        assert "Nesvítí. " * 12 not in text
        assert "• ⚠️ Kyslík – &lt;@U1&gt; ∗pozor∗" in text
        assert "Nosítka" not in text
        assert "Ve zrušeném" not in text
        assert "*bez umístění*  ✅ 1" in text

    def test_a_location_wins_over_an_item(self, workspace, item):
        ItemFactory(name="Garáž")
        repair_of(item, severity="degraded", description="Nesvítí.")
        text = self.ask(workspace, "  gaRÁŽ ")
        assert "⚠️ *AED 1* – Omezeno" in text
        assert "    Nesvítí." in text

    def test_one_item_in_full_and_its_assignee_for_those_who_repair(self, workspace, item, technician, worker):
        repair_of(item, severity="down", description="Nesvítí.", eta=date(2026, 6, 8), assignee=technician)
        text = self.ask(workspace, "aed")
        assert "❌ *AED 1* (Garáž) – Mimo provoz\nNesvítí.\npředpokládané dokončení 08.06.2026" in text
        assert "Opravil" not in text
        assert "Opravil Jan" in self.ask(workspace, "aed", user=worker)

    def test_several_are_listed_and_none_is_said(self, workspace, item):
        ItemFactory(name="AED 2")
        assert "AED 1 (Garáž)" in self.ask(workspace, "aed")
        assert "AED 2 (bez umístění)" in self.ask(workspace, "aed")
        for nonsense in ("%", "x\0", "x" * 3000):
            assert self.ask(workspace, nonsense).startswith(":mag:")
        assert "&lt;x&gt;" in self.ask(workspace, "<x>")

    def test_many_items_fit_into_a_message(self, workspace, item, django_assert_max_num_queries):
        for number in range(60):
            repair_of(ItemFactory(name=f"Položka {number}", type=item.type), description="Dlouhý popis závady. " * 9)
        with django_assert_max_num_queries(40):  # the request, the worker's sweep and the drain
            text = self.ask(workspace)
        assert len(text) <= 3900
        assert text.endswith("…")


class TestNewRepair:
    def window(self, workspace, user, text="AED 1"):
        workspace.command("/esb-repair", text, user=user)
        return workspace.windows[-1]

    @pytest.mark.parametrize("make", [None, make_member, make_viewer])
    @pytest.mark.parametrize(("name", "text"), [("/esb-repair", ""), ("/esb-repair", "AED"), ("/esb-update", "1")])
    def test_only_those_who_repair(self, workspace, item, make, name, text):
        if make:
            make(email="kdo@example.org")
        answer = workspace.command(name, text, user=workspace.user("kdo@example.org"))
        assert said(answer).startswith(":lock:")
        assert workspace.windows == []

    def test_an_item_is_chosen_when_exactly_one_is_called_so(self, workspace, item, worker):
        fields = fields_of(self.window(workspace, worker, "aed 1"))
        assert fields["item"]["initial_option"]["value"] == str(item.pk)
        assert "initial_option" not in fields["severity"]
        assert fields["status"]["initial_option"]["value"] == Status.NEW
        assert "Uzavřeno – duplicita" not in options_of(fields["status"])
        assert options_of(fields["assignee"]) == ["Opravil Jan"]
        ItemFactory(name="AED 1")
        assert "initial_option" not in fields_of(self.window(workspace, worker, "aed 1"))["item"]
        assert "initial_option" not in fields_of(self.window(workspace, worker, "aed"))["item"]

    def test_it_is_opened_assigned_and_moved(self, workspace, item, technician, worker):
        values = {"description": "Nesvítí.", "severity": "", "assignee": technician.pk, "status": "parts_needed"}
        assert closes(workspace.submit(self.window(workspace, worker), values, user=worker))
        repair = Repair.objects.get()
        assert (repair.item, repair.status, repair.severity) == (item, Status.PARTS_NEEDED, "")
        assert (repair.assignee, repair.reported_by) == (technician, "")
        kinds = list(repair.entries.order_by("id").values_list("kind", flat=True))
        assert kinds == [RepairEntry.Kind.CREATED, RepairEntry.Kind.STATUS]
        assert f"č. {repair.pk} " in told(workspace, worker)

    @pytest.mark.parametrize(
        "changes",
        [{"status": "duplicate"}, {"status": "odd"}, {"assignee": "x"}, {"description": ""}, {"item": ""},
         {"assignee": "00000000-0000-4000-8000-000000000000"}],
    )  # fmt: skip
    def test_all_of_it_or_nothing(self, workspace, item, worker, changes):
        values = {"description": "Nesvítí.", "status": "assigned", **changes}
        assert faults(workspace.submit(self.window(workspace, worker), values, user=worker))
        assert not Repair.objects.exists()

    def test_rights_are_asked_anew(self, workspace, item, technician, worker):
        window = self.window(workspace, worker)
        technician.groups.clear()
        answer = workspace.submit(window, {"description": "Nesvítí."}, user=worker)
        assert "právo" in faults(answer)["description"]
        User.objects.update(is_active=False)
        assert faults(workspace.submit(window, {"description": "Nesvítí."}, user=worker))
        assert not Repair.objects.exists()

    def test_whoever_needs_a_second_factor_acts_as_a_member(self, workspace, item):
        make_coordinator(email="koord@example.org")
        user = workspace.user("koord@example.org")
        assert workspace.command("/esb-repair", user=user).content == b""
        SiteSettings.objects.update(backoffice_requires_second_factor=True)
        assert said(workspace.command("/esb-repair", user=user)).startswith(":lock:")
        UserFactory(email="oba@example.org", roles=[Role.COORDINATOR, Role.TECHNICIAN])
        assert workspace.command("/esb-repair", user=workspace.user("oba@example.org")).content == b""


class TestDispatcher:
    def dispatcher(self, workspace, user):
        assert workspace.command("/esb-repair", user=user).content == b""
        return workspace.windows[-1]

    def step(self, workspace, user, repair):
        """Choose a repair and return the window that comes on top."""
        answer = workspace.submit(self.dispatcher(workspace, user), {"repair": repair.pk}, user=user).json()
        assert answer["response_action"] == "push", answer
        return answer["view"]

    def act(self, workspace, user, repair, action, **values):
        window = self.step(workspace, user, repair)
        return workspace.submit(window, {"action": action, **values}, user=user)

    def test_open_repairs_by_location_the_worst_first(self, workspace, item, technician, worker):
        old = timezone.now() - timedelta(days=9)
        mild = repair_of(item, severity="unsure", created=old)
        bad = repair_of(item, severity="down", assignee=technician)
        free = repair_of(ItemFactory(name="Volně"))
        repair_of(item, status=Status.RESOLVED)
        repair_of(ItemFactory(is_archived=True))
        groups = fields_of(self.dispatcher(workspace, worker))["repair"]["option_groups"]
        assert [group["label"]["text"] for group in groups] == ["Nová", "Garáž", "bez umístění"]
        assert [one["value"] for group in groups for one in group["options"]] == [
            "new", str(bad.pk), str(mild.pk), str(free.pk)
        ]  # fmt: skip
        shown = groups[1]["options"][0]
        assert shown["text"]["text"] == f"#{bad.pk} AED 1 — Nová"
        assert shown["description"]["text"] == "Mimo provoz · Opravil Jan"

    def test_that_nothing_is_open_is_said_and_a_new_one_can_be_opened(self, workspace, item, worker):
        assert said_above(self.dispatcher(workspace, worker)) == ":wrench: Žádná závada není otevřená."
        repair_of(item)
        assert said_above(self.dispatcher(workspace, worker)) == ""

    def test_the_first_entry_opens_a_new_one(self, workspace, item, worker):
        answer = workspace.submit(self.dispatcher(workspace, worker), {"repair": "new"}, user=worker).json()
        assert (answer["response_action"], answer["view"]["callback_id"]) == ("push", "esb_create")

    def test_more_than_a_list_takes_are_searched(self, workspace, item, worker):
        for _number in range(100):
            repair_of(item)
        wanted = repair_of(ItemFactory(name="Kyslík"))
        field = fields_of(self.dispatcher(workspace, worker))["repair"]
        assert (field["type"], field["action_id"]) == ("external_select", "esb_open_repairs")
        found = workspace.search("esb_open_repairs", "kyslik", user=worker)
        assert [one["value"] for one in found] == ["new", str(wanted.pk)]
        assert len(workspace.search("esb_open_repairs", "", user=worker)) == 100
        assert workspace.search("esb_open_repairs", "", user=workspace.user()) == []

    def test_what_is_chosen_must_be_there_and_open(self, workspace, item, worker):
        repair = repair_of(item)
        window = self.dispatcher(workspace, worker)
        for chosen in ("", "x", "9" * 30, "0"):
            assert faults(workspace.submit(window, {"repair": chosen}, user=worker)).keys() == {"repair"}
        Repair.objects.update(status=Status.RESOLVED)
        assert "uzavřena" in faults(workspace.submit(window, {"repair": repair.pk}, user=worker))["repair"]

    def test_rights_are_asked_anew_in_both_steps(self, workspace, item, technician, worker):
        repair = repair_of(item)
        window, dispatcher = self.step(workspace, worker, repair), workspace.windows[-1]
        technician.groups.clear()
        assert faults(workspace.submit(dispatcher, {"repair": repair.pk}, user=worker))["repair"]
        assert faults(workspace.submit(window, {"action": "claim"}, user=worker))["action"]
        assert Repair.objects.get().assignee is None

    def test_the_action_window_shows_what_there_is_to_do(self, workspace, item, worker):
        repair = repair_of(item, severity="down")
        fields = fields_of(self.step(workspace, worker, repair))
        assert list(fields) == ["action", "eta", "status", "note"]
        assert len(options_of(fields["action"])) == 4
        assert len(options_of(fields["status"])) == 2
        repair_of(item)
        fields = fields_of(self.step(workspace, worker, repair))
        assert list(fields)[-1] == "target"
        assert len(options_of(fields["status"])) == 3

    def test_claim(self, workspace, item, technician, worker):
        repair = repair_of(item)
        assert closes(self.act(workspace, worker, repair, "claim", note="nevadí", eta="2026-01-01"))
        repair.refresh_from_db()
        assert (repair.assignee, repair.status, repair.eta) == (technician, Status.ASSIGNED, None)
        assert told(workspace, worker) == f":arrows_counterclockwise: #{repair.pk} *AED 1*: závada je vaše"
        assert closes(self.act(workspace, worker, repair, "claim")), "Nothing changes, and that is no mistake."

    def test_set_eta(self, workspace, item, worker):
        repair = repair_of(item)
        assert faults(self.act(workspace, worker, repair, "eta")).keys() == {"eta"}
        assert faults(self.act(workspace, worker, repair, "eta", eta="zítra"))
        assert closes(self.act(workspace, worker, repair, "eta", eta="2026-06-08"))
        repair.refresh_from_db()
        assert repair.eta == date(2026, 6, 8)
        assert "08.06.2026" in told(workspace, worker)

    def test_set_status(self, workspace, item, worker):
        repair, other = repair_of(item), repair_of(item)
        elsewhere = repair_of()
        assert faults(self.act(workspace, worker, repair, "status")).keys() == {"status"}
        assert faults(self.act(workspace, worker, repair, "status", status="resolved")).keys() == {"status"}
        assert faults(self.act(workspace, worker, repair, "status", status="duplicate")).keys() == {"target"}
        for odd in (repair.pk, elsewhere.pk, "x"):
            assert faults(self.act(workspace, worker, repair, "status", status="duplicate", target=odd))
        assert closes(self.act(workspace, worker, repair, "status", status="in_progress"))
        assert closes(self.act(workspace, worker, repair, "status", status="duplicate", target=other.pk))
        repair.refresh_from_db()
        assert (repair.status, repair.duplicate_of) == (Status.DUPLICATE, other)

    def test_resolve_with_a_note(self, workspace, item, worker):
        repair = repair_of(item)
        assert faults(self.act(workspace, worker, repair, "resolve", note=" ")).keys() == {"note"}
        assert closes(self.act(workspace, worker, repair, "resolve", note="Vyměněno."))
        repair.refresh_from_db()
        assert repair.status == Status.RESOLVED
        assert repair.entries.filter(text="Vyměněno.").exists()

    def test_what_was_closed_meanwhile_stays_closed(self, workspace, item, worker):
        repair = repair_of(item)
        window = self.step(workspace, worker, repair)
        Repair.objects.update(status=Status.RESOLVED)
        for action in ("claim", "eta", "status", "resolve"):
            answer = workspace.submit(window, {"action": action, "eta": "2026-01-01", "note": "x"}, user=worker)
            assert "uzavřena" in faults(answer)["action"]

    def test_an_action_nobody_knows(self, workspace, item, worker):
        assert faults(self.act(workspace, worker, repair_of(item), "burn")).keys() == {"action"}

    def test_a_window_for_another_repair_is_not_believed_more_than_a_number(self, workspace, item, worker):
        window = self.step(workspace, worker, repair_of(item)) | {"private_metadata": "999999"}
        assert faults(workspace.submit(window, {"action": "claim"}, user=worker))["action"]


class TestUpdate:
    @pytest.mark.parametrize(
        ("text", "words"), [("", "/esb-update 12"), ("dva", ":x:"), ("0", ":x:"), ("999", ":mag:")]
    )
    def test_the_number_of_a_repair(self, workspace, item, worker, text, words):
        assert words in said(workspace.command("/esb-update", text, user=worker))

    def window(self, workspace, user, repair):
        assert workspace.command("/esb-update", f" #{repair.pk}", user=user).content == b""
        return workspace.windows[-1]

    def test_everything_is_shown_also_of_a_closed_one(self, workspace, item, technician, worker):
        gone = UserFactory(name="Bývalý Petr")
        repair = repair_of(
            item, status=Status.RESOLVED, severity="down", eta=date(2026, 6, 8), assignee=gone, specialist_text="Deska."
        )
        fields = fields_of(self.window(workspace, worker, repair))
        assert list(fields) == ["status", "severity", "assignee", "eta", "specialist", "note"]
        assert len(options_of(fields["status"])) == len(Status)
        assert fields["status"]["initial_option"]["value"] == "resolved"
        assert fields["assignee"]["initial_option"]["text"]["text"] == "Bývalý Petr"
        assert (fields["eta"]["initial_date"], fields["specialist"]["initial_value"]) == ("2026-06-08", "Deska.")
        assert "initial_value" not in fields["note"]

    def test_what_was_emptied_is_empty_and_the_rest_is_as_shown(self, workspace, item, technician, worker):
        repair = repair_of(item, severity="down", eta=date(2026, 6, 8), assignee=technician, specialist_text="Deska.")
        window = self.window(workspace, worker, repair)
        values = {
            "severity": "",
            "eta": "",
            "assignee": "",
            "specialist": "",
            "note": "Hotovo.",
            "status": "in_progress",
        }
        assert closes(workspace.submit(window, values, user=worker))
        repair.refresh_from_db()
        assert (repair.severity, repair.eta, repair.assignee, repair.specialist_text) == ("", None, None, "")
        assert repair.status == Status.IN_PROGRESS
        assert repair.entries.filter(text="Hotovo.").exists()
        assert f"č. {repair.pk} " in told(workspace, worker)

    def test_a_text_too_long_for_slack_stays(self, workspace, item, worker):
        repair = repair_of(item, specialist_text="x" * 4000)
        window = self.window(workspace, worker, repair)
        assert closes(workspace.submit(window, {"status": "assigned"}, user=worker))
        assert Repair.objects.get().specialist_text == "x" * 4000

    def test_a_duplicate_and_back(self, workspace, item, worker):
        repair, other = repair_of(item), repair_of(item)
        window = self.window(workspace, worker, repair)
        assert faults(workspace.submit(window, {"status": "duplicate"}, user=worker))["status"]
        assert closes(workspace.submit(window, {"status": "duplicate", "target": other.pk}, user=worker))
        window = self.window(workspace, worker, Repair.objects.get(pk=repair.pk))
        assert closes(workspace.submit(window, {"status": "new"}, user=worker))
        assert Repair.objects.get(pk=repair.pk).duplicate_of is None

    def test_somebody_else_was_faster(self, workspace, item, technician, worker):
        repair = repair_of(item)
        window = self.window(workspace, worker, repair)
        work.claim(repair.pk, by=technician, at=timezone.now())
        assert faults(workspace.submit(window, {"severity": "down"}, user=worker))["status"]
        assert Repair.objects.get().severity == ""

    @pytest.mark.parametrize("hidden", ["", "x", "1:", ":", "999:1"])
    def test_hidden_nonsense(self, workspace, item, worker, hidden):
        window = self.window(workspace, worker, repair_of(item)) | {"private_metadata": hidden}
        assert faults(workspace.submit(window, {}, user=worker))["status"]
        assert not OutboxMessage.objects.exists()

    def test_rights_are_asked_anew(self, workspace, item, technician, worker):
        window = self.window(workspace, worker, repair_of(item))
        technician.groups.clear()
        assert faults(workspace.submit(window, {"severity": "down"}, user=worker))["status"]
        assert workspace.search("esb_workers", "", user=worker) == []
        assert workspace.search("esb_targets", "", user=worker, hidden="1:1") == []
