"""Reports of people without an account: at a pace, only while the pages are open, and forgotten in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from equipment import jobs
from equipment.models import Repair, RepairEntry
from equipment.services.locking import Gone
from equipment.services.repairs import strangers, work
from equipment.services.repairs.opening import Picture, Problem, Stranger
from equipment.services.repairs.strangers import TooManyReports
from equipment.tests.factories import ItemFactory, make_technician
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry, SiteSettings
from medcover.tests.threads import together
from roster.tests.factories import make_member

NOW = timezone.now()
PASSER_BY = Stranger("Kolem Jdoucí", "kolem@example.org")


def report(item, *, sender="192.0.2.1", at=NOW, stranger=PASSER_BY, picture=None):
    return strangers.report(item.pk, Problem("Kouří"), stranger, sender=sender, at=at, picture=picture)


@pytest.mark.django_db
class TestReporting:
    def test_is_kept_with_what_they_call_themselves(self):
        made = report(ItemFactory()).repair
        assert (made.reporter_name, made.reporter_email, made.severity) == (
            "Kolem Jdoucí",
            "kolem@example.org",
            "unsure",
        )

    def test_one_sender_only_so_often_and_without_using_up_the_item_for_others(self, monkeypatch):
        monkeypatch.setattr(strangers, "OF_SENDER", 2)
        monkeypatch.setattr(strangers, "OF_ITEM", 3)
        one, other = ItemFactory(), ItemFactory()
        report(one)
        report(other)
        for _again in range(3):
            with pytest.raises(TooManyReports):
                report(one)
        report(one, sender="192.0.2.2")
        assert Repair.objects.filter(item=one).count() == 2
        report(one, at=NOW + timedelta(hours=1))

    def test_one_item_only_so_often_whoever_reports(self, monkeypatch):
        monkeypatch.setattr(strangers, "OF_ITEM", 2)
        item = ItemFactory()
        for number in range(2):
            report(item, sender=f"192.0.2.{number}")
        with pytest.raises(TooManyReports):
            report(item, sender="192.0.2.9")
        report(ItemFactory(), sender="192.0.2.9")

    def test_a_picture_is_not_even_looked_at_above_the_limit(self, monkeypatch):
        monkeypatch.setattr(strangers, "OF_SENDER", 0)
        monkeypatch.setattr("equipment.services.repairs.opening.photo_jpeg", lambda _data: pytest.fail("looked at"))
        with pytest.raises(TooManyReports):
            report(ItemFactory(), picture=Picture(b"x"))

    def test_not_while_the_pages_are_switched_off(self):
        item = ItemFactory()
        SiteSettings.objects.update_or_create(pk=1, defaults={"public_pages": False})
        with pytest.raises(NotAllowed):
            report(item)
        assert not Repair.objects.exists()

    @pytest.mark.parametrize("name", ["", " ", "\u200b\u2063"])
    def test_not_without_a_name_that_shows_something(self, name):
        with pytest.raises(DomainError):
            report(ItemFactory(), stranger=Stranger(name))
        assert not Repair.objects.exists()

    def test_not_of_what_is_archived_or_gone(self):
        with pytest.raises(DomainError):
            report(ItemFactory(is_archived=True))
        item = ItemFactory()
        item.delete()
        item.pk = 999_999
        with pytest.raises((Gone, DomainError)):
            report(item)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_so_many_are_kept(monkeypatch):
    monkeypatch.setattr(strangers, "OF_ITEM", 3)
    item = ItemFactory()
    outcomes = together([lambda n=n: report(item, sender=f"192.0.2.{n}") for n in range(6)])
    refused = [outcome.error for outcome in outcomes if outcome.error]
    assert [type(error) for error in refused] == [TooManyReports] * 3
    assert Repair.objects.count() == 3


def closed(days: float, *, status="resolved", technician=None):
    """A report of a stranger that was closed so many days ago."""
    made = report(ItemFactory(), at=NOW - timedelta(days=400)).repair
    technician = technician or make_technician()
    work.save(made.pk, by=technician, at=NOW - timedelta(days=days), status=status, note="Hotovo.")
    return made


def told(row) -> tuple[str, str, set[str]]:
    row.refresh_from_db()
    return row.reporter_name, row.reporter_email, {entry.author_name for entry in row.entries.all()}


@pytest.mark.django_db
class TestForgetting:
    def test_when_it_has_been_closed_for_long_enough(self):
        old, young = closed(91), closed(89)
        version, entries = old.version, RepairEntry.objects.count()
        recorded = AuditEntry.objects.count()
        assert jobs.forget_reporters() == 1
        assert told(old) == ("", "", {""})
        assert told(young)[0] == "Kolem Jdoucí"
        assert (old.description, RepairEntry.objects.count()) == ("Kouří", entries)
        assert old.version >= version
        assert AuditEntry.objects.count() == recorded

    def test_twice_changes_nothing_more(self):
        closed(91)
        strangers.forget_reporters(at=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert strangers.forget_reporters(at=NOW) == 0
        assert not [query for query in queries if query["sql"].startswith("UPDATE")]

    @pytest.mark.parametrize(("days", "expected"), [(0, 1), (10, 1), (30, 0)])
    def test_the_days_are_a_setting(self, days, expected):
        closed(10)
        SiteSettings.objects.update_or_create(pk=1, defaults={"reporter_days": days})
        assert strangers.forget_reporters(at=NOW) == expected

    def test_never_while_it_is_open_also_after_it_was_closed_once(self):
        made, technician = closed(200), make_technician()
        work.save(made.pk, by=technician, at=NOW - timedelta(days=150), status="in_progress")
        assert strangers.forget_reporters(at=NOW) == 0
        work.save(made.pk, by=technician, at=NOW - timedelta(days=1), status="no_issue")
        assert strangers.forget_reporters(at=NOW) == 0
        assert strangers.forget_reporters(at=NOW + timedelta(days=90)) == 1

    def test_whoever_has_an_account_stays_named(self):
        member, item = make_member(), ItemFactory()
        row = Repair.objects.create(item=item, reporter=member, description="x", status="resolved",
                                    created=NOW - timedelta(days=900))  # fmt: skip
        assert strangers.forget_reporters(at=NOW) == 0
        assert Repair.objects.get(pk=row.pk).reporter == member


@pytest.mark.django_db(transaction=True)
def test_a_repair_that_is_reopened_meanwhile_is_forgotten_as_a_whole_or_not_at_all():
    made, technician = closed(91), make_technician()
    outcomes = together([
        lambda: strangers.forget_reporters(at=NOW),
        lambda: work.save(made.pk, by=technician, at=NOW, status="in_progress"),
    ])  # fmt: skip
    assert [outcome.error for outcome in outcomes] == [None, None]
    name, email, authors = told(made)
    assert (bool(name), bool(email), len(authors)) in {(True, True, 2), (False, False, 1)}
