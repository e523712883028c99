"""What `script/bench` works out of what it has measured."""

from __future__ import annotations

import asyncio
import math
import smtplib
import threading
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import RequestFactory

from events.season import read_season
from medcover.bench import figures, middleware, outage, pages, profiling, report, sheet, sink
from medcover.bench.client import cookies_of
from medcover.bench.database import fingerprint
from medcover.bench.processes import free_port
from medcover.system.models import SiteSettings
from roster.tests.factories import make_member


class TestFigures:
    @pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (0.9, 9), (0.1, 1), (0.05, 1), (1.0, 10)])
    def test_percentile_is_one_of_the_values(self, share, expected):
        assert figures.percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], share) == expected

    def test_percentile_of_one_value_is_that_value(self):
        assert figures.percentile([3.5], 0.95) == 3.5

    def test_percentile_of_nothing_is_refused(self):
        with pytest.raises(ValueError, match="values"):
            figures.percentile([], 0.5)

    def test_multiple(self):
        assert figures.multiple(38, 3.8) == pytest.approx(10)
        assert figures.multiple(1, 0) == math.inf

    def test_latency_is_in_milliseconds(self):
        assert figures.Latency.of([0.1, 0.2, 0.3]) == figures.Latency(200, 300, 3)

    def test_compressed_is_smaller_where_something_repeats(self):
        assert figures.compressed(b"row" * 1000) < 100


