"""Items as files, there and back."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from equipment.models import EquipmentItem, EquipmentType, StorageLocation
from equipment.sheets import export, importing
from equipment.sheets.columns import Unreadable, as_day, as_line, as_price
from equipment.sheets.comparing import CHANGED, FAULTY, NEW, SAME, compare
from equipment.sheets.reading import MOST_ROWS, read_table
from equipment.tests.factories import ItemFactory, LocationFactory, TypeFactory, issued
from medcover.common.errors import DomainError, NotAllowed, StaleRecord, UnreadableSource
from medcover.tests.threads import refusals, together
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

LIST = "/admin/equipment/equipmentitem/"


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def as_csv(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\r\n".join(rows).encode(encoding)


def as_xlsx(*rows, title: str = "Vybavení") -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def exported() -> list[list]:
    return list(export.rows_of(EquipmentItem.objects.order_by("name_sort"), timezone.now()))


def imported(data: bytes, by=None):
    table = read_table(data)
    return importing.carry_out(importing.sealed(table, compare(table)), by=by)


def kinds(data: bytes) -> list[str]:
    return [outcome.kind for outcome in compare(read_table(data)).outcomes]


class TestExport:
    def test_what_looks_like_a_formula_is_text(self):
        ItemFactory(name='=HYPERLINK("https://evil")', serial_number="+420", notes="@SUM(A1)", manufacturer="-1")
        sheet = load_workbook(BytesIO(export.to_xlsx(exported())))["Vybavení"]
        values = [str(cell.value) for cell in sheet[2] if cell.value is not None]
        assert not [value for value in values if value.startswith(("=", "+", "-", "@"))]
        text = export.to_csv(exported()).decode("utf-8-sig")
        assert not [cell for row in csv.reader(StringIO(text)) for cell in row if cell.startswith(("=", "+", "@"))]

    def test_days_and_amounts_are_real(self):
        ItemFactory(acquired_on=date(2026, 5, 1), price=Decimal("1250.50"))
        sheet = load_workbook(BytesIO(export.to_xlsx(exported())))["Vybavení"]
        row = {heading.value: cell.value for heading, cell in zip(sheet[1], sheet[2], strict=True)}
        assert (row["Pořízeno dne"].date(), row["Cena"]) == (date(2026, 5, 1), 1250.5)
        data = export.to_csv(exported())
        assert data.startswith(b"\xef\xbb\xbf")
        assert b"2026-05-01" in data
        assert b"1250.50" in data
        assert b"\r\n" in data

    def test_costs_no_more_for_more(self, django_assert_max_num_queries):
        for _number in range(5):
            issued(make_member(), ItemFactory(location=LocationFactory()))
        with django_assert_max_num_queries(4):
            exported()

    def test_follows_the_filters_of_the_pages(self):
        ItemFactory(name="Archivní", is_archived=True)
        ItemFactory(name="AED")
        ItemFactory(name="Batoh")
        text = browser(make_member()).get("/equipment/export/csv/?q=aed").content.decode("utf-8-sig")
        assert "AED" in text
        assert "Batoh" not in text
        text = browser(make_coordinator()).get(f"{LIST}export/csv/?archive=yes").content.decode("utf-8-sig")
        assert "Archivní" in text
        assert "Batoh" not in text

    @pytest.mark.parametrize("ending", ["pdf", "xls"])
    def test_of_unknown_kinds_does_not_exist(self, ending):
        assert browser(make_admin()).get(f"{LIST}export/{ending}/").status_code == 404


class TestReading:
    @pytest.mark.parametrize(
        "data",
        [
            as_csv("Název;Typ", "AED 1;AED"),
            as_csv("nazev,TYP", "AED 1,AED"),
            as_csv("Name\tType", "AED 1\tAED"),
            as_csv("Název;Typ", "AED 1;AED", encoding="cp1250"),
            as_xlsx(["Název", "Typ"], ["AED 1", "AED"]),
            as_xlsx(["Name", "Type"], ["AED 1", "AED"], title="equipment"),
        ],
    )
    def test_of_many_programs(self, data):
        (row,) = read_table(data).rows
        assert (row.values, row.faults) == ({"name": "AED 1", "type": "AED"}, [])

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0\0\0\0",
            as_csv("Název", "AED"),
            as_csv("a;b", "c;d"),
            as_csv("Název;Název;Typ", "a;b;c"),
            as_csv("Název;Typ", '"AED;AED'),
            as_xlsx(["Název", "Typ"], ["a", "b"], title="Jiný"),
            b"PK\x03\x04 not a workbook",
            as_csv("Název;Typ", *["AED;AED"] * (MOST_ROWS + 1)),
            b"x" * (5 * 1024 * 1024 + 1),
        ],
        ids=range(10),
    )
    def test_what_cannot_be_read_is_refused(self, data):
        with pytest.raises(UnreadableSource):
            read_table(data)

    def test_unknown_columns_are_told(self):
        assert read_table(as_csv("Název;Typ;Barva", "a;b;c")).ignored == ["Barva"]

    @pytest.mark.parametrize("text", ["24.12.2026", "24. 12. 2026", "2026-12-24"])
    def test_days(self, text):
        assert as_day(text) == date(2026, 12, 24)

    @pytest.mark.parametrize("text", ["zítra", "32.1.2026", "12/24/2026", "1"])
    def test_no_days(self, text):
        with pytest.raises(Unreadable):
            as_day(text)

    @pytest.mark.parametrize(
        ("cell", "price"),
        [("1 250,50 Kč", "1250.50"), ("1250.5", "1250.50"), (1250.5, "1250.50"), (7, "7.00"), ("", None), (None, None)],
    )
    def test_prices(self, cell, price):
        assert as_price(cell) == (price and Decimal(price))

    @pytest.mark.parametrize("text", ["hodně", "NaN", "Infinity", "1e999999", "1,2,3"])
    def test_no_prices(self, text):
        with pytest.raises(Unreadable):
            as_price(text)

    def test_serial_numbers_that_a_sheet_keeps_as_numbers(self):
        assert (as_line(117733.0), as_line("'=1+1"), as_line("'nazev")) == ("117733", "=1+1", "'nazev")


class TestImport:
    def test_what_was_exported_changes_nothing(self):
        ItemFactory(
            name="=AED", location=LocationFactory(), price=Decimal("10"), notes="a\nb", expires_on=date(2027, 1, 2)
        )
        ItemFactory(name="Batoh", serial_number="0017")
        assert kinds(export.to_xlsx(exported())) == [SAME, SAME]
        assert kinds(export.to_csv(exported())) == [SAME, SAME]

    def test_new_ones_bring_their_types_and_locations(self):
        LocationFactory(name="Garáž")
        by = make_admin()
        outcome = imported(as_csv("Název;Typ;Umístění", "AED 1;AED;garaz", "AED 2;aed;Sklad", "AED 3;AED;"), by=by)
        assert outcome.counts == {NEW: 3, CHANGED: 0, SAME: 0, FAULTY: 0}
        assert EquipmentType.objects.get().name == "AED"
        assert set(StorageLocation.objects.values_list("name", flat=True)) == {"Garáž", "Sklad"}
        assert EquipmentItem.objects.get(name="AED 1").location.name == "Garáž"

    def test_a_row_with_a_code_changes_its_item_and_only_the_columns_it_has(self):
        item = ItemFactory(name="AED", serial_number="1", notes="Zůstane")
        data = as_csv("Kód;Název;Typ;Sériové číslo", f"{item.code.lower()};AED 1;{item.type.name};")
        comparison = imported(data, by=make_admin())
        assert [change.heading for change in comparison.outcomes[0].changes] == ["Název", "Sériové číslo"]
        item.refresh_from_db()
        assert (item.name, item.serial_number, item.notes, item.version) == ("AED 1", "", "Zůstane", 2)

    @pytest.mark.parametrize(
        "row",
        [
            ";;AED;;", "X2345678;AED;AED;;", ";AED;;;", ";AED;AED;zítra;", ";AED;AED;;-5", ";AED;AED;;hodně",
            f";{'x' * 300};AED;;",
        ],
    )  # fmt: skip
    def test_rows_with_faults_are_left_out(self, row):
        comparison = imported(as_csv("Kód;Název;Typ;Použitelná do;Cena", row, ";Dobrý;AED;;"), by=make_admin())
        assert [outcome.kind for outcome in comparison.outcomes] == [FAULTY, NEW]
        assert comparison.outcomes[0].faults
        assert EquipmentItem.objects.get().name == "Dobrý"

    def test_a_serial_number_comes_once(self):
        item = ItemFactory(type=TypeFactory(name="AED"), serial_number="77")
        assert kinds(as_csv("Název;Typ;Sériové číslo", "Jiný;AED;77", "Jiný;Batoh;77")) == [FAULTY, NEW]
        assert kinds(as_csv("Kód;Název;Typ", *[f"{item.code};A;AED"] * 2)) == [FAULTY, FAULTY]

    def test_nothing_goes_to_what_is_archived(self):
        LocationFactory(name="Garáž", is_archived=True)
        item = ItemFactory(is_archived=True)
        assert kinds(as_csv("Kód;Název;Typ;Umístění", f"{item.code};A;AED;", ";B;AED;Garáž")) == [FAULTY, FAULTY]

    def test_confirmed_twice_it_is_done_once(self):
        table = read_table(as_csv("Název;Typ", "AED;AED"))
        sealed, by = importing.sealed(table, compare(table)), make_admin()
        importing.carry_out(sealed, by=by)
        with pytest.raises(StaleRecord):
            importing.carry_out(sealed, by=by)
        assert EquipmentItem.objects.count() == 1

    def test_what_changed_meanwhile_is_not_overwritten(self):
        item = ItemFactory(name="AED")
        table = read_table(as_csv("Kód;Název;Typ", f"{item.code};AED 1;{item.type.name}"))
        sealed = importing.sealed(table, compare(table))
        EquipmentItem.objects.filter(pk=item.pk).update(name="Jiné")
        with pytest.raises(StaleRecord):
            importing.carry_out(sealed, by=make_admin())

    @pytest.mark.parametrize(
        "sealed", ["", "x", signing.dumps("[]"), "a:b:c" * 50], ids=["empty", "short", "sealed elsewhere", "long"]
    )
    def test_what_was_not_sealed_here_is_refused(self, sealed):
        with pytest.raises(DomainError):
            importing.carry_out(sealed, by=make_admin())

    def test_only_whoever_has_the_rights(self):
        table = read_table(as_csv("Název;Typ", "AED;AED"))
        with pytest.raises(NotAllowed):
            importing.carry_out(importing.sealed(table, compare(table)), by=make_coordinator())

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_are_done_once(self):
        table = read_table(as_csv("Název;Typ", "AED;AED"))
        sealed, by = importing.sealed(table, compare(table)), make_admin()
        outcomes = together([lambda: importing.carry_out(sealed, by=by)] * 2)
        assert refusals(outcomes, DomainError) == 1
        assert EquipmentItem.objects.count() == 1


class TestImportPages:
    def test_from_a_file_to_the_list(self):
        client = browser(make_admin())
        file = BytesIO(as_csv("Název;Typ;Cena", "AED <1>;AED;5", ";AED;"))
        file.name = "vybaveni.csv"
        preview = client.post(f"{LIST}import/", {"file": file})
        text = preview.content.decode()
        assert "AED &lt;1&gt;" in text
        assert "Vzniknou typy:" in text
        assert not EquipmentItem.objects.exists()
        answer = client.post(f"{LIST}import/confirm/", {"sealed": preview.context["sealed"]}, follow=True)
        assert "1 položka vytvořena, 0 změněno, 1 řádek vynechán." in answer.content.decode()

    def test_a_bad_file_is_said(self):
        file = BytesIO(b"\0\0")
        file.name = "a.xlsx"
        assert "ani sešit" in browser(make_admin()).post(f"{LIST}import/", {"file": file}).content.decode()
        assert browser(make_admin()).post(f"{LIST}import/").status_code == 200
