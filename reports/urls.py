"""URLs of the reports."""

from __future__ import annotations

from django.urls import path

from reports.views import printouts, work

app_name = "reports"

urlpatterns = [
    path("print/", printouts.printout, name="printout"),
    path("work-report/", work.work_report, name="work"),
    path("work-report/<uuid:pk>/", work.work_report_file, name="work_file"),
]
