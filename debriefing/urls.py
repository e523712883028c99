"""URLs of the member pages of debriefing, below /debriefing/."""

from __future__ import annotations

from django.urls import path

from debriefing.views import management, own

app_name = "debriefing"

urlpatterns = [
    path("", own.own_list, name="own_list"),
    path("<int:pk>/", own.own, name="own"),
    path("manage/", management.manage, name="manage"),
    path("event/<int:pk>/", management.event, name="event"),
    path("event/<int:pk>/remind/", management.remind, name="remind"),
]
