"""Every address of the site × every sort of person: who gets what.

An address that is missing here, or that no longer exists, fails the first tests. A new one is added with the path
of an example and one of the groups of answers below. Words in braces stand for the rows of `access.make_rows`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from debriefing.tests import confidential
from medcover.tests.access import LEFT, LOGIN, PEOPLE, ROLES, address_of, addresses, log_in, make_rows, posted, told

pytestmark = pytest.mark.django_db

Answers = dict[str, int | str]

#: How the backoffice turns away who may not open it; the page behind says 403.
DOOR = "→ /admin/login/"
#: Who has to log in first, whatever their browser remembers.
OUTSIDE = ("anonymous", *LEFT)


def everybody(answer: int | str) -> Answers:
    """The same for all, logged in or not."""
    return dict.fromkeys(PEOPLE, answer)


def people(answer: int | str, **others: int | str) -> Answers:
    """The same for everybody with a living account, except those named; the rest log in first."""
    assert others.keys() <= ROLES.keys()
    return {**everybody(LOGIN), **dict.fromkeys(ROLES, answer), **others}


def strangers(answer: int | str) -> Answers:
    """A page for whoever is not logged in; the others are led to their first page."""
    return {**people("→ /"), **dict.fromkeys(OUTSIDE, answer)}


def readers(answer: int | str, refused: int, **others: int | str) -> Answers:
    """Whoever may see published events: not debriefing managers and technicians as such, not those without a role."""
    return people(answer, **{"debriefing": refused, "technician": refused, "nobody": refused, **others})


def signers(answer: int | str) -> Answers:
    """Whoever makes work reports of their own."""
    return people(answer, viewer=403, debriefing=403, technician=403, nobody=403)


def for_others(answer: int | str, **others: int | str) -> Answers:
    """Whoever makes work reports of others."""
    return people(403, **{"admin": answer, "coordinator": answer, "superuser": answer, **others})


def holders(answer: int | str, **others: int | str) -> Answers:
    """Whoever may see equipment."""
    return people(answer, **{"debriefing": 403, "nobody": 403, **others})


def debriefing_managers(answer: int | str) -> Answers:
    """Whoever reads confidential answers: nobody else, whatever else they may do."""
    return people(403, debriefing=answer)


def staff(answer: int | str, **others: int | str) -> Answers:
    """Whoever the backoffice is open to."""
    return people(DOOR, **{"admin": answer, "coordinator": answer, "superuser": answer, **others})


def admins(answer: int | str, *, coordinator: int | str = 403) -> Answers:
    """Administrators; coordinators are in the backoffice and are refused the page."""
    return staff(answer, coordinator=coordinator)


OPEN, ONLY_POST, NOT_HERE = everybody(200), everybody(405), everybody(404)
PEOPLE_ONLY, POST_OF_PEOPLE = people(200), people(405)
READERS = readers(200, 404)
PLANNERS = readers(200, 404, viewer=404)
INSPECTORS = holders(200, member=403, viewer=403)
REPAIRERS = holders(200, member=403, viewer=403)
#: Where confidential answers stand.
CONFIDENTIAL = {"/debriefing/manage/", "/debriefing/event/{completed}/"}
STAFF, ADMINS, NO_STAFF = staff(200), admins(200), staff(403)

#: Address, path of an example, answers to a GET.
TABLE: list[tuple[str, str, Answers]] = [
    # without a login
    ("healthz", "/healthz", OPEN),
    ("readyz", "/readyz", OPEN),
    # of an installation without a token; with one see medcover/tests/test_metrics.py
    ("metrics", "/metrics", NOT_HERE),
    ("guides:home", "/guides/", OPEN),
    ("guides:guide", "/guides/members/", OPEN),
    ("csp_report", "/csp-report", ONLY_POST),
    ("login", "/login/", strangers(200)),
    ("second_step", "/login/code/", strangers("→ /login/")),
    ("oidc_callback", "/login/oidc/callback/", NOT_HERE),
    ("oidc_logged_out", "/login/oidc/logged-out/", NOT_HERE),
    ("oidc_backchannel_logout", "/login/oidc/backchannel-logout/", NOT_HERE),
    ("logout", "/logout/", ONLY_POST),
    ("register", "/register/{invited}/", OPEN),
    ("register", "/register/unknown/", everybody("→ /login/")),
    ("forgotten_password", "/password/forgotten/", OPEN),
    ("new_password", "/password/new/", everybody(400)),
    ("reset_link", "/password/new/unknown/", everybody(400)),
    ("reset_link", "/password/new/{reset}/", everybody("→ /password/new/")),
    ("ical", "/ical/{feed}.ics", OPEN),
    ("ical", "/ical/{feed_of_gone}.ics", NOT_HERE),
    ("roster:theme", "/profile/theme/", ONLY_POST),
    # the status board and what stands behind the codes on equipment
    ("public:board", "/public/", OPEN),
    ("public:kiosk", "/public/kiosk", OPEN),
    ("public:kiosk_location", "/public/kiosk/{location}", OPEN),
    ("public:item", "/public/equipment/{code}", OPEN),
    ("public:item", "/public/equipment/{item}", everybody("→ /public/equipment/{code}")),
    ("public:report", "/public/equipment/{code}/report", ONLY_POST),
    ("public:confirmation", "/public/equipment/{code}/report-confirmation", NOT_HERE),
    ("public:info", "/public/equipment/{code}/info", OPEN),
    ("public:file", "/public/equipment/{code}/files/{file}", OPEN),
    # notifications in browsers, of an installation without a key; with one see notifications/tests/push/test_access.py
    ("push:slack", "/slack/events", NOT_HERE),  # without a token; with one see notifications/tests/slack
    ("push:worker", "/sw.js", NOT_HERE),
    ("push:manifest", "/manifest.webmanifest", NOT_HERE),
    ("push:choices", "/profile/push/", people(404)),
    ("push:subscribe", "/profile/push/subscribe/", people(404)),
    ("push:remove", "/profile/push/00000000-0000-4000-8000-000000000000/remove/", people(404)),
    # the wizard of an installation that has been set up
    ("setup:organisation", "/setup/", everybody("→ /")),
    ("setup:mail", "/setup/mail/", everybody("→ /")),
    ("setup:administrator", "/setup/administrator/", everybody("→ /")),
    ("setup:done", "/setup/done/", people("→ /")),
    # oneself
    ("roster:profile", "/profile/", PEOPLE_ONLY),
    ("roster:preferences", "/profile/preferences/", people("→ /profile/")),
    ("roster:notices", "/profile/notifications/", people("→ /profile/")),
    ("roster:password", "/profile/password/", people("→ /profile/")),
    ("roster:signature", "/profile/signature/", signers("→ /profile/")),
    ("roster:signature_delete", "/profile/signature/delete/", signers("→ /profile/")),
    ("roster:signature_picture", "/profile/signature/picture/", signers(404)),
    ("roster:second_factor", "/profile/second-factor/", PEOPLE_ONLY),
    ("roster:second_factor_setup", "/profile/second-factor/setup/", people("→ /profile/second-factor/")),
    ("roster:second_factor_codes", "/profile/second-factor/codes/", people("→ /profile/second-factor/")),
    ("roster:second_factor_off", "/profile/second-factor/off/", people("→ /profile/second-factor/")),
    ("roster:calendar_link", "/profile/calendar-link/own/", POST_OF_PEOPLE),
    ("roster:calendar_guide", "/profile/calendar-guide/", PEOPLE_ONLY),
    ("roster:own_data", "/profile/data/", people("→ /profile/")),
    # the application itself
    ("feedback", "/feedback/", PEOPLE_ONLY),
    ("changes", "/changes/", PEOPLE_ONLY),
    # people and what they can do
    ("people", "/people/", readers(200, 403)),
    ("person", "/people/{person}/", readers(200, 403)),
    ("person", "/people/{gone}/", readers(404, 403, admin=200, superuser=200)),
    ("qualifications", "/qualifications/", readers(200, 403)),
    # events
    ("events:dashboard", "/", PEOPLE_ONLY),
    ("events:list", "/events/", readers(200, 403)),
    ("events:calendar", "/calendar/", readers(200, 403)),
    ("events:calendar_feed", "/calendar/feed/?start=2027-05-01&end=2027-06-01", readers(200, 403)),
    ("events:print", "/events/print/", readers(200, 403)),
    ("reports:index", "/reports/", readers(200, 403)),
    ("reports:own", "/reports/own/", people(200)),
    ("reports:index", "/reports/?q=a", readers(200, 403)),
    ("reports:person", "/reports/people/{person}/", readers(200, 403)),
    ("reports:person", "/reports/people/{person}/?format=csv", readers(200, 403)),
    ("reports:person", "/reports/people/{gone}/", readers(404, 403, admin=200, superuser=200)),
    ("reports:choose_master", "/reports/master-events/?master={master}",
     readers("→ /reports/master-events/{master}/", 403)),
    ("reports:master", "/reports/master-events/{master}/", readers(200, 403)),
    ("reports:master", "/reports/master-events/{master}/?format=csv", readers(200, 403)),
    ("reports:period", "/reports/period/?since=2027-05-01&until=2027-05-31", readers(200, 403)),
    ("reports:period", "/reports/period/?since=2027-05-01&until=2027-05-31&format=csv", readers(200, 403)),
    ("reports:work_summary", "/reports/work-summary/?since=2027-05-01&until=2027-05-31", readers(200, 403)),
    ("reports:work_summary", "/reports/work-summary/?since=2027-05-01&until=2027-05-31&format=xlsx", readers(200, 403)),
    ("reports:statistics", "/reports/statistics/", readers(200, 403)),
    ("reports:statistics", "/reports/statistics/?format=xlsx", readers(200, 403)),
    ("reports:statistics_events", "/reports/statistics/events/", readers(200, 403)),
    ("reports:statistics_people", "/reports/statistics/people/", readers(200, 403)),
    ("reports:statistics_person", "/reports/statistics/people/{person}/", readers(200, 403)),
    ("reports:statistics_person", "/reports/statistics/people/{gone}/", readers(404, 403, admin=200, superuser=200)),
    ("reports:statistics_equipment", "/reports/statistics/equipment/", readers(200, 403)),
    ("reports:printout", "/reports/print/", readers(200, 403)),
    ("reports:work", "/reports/work-report/", signers(200)),
    ("reports:work", "/reports/work-report/?person={person}", for_others(200)),
    ("reports:work", "/reports/work-report/?person={gone}", for_others(404, admin=200, superuser=200)),
    ("reports:work_file", "/reports/work-report/{work_report}/", people(404)),
    ("events:detail", "/events/{event}/", READERS),
    ("events:detail", "/events/{draft}/", PLANNERS),
    ("events:history", "/events/{event}/history/", READERS),
    ("events:history", "/events/{draft}/history/", PLANNERS),
    ("events:master", "/master-events/{master}/", readers(200, 403)),
    ("events:join", "/events/{event}/join/", readers(200, 404, viewer="→ /events/{event}/")),
    ("events:join", "/events/{draft}/join/", readers("→ /events/{draft}/", 404, viewer=404)),
    ("events:signup", "/events/{event}/signup/", POST_OF_PEOPLE),
    ("events:assign", "/events/{event}/assign/?position={position}",
     readers(403, 404, admin=200, coordinator=200, superuser=200)),
    ("events:assign", "/events/{conditions}/assign/", readers(403, 404, admin=200, coordinator=200, superuser=200)),
    ("events:assign", "/events/{draft}/assign/",
     readers(403, 404, viewer=404, admin="→ /events/{draft}/", coordinator="→ /events/{draft}/",
             superuser="→ /events/{draft}/")),
    ("events:remove", "/events/{event}/people/{participant}/remove/", POST_OF_PEOPLE),
    ("events:leader", "/events/{event}/leader/", POST_OF_PEOPLE),
    ("events:leave", "/events/{event}/leave/", POST_OF_PEOPLE),
    ("events:transition", "/events/{event}/transition/close/", POST_OF_PEOPLE),
    ("events:claim", "/positions/{position}/claim/", POST_OF_PEOPLE),
    ("events:queue", "/events/{event}/queue/", POST_OF_PEOPLE),
    ("events:unqueue", "/events/{event}/unqueue/", POST_OF_PEOPLE),
    ("events:accept_offer", "/offers/{offer}/accept/", POST_OF_PEOPLE),
    ("events:decline_offer", "/offers/{offer}/decline/", POST_OF_PEOPLE),
    ("events:message", "/events/{event}/message/", readers(403, 404, admin=200, coordinator=200, superuser=200)),
    ("events:hand_over", "/events/{event}/hand-over/", readers("→ /events/{event}/", 404)),
    ("events:hand_over", "/events/{draft}/hand-over/", readers("→ /events/{draft}/", 404, viewer=404)),
    ("events:answer_hand_over", "/hand-overs/{hand_over}/accept/", POST_OF_PEOPLE),
    # debriefing
    ("debriefing:own_list", "/debriefing/", people(200, viewer=403, technician=403, nobody=403)),
    ("debriefing:own", "/debriefing/{done}/", people(403)),
    ("debriefing:own", "/debriefing/999999999/", people(404)),
    ("debriefing:manage", "/debriefing/manage/", debriefing_managers(200)),
    ("debriefing:needs", "/debriefing/needs/", for_others(200)),
    ("debriefing:needs", "/debriefing/needs/?state=all&event={completed}", for_others(200)),
    ("debriefing:need_steps", "/debriefing/needs/steps/?need=999999999", for_others("→ /debriefing/needs/")),
    *[(f"debriefing:need_{name}", f"/debriefing/needs/{path}/", for_others(405))
      for name, path in {"template": "template", "book": "book", "booked": "booked", "stock": "stock",
                         "by_hand": "by-hand", "dismiss": "dismiss", "reopen": "reopen"}.items()],
    ("debriefing:event", "/debriefing/event/{completed}/", debriefing_managers(200)),
    ("debriefing:remind", "/debriefing/event/{completed}/remind/", debriefing_managers(405)),
    # equipment
    ("equipment:items", "/equipment/", holders(200)),
    ("equipment:types", "/equipment/types/", holders(200)),
    ("equipment:export_xlsx", "/equipment/export/xlsx/", holders(200)),
    ("equipment:export_csv", "/equipment/export/csv/", holders(200)),
    ("equipment:inspections", "/equipment/inspections/", INSPECTORS),
    ("equipment:inspect_several", "/equipment/inspections/several/", INSPECTORS),
    ("equipment:inspect_several", "/equipment/inspections/several/?plan={inspection}", INSPECTORS),
    ("equipment:inspections_xlsx", "/equipment/inspections/export/xlsx/", INSPECTORS),
    ("equipment:inspections_csv", "/equipment/inspections/export/csv/", INSPECTORS),
    ("equipment:inspect", "/equipment/{item}/inspections/{inspection}/", INSPECTORS),
    ("equipment:correct_inspection", "/equipment/inspections/results/{result}/correct/", INSPECTORS),
    ("equipment:item", "/equipment/{item}/", holders(200)),
    ("equipment:item_history", "/equipment/{item}/history/", holders(200, viewer=403)),
    ("equipment:file", "/equipment/files/{file}/", holders(200)),
    ("equipment:problem", "/equipment/{item}/problem/", holders(200, viewer=403)),
    ("equipment:repairs", "/equipment/repairs/", REPAIRERS),
    ("equipment:repairs_csv", "/equipment/repairs/export/csv/", REPAIRERS),
    ("equipment:repair_board", "/equipment/repairs/kanban/", REPAIRERS),
    ("equipment:repair_new", "/equipment/repairs/new/", REPAIRERS),
    ("equipment:repair", "/equipment/repairs/{repair}/", REPAIRERS),
    ("equipment:repair_photo", "/equipment/repairs/photos/{repair_photo}/", REPAIRERS),
    *[(f"equipment:repair_{name}", f"/equipment/repairs/{{repair}}/{name}/", holders(405, member=403, viewer=403))
      for name in ("save", "claim", "resolve", "note", "photos", "move")],
    ("equipment:labels", "/equipment/labels/", REPAIRERS),
    ("equipment:label", "/equipment/{item}/label/", REPAIRERS),
    ("equipment:label_preview", "/equipment/{item}/label/preview.png", REPAIRERS),
    ("equipment:label_png", "/equipment/{item}/label/label.png", REPAIRERS),
    ("equipment:issue", "/equipment/{item}/issue/", holders(200, viewer=403, technician=403)),
    ("equipment:report", "/equipment/{item}/report/", holders(403)),
    ("equipment:code", "/equipment/code/{code}/", holders("→ /equipment/{item}/")),
    ("equipment:packing", "/equipment/packing/{event}/", holders(200, technician=404)),
    ("equipment:packing", "/equipment/packing/{draft}/", holders(200, viewer=404, technician=404)),
    ("equipment:bring_back_one", "/equipment/packing/{event}/{packed}/back/",
     holders(200, member=403, viewer=403, technician=404)),
    *[(f"equipment:{name}", f"/equipment/packing/{{event}}/{path}/", holders(405))
      for name, path in (("pack", "pack"), ("bring_back", "back"), ("bring_everything_back", "back/all"),
                         ("unpack", "{packed}/unpack"))],
    ("equipment:service", "/equipment/{item}/service/", holders(200, member=403, viewer=403)),
    *[(f"equipment:{name}", f"/equipment/{{item}}/{path}/", holders(405))
      for name, path in [("take", "take"), ("take_back", "return"), ("end_service", "service/{window}/end"),
                         ("lost", "lost"), ("found", "found"), ("add_photo", "photos"),
                         ("add_document", "documents"), ("add_link", "links")]],
    ("equipment:plan_type", "/equipment/plan/{event}/", holders(405)),
    ("equipment:unplan_type", "/equipment/plan/{event}/remove/", holders(405)),
    ("equipment:delete_file", "/equipment/files/{file}/delete/", holders(405)),
    ("equipment:delete_link", "/equipment/links/{link}/delete/", holders(405)),
    # consumables
    ("equipment:consumables", "/equipment/consumables/", holders(200)),
    ("equipment:stock_xlsx", "/equipment/consumables/export/xlsx/", holders(200)),
    ("equipment:stock_csv", "/equipment/consumables/export/csv/", holders(200)),
    ("equipment:consumable", "/equipment/consumables/{consumable}/", holders(200)),
    ("equipment:ledger", "/equipment/consumables/{consumable}/ledger/", holders(200, viewer=403)),
    ("equipment:new_consumable", "/equipment/consumables/new/", holders(200, member=403, viewer=403)),
    *[(f"equipment:{name}", f"/equipment/consumables/{path}/", holders(200, member=403, viewer=403))
      for name, path in [("edit_consumable", "{consumable}/edit"), ("receive", "{consumable}/receive"),
                         ("use", "{consumable}/use"), ("count", "{consumable}/count"),
                         ("edit_lot", "lots/{lot}/edit"), ("dispose", "lots/{lot}/dispose"),
                         ("move", "lots/{lot}/move")]],
    *[(f"equipment:{name}", f"/equipment/consumables/{path}/", holders(405))
      for name, path in [("archive_consumable", "{consumable}/archive"),
                         ("unarchive_consumable", "{consumable}/unarchive"), ("undo", "movements/{movement}/undo")]],
    ("equipment:used_on_event", "/equipment/consumables/event/{event}/", holders(200, technician=404)),
    ("equipment:used_on_event", "/equipment/consumables/event/{draft}/", holders(200, viewer=404, technician=404)),
    # the backoffice as such
    ("admin:index", "/admin/", STAFF),
    ("admin:login", "/admin/login/", people(403, admin="→ /admin/", coordinator="→ /admin/", superuser="→ /admin/")),
    ("admin/logout/", "/admin/logout/", ONLY_POST),
    ("admin/password_change/", "/admin/password_change/", people("→ /profile/")),
    ("admin:password_change_done", "/admin/password_change/done/", STAFF),
    ("admin:app_list", "/admin/events/", STAFF),
    ("admin:app_list", "/admin/credentials/", STAFF),
    ("admin:app_list", "/admin/equipment/", STAFF),
    ("admin:app_list", "/admin/roster/", STAFF),
    ("admin:app_list", "/admin/notifications/", admins(200, coordinator=404)),
    ("admin:app_list", "/admin/system/", admins(200, coordinator=404)),
    ("admin:autocomplete", "/admin/autocomplete/", staff(404)),
    ("admin:people_search", "/admin/people-search/", STAFF),
    ("admin:rights", "/admin/rights/", ADMINS),
    ("admin:installation", "/admin/installation/", ADMINS),
    ("admin:jsi18n", "/admin/jsi18n/", STAFF),
    ("admin:view_on_site", "/admin/r/{event_type}/{event}/", staff("→ http://testserver/events/{event}/")),
    ("admin/(?P<url>.*)$", "/admin/nowhere/", staff(404)),
    # audit
    ("admin:system_auditentry_changelist", "/admin/system/auditentry/", ADMINS),
    ("admin:system_auditentry_export", "/admin/system/auditentry/export/csv/", staff(405)),
    ("admin:system_auditentry_add", "/admin/system/auditentry/add/", NO_STAFF),
    ("admin:system_auditentry_change", "/admin/system/auditentry/{audit}/change/", ADMINS),
    ("admin:system_auditentry_history", "/admin/system/auditentry/{audit}/history/", ADMINS),
    ("admin:system_auditentry_delete", "/admin/system/auditentry/{audit}/delete/", NO_STAFF),
    # feedback
    ("admin:system_userfeedback_changelist", "/admin/system/userfeedback/", ADMINS),
    ("admin:system_userfeedback_add", "/admin/system/userfeedback/add/", NO_STAFF),
    ("admin:system_userfeedback_change", "/admin/system/userfeedback/{feedback}/change/", ADMINS),
    ("admin:system_userfeedback_history", "/admin/system/userfeedback/{feedback}/history/", ADMINS),
    ("admin:system_userfeedback_delete", "/admin/system/userfeedback/{feedback}/delete/", ADMINS),
    # settings
    ("admin:system_sitesettings_changelist", "/admin/system/sitesettings/",
     staff("→ /admin/system/sitesettings/{settings}/change/")),
    ("admin:system_sitesettings_add", "/admin/system/sitesettings/add/", NO_STAFF),
    ("admin:system_sitesettings_change", "/admin/system/sitesettings/{settings}/change/", ADMINS),
    ("admin:system_sitesettings_history", "/admin/system/sitesettings/{settings}/history/", ADMINS),
    ("admin:system_sitesettings_delete", "/admin/system/sitesettings/{settings}/delete/", NO_STAFF),
    # static status page
    ("admin:equipment_staticpagepush_changelist", "/admin/equipment/staticpagepush/", ADMINS),
    ("admin:equipment_staticpagepush_add", "/admin/equipment/staticpagepush/add/", NO_STAFF),
    ("admin:equipment_staticpagepush_push", "/admin/equipment/staticpagepush/push/",
     admins("→ /admin/equipment/staticpagepush/")),
    ("admin:equipment_staticpagepush_change", "/admin/equipment/staticpagepush/{static_push}/change/",
     staff("→ /admin/equipment/staticpagepush/")),
    ("admin:equipment_staticpagepush_history", "/admin/equipment/staticpagepush/{static_push}/history/",
     ADMINS),
    ("admin:equipment_staticpagepush_delete", "/admin/equipment/staticpagepush/{static_push}/delete/", NO_STAFF),
    # outbox
    ("admin:notifications_outboxmessage_changelist", "/admin/notifications/outboxmessage/", ADMINS),
    ("admin:notifications_outboxmessage_add", "/admin/notifications/outboxmessage/add/", NO_STAFF),
    ("admin:notifications_outboxmessage_change", "/admin/notifications/outboxmessage/{message}/change/", ADMINS),
    ("admin:notifications_outboxmessage_history", "/admin/notifications/outboxmessage/{message}/history/", ADMINS),
    ("admin:notifications_outboxmessage_delete", "/admin/notifications/outboxmessage/{message}/delete/", NO_STAFF),
    ("admin:notifications_outboxmessage_step", "/admin/notifications/outboxmessage/{message}/step/resend/",
     admins("→ /admin/notifications/outboxmessage/{message}/change/")),
    ("admin:notifications_outboxmessage_bulk", "/admin/notifications/outboxmessage/bulk/resend/",
     admins("→ /admin/notifications/outboxmessage/")),
    # switches of notifications: one page, whatever the address of a row says
    ("admin:notifications_notificationswitch_changelist", "/admin/notifications/notificationswitch/", ADMINS),
    ("admin:notifications_notificationswitch_add", "/admin/notifications/notificationswitch/add/", NO_STAFF),
    ("admin:notifications_notificationswitch_change", "/admin/notifications/notificationswitch/{switch}/change/",
     staff("→ /admin/notifications/notificationswitch/")),
    ("admin:notifications_notificationswitch_history", "/admin/notifications/notificationswitch/{switch}/history/",
     ADMINS),
    ("admin:notifications_notificationswitch_delete", "/admin/notifications/notificationswitch/{switch}/delete/",
     NO_STAFF),
    ("admin:notifications_notificationswitch_delays", "/admin/notifications/notificationswitch/delays/",
     admins(405)),
    ("admin:notifications_notificationswitch_sample", "/admin/notifications/notificationswitch/sample/",
     admins(405)),
    # backups: one page, and what is done on it
    ("admin:app_list", "/admin/backups/", admins(200, coordinator=404)),
    ("admin:backups_backupsettings_changelist", "/admin/backups/backupsettings/", ADMINS),
    ("admin:backups_backupsettings_add", "/admin/backups/backupsettings/add/", NO_STAFF),
    ("admin:backups_backupsettings_change", "/admin/backups/backupsettings/1/change/",
     staff("→ /admin/backups/backupsettings/")),
    ("admin:backups_backupsettings_history", "/admin/backups/backupsettings/1/history/", ADMINS),
    ("admin:backups_backupsettings_delete", "/admin/backups/backupsettings/1/delete/", NO_STAFF),
    *[(f"admin:backups_backupsettings_{name}", f"/admin/backups/backupsettings/{name}/",
       admins("→ /admin/backups/backupsettings/")) for name in ("run", "upload")],
    *[(f"admin:backups_backupsettings_{name}", f"/admin/backups/backupsettings/archive/{{archive}}/{path}/",
       admins(answer)) for name, path, answer in (
          ("download", "download", "→ /admin/backups/backupsettings/"),
          ("verify", "verify", "→ /admin/backups/backupsettings/"), ("restore", "restore", 200),
          ("remove", "delete", 200),
      )],
    *[(f"admin:backups_backupsettings_{name}", f"/admin/backups/backupsettings/archive/backup.zip/{path}/", admins(404))
      for name, path in (("download", "download"), ("verify", "verify"), ("restore", "restore"), ("remove", "delete"))],
    # the digest: one page, and what is done on it
    ("admin:notifications_digest_changelist", "/admin/notifications/digest/", ADMINS),
    ("admin:notifications_digest_add", "/admin/notifications/digest/add/", NO_STAFF),
    ("admin:notifications_digest_change", "/admin/notifications/digest/1/change/",
     staff("→ /admin/notifications/digest/")),
    ("admin:notifications_digest_history", "/admin/notifications/digest/1/history/", ADMINS),
    ("admin:notifications_digest_delete", "/admin/notifications/digest/1/delete/", NO_STAFF),
    ("admin:notifications_digest_preview", "/admin/notifications/digest/preview/", ADMINS),
    ("admin:notifications_digest_preview_mail", "/admin/notifications/digest/preview/mail/", ADMINS),
    *[(f"admin:notifications_digest_{name}", f"/admin/notifications/digest/{path}",
       admins("→ /admin/notifications/digest/"))
      for name, path in [("add_block", "blocks/add/"), ("order", "blocks/order/"),
                         ("switch", "blocks/{block}/switch/"), ("save_block", "blocks/{block}/save/"),
                         ("delete_block", "blocks/{block}/delete/"), ("send_test", "send-test/"),
                         ("send_now", "send-now/")]],
    # invitations
    ("admin:roster_invitation_changelist", "/admin/roster/invitation/", ADMINS),
    ("admin:roster_invitation_add", "/admin/roster/invitation/add/", NO_STAFF),
    ("admin:roster_invitation_change", "/admin/roster/invitation/{invitation}/change/",
     staff("→ /admin/roster/invitation/")),
    ("admin:roster_invitation_history", "/admin/roster/invitation/{invitation}/history/", ADMINS),
    ("admin:roster_invitation_delete", "/admin/roster/invitation/{invitation}/delete/", NO_STAFF),
    ("admin:roster_invitation_action", "/admin/roster/invitation/{invitation}/resend/",
     admins("→ /admin/roster/invitation/")),
    ("admin:roster_invitation_action", "/admin/roster/invitation/{invitation}/cancel/",
     admins("→ /admin/roster/invitation/")),
    # people
    ("admin:roster_user_changelist", "/admin/roster/user/", STAFF),
    ("admin:roster_user_add", "/admin/roster/user/add/", ADMINS),
    ("admin:roster_user_change", "/admin/roster/user/{person}/change/", STAFF),
    ("admin:roster_user_change", "/admin/roster/user/{gone}/change/", admins(200, coordinator="→ /admin/")),
    ("admin:roster_user_history", "/admin/roster/user/{person}/history/", ADMINS),
    ("admin:roster_user_history", "/admin/roster/user/{gone}/history/", admins(200, coordinator="→ /admin/")),
    ("admin:roster_user_delete", "/admin/roster/user/{person}/delete/", NO_STAFF),
    ("admin:roster_user_step", "/admin/roster/user/{person}/step/deactivate/",
     admins("→ /admin/roster/user/{person}/change/")),
    ("admin:roster_user_step", "/admin/roster/user/{gone}/step/unarchive/",
     admins("→ /admin/roster/user/{gone}/change/", coordinator=404)),
    ("admin:roster_user_erase", "/admin/roster/user/{gone}/erase/", admins(200, coordinator=404)),
    ("admin:roster_user_erase", "/admin/roster/user/{person}/erase/",
     admins("→ /admin/roster/user/{person}/change/")),
    ("admin:roster_user_bulk", "/admin/roster/user/bulk/add_role_admin/", admins("→ /admin/roster/user/")),
    # equipment
    ("admin:equipment_equipmentitem_changelist", "/admin/equipment/equipmentitem/", STAFF),
    ("admin:equipment_equipmentitem_add", "/admin/equipment/equipmentitem/add/", ADMINS),
    ("admin:equipment_equipmentitem_change", "/admin/equipment/equipmentitem/{item}/change/", STAFF),
    ("admin:equipment_equipmentitem_history", "/admin/equipment/equipmentitem/{item}/history/", STAFF),
    ("admin:equipment_equipmentitem_delete", "/admin/equipment/equipmentitem/{item}/delete/", NO_STAFF),
    ("admin:equipment_equipmentitem_step", "/admin/equipment/equipmentitem/{item}/step/archive/",
     admins("→ /admin/equipment/equipmentitem/{item}/change/")),
    ("admin:equipment_equipmentitem_bulk", "/admin/equipment/equipmentitem/bulk/archive/",
     admins("→ /admin/equipment/equipmentitem/")),
    ("admin:equipment_equipmentitem_import", "/admin/equipment/equipmentitem/import/", ADMINS),
    ("admin:equipment_equipmentitem_import_confirm", "/admin/equipment/equipmentitem/import/confirm/",
     admins("→ /admin/equipment/equipmentitem/import/")),
    ("admin:equipment_equipmentitem_export", "/admin/equipment/equipmentitem/export/xlsx/", STAFF),
    ("admin:equipment_consumable_changelist", "/admin/equipment/consumable/", STAFF),
    ("admin:equipment_consumable_add", "/admin/equipment/consumable/add/", STAFF),
    ("admin:equipment_consumable_change", "/admin/equipment/consumable/{consumable}/change/", STAFF),
    ("admin:equipment_consumable_history", "/admin/equipment/consumable/{consumable}/history/", STAFF),
    ("admin:equipment_consumable_delete", "/admin/equipment/consumable/{consumable}/delete/", NO_STAFF),
    ("admin:equipment_consumable_step", "/admin/equipment/consumable/{consumable}/step/archive/",
     staff("→ /admin/equipment/consumable/{consumable}/change/")),
    ("admin:equipment_equipmenttype_changelist", "/admin/equipment/equipmenttype/", STAFF),
    ("admin:equipment_equipmenttype_add", "/admin/equipment/equipmenttype/add/", ADMINS),
    ("admin:equipment_equipmenttype_change", "/admin/equipment/equipmenttype/{type}/change/", STAFF),
    ("admin:equipment_equipmenttype_history", "/admin/equipment/equipmenttype/{type}/history/", STAFF),
    ("admin:equipment_equipmenttype_delete", "/admin/equipment/equipmenttype/{type}/delete/", ADMINS),
    ("admin:equipment_storagelocation_changelist", "/admin/equipment/storagelocation/", STAFF),
    ("admin:equipment_storagelocation_add", "/admin/equipment/storagelocation/add/", STAFF),
    ("admin:equipment_storagelocation_change", "/admin/equipment/storagelocation/{location}/change/", STAFF),
    ("admin:equipment_storagelocation_history", "/admin/equipment/storagelocation/{location}/history/", STAFF),
    ("admin:equipment_storagelocation_delete", "/admin/equipment/storagelocation/{location}/delete/", NO_STAFF),
    ("admin:equipment_storagelocation_step", "/admin/equipment/storagelocation/{location}/step/archive/",
     staff("→ /admin/equipment/storagelocation/{location}/change/")),
    # qualifications
    ("admin:credentials_qualification_changelist", "/admin/credentials/qualification/", STAFF),
    ("admin:credentials_qualification_add", "/admin/credentials/qualification/add/", ADMINS),
    ("admin:credentials_qualification_change", "/admin/credentials/qualification/{qualification}/change/", STAFF),
    ("admin:credentials_qualification_history", "/admin/credentials/qualification/{qualification}/history/", STAFF),
    ("admin:credentials_qualification_delete", "/admin/credentials/qualification/{qualification}/delete/", ADMINS),
    # events in the backoffice
    ("admin:events_event_changelist", "/admin/events/event/", STAFF),
    ("admin:events_event_add", "/admin/events/event/add/", STAFF),
    ("admin:events_event_change", "/admin/events/event/{event}/change/", STAFF),
    ("admin:events_event_change", "/admin/events/event/{draft}/change/", STAFF),
    ("admin:events_event_history", "/admin/events/event/unknown/history/", staff("→ /admin/")),
    ("admin/events/event/<int:event_id>/history/", "/admin/events/event/{event}/history/",
     staff("→ /admin/events/event/{event}/change/#history")),
    ("admin:events_event_delete", "/admin/events/event/{event}/delete/",
     admins("→ /admin/events/event/{event}/change/")),
    ("admin:events_event_delete", "/admin/events/event/{put_away}/delete/", ADMINS),
    ("admin:events_event_print", "/admin/events/event/print/", staff("→ /admin/events/event/")),
    ("admin:events_event_split", "/admin/events/event/{event}/split/", STAFF),
    ("admin:events_event_series", "/admin/events/event/{event}/series/", STAFF),
    ("admin:events_event_step", "/admin/events/event/{event}/step/close/",
     staff("→ /admin/events/event/{event}/change/")),
    ("admin:events_event_assign", "/admin/events/event/{event}/positions/{position}/assign/", STAFF),
    ("admin:events_event_assign_to_event", "/admin/events/event/{conditions}/assign/", STAFF),
    ("admin:events_event_convert", "/admin/events/event/{conditions}/convert/", STAFF),
    ("admin:events_event_remove", "/admin/events/event/{event}/people/{assignment}/remove/", STAFF),
    ("admin:events_event_bulk", "/admin/events/event/bulk/publish/", staff("→ /admin/events/event/")),
    ("admin:events_event_bulk", "/admin/events/event/bulk/unarchive/", admins("→ /admin/events/event/")),
    ("admin:events_event_save_template", "/admin/events/event/{event}/template/", STAFF),
    # templates of events
    ("admin:events_eventtemplate_changelist", "/admin/events/eventtemplate/", STAFF),
    ("admin:events_eventtemplate_add", "/admin/events/eventtemplate/add/", STAFF),
    ("admin:events_eventtemplate_change", "/admin/events/eventtemplate/{template}/change/", STAFF),
    ("admin:events_eventtemplate_history", "/admin/events/eventtemplate/{template}/history/", STAFF),
    ("admin:events_eventtemplate_delete", "/admin/events/eventtemplate/{template}/delete/", STAFF),
    ("admin:events_eventtemplate_series", "/admin/events/eventtemplate/{template}/series/", STAFF),
    # master events
    ("admin:events_masterevent_table", "/admin/events/masterevent/{master}/table/", STAFF),
    ("admin:events_masterevent_table_step", "/admin/events/masterevent/{general}/table/{event}/",
     staff("→ /admin/events/masterevent/{general}/table/")),
    ("admin:events_masterevent_table_dialog",
     "/admin/events/masterevent/{general}/table/{event}/dialog/?kind=edit", STAFF),
    ("admin:events_masterevent_changelist", "/admin/events/masterevent/", STAFF),
    ("admin:events_masterevent_add", "/admin/events/masterevent/add/", STAFF),
    ("admin:events_masterevent_change", "/admin/events/masterevent/{master}/change/", STAFF),
    ("admin:events_masterevent_change", "/admin/events/masterevent/{general}/change/", STAFF),
    ("admin:events_masterevent_history", "/admin/events/masterevent/{master}/history/", STAFF),
    ("admin:events_masterevent_delete", "/admin/events/masterevent/{master}/delete/", NO_STAFF),
    ("admin:events_masterevent_step", "/admin/events/masterevent/{master}/step/archive/",
     staff("→ /admin/events/masterevent/{master}/change/")),
    # imports, each of which only its owner sees
    ("admin:events_seasonimport_changelist", "/admin/events/seasonimport/", ADMINS),
    ("admin:events_seasonimport_add", "/admin/events/seasonimport/add/", NO_STAFF),
    ("admin:events_seasonimport_change", "/admin/events/seasonimport/{import}/change/",
     admins("→ /admin/events/seasonimport/")),
    ("admin:events_seasonimport_history", "/admin/events/seasonimport/{import}/history/",
     admins("→ /admin/events/seasonimport/{import}/change/")),
    ("admin:events_seasonimport_delete", "/admin/events/seasonimport/{import}/delete/", NO_STAFF),
    ("admin:events_seasonimport_choices", "/admin/events/seasonimport/{import}/choices/", admins(404)),
    ("admin:events_seasonimport_select", "/admin/events/seasonimport/{import}/select/events/", admins(404)),
    ("admin:events_seasonimport_row", "/admin/events/seasonimport/{import}/events/1/", admins(404)),
    ("admin:events_seasonimport_row", "/admin/events/seasonimport/{import}/people/1/", admins(404)),
    ("admin:events_seasonimport_leaders", "/admin/events/seasonimport/{import}/leaders/", admins(404)),
    ("admin:events_seasonimport_import", "/admin/events/seasonimport/{import}/import/",
     admins("→ /admin/events/seasonimport/{import}/change/")),
    ("admin:events_seasonimport_discard", "/admin/events/seasonimport/{import}/discard/",
     admins("→ /admin/events/seasonimport/{import}/change/")),
]  # fmt: skip

#: The admin leads from the short address of a row, which has no name, to its page, which judges.
TABLE += [
    (f"admin/{model}/<path:object_id>/", f"/admin/{model}/{row}/", staff(f"→ /admin/{model}/{row}/change/"))
    for model, row in {
        "system/auditentry": "{audit}",
        "system/sitesettings": "{settings}",
        "system/userfeedback": "{feedback}",
        "notifications/outboxmessage": "{message}",
        "notifications/notificationswitch": "{switch}",
        "notifications/digest": "1",
        "backups/backupsettings": "1",
        "roster/invitation": "{invitation}",
        "roster/user": "{person}",
        "credentials/qualification": "{qualification}",
        "equipment/consumable": "{consumable}",
        "equipment/equipmentitem": "{item}",
        "equipment/equipmenttype": "{type}",
        "equipment/storagelocation": "{location}",
        "equipment/staticpagepush": "{static_push}",
        "events/event": "{event}",
        "events/eventtemplate": "{template}",
        "events/masterevent": "{master}",
        "events/seasonimport": "{import}",
    }.items()
]

#: Names of Django's admin whose paths answer as something else, because ours come first.
HIDDEN = {"admin:logout": "admin/logout/", "admin:password_change": "admin/password_change/"}

#: Path, and what an empty form gets from those who may not send it, where a GET does not tell.
POSTS: list[tuple[str, Answers]] = [
    ("/events/{event}/transition/close/",
     {"member": 403, "viewer": 403, "debriefing": 404, "technician": 404, "nobody": 404}),
    ("/events/{draft}/transition/publish/", {"member": 403, "viewer": 404}),
    ("/events/{event}/signup/", {"viewer": "→ /events/{event}/", "technician": 404, "nobody": 404}),
    ("/events/{conditions}/signup/", {"viewer": "→ /events/{conditions}/", "technician": 404, "nobody": 404}),
    ("/events/{draft}/signup/", {"member": "→ /events/{draft}/", "viewer": 404}),
    ("/events/{event}/people/{participant}/remove/",
     {"member": 403, "viewer": 403, "debriefing": 404, "technician": 404, "nobody": 404}),
    ("/events/{event}/leader/",
     {"member": 403, "viewer": 403, "debriefing": 404, "technician": 404, "nobody": 404}),
    ("/events/{event}/leave/", {"viewer": "→ /events/{event}/", "technician": 404, "nobody": 404}),
    ("/positions/{position}/claim/", {"viewer": "→ /events/{event}/", "technician": 404, "nobody": 404}),
    ("/positions/{position_of_draft}/claim/", {"member": "→ /events/{draft}/", "viewer": 404}),
    ("/events/{event}/queue/", {"viewer": "→ /events/{event}/", "technician": 404, "nobody": 404}),
    ("/events/{draft}/queue/", {"member": "→ /events/{draft}/", "viewer": 404}),
    ("/events/{event}/unqueue/", {"viewer": "→ /events/{event}/", "technician": 404, "nobody": 404}),
    ("/events/{event}/hand-over/", {"member": "→ /events/{event}/", "viewer": "→ /events/{event}/", "nobody": 404}),
    # what is asked of somebody else
    *[(f"/offers/{{offer}}/{answer}/", dict.fromkeys(ROLES, 404)) for answer in ("accept", "decline")],
    *[(f"/hand-overs/{{hand_over}}/{answer}/", dict.fromkeys(ROLES, 404))
      for answer in ("accept", "decline", "withdraw")],
    # debriefing
    ("/debriefing/{done}/", dict.fromkeys(ROLES, 403)),
    *[(f"/debriefing/needs/{step}/", dict.fromkeys(("member", "viewer", "debriefing", "technician", "nobody"), 403))
      for step in ("template", "book", "booked", "stock", "by-hand", "dismiss", "reopen")],
    ("/debriefing/event/{completed}/remind/", {who: 403 for who in ROLES if who != "debriefing"}),
    # equipment
    ("/equipment/{item}/take/", {"viewer": 403, "technician": 403, "debriefing": 403, "nobody": 403}),
    ("/equipment/{item}/return/", {"viewer": 403, "technician": 403, "debriefing": 403, "nobody": 403}),
    *[(f"/equipment/packing/{{event}}/{path}/",
       {"member": 403, "viewer": 403, "technician": 404, "debriefing": 403, "nobody": 403})
      for path in ("pack", "back", "back/all", "{packed}/back", "{packed}/unpack")],
    *[(f"/equipment/{{item}}/{step}/", {"member": 403, "viewer": 403, "nobody": 403})
      for step in ("service/{window}/end", "lost", "found")],
    *[(f"/equipment/{path}", {"member": 403, "viewer": 403, "debriefing": 403, "nobody": 403})
      for path in ("{item}/inspections/{inspection}/", "inspections/results/{result}/correct/",
                   "inspections/several/?plan={inspection}")],
    ("/equipment/{item}/problem/", {"viewer": 403, "debriefing": 403, "nobody": 403}),
    *[(f"/equipment/repairs/{{repair}}/{step}/", {"member": 403, "viewer": 403, "debriefing": 403, "nobody": 403})
      for step in ("save", "claim", "resolve", "note", "photos", "move")],
    ("/equipment/repairs/new/?item={item}", {"member": 403, "viewer": 403, "debriefing": 403, "nobody": 403}),
    *[(f"/equipment/{{item}}/{part}/", {"coordinator": 403, "member": 403, "viewer": 403, "technician": 403})
      for part in ("photos", "documents", "links")],
    *[(f"/equipment/plan/{{event}}/{end}", {"member": 403, "viewer": 403, "technician": 404, "nobody": 403})
      for end in ("", "remove/")],
    ("/equipment/files/{file}/delete/", {"coordinator": 403, "member": 403, "viewer": 403, "technician": 403}),
    ("/equipment/links/{link}/delete/", {"coordinator": 403, "member": 403, "viewer": 403, "technician": 403}),
    *[(f"/equipment/consumables/{path}/", {"member": 403, "viewer": 403, "nobody": 403})
      for path in ("new", "{consumable}/edit", "{consumable}/archive", "{consumable}/unarchive",
                   "{consumable}/receive", "{consumable}/use", "{consumable}/count", "lots/{lot}/edit",
                   "lots/{lot}/dispose", "lots/{lot}/move", "movements/{movement}/undo")],
    ("/equipment/consumables/event/{event}/", {"member": 403, "viewer": 403, "technician": 404, "nobody": 403}),
    ("/admin/equipment/equipmentitem/{item}/change/", {"coordinator": 403}),
    ("/admin/equipment/equipmenttype/{type}/change/", {"coordinator": 403}),
    ("/profile/calendar-link/own/", {"viewer": 403, "debriefing": 403, "technician": 403, "nobody": 403}),
    ("/profile/calendar-link/all/", {"viewer": 403, "debriefing": 403, "technician": 403, "nobody": 403}),
    ("/admin/system/auditentry/export/csv/", {"coordinator": 403}),
    ("/admin/system/auditentry/export/xlsx/", {"coordinator": 403}),
    ("/admin/roster/user/{person}/change/", {"coordinator": 403}),
    ("/admin/roster/user/{gone}/change/", {"coordinator": 403}),
    ("/admin/credentials/qualification/{qualification}/change/", {"coordinator": 403}),
    ("/admin/events/masterevent/{master}/step/archive/", {"coordinator": 403}),
    ("/admin/events/masterevent/{master}/step/unarchive/", {"coordinator": 403}),
    ("/admin/events/event/{event}/step/archive/", {"coordinator": 403}),
    ("/admin/events/event/{event}/step/unarchive/", {"coordinator": 403}),
    ("/admin/events/event/{put_away}/delete/", {"coordinator": 403}),
]  # fmt: skip

#: Addresses that take nothing but a POST, and take it from everybody.
POSTED_BY_ALL = {"csp_report", "logout", "admin/logout/", "roster:theme", "public:report"}

#: Who tries to send what they may not even read.
TRYING = (*OUTSIDE, "coordinator", "member", "viewer")


@pytest.fixture
def rows() -> dict[str, Any]:
    return make_rows()


def filled(answer: int | str, rows: dict[str, Any]) -> int | str:
    return answer.format(**rows) if isinstance(answer, str) else answer


def is_refusal(answer: int | str) -> bool:
    return answer in (LOGIN, DOOR, 403, 404)


def test_the_table_names_every_address_and_no_other():
    named, existing = {address for address, _path, _answers in TABLE}, set(addresses())
    assert not existing - named - HIDDEN.keys(), "Add these to the table."
    assert not named - existing, "These are no more."


def test_no_path_is_there_twice():
    assert not [path for path, count in Counter(path for _address, path, _answers in TABLE).items() if count > 1]


def test_every_row_names_the_address_that_answers(rows):
    answering = {path: address_of(path.format(**rows)) for _address, path, _answers in TABLE}
    assert answering == {path: address for address, path, _answers in TABLE}


@pytest.mark.parametrize(("hidden", "answering"), HIDDEN.items())
def test_a_hidden_name_leads_to_a_row_of_the_table(hidden, answering):
    assert address_of(reverse(hidden)) == answering


def test_what_takes_only_a_post_is_tried_with_one(rows):
    only_post = {address for address, _path, answers in TABLE if answers["member"] == 405}
    assert only_post - POSTED_BY_ALL <= {address_of(path.format(**rows)) for path, _answers in POSTS}


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_what(who, rows):
    client = log_in(who)
    found = {path: client.get(path.format(**rows)) for _address, path, _answers in TABLE}
    assert {path: told(answer) for path, answer in found.items()} == {
        path: filled(expected[who], rows) for _address, path, expected in TABLE
    }
    telling = {path for path, answer in found.items() if confidential.hints_in(confidential.body_of(answer))}
    assert telling == (CONFIDENTIAL if who == "debriefing" else set())


@pytest.mark.parametrize("who", TRYING)
def test_what_may_not_be_read_may_not_be_sent(who, rows):
    client = log_in(who)
    refused = {path: answers[who] for _address, path, answers in TABLE if is_refusal(answers[who])}
    got = {path: posted(client, path.format(**rows)) for path in refused}
    # A page that takes no form says so before it asks who it is.
    assert {path: answer for path, answer in got.items() if answer not in ((refused[path], []), (405, []))} == {}


@pytest.mark.parametrize("who", PEOPLE)
def test_a_form_sent_without_the_right_changes_nothing(who, rows):
    client = log_in(who)
    told_off = {path: {**dict.fromkeys(OUTSIDE, LOGIN), **answers}.get(who) for path, answers in POSTS}
    tried = {path: (filled(answer, rows), []) for path, answer in told_off.items() if answer is not None}
    assert {path: posted(client, path.format(**rows)) for path in tried} == tried
