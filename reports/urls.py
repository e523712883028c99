"""URLs of the reports."""

from __future__ import annotations

from django.urls import path

from reports.views import events, index, person, printouts, statistics, work, work_summary

app_name = "reports"

urlpatterns = [
    path("", index.index, name="index"),
    path("own/", person.own, name="own"),
    path("people/<uuid:pk>/", person.person, name="person"),
    path("master-events/", index.choose_master, name="choose_master"),
    path("master-events/<int:pk>/", events.master, name="master"),
    path("period/", events.period, name="period"),
    path("work-summary/", work_summary.work_summary, name="work_summary"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics/events/", statistics.event_rows, name="statistics_events"),
    path("statistics/people/", statistics.people_rows, name="statistics_people"),
    path("statistics/people/<uuid:pk>/", statistics.person_rows, name="statistics_person"),
    path("statistics/equipment/", statistics.equipment_rows, name="statistics_equipment"),
    path("print/", printouts.printout, name="printout"),
    path("work-report/", work.work_report, name="work"),
    path("work-report/<uuid:pk>/", work.work_report_file, name="work_file"),
]
