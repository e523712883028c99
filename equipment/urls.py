"""URLs of the member pages of equipment, below /equipment/."""

from __future__ import annotations

from django.urls import path

from equipment.views import asking, files, inspection_list, inspections, item, listing, plans, sheets

app_name = "equipment"

urlpatterns = [
    path("", listing.item_list, name="items"),
    path("types/", listing.type_list, name="types"),
    path("export/xlsx/", sheets.export_xlsx, name="export_xlsx"),
    path("export/csv/", sheets.export_csv, name="export_csv"),
    path("inspections/", inspection_list.inspection_list, name="inspections"),
    path("inspections/several/", inspections.several, name="inspect_several"),
    path("inspections/export/xlsx/", inspection_list.export_xlsx, name="inspections_xlsx"),
    path("inspections/export/csv/", inspection_list.export_csv, name="inspections_csv"),
    path("inspections/results/<int:pk>/correct/", inspections.correct, name="correct_inspection"),
    path("<int:pk>/inspections/<int:plan>/", inspections.record, name="inspect"),
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
    path("plan/<int:event_id>/", plans.plan_type, name="plan_type"),
    path("plan/<int:event_id>/remove/", plans.unplan_type, name="unplan_type"),
    path("files/<int:pk>/", files.send, name="file"),
    path("files/<int:pk>/delete/", files.delete_file, name="delete_file"),
    path("links/<int:pk>/delete/", files.delete_link, name="delete_link"),
]
