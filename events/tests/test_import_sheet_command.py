"""manage.py import_sheet, with the sample of a planning sheet."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from events.management.season_text import lines_of
from events.models import Event
from events.rules.lifecycle import Status
from events.season import Part, Remark, SeasonReport
from events.tests.counting import rows_per_table
from events.tests.factories import MasterEventFactory
from events.tests.seasons import NOW, bring_in, sheet_event
from medcover.common.progress import ProgressBar
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from notifications.tests.threads import beside
from roster.models import User
from roster.services.erasure import erase
from roster.tests.factories import UserFactory, make_admin, make_coordinator

pytestmark = pytest.mark.django_db

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def import_sheet(*arguments: str) -> str:
    out = StringIO()
    call_command("import_sheet", *arguments, stdout=out, no_color=True)
    return out.getvalue()


def line_with(text: str, report: str) -> str:
    return next(line for line in report.splitlines() if text in line)


class TestTheSample:
    def test_every_row_is_created_or_skipped_with_its_number(self):
        report = import_sheet(str(SAMPLE))
        assert Event.objects.count() == 10
        assert line_with("Noční závod na kolech", report).split()[0] == "4"
        assert line_with("The row is empty.", report).split()[0] == "7"
        assert "příští sobotu" in line_with("  11  ", report)
        assert "Events: 10 created" in report
        assert "4 skipped" in line_with("Events:", report)

    def test_people_without_a_clear_account_are_doubtful(self):
        report = import_sheet(str(SAMPLE))
        assert set(User.objects.values_list("email", flat=True)) == {
            "hana.mala@example.org", "vit.bartos@example.org", "ema.sipkova@example.org",
        }  # fmt: skip
        assert "Říha Adam" in report.partition("Doubtful – People")[2]
        assert "Chvátal Ivo" in report.partition("Doubtful – People")[2]

    def test_crews_stand_on_their_places(self):
        import_sheet(str(SAMPLE))
        event = Event.objects.get(name="Běh zámeckým parkem")
        names = event.assignments.order_by("position").values_list("person__name", flat=True)
        assert list(names) == ["Malá Hana", "Bartoš Vít", "Šípková Ema"]
        assert event.is_paid

    def test_what_is_struck_through_is_cancelled(self):
        import_sheet(str(SAMPLE))
        cancelled = Event.objects.filter(status=Status.CANCELLED)
        assert set(cancelled.values_list("name", flat=True)) == {"Pouť u kapličky", "Svatomartinský průvod"}

    def test_a_second_run_changes_nothing_and_says_so_in_one_line(self):
        import_sheet(str(SAMPLE))
        before = rows_per_table()
        report = import_sheet(str(SAMPLE))
        assert rows_per_table() == before
        assert "3–6, 8, 12–16" in line_with("already exists", report)
        assert "Events: 0 created, 14 skipped" in report

    def test_a_trial_run_reports_and_writes_nothing(self):
        before = rows_per_table()
        report = import_sheet(str(SAMPLE), "--dry-run")
        assert rows_per_table() == before
        assert "Events: 10 created" in report
        assert "nothing was written" in report.splitlines()[-1]

    def test_nobody_is_told(self, mailoutbox):
        import_sheet(str(SAMPLE))
        assert mailoutbox == []
        assert not OutboxMessage.objects.exists()

    def test_an_erased_person_is_a_doubt_and_gets_no_account(self):
        hana = UserFactory(name="Malá Hana", email="hana.mala@example.org", is_active=False, is_archived=True)
        erase(hana.pk, typed=hana.email, by=make_admin(), at=NOW)
        report = import_sheet(str(SAMPLE)).partition("Doubtful – People")[2]
        assert "have been erased" in line_with("Malá Hana", report)
        assert not User.objects.filter(email="hana.mala@example.org").exists()

    def test_the_silent_stay_silent_where_there_is_no_terminal(self, capsys):
        import_sheet(str(SAMPLE))
        assert capsys.readouterr().err == ""


class TestChoices:
    def test_an_account_may_be_the_actor(self):
        admin = make_admin(email="boss@example.org")
        import_sheet(str(SAMPLE), "--by", "BOSS@example.org")
        assert set(AuditEntry.objects.filter(event_id__isnull=False).values_list("actor", flat=True)) == {admin.pk}
        assert Event.objects.first().creator == admin

    def test_the_master_event_may_be_named(self):
        master = MasterEventFactory(name="Sezóna 2026")
        import_sheet(str(SAMPLE), "--master", "sezóna 2026")
        assert master.events.count() == 10

    def test_early_events_may_be_left_out(self):
        report = import_sheet(str(SAMPLE), "--cut-off", "2026-10-01")
        assert Event.objects.count() == 5
        assert "earlier than the chosen day" in report


class TestRefusals:
    @pytest.fixture(autouse=True)
    def nothing_is_written(self):
        before = rows_per_table()
        yield
        assert rows_per_table() == before

    def refusal(self, *arguments: str) -> str:
        with pytest.raises(CommandError) as refused:
            import_sheet(*arguments)
        assert refused.value.returncode == 1
        return str(refused.value)

    def test_a_missing_file(self, tmp_path):
        assert "no file" in self.refusal(str(tmp_path / "nowhere.xlsx"))

    def test_a_directory(self, tmp_path):
        assert "no file" in self.refusal(str(tmp_path))

    def test_what_is_no_workbook(self):
        assert "XLSX" in self.refusal(__file__)

    def test_an_unknown_account(self):
        assert "nobody@example.org" in self.refusal(str(SAMPLE), "--by", "nobody@example.org")

    def test_an_unknown_master_event(self):
        assert "Nic" in self.refusal(str(SAMPLE), "--master", "Nic")

    def test_a_day_that_is_none(self):
        assert "--cut-off" in self.refusal(str(SAMPLE), "--cut-off", "zítra")


class TestMoreRefusals:
    def test_an_account_without_the_right(self):
        make_coordinator(email="coordinator@example.org")
        with pytest.raises(CommandError, match="permission"):
            import_sheet(str(SAMPLE), "--by", "coordinator@example.org")
        assert not Event.objects.exists()

    def test_an_archived_master_event(self):
        MasterEventFactory(name="Loni", is_archived=True)
        with pytest.raises(CommandError, match="archived"):
            import_sheet(str(SAMPLE), "--master", "Loni")
        assert User.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_create_nothing_twice():
    row = sheet_event("Pouť")
    with beside() as start:
        runs = [start(bring_in, row) for _n in range(2)]
    assert Event.objects.count() == 1
    assert sorted(len(run.result().created) for run in runs)[0] == 0


class TestText:
    def test_the_remarks_of_a_row_share_its_head(self):
        remarks = [Remark(Part.EVENTS, 5, "Pouť", message) for message in ("One.", "Two.")]
        lines = list(lines_of(SeasonReport(doubtful=remarks)))
        assert lines[1:4] == ["Doubtful – Events (2)", "  5  Pouť  One.", "           Two."]

    def test_rows_of_which_only_the_same_can_be_said_share_a_line(self):
        blank = [Remark(Part.EVENTS, row, "", "The row is empty.") for row in (7, 9, 10, 11)]
        named = Remark(Part.EVENTS, 8, "Pouť", "The date is missing.")
        lines = list(lines_of(SeasonReport(skipped=[*blank, named])))
        assert lines[1:4] == ["Skipped – Events (5)", "  8  Pouť  The date is missing.", "  7, 9–11  The row is empty."]


class TestProgress:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    def test_grows_on_a_terminal_and_leaves_nothing_behind(self):
        terminal = self.Terminal()
        bar = ProgressBar(terminal)
        bar(1, 2)
        assert "50%" in terminal.getvalue()
        assert "1/2" in terminal.getvalue()
        bar(2, 2)
        assert terminal.getvalue().endswith("\r")
        assert terminal.getvalue().rsplit("\r", 2)[1].strip() == ""

    def test_is_silent_elsewhere(self):
        stream = StringIO()
        ProgressBar(stream)(1, 2)
        assert stream.getvalue() == ""
