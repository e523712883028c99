"""URLs of the member pages of debriefing, below /debriefing/."""

from __future__ import annotations

from django.urls import path

from debriefing.views import management, needs, own

app_name = "debriefing"

urlpatterns = [
    path("", own.own_list, name="own_list"),
    path("<int:pk>/", own.own, name="own"),
    path("needs/", needs.need_list, name="needs"),
    path("needs/steps/", needs.steps, name="need_steps"),
    path("needs/template/", needs.add_to_template, name="need_template"),
    path("needs/book/", needs.book_use, name="need_book"),
    path("needs/booked/", needs.accept_booked, name="need_booked"),
    path("needs/stock/", needs.start_stocking, name="need_stock"),
    path("needs/by-hand/", needs.settle_by_hand, name="need_by_hand"),
    path("needs/dismiss/", needs.dismiss, name="need_dismiss"),
    path("needs/reopen/", needs.reopen, name="need_reopen"),
    path("manage/", management.manage, name="manage"),
    path("event/<int:pk>/", management.event, name="event"),
    path("event/<int:pk>/remind/", management.remind, name="remind"),
]
