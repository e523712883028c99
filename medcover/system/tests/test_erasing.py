"""Masking the record: exactly a person's words, by one function, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.forms.models import model_to_dict

from events.tests.factories import EventFactory
from medcover.common.masking import Mask, Needle, address_needle, any_of, name_needle, phone_needle
from medcover.system import audit, erasing
from medcover.system.models import AuditEntry
from medcover.tests.rows import recorded
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db

NAME, ADDRESS, PHONE = "Nováková Jana", "jana@example.org", "601 234 567"
NEEDLE = any_of([name_needle(NAME), address_needle(ADDRESS), phone_needle(PHONE)])
PSEUDONYM = "Smazaná osoba 3F2A"
OWN, NOTHING = Mask(NEEDLE, PSEUDONYM), Mask(Needle(), PSEUDONYM)

TEXTS = [
    NAME,
    "jana NOVAKOVA",
    "Přihlášena: Nováková,\nJana.",
    "Nováková\u00a0Jana",
    "Bílá-Nováková Jana",
    "Jana Nováková-Bílá",
    "Starnováková Jana",
    "Ž Nováková Jana ž",
    "žNováková Jana",
    "Nováková Jana – Nováková Jana",
    "„jana@example.org“",
    "jjana@example.org, jana@example.org.uk, JANA@example.org.",
    "+420 601-234-567; 1601234567; 601234567",
    "nic",
    "",
]


@pytest.fixture
def person():
    return recorded(make_member(name=NAME, email=ADDRESS, phone=PHONE))


def entry_about(row: Any, **fields: Any) -> AuditEntry:
    audit.record(row, kind="edit", summary=fields.pop("summary", "Zápis"), **fields)
    return AuditEntry.objects.latest("id")


def everything() -> list[dict[str, Any]]:
    return [model_to_dict(entry) for entry in AuditEntry.objects.order_by("id")]


class TestBothReadPatternsAlike:
    @pytest.mark.parametrize("text", TEXTS)
    def test_in_texts(self, text):
        with connection.cursor() as cursor:
            cursor.execute("SELECT regexp_replace(%s, %s, %s, 'g')", [text, NEEDLE.exact, PSEUDONYM])
            assert cursor.fetchone() == (OWN.text(text),)

    def test_in_json(self, person):
        value = {"a": TEXTS, "b": {"c": [1, None, True, {}], "d": 'Říká si "Nováková Jana"\\'}, "e": []}
        entry = entry_about(person, changes=value)
        erasing.mask_record(person.pk, own=OWN, elsewhere=NOTHING)
        assert AuditEntry.objects.get(pk=entry.pk).changes == OWN.json(value)

    @pytest.mark.parametrize(
        "name", ['Novák "Honza" Jan', "Novák\\Jan", "O'Brien [x]* (Pat)", "Łukasz Ślęzak", "Nguyễn Văn"]
    )
    def test_with_any_sign_in_a_name(self, person, name):
        mask = Mask(name_needle(name), PSEUDONYM)
        entry = entry_about(person, summary=f"Účet: {name}.", changes={"name": [name, f"x {name}"]})
        assert erasing.mask_record(person.pk, own=mask, elsewhere=NOTHING) == 1
        masked = AuditEntry.objects.get(pk=entry.pk)
        assert masked.summary == f"Účet: {PSEUDONYM}."
        assert masked.changes == {"name": [PSEUDONYM, f"x {PSEUDONYM}"]}


class TestMasking:
    def test_reaches_every_text_of_an_entry(self, person):
        changes = {"name": [NAME, "Jiná"], "email": [ADDRESS, "None"], "groups": {"objects": [NAME]}}
        entry = entry_about(person, summary=f"{NAME} <{ADDRESS}>, 601234567", changes=changes)
        with audit.trail():
            extra = AuditEntry.objects.create(
                content_type=entry.content_type, object_pk=person.pk, object_repr=NAME, action=1,
                changes_text=NAME, serialized_data={"x": [NAME]}, additional_data={"y": PHONE},
            )  # fmt: skip
        changed = erasing.mask_record(person.pk, own=OWN, elsewhere=NOTHING)
        assert changed == AuditEntry.objects.filter(object_pk=person.pk).count()
        masked = AuditEntry.objects.get(pk=entry.pk)
        assert (masked.object_repr, masked.summary) == (PSEUDONYM, f"{PSEUDONYM} <{PSEUDONYM}>, {PSEUDONYM}")
        extra.refresh_from_db()
        assert (extra.changes_text, extra.serialized_data, extra.additional_data) == (
            PSEUDONYM, {"x": [PSEUDONYM]}, {"y": PSEUDONYM},
        )  # fmt: skip
        assert not [entry for entry in everything() if NEEDLE.is_in(str(entry))]

    def test_keeps_who_when_what_and_how_many(self, person):
        entry_about(person, summary=NAME, by=make_admin())
        kept = (
            "id",
            "timestamp",
            "actor",
            "kind",
            "action",
            "content_type",
            "object_pk",
            "object_id",
            "event_id",
            "cid",
        )
        before = list(AuditEntry.objects.order_by("id").values(*kept))
        erasing.mask_record(person.pk, own=OWN, elsewhere=OWN)
        assert list(AuditEntry.objects.order_by("id").values(*kept)) == before

    def test_leaves_alone_what_is_about_others(self, person):
        namesake = make_member(name=NAME)
        event = EventFactory(name="Koncert")
        about_namesake = entry_about(namesake, summary=NAME)
        linked = entry_about(event, summary=NAME, changes={"responsible_person": ["None", str(person.pk)]})
        unlinked = entry_about(event, summary=f"{NAME}, {ADDRESS}")
        address = Mask(address_needle(ADDRESS), PSEUDONYM)
        erasing.mask_record(person.pk, own=OWN, elsewhere=address)
        summaries = [AuditEntry.objects.get(pk=entry.pk).summary for entry in (about_namesake, linked, unlinked)]
        assert summaries == [NAME, PSEUDONYM, f"{NAME}, {PSEUDONYM}"]

    def test_is_counted_beforehand(self, person):
        entry_about(EventFactory(), summary=ADDRESS)
        needles = {"own": NEEDLE, "elsewhere": address_needle(ADDRESS)}
        count = erasing.count_mentions(person.pk, **needles)
        masks = {name: Mask(needle, PSEUDONYM) for name, needle in needles.items()}
        assert count > 1
        assert erasing.mask_record(person.pk, **masks) == count
        assert erasing.count_mentions(person.pk, **needles) == 0
        assert erasing.mask_record(person.pk, **masks) == 0

    @pytest.mark.parametrize(
        ("key", "pattern", "pseudonym"),
        [("", "x", PSEUDONYM), ("k", "x*", PSEUDONYM), ("k", "x", "Kdokoli"), ("k", "x", "\\1 3F2A"), ("k", "x", "")],
    )
    def test_takes_neither_everything_nor_any_words(self, person, key, pattern, pseudonym):
        before = everything()
        with pytest.raises(DatabaseError), transaction.atomic():
            erasing.mask_record(key, own=Mask(Needle(pattern), pseudonym), elsewhere=Mask(Needle(pattern), pseudonym))
        assert everything() == before


class TestTheTriggerBesides:
    """As if somebody had found out how the function opens the record."""

    SETTING = "SELECT set_config('medcover.audit_masking', %s, true)"

    @pytest.fixture
    def opened(self, person):
        entry = entry_about(person, summary=f"{NAME} přišla")
        with connection.cursor() as cursor:
            cursor.execute(self.SETTING, [json.dumps({"pattern": NEEDLE.exact, "pseudonym": PSEUDONYM})])
        return entry

    @pytest.mark.parametrize(
        "assignment",
        [
            "summary = 'přepsáno'",
            "summary = 'Smazaná osoba 3F2A odešla'",
            "actor_id = NULL",
            "timestamp = now()",
            "kind = 'edit2'",
            "object_pk = 'x'",
            "event_id = 1",
            "id = id + 1000",
            "summary = 'Smazaná osoba 3F2A přišla', object_repr = 'Smazaná osoba 3F2A', kind = 'error'",
        ],
    )
    def test_lets_nothing_through_but_the_masked_row(self, opened, assignment):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE system_auditentry SET {assignment} WHERE id = %s", [opened.pk])
        assert AuditEntry.objects.get(pk=opened.pk).summary == f"{NAME} přišla"

    def test_lets_no_row_go(self, opened):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.filter(pk=opened.pk).delete()

    def test_is_closed_again_when_the_masking_is_done(self, person):
        entry = entry_about(person, summary=NAME)
        erasing.mask_record(person.pk, own=OWN, elsewhere=NOTHING)
        later = entry_about(person, summary=NAME)
        for row, words in ((later, PSEUDONYM), (entry, "přepsáno")):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                AuditEntry.objects.filter(pk=row.pk).update(summary=words)

    def test_is_closed_again_when_the_masking_fails(self, person):
        entry = entry_about(person, summary=NAME)
        with pytest.raises(DatabaseError), transaction.atomic():
            erasing.mask_record(person.pk, own=OWN, elsewhere=Mask(Needle("x*"), PSEUDONYM))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.filter(pk=entry.pk).update(object_repr=PSEUDONYM, summary=PSEUDONYM)
        assert AuditEntry.objects.get(pk=entry.pk).summary == NAME


class TestUnrecorded:
    def test_leaves_no_entry_and_ends(self):
        event, before = EventFactory(), AuditEntry.objects.count()
        with audit.unrecorded():
            event.name = "Jiná"
            event.save()
        assert AuditEntry.objects.count() == before
        event.name = "Ještě jiná"
        event.save()
        assert AuditEntry.objects.count() == before + 1
