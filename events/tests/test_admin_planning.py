"""Pages of the backoffice that make events after events, and the one that deletes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.services import notifications
from events.tests.factories import EVENING, EventFactory, MasterEventFactory
from events.tests.filling import filled
from events.tests.pages import inline_parts, logged_in, text_of
from events.tests.stories import able, fill, make_capacity_event, make_event, place
from medcover.backoffice.tests.pages import queries_of, told
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator())


@pytest.fixture
def admin():
    return logged_in(make_admin())


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture(params=["positions", "conditions"])
def event(request, medic):
    """The same crew in both modes."""
    person = able(medic, name="Dvořák Petr")
    if request.param == "positions":
        made = make_event(medic, places=2, responsible_person=person, name="Hokej")
        fill(made, person, make_member())
        return made
    made = make_capacity_event({medic: 1}, responsible_person=person, name="Hokej")
    place(made, person, make_member())
    return made


def page(event, name) -> str:
    return reverse(f"admin:events_event_{name}", args=[event.pk])


class TestObjectTools:
    def offered(self, client, event) -> list[str]:
        shown = client.get(page(event, "change"))
        always = {"add", "template"}
        pages = [tool.url.split("/")[-2] for tool in shown.context["object_tools"]]
        assert always <= set(pages)
        return [page for page in pages if page not in always]

    @pytest.mark.parametrize(
        ("fields", "pages"),
        [
            ({}, ["message", "split", "series"]),
            ({"status": Status.COMPLETED}, ["message", "series"]),
            ({"status": Status.CANCELLED, "is_archived": True}, ["series", "delete"]),
            ({"is_archived": True}, ["series", "delete"]),
        ],
    )
    def test_are_those_that_are_possible(self, admin, fields, pages):
        assert self.offered(admin, EventFactory(**fields)) == pages

    def test_and_permitted(self, coordinator):
        assert self.offered(coordinator, EventFactory(is_archived=True)) == ["series"]

    def test_nothing_is_repeated_under_an_archived_master_event(self, coordinator):
        event = EventFactory(master_event=MasterEventFactory(is_archived=True))
        assert self.offered(coordinator, event) == ["message", "split"]
        assert told(coordinator.get(page(event, "series")))


class TestSplit:
    def test_offers_the_middle(self, coordinator, event):
        form = coordinator.get(page(event, "split")).context["form"]
        assert form.initial["moment"] == EVENING + 2 * HOUR

    def test_cuts_where_asked_and_shows_the_way_to_the_second_half(self, coordinator, event):
        answer = coordinator.post(page(event, "split"), {"moment": "2027-05-15T19:00", "version": event.version})
        first, second = Event.objects.order_by("start")
        assert (first.end, second.start) == (EVENING + HOUR, EVENING + HOUR)
        assert [half.assignments.count() for half in (first, second)] == [2, 2]
        assert answer.url == page(first, "change")
        assert page(second, "change") in told(answer)[0]

    @pytest.mark.parametrize("moment", ["2027-05-15T18:00", "2027-05-15T23:00", "nonsense", ""])
    def test_says_at_the_field_why_it_did_not(self, coordinator, event, moment):
        answer = coordinator.post(page(event, "split"), {"moment": moment, "version": event.version})
        assert answer.context["form"].errors["moment"]
        assert Event.objects.count() == 1

    def test_refuses_an_old_page(self, coordinator, event):
        answer = coordinator.post(page(event, "split"), {"moment": "2027-05-15T19:00", "version": event.version - 1})
        assert told(answer)
        assert Event.objects.count() == 1

    @pytest.mark.parametrize("fields", [{"status": Status.COMPLETED}, {"is_archived": True}])
    def test_of_what_cannot_be_split_says_so(self, coordinator, fields):
        answer = coordinator.get(page(EventFactory(**fields), "split"))
        assert told(answer) == ["Dokončené, zrušené a archivované akce nelze rozdělit."]

    def test_has_nothing_inline(self, coordinator, event):
        assert inline_parts(coordinator.get(page(event, "split"))) == []


class TestSeries:
    WEEKLY = {"weekdays": str(EVENING.weekday()), "interval": "1", "until": "2027-06-05"}

    def days(self, answer) -> list[tuple[str, bool]]:
        return [(f"{row.occurrence.day:%d.%m.}", row.exists) for row in answer.context["planned"]]

    def test_begins_with_the_day_of_the_week_of_the_event(self, coordinator, event):
        answer = coordinator.get(page(event, "series"))
        assert answer.context["form"].initial == {"weekdays": [EVENING.weekday()], "interval": 1}
        assert self.days(answer) == []

    def test_shows_the_days_and_marks_those_that_have_it(self, coordinator, event):
        EventFactory(name="HOKEJ", start=EVENING + 2 * WEEK)
        answer = coordinator.get(page(event, "series"), self.WEEKLY)
        assert self.days(answer) == [("15.05.", True), ("22.05.", False), ("29.05.", True), ("05.06.", False)]
        assert inline_parts(answer) == []

    def test_makes_drafts_on_the_chosen_days(self, coordinator, event):
        shown = coordinator.get(page(event, "series"), self.WEEKLY)
        sent = filled(shown, "series-days", day=["2027-06-05"])
        answer = coordinator.post(page(event, "series"), sent)
        made = Event.objects.exclude(pk=event.pk).get()
        assert (made.start, made.status, made.name) == (EVENING + 3 * WEEK, Status.DRAFT, "Hokej")
        assert made.staffing.total == event.staffing.total
        assert not made.assignments.exists()
        assert answer.url == f"{reverse('admin:events_event_changelist')}?q=Hokej&time=all"

    def test_unchosen_days_are_all_the_free_ones(self, coordinator, event):
        shown = coordinator.get(page(event, "series"), self.WEEKLY)
        coordinator.post(page(event, "series"), filled(shown, "series-days"))
        starts = Event.objects.order_by("start").values_list("start", flat=True)
        assert [start - EVENING for start in starts] == [0 * WEEK, WEEK, 2 * WEEK, 3 * WEEK]

    @pytest.mark.parametrize("days", [[], ["2027-05-15"], ["2028-01-01"], ["2027-99-99", "x"]])
    def test_without_a_day_it_says_so_and_makes_nothing(self, coordinator, event, days):
        answer = coordinator.post(page(event, "series"), {**self.WEEKLY, "day": days})
        assert answer.context["form"].non_field_errors()
        assert Event.objects.count() == 1

    @pytest.mark.parametrize(
        "typed",
        [{"until": "2027-05-01"}, {"until": "2047-05-01"}, {"interval": "0"}, {"interval": "x"}, {"weekdays": "9"}],
    )
    def test_a_pattern_that_makes_no_series_is_explained(self, coordinator, event, typed):
        answer = coordinator.get(page(event, "series"), self.WEEKLY | typed)
        assert answer.context["form"].errors
        assert self.days(answer) == []

    def test_its_times_follow_the_clock_on_the_wall(self, coordinator, medic):
        autumn = EVENING.replace(month=10, day=30)
        event = make_event(medic, start=autumn)
        sent = {"weekdays": str(autumn.weekday()), "interval": "1", "until": "2027-11-06", "day": "2027-11-06"}
        coordinator.post(page(event, "series"), sent)
        made = Event.objects.latest("start")
        assert [f"{timezone.localtime(moment):%H:%M}" for moment in (made.start, made.end)] == ["18:00", "22:00"]

    def test_costs_no_more_with_more_days(self, coordinator, event):
        year = f"{page(event, 'series')}?weekdays=5&interval=1&until=2028-05-01"
        assert queries_of(coordinator, year) <= queries_of(coordinator, page(event, "series")) + 1 <= 20


class TestDeletion:
    @pytest.fixture
    def archived(self, event):
        Event.objects.update(is_archived=True)
        event.refresh_from_db()
        return event

    def test_names_what_goes(self, admin, archived):
        notifications.notify_participants("event_changed", archived, {"changes": {"name": ["A", "B"]}})
        text = text_of(admin.get(page(archived, "delete")))
        assert "Přihlášení: 2" in text
        assert "Dvořák Petr" in text
        assert ("Podmínky obsazení: 1" if archived.by_conditions else "Pozice: 2") in text
        assert "Dosud neodeslané e-maily o ní: 2" in text

    def test_takes_the_typed_name(self, admin, archived):
        answer = admin.post(page(archived, "delete"), {"confirmation": "Hokej", "version": archived.version})
        assert answer.url == reverse("admin:events_masterevent_change", args=[archived.master_event_id])
        assert not Event.objects.exists()
        assert AuditEntry.objects.filter(event_id=archived.pk, kind="delete").exists()

    def test_keeps_it_otherwise_and_says_why(self, admin, archived):
        answer = admin.post(page(archived, "delete"), {"confirmation": "hokej", "version": archived.version})
        assert answer.context["error"]
        assert answer.context["typed"] == "hokej"
        assert told(admin.post(page(archived, "delete"), {"confirmation": "Hokej", "version": "99"}))
        assert Event.objects.exists()

    def test_not_what_is_not_archived(self, admin, event):
        answer = admin.post(page(event, "delete"), {"confirmation": "Hokej", "version": event.version})
        assert answer.url == page(event, "change")
        assert Event.objects.exists()

    def test_not_by_a_coordinator(self, coordinator, archived):
        sent = {"confirmation": "Hokej", "version": archived.version}
        assert coordinator.get(page(archived, "delete")).status_code == 403
        assert coordinator.post(page(archived, "delete"), sent).status_code == 403

    def test_is_no_bulk_action(self, admin):
        shown = admin.get(reverse("admin:events_event_changelist"))
        offered = {value for value, _label in shown.context["action_form"].fields["action"].choices}
        assert not {code for code in offered if "delete" in code}
