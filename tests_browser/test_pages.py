"""Every page on a phone and on a desk, in light and in dark: nothing sticks out, nothing shuts anybody out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from events.models import Event, SeasonImport
from events.season import drafts, read_season
from events.services import notifications, templates
from events.tests.factories import EventFactory
from roster.models import User
from roster.tests.factories import make_member
from tests_browser import accessibility
from tests_browser.cast import Season, in_days, make_season
from tests_browser.screens import DESKTOP, PHONE, Device, Screen, Screens

SAMPLE = Path(__file__).resolve().parent.parent / "fixtures" / "season-sample.xlsx"

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)]


def test_of_members(open_screen: Screens, device: Device) -> None:
    season = make_season()
    plain = plain_pages(season.member)
    assert {"/", "/events/", "/profile/"} <= set(plain)
    screen = open_screen(device, season.member)
    screen.watch.allow("does not conform to the required format")  # what an address has put into a field of a day
    look_at(screen, [*plain, *more_pages_of_member(season)])


def more_pages_of_member(season: Season) -> list[str]:
    """Return pages of single events and lists as they look after a choice."""
    events = (season.next_duty, season.open_event, season.cancelled, *season.by_conditions)
    return [
        "/?show=all",
        "/events/?q=nic+takov%C3%A9ho",
        f"/events/{season.open_event.pk}/join/",
        "/people/?q=nikdo+takov%C3%BD",
        f"/people/{season.coordinator.pk}/",
        *[event.get_absolute_url() for event in events],
        f"/events/{season.next_duty.pk}/history/",
        f"/master-events/{season.next_duty.master_event_id}/",
        *reports_with_rows(season),
    ]


def reports_with_rows(season: Season) -> list[str]:
    """Return reports as they look once they have been told what they are about."""
    days = "since=2020-01-01&until=2099-12-31"
    return [
        f"/reports/people/{season.member.pk}/",
        f"/reports/master-events/{season.next_duty.master_event_id}/",
        f"/reports/period/?{days}",
        "/reports/period/?since=x&until=x",
        f"/reports/work-summary/?{days}",
    ]


#: By whether somebody is logged in: which pages there are does not depend on the device, and finding them takes long.
_PLAIN_PAGES: dict[bool, list[str]] = {}


def plain_pages(person: User | None = None) -> list[str]:
    """Return the addresses without parameters that answer a member, or nobody, with a page; not the backoffice."""
    if (person is None) not in _PLAIN_PAGES:
        _PLAIN_PAGES[person is None] = list(_plain_pages(person))
    return _PLAIN_PAGES[person is None]


def _plain_pages(person: User | None) -> Iterator[str]:
    client = Client()
    if person is not None:
        client.force_login(person, backend="roster.backends.RoleBackend")
    for path in sorted(set(addresses(get_resolver()))):
        answer = client.get(path)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield path


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """Yield every address below the resolver that takes no parameters."""
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if not re.fullmatch(r"[\w/.-]*", path) or path.startswith("/admin"):
            continue
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        else:
            yield path


def test_of_coordinators(open_screen: Screens, device: Device) -> None:
    season = make_season()
    paths = ["/", season.draft.get_absolute_url(), "/admin/", *pages_of_managing(season)]
    look_at(open_screen(device, season.coordinator), paths)


def pages_of_managing(season: Season) -> Iterator[str]:
    """Yield the member pages on which whoever may places people."""
    open_event, (crowded, _unmet) = season.open_event, season.by_conditions
    yield open_event.get_absolute_url()
    yield crowded.get_absolute_url()
    free = open_event.positions.earliest("pk")
    yield reverse("events:assign", args=[open_event.pk], query={"position": free.pk, "everyone": 1})
    yield reverse("events:assign", args=[crowded.pk])


def test_of_somebody_new(open_screen: Screens, device: Device) -> None:
    """Nothing to list anywhere."""
    look_at(open_screen(device, make_member(name="Nová Eva")), ["/", "/events/", "/profile/"])


def test_of_strangers(open_screen: Screens, device: Device) -> None:
    look_at(open_screen(device), [*plain_pages(), "/login/?next=/events/"])


def test_with_a_hundred_rows(open_screen: Screens, device: Device) -> None:
    EventFactory.create_batch(100, start=in_days(2), end=in_days(2, 22))
    screen = open_screen(device, make_member())
    page = screen.open("/events/?page=2")
    screen.inspect()
    assert page.locator("tr[id^=event-]").count() == 25


def test_of_the_backoffice(open_screen: Screens, device: Device, rf: RequestFactory) -> None:
    """Lists, empty forms and forms of whatever the backoffice holds, as an administrator sees them."""
    season = make_season()
    notifications.notify_everybody("event_published", season.open_event)
    templates.template_from(season.open_event, "Jako minule", by=season.admin)
    import_waiting(season)
    request = rf.get("/")
    request.user = season.admin
    look_at_backoffice(open_screen(device, season.admin), ["/admin/", *pages_of_backoffice(request)])


def test_behind_an_event_of_the_backoffice(open_screen: Screens, device: Device) -> None:
    season = make_season()
    paths = [*pages_of_crew(season), *pages_of_copies(season)]
    look_at_backoffice(open_screen(device, season.admin), paths)


def test_of_imports(open_screen: Screens, device: Device) -> None:
    season = make_season()
    look_at_backoffice(open_screen(device, season.admin), pages_of_imports(season))


def look_at_backoffice(screen: Screen, paths: Iterable[str]) -> None:
    """The pages are many; on a phone they hold the same as on the desk, so there only their width is looked at."""
    if screen.device == DESKTOP:
        look_at(screen, paths)
        return
    for path in paths:
        screen.open(path)
        screen.inspect_width()


def pages_of_backoffice(request: object) -> Iterator[str]:
    """Yield the addresses that the registered pages offer to the person."""
    for model, pages in admin.site._registry.items():
        if not pages.has_view_permission(request):
            continue
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if pages.has_add_permission(request):
            yield reverse(f"{name}_add")
        if (row := model._default_manager.first()) is not None:
            yield reverse(f"{name}_change", args=[row.pk])


def pages_of_crew(season: Season) -> Iterator[str]:
    event: Event = season.next_duty
    taken = event.assignments.earliest("pk")
    free = season.open_event.positions.earliest("pk")
    yield reverse("admin:events_event_remove", args=[event.pk, taken.pk])
    yield reverse("admin:events_event_assign", args=[season.open_event.pk, free.pk])
    yield reverse("admin:events_event_change", args=[event.pk])
    yield reverse("admin:events_event_change", args=[season.cancelled.pk])
    yield reverse("admin:events_event_convert", args=[season.open_event.pk])
    for by_conditions in season.by_conditions:
        yield reverse("admin:events_event_change", args=[by_conditions.pk])
        yield reverse("admin:events_event_assign_to_event", args=[by_conditions.pk])
        yield reverse("admin:events_event_convert", args=[by_conditions.pk])


def pages_of_copies(season: Season) -> Iterator[str]:
    """Yield the pages that make events after events, in both modes, and those of a template."""
    weekly = f"weekdays=0&weekdays=3&interval=1&until={in_days(40):%Y-%m-%d}"
    for event in (season.open_event, season.by_conditions[0]):
        yield reverse("admin:events_event_split", args=[event.pk])
        yield f"{reverse('admin:events_event_series', args=[event.pk])}?{weekly}"
        yield reverse("admin:events_event_save_template", args=[event.pk])
        yield reverse("admin:events_event_add", query={"copy": event.pk})
    yield reverse("admin:events_event_delete", args=[season.cancelled.pk])
    template = templates.template_from(season.open_event, "Jako minule", by=season.admin)
    yield reverse("admin:events_eventtemplate_delete", args=[template.pk])
    yield reverse("admin:events_eventtemplate_series", args=[template.pk])


def import_waiting(season: Season) -> SeasonImport:
    return drafts.begin(read_season(SAMPLE), source="sezona.xlsx", by=season.admin, at=timezone.now())


def pages_of_imports(season: Season) -> Iterator[str]:
    """Yield an import that waits, both its lists and a row of each, and one that is done."""
    waiting, done = import_waiting(season), import_waiting(season)
    drafts.carry_out(done.pk, by=season.admin, at=timezone.now(), version=done.version)
    page = reverse("admin:events_seasonimport_change", args=[waiting.pk])
    yield from (page, f"{page}?part=people", f"{page}?show=deselected")
    doubtful = {"events": 9, "people": 5}
    yield from (reverse("admin:events_seasonimport_row", args=[waiting.pk, *row]) for row in doubtful.items())
    yield reverse("admin:events_seasonimport_change", args=[done.pk])


def look_at(screen: Screen, paths: Iterable[str]) -> None:
    """Open each page and inspect it."""
    accessibility.expect_inspections(screen.context)
    for path in paths:
        answer = screen.page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        screen.inspect_as_device()
