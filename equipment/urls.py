"""URLs of the member pages of equipment, below /equipment/."""

from __future__ import annotations

from django.urls import path

from equipment.views import asking, consumables, files, item, listing, packing, plans, sheets, stock, used

app_name = "equipment"

urlpatterns = [
    path("", listing.item_list, name="items"),
    path("types/", listing.type_list, name="types"),
    path("export/xlsx/", sheets.export_xlsx, name="export_xlsx"),
    path("export/csv/", sheets.export_csv, name="export_csv"),
    path("code/<str:code>/", packing.by_code, name="code"),
    path("packing/<int:event>/", packing.packing, name="packing"),
    path("packing/<int:event>/pack/", packing.pack, name="pack"),
    path("packing/<int:event>/back/", packing.bring_back, name="bring_back"),
    path("packing/<int:event>/back/all/", packing.bring_everything_back, name="bring_everything_back"),
    path("packing/<int:event>/<int:pk>/back/", packing.bring_back_one, name="bring_back_one"),
    path("packing/<int:event>/<int:pk>/unpack/", packing.unpack, name="unpack"),
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
    path("consumables/", consumables.consumable_list, name="consumables"),
    path("consumables/export/xlsx/", consumables.export_xlsx, name="stock_xlsx"),
    path("consumables/export/csv/", consumables.export_csv, name="stock_csv"),
    path("consumables/new/", stock.new_consumable, name="new_consumable"),
    path("consumables/event/<int:pk>/", used.used_on_event, name="used_on_event"),
    path("consumables/<int:pk>/", consumables.consumable_detail, name="consumable"),
    path("consumables/<int:pk>/ledger/", consumables.ledger, name="ledger"),
    path("consumables/<int:pk>/edit/", stock.edit_consumable, name="edit_consumable"),
    path("consumables/<int:pk>/archive/", stock.archive, name="archive_consumable"),
    path("consumables/<int:pk>/unarchive/", stock.unarchive, name="unarchive_consumable"),
    path("consumables/<int:pk>/receive/", stock.receive, name="receive"),
    path("consumables/<int:pk>/use/", stock.use, name="use"),
    path("consumables/<int:pk>/count/", stock.count, name="count"),
    path("consumables/lots/<int:pk>/edit/", stock.edit_lot, name="edit_lot"),
    path("consumables/lots/<int:pk>/dispose/", stock.dispose, name="dispose"),
    path("consumables/lots/<int:pk>/move/", stock.move, name="move"),
    path("consumables/movements/<int:pk>/undo/", stock.take_back, name="undo"),
]
