"""Nothing changes without a trace: all models and services, walked through; what is left out is named with a reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from auditlog.registry import auditlog
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from medcover.system import audit
from medcover.system.models import AuditEntry
from medcover.tests.audit_walk import Walk, sources_below
from roster.tests.departed import make_departed

PACKAGES = ("medcover", "notifications", "roster", "credentials", "events", "equipment", "debriefing", "reports")

#: Model → why the record does not follow its columns.
NOT_FOLLOWED = {
    # written by hand, as facts
    "notifications.OutboxMessage": "what became of a mail stands in its row; giving up and sending again are recorded",
    "events.SeasonImport": "a draft of its owner; what it makes is recorded",
    "system.UserFeedback": "its words are not for keeping; deleting it is recorded",
    "events.TemplatePosition": "written anew with each save; the template's plan is recorded in words",
    "events.TemplateCondition": "written anew with each save; the template's plan is recorded in words",
    "equipment.RepairEntry": "a timeline that only grows; each save of a repair is recorded with it",
    "debriefing.Debriefing": "handing one in is recorded about the event",
    "debriefing.UsedMaterial": "part of a debriefing",
    "debriefing.ConfidentialAnswers": "confidential: never in the record",
    "debriefing.Need": "taken out of debriefings; what is done about one is recorded where it is done",
    "equipment.StaticPagePush": "attempts of the worker to write a page",
    "debriefing.DebriefingRequest": "when somebody was asked; reminding by hand is recorded",
    "roster.Authenticator": "a secret; switching on and off is recorded about the person",
    "roster.RecoveryCode": "a secret; new ones are recorded about the person",
    "roster.Signature": "a picture; saving and deleting are recorded about the person",
    "reports.WorkReport": "a file for a day; one about somebody else is recorded about that person",
    "notifications.PushSubscription": "a device; adding and removing are recorded about the person",
    "notifications.PushChoice": "recorded about the person",
    "notifications.OptOut": "recorded about the person",
    # many-to-many tables, recorded as fields of their models
    "roster.User_groups": "roles, a field of the account",
    "credentials.Qualification_direct_substitutes": "a field of the qualification",
    "events.Position_qualifications": "a field of the position",
    "events.TemplatePosition_qualifications": "part of the template's plan",
    # reckoned, measured or technical
    "credentials.Substitution": "reckoned from the qualifications",
    "equipment.ItemInspection": "reckoned from plans and results",
    "notifications.QueueDepth": "a measurement",
    "notifications.SlackRequest": "keys of requests, so that none is answered twice",
    "system.Heartbeat": "a sign of life",
    "system.PaceCounter": "a counter that leads back to nobody",
    "system.AuditEntry": "the record itself",
    "roster.ErasedTrace": "what an erasure leaves so that nobody is made again; the erasure is recorded",
    "debriefing.DebriefingRights": "holds permissions, no rows",
    "reports.ReportRights": "holds permissions, no rows",
}

#: Service that writes and records nothing → why.
QUIET = {
    # steps of other services, inside the trail that those have opened
    "credentials.services.rebuild_closure": "reckons",
    "equipment.services.availability.found_again": "step inside a trail",
    "equipment.services.issues.keep_report": "step inside a trail",
    "equipment.services.ledger.count": "step: the line of the ledger is registered",
    "equipment.services.ledger.save_lot": "step: the lot is registered",
    "equipment.services.repairs.record.leaving_stock": "watches, writes messages",
    "equipment.services.repairs.strangers.forget_reporters": "contacts that have to be gone, by a promised term",
    "equipment.services.shortage.watching_stock": "watches, writes messages",
    "equipment.services.standings.count_use": "counts",
    "equipment.services.standings.forget_use": "counts",
    "equipment.services.standings.rebuild": "reckons",
    "equipment.services.standings.settle": "reckons",
    "events.services.crew.exceptions_needed": "only reads, from a generator that fills a list",
    "events.services.figures.differences": "reckons",
    "events.services.figures.recount": "reckons",
    "events.services.masters.ensure_general": "the system's own row, registered",
    "roster.services.administrators.refuse_to_lose_last": "a lock",
    "roster.services.erasure.forecast": "everything is undone again",
    "medcover.system.services.lock_settings": "a lock; the row is made on first use",
    "medcover.system.services.forget_exceptions": "step of an erasure, which is recorded and keeps no address",
    "notifications.digest.services.load": "the row is made on first use",
    "notifications.digest.services.lock": "a lock; the row is made on first use",
    "notifications.services.remember_wishes": "step: whoever calls it records the change",
    "reports.services.delete_work_reports": "step; files for a day",
    "reports.services.forget_work_reports": "sweeps files older than a day",
    "roster.services.second_factor.begin": "a secret that counts only once it is confirmed, which is recorded",
    "roster.services.passwords.have_reset_requested": "hands over to the worker, which records",
    "roster.services.sessions.end_sessions": "step: whoever calls it records why",
    "roster.services.admission.end_sessions_of_subject": "logging out, as logging in, is no change",
    "debriefing.services.imported.fill_in": "neutral answers of an import, which is recorded",
    # runs of backups are rows of their own; what people ask for, and how a run ends, is recorded
    **{
        f"medcover.backups.services.{name}": "a run, or a step of one"
        for name in ("making.clear_leftovers", "making.finish", "making.prune_old", "making.verify", "runs.ask",
                     "runs.ask_if_due", "runs.close_abandoned")
    },
    # messages: rows of the outbox are their own trace
    "debriefing.services.asking.invite": "messages",
    "debriefing.services.asking.remind_due": "messages",
    **{
        f"events.services.notifications.{name}": "messages"
        for name in ("discard_pending", "notify_cancelled", "notify_everybody", "notify_participants", "notify_people",
                     "notify_person", "place_filled", "place_freed", "places_available")
    },
    "events.services.reminders.remind_of_duties": "messages",
    "events.services.reminders.remind_of_unfilled": "messages",
    "notifications.push.services.mark_used": "messages",
    **{
        f"notifications.services.{name}": "messages"
        for name in ("announce", "drop_pending_of", "enqueue", "enqueue_to", "together")
    },
    "medcover.system.feedback_services.send": "the row itself is the trace; as specified",
}  # fmt: skip

#: Steps that settle what is not there in the story: offers, proposals, an event that nobody leads.
WITHOUT_EFFECT_IN_THE_STORY = {
    "events.services.offers.drop_all",
    "events.services.offers.withdraw_all",
    "events.services.proposals.drop_all",
    "events.services.proposals.of_leaver",
    "events.services.responsible.choose_if_missing",
}


def own_models() -> list[type[Model]]:
    own = {config.label for config in apps.get_app_configs() if config.name in OWN}
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in own]


OWN = {"medcover.system", *PACKAGES}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return sources_below(Path(settings.BASE_DIR), PACKAGES)


@pytest.fixture(scope="module")
def walk(sources) -> Walk:
    return Walk.of(sources)


@pytest.fixture(scope="module")
def services(sources) -> set[str]:
    """The modules in which services live."""
    return {name for name in sources if any(part.endswith("services") for part in name.split("."))} - {
        "medcover.system.checks_of_services"
    }


class TestModels:
    def test_each_is_followed_or_left_out_for_a_reason(self):
        names = {model._meta.label for model in own_models() if not auditlog.contains(model)}
        assert names == NOT_FOLLOWED.keys()

    def test_the_walk_sees_models(self):
        assert len(own_models()) > 50

    def test_entries_can_be_about_every_kind_that_the_filter_offers(self):
        offered = {model._meta.label for model in audit.recorded_models()}
        assert {model._meta.label for model in auditlog.get_models()} < offered
        assert {"system.UserFeedback", "notifications.OutboxMessage"} <= offered


class TestServices:
    def test_each_that_writes_records_or_is_quiet_for_a_reason(self, walk, services):
        assert walk.silent(services) == QUIET.keys()

    def test_the_walk_sees_services(self, walk, services):
        public = [one for one in walk.functions.values() if one.module in services and one.is_public]
        writing = [one for one in public if walk.reaches(one.path, "writes")]
        assert len(services) > 60
        assert len(writing) > 200
        assert walk.reaches("events.services.crew.claim", "writes")
        assert walk.reaches("events.services.crew.claim", "records")

    def test_what_the_services_of_a_long_story_do_is_recorded(self, db, walk, services, monkeypatch):
        """Each outermost call of a service that records: there are more entries after it than before."""
        called: dict[str, list[bool]] = {}
        for path in _recording(walk, services):
            _watch(path, called, monkeypatch)
        make_departed()
        assert len(called) > 20
        assert {path for path, left in called.items() if not any(left)} == WITHOUT_EFFECT_IN_THE_STORY


def _recording(walk: Walk, services: set[str]) -> list[str]:
    public = [one for one in walk.functions.values() if one.module in services and one.is_public]
    return [one.path for one in public if walk.reaches(one.path, "records") and walk.reaches(one.path, "writes")]


def _watch(path: str, called: dict[str, list[bool]], monkeypatch: pytest.MonkeyPatch) -> None:
    module_name, _dot, name = path.rpartition(".")
    module = import_module(module_name)
    service: Callable[..., Any] = getattr(module, name)
    if inspect.isgeneratorfunction(inspect.unwrap(service)):
        return

    @wraps(service)
    def watched(*args: Any, **kwargs: Any) -> Any:
        before = AuditEntry.objects.count()
        result = service(*args, **kwargs)
        called.setdefault(path, []).append(AuditEntry.objects.count() > before)
        return result

    monkeypatch.setattr(module, name, watched)


class TestTheWalk:
    """On sources of its own: it finds what it is there for."""

    AUDIT = "from medcover.system import audit\n"

    def silent(self, **modules: str) -> set[str]:
        return Walk.of({f"app.{name}": source for name, source in modules.items()}).silent(["app.services"])

    def test_finds_a_service_that_writes_in_silence(self):
        assert self.silent(services="def rename(row):\n    row.save()\n") == {"app.services.rename"}

    def test_is_content_with_a_trail(self):
        source = f"{self.AUDIT}def rename(row, by):\n    with audit.trail(by=by):\n        row.save()\n"
        assert self.silent(services=source) == set()

    def test_follows_helpers_of_the_same_module_and_of_others(self):
        source = "from app import rows\ndef rename(row):\n    _write(row)\ndef _write(row):\n    rows.write(row)\n"
        assert self.silent(services=source, rows="def write(row):\n    row.save()\n") == {"app.services.rename"}

    def test_follows_a_record_below(self):
        rows = f"{self.AUDIT}def write(row):\n    row.save()\n    audit.record(row)\n"
        source = "from app.rows import write\ndef rename(row):\n    write(row)\n"
        assert self.silent(services=source, rows=rows) == set()

    def test_a_trail_of_something_else_is_none(self):
        source = "import hiking\ndef rename(row):\n    with hiking.trail():\n        row.save()\n"
        assert self.silent(services=source) == {"app.services.rename"}

    def test_reading_is_silent_and_right(self):
        source = "def read(rows):\n    seen = set()\n    seen.add(1)\n    return rows.filter(pk=1)\n"
        assert self.silent(services=source) == set()

    def test_many_rows_at_once_are_rows(self):
        source = "def put_away(rows):\n    rows.objects.filter(pk=1).update(is_archived=True)\n"
        assert self.silent(services=source) == {"app.services.put_away"}

    def test_follows_classes(self):
        source = "class Draft:\n    def keep(self):\n        self.row.save()\ndef begin():\n    Draft().keep()\n"
        assert self.silent(services=source) == {"app.services.begin"}
