"""Member pages of equipment."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from equipment.models import Attachment, EquipmentItem, Issue, ItemReport, Link, Repair, ServiceWindow
from equipment.tests.factories import (
    PDF,
    ItemFactory,
    LocationFactory,
    TypeFactory,
    document_of,
    issued,
    out_of_service,
)
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST = "/equipment/"


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def page(person, path: str) -> str:
    answer = browser(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture
def member():
    return make_member(name="Novák Jan")


@pytest.fixture
def item():
    return ItemFactory(name="AED 1", serial_number="SN-1")


class TestList:
    def test_shows_who_has_what_and_what_can_be_taken(self, member, item):
        mine = ItemFactory(name="Batoh")
        issued(member, mine)
        out_of_service(ItemFactory(name="Nosítka"), timezone.now())
        shown = page(member, LIST)
        assert "Máte u sebe 1 položku." in shown
        assert shown.count("Vzít s sebou") == 1
        assert shown.count("Novák Jan") >= 2
        assert "Mimo provoz" in shown

    def test_offers_nothing_to_whoever_only_looks(self, item):
        shown = page(make_viewer(), LIST)
        assert "AED 1" in shown
        assert "Vzít s sebou" not in shown

    def test_leaves_out_what_is_archived(self, member):
        ItemFactory(name="Starý batoh", is_archived=True)
        assert "Starý batoh" not in page(member, LIST)

    def test_filters(self, member, item):
        location = LocationFactory()
        other = ItemFactory(name="Batoh", location=location)
        issued(member, other)
        for query, found in {
            "q=aed": {"AED 1"},
            "q=sn-1": {"AED 1"},
            f"type={other.type_id}": {"Batoh"},
            f"location={location.pk}": {"Batoh"},
            "state=issued": {"Batoh"},
            "state=stock": {"AED 1"},
            "state=mine": {"Batoh"},
            "state=unavailable": set(),
            "state=nonsense&type=0&location=x&sort=x&page=x": {"AED 1", "Batoh"},
        }.items():
            answer = browser(member).get(f"{LIST}?{query}")
            assert {state.item.name for state in answer.context["rows"]} == found, query

    @pytest.mark.parametrize(("sort", "names"), [("name", "ABC"), ("-name", "CBA"), ("holder", "BAC"), ("type", "CAB")])
    def test_order(self, member, sort, names):
        for name, kind in zip("ABC", "YZX", strict=True):
            ItemFactory(name=name, type=TypeFactory(name=kind))
        issued(member, EquipmentItem.objects.get(name="B"))
        answer = browser(member).get(f"{LIST}?sort={sort}")
        assert "".join(state.item.name for state in answer.context["rows"]) == names

    def test_a_page_behind_the_end_leads_to_the_last(self, member, item):
        answer = browser(member).get(f"{LIST}?q=aed&page=9")
        assert (answer.status_code, answer.url) == (302, f"{LIST}?q=aed&page=1")

    def test_costs_no_more_for_more(self, member, item, django_assert_max_num_queries):
        for _number in range(12):
            row = ItemFactory(location=LocationFactory())
            issued(make_member(), row)
            out_of_service(row, timezone.now())
        client = browser(member)
        client.get(LIST)
        with django_assert_max_num_queries(15):
            client.get(LIST)

    def test_types_say_how_many_can_be_used(self, member):
        kind = TypeFactory(name="AED")
        ItemFactory.create_batch(2, type=kind)
        out_of_service(ItemFactory(type=kind), timezone.now())
        (row,) = browser(member).get("/equipment/types/").context["page_obj"]
        assert (row.item_count, row.pool) == (3, 2)


class TestItem:
    def test_says_first_where_it_is(self, member, item):
        assert "Skladem" in page(member, f"/equipment/{item.pk}/")
        issued(member, item)
        assert "Máte ji u sebe" in page(member, f"/equipment/{item.pk}/")
        assert "Novák Jan – má ji" in page(make_admin(), f"/equipment/{item.pk}/")

    def test_who_had_it_is_not_shown_to_whoever_only_looks(self, member, item):
        issued(member, item, returned_at=timezone.now() + timedelta(hours=1))
        path = f"/equipment/{item.pk}/history/"
        for who, knows in ((make_coordinator(), True), (make_viewer(), False)):
            shown = page(who, f"/equipment/{item.pk}/")
            assert ("Novák Jan" in shown, path in shown) == (False, knows)
        assert "Novák Jan" in page(make_coordinator(), path)
        assert browser(make_viewer()).get(path).status_code == 403

    def test_its_history_takes_the_place_of_the_way_there(self, member, item):
        issued(member, item, returned_at=timezone.now() + timedelta(hours=1))
        path, client = f"/equipment/{item.pk}/history/", browser(make_coordinator())
        whole, part = client.get(path), client.get(path, headers={"HX-Request": "true"})
        assert ("<h1>" in whole.content.decode(), "<h1>" in part.content.decode()) == (True, False)
        assert "Novák Jan" in part.content.decode()
        assert part.content.decode().count('id="item-history"') == 1
        assert "HX-Request" in part.headers["Vary"]

    def test_the_history_of_one_to_which_nothing_has_happened(self, item):
        assert "Zatím se s ní nic nedělo." in page(make_coordinator(), f"/equipment/{item.pk}/history/")
        assert browser(make_coordinator()).get("/equipment/0/history/").status_code == 404

    def test_texts_are_escaped_and_links_open_apart(self, member, item):
        EquipmentItem.objects.filter(pk=item.pk).update(notes="<script>x</script>")
        Link.objects.create(item=item, title="<b>Návod</b>", url="https://example.org/?a=1&b=2")
        shown = page(member, f"/equipment/{item.pk}/")
        assert "<script>x" not in shown
        assert "<b>Návod" not in shown
        assert 'rel="noopener noreferrer"' in shown

    def test_an_archived_one_can_still_be_read(self, member):
        assert "Archivována" in page(member, f"/equipment/{ItemFactory(is_archived=True).pk}/")

    @pytest.mark.parametrize("key", [0, 10**30])
    def test_one_that_does_not_exist(self, member, key):
        assert browser(member).get(f"/equipment/{key}/").status_code == 404


class TestSteps:
    def post(self, who, path: str, **data):
        return browser(who).post(path, data, follow=True)

    def test_take_and_return(self, member, item):
        answer = self.post(member, f"/equipment/{item.pk}/take/", version=1)
        assert "Položka „AED 1“ byla vydána vám." in said(answer)
        answer = self.post(member, f"/equipment/{item.pk}/return/", version=2, next=LIST)
        assert "Položka „AED 1“ byla vrácena." in said(answer)
        assert answer.redirect_chain == [(LIST, 302)]

    def test_a_refusal_is_said(self, member, item):
        issued(make_member(), item)
        answer = self.post(member, f"/equipment/{item.pk}/take/", version=1)
        assert "Položka je již vydána." in said(answer)

    @pytest.mark.parametrize("version", ["", "0", "x", "9" * 30, "2"])
    def test_a_stale_page_changes_nothing(self, member, item, version):
        answer = self.post(member, f"/equipment/{item.pk}/take/", version=version)
        assert "mezitím" in said(answer)
        assert not Issue.objects.exists()

    def test_nobody_is_led_elsewhere(self, member, item):
        answer = self.post(member, f"/equipment/{item.pk}/take/", version=1, next="https://evil.example/")
        assert answer.redirect_chain == [(f"/equipment/{item.pk}/", 302)]

    def test_issue_to_somebody_found(self, member, item):
        path = f"/equipment/{item.pk}/issue/"
        UserFactory(name="Odešlý Karel", is_active=False)
        answer = browser(make_coordinator()).get(f"{path}?q=novak")
        assert [person.name for person in answer.context["people"]] == ["Novák Jan"]
        assert "Odešlý" not in page(make_coordinator(), path)
        answer = self.post(make_coordinator(), path, person=str(member.pk), version=1)
        assert "Novák Jan" in said(answer)
        assert Issue.objects.get().person == member

    @pytest.mark.parametrize("person", ["", "x", "0" * 32, "a\0b"])
    def test_issue_to_nobody(self, item, person):
        browser(make_coordinator()).post(f"/equipment/{item.pk}/issue/", {"person": person, "version": 1})
        assert not Issue.objects.exists()

    def test_report(self, member, item):
        issued(member, item)
        path = f"/equipment/{item.pk}/report/"
        assert browser(member).post(path, {"kind": "service", "text": ""}).status_code == 422
        answer = self.post(member, path, kind="service", text="Praskl displej.")
        assert "Děkujeme" in said(answer)
        assert ItemReport.objects.get().text == "Praskl displej."
        assert Repair.objects.get().description == "Praskl displej."

    def test_service(self, item):
        technician = UserFactory(roles=[Role.TECHNICIAN])
        path = f"/equipment/{item.pk}/service/"
        start, end = "2027-05-01T08:00", "2027-05-02T08:00"
        wrong = browser(technician).post(path, {"version": 1, "since": end, "until": start})
        assert (wrong.status_code, "Konec servisního okna" in wrong.content.decode()) == (422, True)
        assert browser(technician).post(path, {"version": 1, "since": "nonsense"}).status_code == 422
        self.post(technician, path, version=1, since=start, until=end, reason="Revize")
        window = ServiceWindow.objects.get()
        assert timezone.localtime(window.since).hour == 8
        self.post(technician, f"/equipment/{item.pk}/service/{window.pk}/end/")
        assert not ServiceWindow.objects.exists()

    def test_lost_and_found(self, item):
        technician = UserFactory(roles=[Role.TECHNICIAN])
        self.post(technician, f"/equipment/{item.pk}/lost/", version=1)
        assert EquipmentItem.objects.get().is_lost
        self.post(technician, f"/equipment/{item.pk}/found/", version=2)
        assert not EquipmentItem.objects.get().is_lost


class TestFiles:
    def send(self, item, path: str, **data):
        return browser(make_admin()).post(f"/equipment/{item.pk}/{path}/", data, follow=True)

    def test_a_photo_is_added_and_shown(self, item, member):
        out = BytesIO()
        Image.new("RGB", (300, 200), "blue").save(out, "PNG")
        self.send(item, "photos", photo=SimpleUploadedFile("a.png", out.getvalue()))
        row = Attachment.objects.get()
        answer = browser(member).get(reverse("equipment:file", args=[row.pk]))
        assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/jpeg", 'inline; filename="a.png"')
        assert "sandbox" in answer["Content-Security-Policy"]
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")

    def test_a_document_is_sent_to_be_kept(self, item, member):
        self.send(item, "documents", document=SimpleUploadedFile("Návod.pdf", PDF), category="other")
        answer = browser(member).get(reverse("equipment:file", args=[Attachment.objects.get().pk]))
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content) == PDF

    @pytest.mark.parametrize(
        ("path", "data"),
        [
            ("photos", {}),
            ("photos", {"photo": "x"}),
            ("documents", {}),
            ("links", {}),
            ("links", {"title": "a", "url": "javascript:x"}),
        ],
    )
    def test_what_cannot_be_is_said(self, item, path, data):
        assert said(self.send(item, path, **data))
        assert not Attachment.objects.exists()
        assert not Link.objects.exists()

    def test_a_link(self, item):
        self.send(item, "links", title="Návod", url="https://example.org")
        assert Link.objects.get().title == "Návod"

    def test_deleting(self, item):
        row = document_of(item)
        browser(make_admin()).post(reverse("equipment:delete_file", args=[row.pk]))
        assert not Attachment.objects.exists()

    def test_a_file_that_is_missing_on_disk_is_not_found(self, item, member):
        row = document_of(item)
        row.file.storage.delete(row.file.name)
        assert browser(member).get(reverse("equipment:file", args=[row.pk])).status_code == 404

    def test_nobody_gets_a_file_without_the_right(self, item):
        row = document_of(item)
        path = reverse("equipment:file", args=[row.pk])
        assert Client().get(path).status_code == 302
        assert browser(UserFactory(roles=[])).get(path).status_code == 403


class TestPeoplePages:
    def test_the_profile_shows_what_one_has(self, member, item):
        assert "Nemáte u sebe žádné vybavení." in page(member, "/profile/")
        issued(member, item)
        shown = page(member, "/profile/")
        assert "AED 1" in shown
        assert "sér. č. SN-1" in shown

    def test_the_page_of_a_person_shows_it_to_whoever_may_see_equipment(self, member, item):
        issued(member, item)
        assert "AED 1" in page(make_viewer(), f"/people/{member.pk}/")
