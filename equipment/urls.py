"""URLs of the member pages of equipment, below /equipment/."""

from __future__ import annotations

from django.urls import path

from equipment.views import asking, files, item, listing, plans, sheets
from equipment.views.repairs import board, opening, page, queue, steps

app_name = "equipment"

urlpatterns = [
    path("", listing.item_list, name="items"),
    path("types/", listing.type_list, name="types"),
    path("export/xlsx/", sheets.export_xlsx, name="export_xlsx"),
    path("export/csv/", sheets.export_csv, name="export_csv"),
    path("<int:pk>/", item.item_detail, name="item"),
    path("<int:pk>/take/", item.take, name="take"),
    path("<int:pk>/return/", item.take_back, name="take_back"),
    path("<int:pk>/issue/", asking.issue, name="issue"),
    path("<int:pk>/report/", asking.report, name="report"),
    path("<int:pk>/service/", asking.service, name="service"),
    path("<int:pk>/service/<int:window>/end/", item.end_service, name="end_service"),
    path("<int:pk>/lost/", item.lost, name="lost"),
    path("<int:pk>/found/", item.found, name="found"),
    path("<int:pk>/photos/", files.add_photo, name="add_photo"),
    path("<int:pk>/documents/", files.add_document, name="add_document"),
    path("<int:pk>/links/", files.add_link, name="add_link"),
    path("<int:pk>/problem/", opening.report, name="problem"),
    path("repairs/", queue.queue, name="repairs"),
    path("repairs/export/csv/", queue.export_csv, name="repairs_csv"),
    path("repairs/kanban/", board.board, name="repair_board"),
    path("repairs/new/", opening.create, name="repair_new"),
    path("repairs/<int:pk>/", page.detail, name="repair"),
    path("repairs/<int:pk>/save/", page.save, name="repair_save"),
    path("repairs/<int:pk>/claim/", steps.claim, name="repair_claim"),
    path("repairs/<int:pk>/resolve/", steps.resolve, name="repair_resolve"),
    path("repairs/<int:pk>/note/", steps.add_note, name="repair_note"),
    path("repairs/<int:pk>/photos/", steps.add_photo, name="repair_photos"),
    path("repairs/<int:pk>/move/", board.move, name="repair_move"),
    path("repairs/photos/<int:pk>/", steps.send_photo, name="repair_photo"),
    path("plan/<int:event_id>/", plans.plan_type, name="plan_type"),
    path("plan/<int:event_id>/remove/", plans.unplan_type, name="unplan_type"),
    path("files/<int:pk>/", files.send, name="file"),
    path("files/<int:pk>/delete/", files.delete_file, name="delete_file"),
    path("links/<int:pk>/delete/", files.delete_link, name="delete_link"),
]
