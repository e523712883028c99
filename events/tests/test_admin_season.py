"""„Import akcí“ in the backoffice, page by page."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events.models import Event, MasterEvent, SeasonImport
from events.season import Part, drafts
from events.services.masters import ensure_general
from events.tests.factories import EventFactory, MasterEventFactory
from events.tests.pages import HTMX, inline_parts, logged_in, text_of
from events.tests.seasons import COMING, season, sheet_event, sheet_person
from roster.models import User
from roster.services.erasure import erase
from roster.tests.factories import UserFactory, make_admin, make_coordinator

pytestmark = pytest.mark.django_db

LIST = "/admin/events/seasonimport/"
SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"
EVENT = {"name": "Ples", "date": "2027-05-15", "start_time": "19:00"}


@pytest.fixture
def owner():
    return make_admin(name="Veselý Ondřej")


@pytest.fixture
def client(owner):
    return logged_in(owner)


def begin(owner, *rows) -> SeasonImport:
    return drafts.begin(season(*rows), source="sezona.xlsx", by=owner, at=timezone.now())


@pytest.fixture
def draft(owner):
    return begin(
        owner,
        sheet_person("Malá Hana", "hana@example.org", is_medic=True),
        sheet_person("Říha Adam"),
        sheet_event("Ples", COMING, responsible_person="Malá Hana", signups=("Říha Adam",), location="Sokolovna"),
        sheet_event("Pouť", COMING, responsible_person="Kdo Ví"),
    )


def page(draft) -> str:
    return f"{LIST}{draft.pk}/change/"


def at(draft, *parts: Any) -> str:
    return f"{LIST}{draft.pk}/{'/'.join(str(part) for part in parts)}/"


def sheet(content: bytes | None = None, name: str = "season-sample.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, SAMPLE.read_bytes() if content is None else content)


def stored(draft) -> Any:
    draft.refresh_from_db()
    return drafts.season_in(draft)


def row(**typed: Any) -> dict[str, Any]:
    """What the form of the first event sends."""
    return {
        "name": "Ples", "start_time": "10:00", "end_time": "16:00", "location": "Sokolovna",
        "responsible": "Malá Hana", "master": "", **typed,
    }  # fmt: skip


class TestErased:
    """Somebody whose personal data were erased, in a list that still knows them."""

    def test_the_preview_says_so_and_the_row_waits_for_a_decision(self, client, owner):
        gone = UserFactory(name="Dvořák Petr", email="petr@example.org", is_active=False, is_archived=True)
        erase(gone.pk, typed=gone.email, by=owner, at=timezone.now())
        draft = begin(owner, sheet_person("Dvořák Petr", "petr@example.org"), sheet_event())
        shown = text_of(client.get(f"{page(draft)}?part=people"))
        assert "byly smazány" in shown
        assert "Bez účtu" in shown
        client.post(at(draft, "import"), {"version": draft.version})
        assert not User.objects.filter(email="petr@example.org").exists()
        assert Event.objects.count() == 1


class TestReading:
    def test_a_sheet_leads_to_its_preview(self, client):
        answer = client.post(LIST, {"file": sheet()})
        draft = SeasonImport.objects.get()
        assert answer["Location"] == page(draft)
        assert draft.source == "season-sample.xlsx"
        assert (len(stored(draft).events), Event.objects.count()) == (10, 0)

    def test_earlier_events_may_be_left_out(self, client):
        client.post(LIST, {"file": sheet(), "cut_off": "2026-10-01"})
        draft = SeasonImport.objects.get()
        assert len(stored(draft).events) == 5
        assert "Akce se koná před zvoleným dnem" in text_of(client.get(page(draft)))

    @pytest.mark.parametrize("form", [[EVENT], {"version": 2, "users": [], "events": [EVENT]}])
    def test_both_versions_of_json(self, client, form):
        client.post(LIST, {"text": json.dumps(form)})
        draft = SeasonImport.objects.get()
        assert (draft.source, stored(draft).events[0].name) == ("JSON", "Ples")

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({}, "Vyberte soubor, nebo vložte JSON."),
            ({"text": "{"}, "Neplatný JSON: "),
            ({"text": '{"version": 3}'}, "Neplatný formát JSON: "),
            ({"text": "[]"}, "Není v tom nic, co by šlo importovat."),
            ({"file": sheet(b"name;date\n", "sezona.csv")}, "Musí to být sešit ve formátu XLSX"),
            ({"file": sheet(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900))}, "zamčený heslem"),
            ({"file": sheet(b"x" * (5 * 1024 * 1024 + 1))}, "Soubor je příliš velký."),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_a_sentence(self, client, typed, sentence):
        answer = client.post(LIST, typed)
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert not SeasonImport.objects.exists()

    def test_of_invalid_rows_every_one_is_listed_with_every_reason_and_the_text_stays(self, client):
        text = json.dumps([EVENT, {"date": "zítra"}, {"name": "Pouť", "date": "2027-05-15", "end_time": "25:00"}])
        answer = client.post(LIST, {"text": text})
        told = re.findall(r"<strong>\s*(Řádek \d+)\s*</strong> ([^<]+?) </li>", text_of(answer))
        assert [row for row, _reason in told] == ["Řádek 2", "Řádek 2", "Řádek 3"]
        assert "Chybí název akce." in dict(told[:1]).values()
        assert answer.context["source_form"]["text"].value() == text

    def test_a_sheet_without_a_single_event_says_why(self, client):
        answer = client.post(LIST, {"file": sheet(), "cut_off": "2099-01-01"})
        assert answer.status_code == 422
        assert "Akce se koná před zvoleným dnem" in text_of(answer)


class TestWhoMay:
    def test_only_the_owner_sees_an_import(self, draft):
        other = logged_in(make_admin())
        assert other.get(page(draft))["Location"] == LIST
        assert "sezona.xlsx" not in text_of(other.get(LIST))
        for address in (at(draft, "events", 1), at(draft, "people", 2), at(draft, "leaders"), at(draft, "choices")):
            assert other.get(address).status_code == 404

    def test_coordinators_do_not_import(self, draft):
        client = logged_in(make_coordinator())
        for address in (LIST, page(draft), at(draft, "events", 1), at(draft, "leaders"), at(draft, "import")):
            assert client.get(address).status_code == 403

    def test_the_list_holds_own_imports_and_what_became_of_them(self, client, owner, draft):
        drafts.carry_out(begin(owner, sheet_event()).pk, by=owner, at=timezone.now(), version=1)
        shown = text_of(client.get(LIST))
        assert "Čeká na vás" in shown
        assert "Importováno" in shown


class TestPreview:
    def test_says_what_would_happen(self, client, draft):
        shown = text_of(client.get(page(draft)))
        assert "Založí se 2 akce, 1 účet nového člověka" in shown
        assert "Vybráno: 2 z 2" in shown
        assert "Kdo Ví nemá účet, místo zůstává volné." in shown
        assert "✨ nový účet" in shown
        assert 'name="version" value="1"' in shown

    def test_people_are_on_their_own_list(self, client, draft):
        UserFactory(name="Malá Hana", email="mala@example.org")
        shown = text_of(client.get(page(draft) + "?part=people"))
        assert "Existuje (jméno)" in shown
        assert "Osoba nemá účet a bez e-mailové adresy ho nelze založit." in shown
        assert at(draft, "people", 1) not in shown
        assert at(draft, "people", 2) in shown

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["Ples", "Pouť"]),
            ("?show=doubtful", ["Ples", "Pouť"]),
            ("?show=existing", ["Pouť"]),
            ("?show=deselected", ["Ples"]),
            ("?show=nonsense&page=x", ["Ples", "Pouť"]),
        ],
    )
    def test_filters(self, client, owner, draft, query, names):
        EventFactory(name="Pouť", start=drafts.forecast_of(draft, at=timezone.now()).events[1].event.start)
        drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[], by=owner, at=timezone.now())
        if query == "?show=doubtful":
            drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[1], by=owner, at=timezone.now())
        shown = client.get(page(draft) + query).context["preview"].shown
        assert [line.row.name for line in shown] == names

    def test_long_lists_have_pages(self, client, owner):
        draft = begin(owner, *(sheet_event(f"Akce {n:03}") for n in range(120)))
        second = text_of(client.get(page(draft) + "?page=2"))
        assert "51–100 z celkem 120" in second
        assert "Akce 050" in second
        assert "Akce 000" not in second
        assert client.get(page(draft) + "?page=9")["Location"].startswith(page(draft))

    def test_nothing_to_do_means_no_button(self, client, draft):
        client.post(at(draft, "select", "events"), {"every": "0"})
        client.post(at(draft, "select", "people"), {"every": "0"})
        shown = text_of(client.get(page(draft)))
        assert "Vybráno: 0 z 2" in shown
        assert at(draft, "import") not in shown

    def test_no_page_lists_everybody_and_nothing_is_inline(self, client, draft):
        UserFactory.create_batch(60)
        for address in (page(draft), at(draft, "events", 1), at(draft, "people", 2), LIST):
            answer = client.get(address)
            assert inline_parts(answer) == []
            assert answer.content.count(b"Osoba 0") < 5

    def test_queries_do_not_grow_with_rows(self, client, owner):
        def queries(size: int) -> int:
            people = [sheet_person(f"Osoba {n}", f"osoba{n}@example.com") for n in range(size)]
            events = [sheet_event(f"Akce {n}", COMING + timedelta(days=n), responsible_person=f"Osoba {n}",
                                  signups=("Kdo Ví",)) for n in range(size)]  # fmt: skip
            draft = begin(owner, *people, *events)
            with CaptureQueriesContext(connection) as found:
                assert client.get(page(draft)).status_code == 200
            return len(found)

        client.get(LIST)
        few = queries(2)
        assert queries(40) <= few <= 20


class TestChoices:
    def test_hold_for_all(self, client, draft):
        master, medic = MasterEventFactory(), QualificationFactory(name="Lékař")
        typed = {"master": master.pk, "medic": medic.pk, "novice": "", "next": page(draft) + "?page=1"}
        assert client.post(at(draft, "choices"), typed)["Location"] == page(draft) + "?page=1"
        draft.refresh_from_db()
        assert (draft.master_event, draft.places) == (master, {"medic": medic.pk, "novice": None})

    def test_a_missing_qualification_may_be_created_by_the_import(self, client, draft):
        shown = text_of(client.get(page(draft)))
        assert "Zelenáč (založí se)" in shown
        client.post(at(draft, "choices"), {"master": ensure_general().pk, "medic": "managed", "novice": "managed"})
        client.post(at(draft, "import"), {"version": SeasonImport.objects.get().version})
        place = Event.objects.get(name="Ples").positions.order_by("pk")[1]
        assert [row.name for row in place.qualifications.all()] == ["Zelenáč"]

    @pytest.mark.parametrize("typed", [{}, {"master": "0"}, {"master": "x"}, {"medic": "77"}])
    def test_what_is_not_offered_is_refused(self, client, draft, typed):
        client.post(at(draft, "choices"), {"master": ensure_general().pk, **typed} if "medic" in typed else typed)
        draft.refresh_from_db()
        assert draft.version == 1
        assert "Tato možnost už neexistuje" in text_of(client.get(page(draft)))


class TestSelecting:
    def test_of_the_page(self, client, draft):
        client.post(at(draft, "select", "events"), {"among": ["1", "2"], "chosen": ["2"]})
        draft.refresh_from_db()
        assert draft.deselected["events"] == [1]

    def test_of_everything_that_the_filter_shows(self, client, draft):
        EventFactory(name="Pouť", start=drafts.forecast_of(draft, at=timezone.now()).events[1].event.start)
        client.post(at(draft, "select", "events") + "?show=existing", {"every": "0"})
        draft.refresh_from_db()
        assert draft.deselected["events"] == [2]

    def test_a_script_gets_the_figures(self, client, draft):
        answer = client.post(at(draft, "select", "events"), {"among": ["1"]}, headers=HTMX)
        assert "Vybráno: 1 z 2" in text_of(answer)
        assert 'id="import-figures"' in text_of(answer)
        assert "<table" not in text_of(answer)

    def test_odd_numbers_and_lists_are_nothing(self, client, draft):
        client.post(at(draft, "select", "events"), {"among": ["x", "-1", "9" * 40], "chosen": ["²"]})
        draft.refresh_from_db()
        assert draft.deselected["events"] == []
        assert client.post(at(draft, "select", "qualifications")).status_code == 404


class TestCorrecting:
    def test_an_event_on_a_page_of_its_own(self, client, draft):
        assert "Přihlášení: Říha Adam" in text_of(client.get(at(draft, "events", 1)))
        typed = row(name="Bál", start_time="19", end_time="2.30", paid="on")
        answer = client.post(at(draft, "events", 1) + "?part=events&page=2", typed)
        assert answer["Location"] == f"{page(draft)}?part=events&show=all&page=2#events-1"
        event = stored(draft).events[0]
        assert (event.name, f"{event.start_time:%H:%M}", f"{event.end_time:%H:%M}") == ("Bál", "19:00", "02:30")
        assert (event.paid, event.responsible_person, event.location) == (True, "Malá Hana", "Sokolovna")

    def test_an_event_in_its_place(self, client, draft):
        opened = text_of(client.get(at(draft, "events", 2), headers=HTMX))
        assert opened.startswith("<tr")
        assert 'value="Kdo Ví"' in opened
        answer = text_of(
            client.post(at(draft, "events", 2), row(name="Pouť", responsible="✨ Malá Hana"), headers=HTMX)
        )
        assert answer.startswith("<tr")
        assert "nemá účet" not in answer
        assert 'id="import-figures"' in answer
        assert stored(draft).events[1].responsible_person == "Malá Hana"

    def test_giving_up_shows_the_row_again(self, client, draft):
        answer = text_of(client.get(at(draft, "events", 2) + "?shown=1", headers=HTMX))
        assert "<form" not in answer.partition("import-figures")[0]
        assert "Kdo Ví nemá účet" in answer

    def test_an_account_as_responsible_person(self, client, draft):
        chosen = UserFactory(name="Bartoš Vít")
        client.post(at(draft, "events", 2), row(name="Pouť", responsible="Vít Bartoš"))
        assert stored(draft).events[1].leader == chosen.pk

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"name": ""}, "name"), ({"start_time": "večer"}, "start_time"), ({"responsible": "Nikdo"}, "responsible"),
            ({"master": "0"}, "master"), ({"location": "x" * 501}, "location"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_comes_back_as_it_was_typed(self, client, draft, typed, field):
        for headers in ({}, HTMX):
            answer = client.post(at(draft, "events", 1), row(**typed), headers=headers)
            assert answer.status_code == 422
            assert list(answer.context["form"].errors) == [field]
        draft.refresh_from_db()
        assert draft.version == 1

    def test_a_person(self, client, draft):
        typed = {"name": "Říha Adam", "email": "ADAM@example.org", "phone": "", "is_archived": "on"}
        client.post(at(draft, "people", 2), typed)
        person = stored(draft).people[1]
        assert (person.email, person.is_archived) == ("adam@example.org", True)
        answer = client.post(at(draft, "people", 2), {"name": "Říha Adam", "phone": "kdesi"})
        assert answer.status_code == 422
        assert "číslo" in text_of(answer)

    def test_somebody_known_is_not_offered_for_correction(self, client, draft):
        UserFactory(name="Malá Hana")
        assert client.get(at(draft, "people", 1))["Location"] == page(draft)
        client.post(at(draft, "people", 1), {"name": "Jiná"})
        assert stored(draft).people[0].name == "Malá Hana"

    def test_rows_that_do_not_exist(self, client, draft):
        for parts in (("events", 3), ("events", 0), ("people", 3), ("qualifications", 1)):
            assert client.get(at(draft, *parts)).status_code == 404


class TestSuggestions:
    def test_typing_finds_active_and_new_people(self, client, draft):
        UserFactory(name="Hanák Petr", email="petr@example.org")
        UserFactory(name="Hanuš Jan", is_active=False)
        answer = text_of(client.get(at(draft, "leaders"), {"responsible": "hán"}))
        assert re.findall(r'value="([^"]+)"', answer) == ["Hanák Petr", "✨ Malá Hana"]

    def test_a_row_opens_with_those_who_are_plausible(self, client, draft):
        UserFactory(name="Kdo Jiný")
        answer = text_of(client.get(at(draft, "events", 2), headers=HTMX))
        assert re.findall(r'<option value="(Kdo[^"]+)"', answer) == ["Kdo Jiný"]


class TestTheEnd:
    def test_the_report_says_what_became_of_every_row(self, client, owner):
        QualificationFactory(name="Zdravotník")
        QualificationFactory(name="Zelenáč")
        UserFactory(name="Bartoš Vít")
        client.post(LIST, {"file": sheet()})
        draft = SeasonImport.objects.get()
        client.post(at(draft, "select", "events"), {"among": ["1"]})
        draft.refresh_from_db()
        answer = client.post(at(draft, "import"), {"version": draft.version}, follow=True)
        assert answer.redirect_chain == [(page(draft), 302)]
        kinds = {(section.kind, section.part): len(section.rows) for section in answer.context["sections"]}
        assert kinds["created", Part.EVENTS] == Event.objects.count() == 9
        assert kinds["created", Part.PEOPLE] == 2
        assert kinds["changed", Part.PEOPLE] == 1
        shown = text_of(answer)
        assert "Nevybráno k importu." in shown
        assert "Chybí název akce." in shown
        assert "+Zdravotník" in shown
        assert inline_parts(answer) == []

    def test_sent_twice_it_is_done_once(self, client, draft):
        for _twice in range(2):
            assert client.post(at(draft, "import"), {"version": "1"})["Location"] == page(draft)
        assert Event.objects.count() == 2
        assert "Import proběhl" in text_of(client.get(page(draft)))

    def test_what_was_not_seen_is_not_imported(self, client, draft):
        client.post(at(draft, "events", 1), row(name="Bál"))
        shown = text_of(client.post(at(draft, "import"), {"version": "1"}, follow=True))
        assert "mezitím" in shown
        assert "Bál" in shown
        assert not Event.objects.exists()

    def test_a_failure_leaves_everything_and_the_preview(self, client, draft):
        master = MasterEventFactory()
        client.post(at(draft, "events", 1), row(master=master.pk))
        MasterEvent.objects.filter(pk=master.pk).update(is_archived=True)
        people = User.objects.count()
        shown = text_of(client.post(at(draft, "import"), {"version": "2"}, follow=True))
        assert "Import selhal: Řádek" in shown
        assert "Vybráno: 2 z 2" in shown
        assert (Event.objects.count(), User.objects.count()) == (0, people)

    def test_reading_never_imports(self, client, draft):
        client.get(at(draft, "import"))
        client.get(at(draft, "discard"))
        assert SeasonImport.objects.get().imported_at is None

    def test_it_may_be_discarded(self, client, draft):
        assert client.post(at(draft, "discard"))["Location"] == LIST
        assert not SeasonImport.objects.exists()
        assert "Import jsme zahodili." in text_of(client.get(LIST))

    def test_what_is_over_cannot_be_changed(self, client, draft):
        client.post(at(draft, "import"), {"version": "1"})
        for address in (at(draft, "events", 1), at(draft, "select", "events"), at(draft, "choices")):
            assert client.post(address).status_code == 404