class TestFingerprint:
    @pytest.fixture
    def root(self, tmp_path):
        for name in ("events/migrations/0001_initial.py", "events/load/plan.py", "events/views/listing.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("before")
        return tmp_path

    @pytest.mark.parametrize("name", ["events/migrations/0001_initial.py", "events/load/plan.py"])
    def test_changes_with_what_fills_the_database(self, root, name):
        before = fingerprint(root, "2026-05-01")
        (root / name).write_text("after")
        assert fingerprint(root, "2026-05-01") != before

    def test_changes_with_the_day_and_with_nothing_else(self, root):
        before = fingerprint(root, "2026-05-01")
        (root / "events/views/listing.py").write_text("after")
        assert fingerprint(root, "2026-05-01") == before
        assert fingerprint(root, "2026-05-02") != before


class TestReport:
    MEASURED = pages.Measured(pages.PAGES[0], figures.Latency(30.0, 45.0, 40), 20.0, 21, 4.0, 60_000, 9_000)

    def test_a_row_is_told_as_a_multiple_of_the_floor(self):
        row = report.page_row(self.MEASURED, 3.0)
        assert (row["times_floor"], row["statements"], row["bytes_gzip"]) == (10.0, 21, 9_000)

    def test_what_is_over_its_ceiling_stands_out(self):
        table = "\n".join(report.page_table({"overview": report.page_row(self.MEASURED, 3.0)}))
        assert "**10.0**" in table
        assert "**21**" in table

    def test_what_is_not_over_its_ceiling_does_not(self):
        table = "\n".join(report.page_table({"overview": report.page_row(self.MEASURED, 30.0)}))
        assert "**1.0**" not in table

    def test_growth_is_told_of_two_sizes(self):
        small, large = (report.page_row(self.MEASURED, 3.0) for _size in range(2))
        large["p50_ms"] = 36.0
        sizes = {"small": {"users": 1, "events": 1, "pages": {"overview": small}},
                 "large": {"users": 2, "events": 2, "pages": {"overview": large}}}  # fmt: skip
        assert "| overview, member | 1.20 |" in report.lines({"sizes": sizes})

    def test_only_what_is_between_the_marks_is_replaced(self):
        text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter"
        once = report.replace_between(text, "new")
        assert once == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter"
        assert report.replace_between(once, "new") == once

    def test_a_document_without_marks_is_refused(self):
        with pytest.raises(ValueError, match="place"):
            report.replace_between("nothing", "new")


class TestOutage:
    @pytest.mark.parametrize(
        ("begun", "ended", "expected"),
        [(1, 2, False), (4, 6, True), (6, 7, True), (9, 12, True), (4, 12, True), (10, 11, False), (1, 5, False)],
    )
    def test_an_answer_meets_it_if_the_database_was_away_at_any_moment_of_it(self, begun, ended, expected):
        assert outage.Answered(begun, ended, 500).meets((5, 10)) is expected

    def test_only_what_met_none_has_to_be_good(self):
        cut = outage.Answered(4, 6, 500)
        member = outage.Member(1, None, "", "", answers=[outage.Answered(1, 2, 200), cut, outage.Answered(11, 12, 200)])
        assert list(outage.errors([member], [(5, 10)])) == []
        member.answers.append(outage.Answered(12, 13, 0))
        assert len(list(outage.errors([member], [(5, 10)]))) == 1


@pytest.mark.django_db
class TestMiddleware:
    def _answer(self, path, person=None):
        request = RequestFactory().get(path)
        if person is not None:
            session = dict(pair.split("=") for pair in cookies_of(person).split("; "))
            request.COOKIES.update(session)
        return middleware.Measured(middleware.Floors(self._page))(request)

    def _page(self, _request):
        SiteSettings.load()
        return HttpResponse("the page")

    def test_statements_are_counted(self):
        SiteSettings.load()
        answer = self._answer("/people/")
        assert (answer.content, answer.headers[middleware.STATEMENTS]) == (b"the page", "1")
        assert float(answer.headers[middleware.DATABASE_MS]) > 0

    def test_the_first_floor_asks_the_database_nothing(self):
        assert self._answer(middleware.EMPTY).headers[middleware.STATEMENTS] == "0"

    def test_the_second_floor_knows_who_asks_and_makes_one_select_besides(self):
        SiteSettings.load()
        person = make_member()
        answer = self._answer(middleware.ONE_SELECT, person)
        assert answer.content.decode().startswith(str(person.pk))
        assert answer.headers[middleware.STATEMENTS] == "3"

    def test_neither_floor_exists_in_the_site(self, client):
        client.force_login(make_member(), backend="roster.backends.RoleBackend")
        assert [client.get(path).status_code for path in (middleware.EMPTY, middleware.ONE_SELECT)] == [404, 404]


@pytest.mark.django_db
def test_a_session_made_for_measuring_opens_the_pages(client):
    for pair in cookies_of(make_member()).split("; "):
        name, value = pair.split("=")
        client.cookies[name] = value
    assert client.get("/people/").status_code == 200
    assert Session.objects.count() == 1


class TestProfiling:
    @pytest.mark.parametrize(
        ("file", "name", "kind"),
        [
            ("/x/site-packages/django/template/base.py", "render", "templates"),
            ("/x/site-packages/django/db/models/query.py", "_filter", "building SQL and rows"),
            ("/x/site-packages/psycopg/cursor.py", "execute", "database"),
            ("~", "<method 'join' of 'str' objects>", "everything else"),
        ],
    )
    def test_kinds_of_work(self, file, name, kind):
        assert profiling.kind_of(file, name) == kind

    def test_gist_leaves_the_columns_out(self):
        assert profiling.gist('SELECT "a",\n "b" FROM "t" WHERE x') == 'SELECT … FROM "t" WHERE x'
        assert profiling.gist('UPDATE "t" SET a = 1') == 'UPDATE "t" SET a = 1'


@pytest.mark.django_db
def test_the_invented_planning_sheet_is_read_whole(tmp_path):
    season = read_season(sheet.make_sheet(tmp_path / "season.xlsx", date(2026, 4, 1)))
    assert (len(season.events), len(season.people)) == (sheet.EVENTS, sheet.PEOPLE)


def test_the_sink_takes_mails_over_one_connection():
    loop, port = asyncio.new_event_loop(), free_port()
    server = loop.run_until_complete(asyncio.start_server(sink.converse, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as link:
            for text in ("first", "second\n.\n.with dots"):
                assert link.sendmail("a@example.org", ["b@example.org"], f"Subject: x\n\n{text}") == {}
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
