"""URLs of the public pages, below /public/. Labels carry those of items, screens on walls that of the kiosk."""

from __future__ import annotations

from django.urls import path

from equipment.public.views import board, item, reporting

app_name = "public"

urlpatterns = [
    path("", board.board, name="board"),
    path("kiosk", board.kiosk, name="kiosk"),
    path("kiosk/<int:location>", board.kiosk, name="kiosk_location"),
    path("equipment/<str:code>", item.item, name="item"),
    path("equipment/<str:code>/report", reporting.report, name="report"),
    path("equipment/<str:code>/report-confirmation", reporting.confirmation, name="confirmation"),
    path("equipment/<str:code>/info", item.info, name="info"),
    path("equipment/<str:code>/files/<int:pk>", item.send_file, name="file"),
]
