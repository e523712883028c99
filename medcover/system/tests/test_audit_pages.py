"""The record for those who read it: what changed inside a text, the history of a row, the record as a file."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from credentials.tests.factories import QualificationFactory
from events.models import EventTemplate
from events.services import templates
from events.services.positions import PositionPlan
from events.tests.factories import EventFactory, MasterEventFactory
from medcover.backoffice.tests.pages import browser, inline_parts, queries_of, text_of
from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit, audit_diff, audit_export
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.rows import recorded
from roster import services
from roster.tests.factories import make_admin, make_coordinator, make_member

LIST = reverse("admin:system_auditentry_changelist")


@pytest.fixture
def admin(db):
    return make_admin(name="Adminová Eva", language="en")


@pytest.fixture
def client(admin):
    return browser(admin)


def note(summary: str, **more) -> AuditEntry:
    audit.record(SiteSettings.load(), kind=AuditEntry.Kind.EDIT, summary=summary, **more)
    return AuditEntry.objects.latest("id")


def export(client, ending: str, query: str = "") -> bytes:
    answer = client.post(reverse("admin:system_auditentry_export", args=[ending]) + query)
    assert answer.status_code == 200
    return answer.getvalue()


def marked(side: list[audit_diff.Piece]) -> list[str]:
    return [piece.text for piece in side if piece.changed]


class TestWords:
    TEXT = "Sraz u stanu v sedm hodin ráno, klíče má vedoucí služby."

    def test_that_changed_are_marked_on_both_sides(self):
        before, after = audit_diff.pieces(self.TEXT, self.TEXT.replace("sedm", "osm"))
        assert (marked(before), marked(after)) == (["sedm"], ["osm"])

    def test_that_came_stand_on_one_side(self):
        before, after = audit_diff.pieces(self.TEXT, f"{self.TEXT} Vezměte lano.")
        assert marked(before) == []
        assert "".join(marked(after)).strip() == "Vezměte lano."

    def test_nothing_is_lost(self):
        other = "Sraz u brány\nv sedm hodin, klíče má  řidič."
        before, after = audit_diff.pieces(self.TEXT, other)
        assert "".join(piece.text for piece in before) == self.TEXT
        assert "".join(piece.text for piece in after) == other

    @pytest.mark.parametrize(
        ("before", "after"),
        [("krátký", "kratší"), ("—", "x" * 200), ("a " * 3000, "b " * 3000), ("abc " * 20, "12345, " * 20)],
        ids=["short", "nothing before", "too long", "nothing in common"],
    )
    def test_are_left_alone_where_marking_does_not_help(self, before, after):
        assert [marked(side) for side in audit_diff.pieces(before, after)] == [[], []]


class TestEntry:
    def test_marks_words_by_elements_and_not_by_colour(self, client, admin):
        event = recorded(EventFactory(description="Sraz u stanu v sedm hodin ráno, <b>klíče</b> má vedoucí."))
        with audit.trail(by=admin):
            event.description = event.description.replace("sedm", "osm")
            event.save()
        page = client.get(reverse("admin:system_auditentry_change", args=[AuditEntry.objects.latest("id").pk]))
        html = page.content.decode()
        assert "<del>sedm</del>" in html
        assert "<ins>osm</ins>" in html
        assert "<b>klíče" not in html
        assert inline_parts(page) == []

    def test_leads_to_who_did_it_and_to_everything_about_the_row(self, client, admin):
        event = recorded(EventFactory())
        audit.record(event, kind=AuditEntry.Kind.EDIT, by=admin, summary="Něco", event_id=event.pk)
        page = client.get(
            reverse("admin:system_auditentry_change", args=[AuditEntry.objects.latest("id").pk])
        ).content.decode()
        assert reverse("admin:roster_user_change", args=[admin.pk]) in page
        assert admin.email in page
        assert reverse("admin:events_event_change", args=[event.pk]) in page
        assert f"entity=events.event&amp;object={event.pk}" in page


class TestHistoryOfARow:
    def test_tells_what_happened_to_it_and_to_no_other(self, client, admin):
        row, other = recorded(QualificationFactory(name="Řidič")), recorded(QualificationFactory(name="Lékař"))
        with audit.trail(by=admin):
            row.name = "Řidička"
            row.save()
        shown = text_of(client.get(reverse("admin:credentials_qualification_history", args=[row.pk])))
        assert "Řidič → Řidička" in shown
        assert other.name not in shown

    @pytest.mark.parametrize("make", [QualificationFactory, MasterEventFactory])
    def test_is_reached_from_the_form(self, client, make):
        row = make()
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        history = reverse(f"{name}_history", args=[row.pk])
        assert history in client.get(reverse(f"{name}_change", args=[row.pk])).content.decode()

    def test_of_accounts_is_for_administrators(self, client):
        person = make_member()
        history = reverse("admin:roster_user_history", args=[person.pk])
        services.update_person(person.pk, by=person, phone="601 234 567")
        assert "601 234 567" in text_of(client.get(history))
        coordinator = browser(make_coordinator())
        assert coordinator.get(history).status_code == 403
        assert history not in coordinator.get(f"/people/{person.pk}/").content.decode()
        assert history in client.get(f"/people/{person.pk}/").content.decode()

    def test_has_pages_and_costs_no_more_for_more(self, client):
        row = recorded(QualificationFactory())
        history = reverse("admin:credentials_qualification_history", args=[row.pk])
        few = queries_of(client, history)
        for number in range(60):
            audit.record(row, kind=AuditEntry.Kind.EDIT, summary=f"Krok {number}.")
        assert queries_of(client, history) <= few
        assert "Krok 59." in text_of(client.get(history))
        assert "Krok 0." in text_of(client.get(f"{history}?page=2"))

    def test_of_what_does_not_exist_is_none(self, client):
        assert client.get(reverse("admin:credentials_qualification_history", args=[999999])).status_code == 302


@pytest.mark.django_db
class TestPlanOfATemplate:
    def plan(self) -> list[PositionPlan]:
        return [PositionPlan("Velitel", qualifications=[QualificationFactory(name="Zdravotník", can_lead=True)])]

    def test_is_recorded_in_words_when_it_changes(self):
        boss, plan = make_coordinator(), self.plan()
        row = templates.save_template(EventTemplate(name="Ples"), positions=plan, by=boss)
        plan.append(PositionPlan("Hlídka", is_optional=True))
        templates.save_template(row, positions=plan, by=boss, version=row.version)
        entry = AuditEntry.objects.get_for_object(row).latest("id")
        assert entry.changes == {"positions": ["Velitel, Zdravotník", "Velitel, Zdravotník\nHlídka (volitelná)"]}
        assert entry.actor == boss

    def test_is_not_when_it_stays(self):
        boss, plan = make_coordinator(), self.plan()
        row = templates.save_template(EventTemplate(name="Ples"), positions=plan, by=boss)
        before = AuditEntry.objects.count()
        templates.save_template(row, positions=plan, by=boss, version=row.version)
        assert AuditEntry.objects.count() == before


class TestFile:
    def rows(self, content: bytes) -> list[dict[str, str]]:
        return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))

    def test_holds_what_is_filtered_with_values(self, client, admin):
        event = recorded(EventFactory(name="Ples"))
        with audit.trail(by=admin, summary="Přejmenováno"):
            event.name = "Bál"
            event.save()
        note("Něco jiného")
        (row,) = self.rows(export(client, "csv", "?entity=events.event&q=Přejmenováno"))
        assert (row["Summary"], row["User"], row["E-mail"]) == ("Přejmenováno", "Adminová Eva", admin.email)
        assert row["Before"].endswith(": Ples")
        assert row["After"].endswith(": Bál")

    def test_combines_filters_as_the_list_does(self, client, admin):
        note("Krok první"), note("Krok druhý", by=admin), note("Jiné", by=admin)
        for query in ("?q=Krok", "?q=Krok&actor=Adminová", "?system=yes&q=Krok", "?q=Krok&from=nesmysl&to=2001-01-01"):
            listed = client.get(LIST + query).context["cl"].result_count
            assert len(self.rows(export(client, "csv", query))) == listed

    def test_is_the_same_as_a_workbook(self, client):
        note("Krok první"), note("Krok druhý")
        sheet = load_workbook(BytesIO(export(client, "xlsx", "?q=Krok"))).active
        cells = list(sheet.iter_rows(values_only=True))
        assert [row[8] for row in cells] == ["Summary", "Krok druhý", "Krok první"]

    def test_runs_no_formula(self, client):
        note("=HYPERLINK(1)")
        (row,) = self.rows(export(client, "csv", "?q=HYPERLINK"))
        assert row["Summary"] == "'=HYPERLINK(1)"
        sheet = load_workbook(BytesIO(export(client, "xlsx", "?q=HYPERLINK&kind=edit"))).active
        assert [row[8].value for row in sheet.iter_rows(min_row=2)] == ["'=HYPERLINK(1)"]

    def test_is_recorded_with_who_what_and_how_many(self, client, admin):
        note("Krok")
        export(client, "csv", "?q=Krok")
        entry = AuditEntry.objects.latest("id")
        assert (entry.kind, entry.actor) == (AuditEntry.Kind.EXPORT, admin)
        assert "CSV" in entry.summary
        assert "q=Krok" in entry.summary

    def test_is_read_in_pieces(self, client, monkeypatch):
        monkeypatch.setattr(audit_export, "CHUNK", 2)
        for number in range(5):
            note(f"Krok {number}")
        assert [row["Summary"] for row in self.rows(export(client, "csv", "?q=Krok"))] == [
            f"Krok {number}" for number in (4, 3, 2, 1, 0)
        ]

    def test_is_made_only_when_asked_by_a_form_and_with_the_right(self, client, db):
        address = reverse("admin:system_auditentry_export", args=["csv"])
        assert client.get(address).status_code == 405
        assert client.post(reverse("admin:system_auditentry_export", args=["exe"])).status_code == 404
        before = AuditEntry.objects.count()
        assert browser(make_coordinator()).post(address).status_code == 403
        with pytest.raises(NotAllowed):
            audit_export.allow(AuditEntry.objects.all(), to="csv", filters="", by=make_member())
        assert AuditEntry.objects.count() == before

    def test_too_long_for_a_workbook_is_refused_with_a_sentence(self, client, admin, monkeypatch):
        monkeypatch.setattr(audit_export, "MOST_IN_WORKBOOK", 0)
        note("Krok")
        with pytest.raises(DomainError):
            audit_export.allow(AuditEntry.objects.all(), to="xlsx", filters="", by=admin)
        answer = client.post(reverse("admin:system_auditentry_export", args=["xlsx"]) + "?q=Krok", follow=True)
        assert "A workbook has no room" in text_of(answer)
