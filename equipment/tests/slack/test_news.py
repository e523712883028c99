"""What of a change is told, and that it is told where it belongs."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from equipment.models import Repair
from equipment.public.views.reporting import confirmation_url
from equipment.repairs.rules import CLOSED, OPEN, Status
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem, Stranger
from equipment.slack.news import News, State, news_of
from equipment.slack.posts import channels_of
from equipment.tests.factories import ItemFactory, LocationFactory, make_technician, repair_of
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage
from roster.tests.factories import make_member

NOW = timezone.now()
ALL = frozenset(News)
OLD = State("new", "", None, None)


def told(wanted=ALL, before=OLD, **changes) -> list[News]:
    return list(news_of(before, before._replace(**changes), wanted))


class TestRules:
    def test_a_new_one(self):
        assert list(news_of(None, OLD._replace(severity="down", assignee=1), ALL)) == [News.NEW]
        assert list(news_of(None, OLD, ALL - {News.NEW})) == []

    @pytest.mark.parametrize("status", sorted(CLOSED))
    def test_closing_says_nothing_of_the_assignee_and_falls_through_to_nothing(self, status):
        assert told(status=status, assignee=1) == [News.RESOLVED]
        assert told(ALL - {News.RESOLVED}, status=status, assignee=1) == []

    @pytest.mark.parametrize("status", [status for status in OPEN if status != Status.NEW])
    def test_a_move_takes_the_assignee_along(self, status):
        assert told(status=status, assignee=1) == [News.STATUS]
        assert told(ALL - {News.STATUS}, status=status, assignee=1) == [News.ASSIGNEE]
        assert told(ALL - {News.STATUS}, status=status) == []
        assert told(ALL - {News.STATUS, News.ASSIGNEE}, status=status, assignee=1) == []

    def test_reopening_is_a_move(self):
        assert told(before=OLD._replace(status="resolved"), status="new") == [News.STATUS]

    def test_the_assignee_alone(self):
        assert told(assignee=1) == [News.ASSIGNEE]
        assert told(before=OLD._replace(assignee=1), assignee=None) == [News.ASSIGNEE]
        assert told(ALL - {News.ASSIGNEE}, assignee=1) == []

    def test_severity_and_day_on_top(self):
        day = date(2026, 6, 8)
        assert told(severity="down", eta=day, status="resolved") == [News.RESOLVED, News.SEVERITY, News.ETA]
        assert told(ALL - {News.SEVERITY}, severity="down", eta=day) == [News.ETA]
        assert told(before=OLD._replace(eta=day), eta=None) == [News.ETA]
        assert told() == []


@pytest.fixture
def item():
    return ItemFactory(name="AED <1>", location=LocationFactory(name="Garáž", slack_channel="#garaz"))


@pytest.fixture
def technician():
    return make_technician(name="Opravil Jan", email="opravil@example.org")


def change(repair: Repair, by, **wanted) -> None:
    work.save(repair.pk, by=by, at=NOW, **wanted)


@pytest.mark.django_db
class TestPosts:
    def said(self, workspace) -> list[str]:
        """What the channel is told since the last time; a common copy is not counted."""
        workspace.calls.clear()
        workspace.work()
        return [text for channel, text in workspace.posts if channel != "#oops"]

    def test_nothing_is_queued_without_slack(self, item, technician):
        repair = opening.create(item.pk, Problem("Nesvítí."), by=technician, at=NOW)
        change(repair, technician, status="resolved")
        assert not OutboxMessage.objects.filter(channel="slack").exists()

    def test_a_report_of_a_stranger(self, workspace, item):
        opening.report(item.pk, Problem("Nesvítí.\n*Vůbec*.", "down"), by=None, at=NOW, stranger=Stranger("Eva <x>"))
        workspace.work()
        text = (
            f":rotating_light: *Nová závada* – *AED &lt;1&gt;* (Garáž), #{Repair.objects.get().pk}\n"
            "Závažnost: Mimo provoz\nNahlásil(a): Eva &lt;x&gt;\n> Nesvítí. ∗Vůbec∗."
        )
        assert workspace.posts == [("#garaz", text), ("#oops", text)]

    def test_a_risk_is_shouted_and_nobody_is_called_none(self, workspace, item, technician):
        problem = Problem("Jiskří.", is_safety_risk=True)
        repair = opening.create(item.pk, problem, by=technician, at=NOW, assignee_id=technician.pk)
        text = self.said(workspace)[0]
        assert text.startswith(":warning: *BEZPEČNOSTNÍ RIZIKO* :warning: *Nová závada*")
        assert "Závažnost: neposouzena\nNahlásil(a): zapsal(a) technik\nPřiděleno: Opravil Jan\n" in text
        assert "None" not in text
        change(repair, technician, severity="down")
        text = self.said(workspace)[0]
        assert text.startswith(":warning: *BEZPEČNOSTNÍ RIZIKO* :warning: *Změna závažnosti*")
        assert text.endswith("neposouzena → Mimo provoz")

    def test_every_sign_of_the_legend(self, workspace, item, technician):
        repair = repair_of(item, severity="degraded")
        change(repair, technician, severity="down")
        assert self.said(workspace) == [
            f":wrench: *Změna závažnosti* – *AED &lt;1&gt;* (Garáž), #{repair.pk}\nOmezeno → Mimo provoz"
        ]
        change(repair, technician, eta=date(2026, 6, 8))
        assert self.said(workspace)[0].startswith(":calendar:")
        change(repair, technician, eta=None)
        assert self.said(workspace)[0].endswith("08.06.2026 → bez termínu")
        work.claim(repair.pk, by=technician, at=NOW)
        assert self.said(workspace)[0].endswith("Nová → Přiřazená\nPřiděleno: Opravil Jan")
        change(repair, technician, assignee_id=None)
        assert self.said(workspace)[0].startswith(":bust_in_silhouette:")
        work.resolve(repair.pk, note="Hotovo.", by=technician, at=NOW)
        text = self.said(workspace)[0]
        assert text.startswith(":white_check_mark: *Zpět v provozu*")
        assert "Hotovo" not in text
        change(repair, technician, status="new")
        assert self.said(workspace)[0].startswith(":arrows_counterclockwise:")
        change(repair, technician, status="no_issue")
        assert self.said(workspace)[0].startswith(":white_check_mark: *Závada uzavřena*")

    def test_notes_and_texts_for_the_specialist_are_not_told(self, workspace, item, technician):
        repair = repair_of(item)
        work.add_note(repair.pk, "Poznámka.", by=technician, at=NOW)
        change(repair, technician, specialist_text="Deska.")
        assert self.said(workspace) == []

    def test_switches_are_asked_when_it_is_queued(self, workspace, item, technician):
        repair = repair_of(item)
        change(repair, technician, severity="down")
        SiteSettings.objects.update(slack_severity=False)
        change(repair, technician, severity="degraded")
        assert len(self.said(workspace)) == 1

    def test_a_snapshot_is_sent_whatever_is_renamed(self, workspace, item, technician):
        change(repair_of(item), technician, severity="down")
        type(item).objects.update(name="Jinak")
        assert "AED &lt;1&gt;" in self.said(workspace)[0]

    def test_the_new_assignee_is_called_and_the_old_one_is_not(self, workspace, item, technician):
        other = make_technician(name="Druhý Petr", email="druhy@example.org", slack_handle="@druhy")
        technician.slack_handle = "@opravil"
        technician.save()
        repair = repair_of(item, assignee=technician)
        change(repair, technician, assignee_id=other.pk)
        assert self.said(workspace)[0].endswith("Opravil Jan → Druhý Petr"), "Slack knows nobody of this address."
        slack_id = workspace.user("druhy@example.org")
        change(repair, technician, assignee_id=technician.pk)
        change(repair, technician, assignee_id=other.pk)
        assert self.said(workspace)[1].endswith(f"Opravil Jan → <@{slack_id}>")

    def test_nobody_is_looked_up_without_a_name_in_slack(self, workspace, item, technician):
        workspace.user("opravil@example.org")
        work.claim(repair_of(item).pk, by=technician, at=NOW)
        assert "Opravil Jan" in self.said(workspace)[0]
        assert workspace.called("users.lookupByEmail") == []


@pytest.mark.django_db
class TestChannels:
    def targets(self, workspace) -> list[str]:
        workspace.work()
        return [channel for channel, _text in workspace.posts]

    def report(self, item) -> None:
        opening.report(item.pk, Problem("Nesvítí."), by=make_member(), at=NOW)

    def test_without_a_channel_of_its_own_the_general_one_and_no_copy(self, workspace):
        self.report(ItemFactory())
        self.report(ItemFactory(location=LocationFactory()))
        assert self.targets(workspace) == ["#general", "#general"]

    def test_what_stands_in_the_common_channel_is_not_copied_there(self, workspace):
        self.report(ItemFactory(location=LocationFactory(slack_channel="#oops")))
        assert self.targets(workspace) == ["#oops"]

    def test_names_of_channels_are_settings(self, workspace, settings, item):
        settings.SLACK_GENERAL_CHANNEL, settings.SLACK_OOPS_CHANNEL = "sklad", ""
        self.report(ItemFactory())
        self.report(item)
        assert self.targets(workspace) == ["#sklad", "#garaz"]

    def test_who_has_reported_is_told_where_it_is_talked_about(self, workspace, settings):
        own, general = LocationFactory(slack_channel="#garaz"), LocationFactory(slack_channel="#general")
        assert channels_of(own) == ["#garaz", "#oops"]
        assert channels_of(general) == ["#general"]
        assert channels_of(LocationFactory()) == channels_of(None) == []
        settings.SLACK_OOPS_CHANNEL = "#Garaz"
        assert channels_of(own) == ["#garaz"]
        settings.SLACK_OOPS_CHANNEL = ""
        assert channels_of(own) == ["#garaz"]
        settings.SLACK_BOT_TOKEN = ""
        assert channels_of(own) == []

    @pytest.mark.parametrize("token", ["xoxb-1", ""])
    def test_the_page_that_thanks_for_a_report_names_the_channels_where_slack_is(self, client, settings, token):
        settings.SLACK_BOT_TOKEN = token
        item = ItemFactory(location=LocationFactory(slack_channel="#garaz"))
        made = opening.report(item.pk, Problem("Kouří"), by=None, at=timezone.now(), stranger=Stranger("X"))
        page = client.get(confirmation_url(item.code, made)).content.decode()
        assert ("#garaz, #oops" in page) is bool(token)
