"""Services of photos, documents and links."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from PIL import Image

from equipment import documents
from equipment.models import Attachment, Link
from equipment.photos.encoding import LONGEST_SIDE, photo_jpeg
from equipment.services import files
from equipment.services.locking import Gone
from equipment.tests.factories import PDF, ItemFactory
from medcover.common.errors import DomainError, NotAllowed
from roster.signatures.refusals import Reason, UnfitPicture
from roster.tests.factories import make_admin, make_coordinator
from roster.tests.pictures import drawing, hostile, saved

HOSTILE = {name: file for name, (file, reason) in hostile().items() if reason is not Reason.TOO_HEAVY}

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def item():
    return ItemFactory()


def picture(size: tuple[int, int] = (400, 300), **options) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, "JPEG", **options)
    return out.getvalue()


def on_disk(settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


class TestPhotos:
    def test_one_is_made_anew_and_kept_under_a_random_name(self, item, admin, settings):
        exif = Image.Exif()
        exif[0x010F] = "Tajny fotoaparat"
        row = files.add_photo(item.pk, picture(exif=exif), name="C:\\Fotky\\..\\Můj AED.jpg", by=admin)
        assert (row.kind, row.category, row.name, row.added_by) == ("photo", "", "Můj AED.jpg", admin)
        (stored,) = on_disk(settings)
        assert "AED" not in stored.name
        data = stored.read_bytes()
        assert (len(data), b"Tajny" in data) == (row.size, False)
        assert Image.open(BytesIO(data)).format == "JPEG"

    def test_a_large_one_becomes_small_and_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        made = Image.open(BytesIO(photo_jpeg(picture((4000, 2000), exif=exif))))
        assert made.height <= LONGEST_SIDE
        assert made.height > made.width

    @pytest.mark.parametrize("data", [b"", b"nonsense", PDF, b"<svg onload='x'/>", b"\xff\xd8\xff" + b"x" * 50])
    def test_what_is_no_picture_is_refused(self, item, admin, settings, data):
        with pytest.raises(UnfitPicture):
            files.add_photo(item.pk, data, name="a.jpg", by=admin)
        assert not on_disk(settings)

    @pytest.mark.parametrize("name", sorted(HOSTILE))
    def test_what_is_built_to_harm_is_refused(self, item, admin, name):
        with pytest.raises(UnfitPicture):
            files.add_photo(item.pk, HOSTILE[name], name="a.png", by=admin)

    def test_transparency_becomes_white(self):
        made = Image.open(BytesIO(photo_jpeg(saved(drawing(), "PNG"))))
        assert made.mode == "RGB"


class TestDocuments:
    def test_one_is_kept_as_it_came(self, item, admin, settings):
        row = files.add_document(item.pk, PDF, name="Návod.pdf", category="owners_manual", by=admin)
        assert (row.kind, row.get_category_display(), row.size) == (
            "document",
            row.Category.OWNERS_MANUAL.label,
            len(PDF),
        )
        assert on_disk(settings)[0].read_bytes() == PDF

    @pytest.mark.parametrize("data", [b"", b"PK\x03\x04 docx", b"%PDF-1.7 without an end", picture(), b"<html>%%EOF"])
    def test_what_is_no_pdf_is_refused(self, item, admin, data):
        with pytest.raises(documents.UnfitDocument):
            files.add_document(item.pk, data, name="a.pdf", category="other", by=admin)

    def test_too_large(self, item, admin):
        data = PDF + b" " * documents.MAX_BYTES + b"%%EOF"
        with pytest.raises(documents.UnfitDocument, match="7"):
            files.add_document(item.pk, data, name="a.pdf", category="other", by=admin)

    @pytest.mark.parametrize("category", ["", "nonsense"])
    def test_without_a_category_it_is_refused(self, item, admin, settings, category):
        with pytest.raises((ValidationError, DomainError)):
            files.add_document(item.pk, PDF, name="a.pdf", category=category, by=admin)
        assert not on_disk(settings)

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("", "?"),
            ("../../etc/passwd", "passwd"),
            ("a\0\u202eb.pdf", "ab.pdf"),
            ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ],
    )
    def test_names(self, given, kept):
        assert files.file_name(given) == kept


class TestDeleting:
    def test_once_and_the_file_with_it(self, item, admin, settings, django_capture_on_commit_callbacks):
        row = files.add_document(item.pk, PDF, name="a.pdf", category="other", by=admin)
        with django_capture_on_commit_callbacks(execute=True):
            files.delete_file(row.pk, by=admin)
        assert not on_disk(settings)
        with pytest.raises(Gone):
            files.delete_file(row.pk, by=admin)

    def test_what_is_rolled_back_keeps_its_file(self, item, admin, settings):
        row = files.add_document(item.pk, PDF, name="a.pdf", category="other", by=admin)
        with transaction.atomic():
            files.delete_file(row.pk, by=admin)
            transaction.set_rollback(True)
        assert Attachment.objects.get().file.read() == PDF


class TestLinks:
    def test_one_is_kept(self, item, admin):
        row = files.add_link(item.pk, title=" Návod ", url=" https://example.org/a ", by=admin)
        assert (row.title, row.url) == ("Návod", "https://example.org/a")

    @pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://example.org", "data:text/html,x", "example",
                                     "https://", "https://example.org/" + "x" * 2000])  # fmt: skip
    def test_only_what_a_browser_can_open_safely(self, item, admin, url):
        with pytest.raises(ValidationError):
            files.add_link(item.pk, title="Návod", url=url, by=admin)
        assert not Link.objects.exists()

    def test_deleted_once(self, item, admin):
        row = files.add_link(item.pk, title="Návod", url="https://example.org", by=admin)
        files.delete_link(row.pk, by=admin)
        with pytest.raises(Gone):
            files.delete_link(row.pk, by=admin)


def test_nothing_without_the_right_or_on_an_archived_item(item, admin):
    archived = ItemFactory(is_archived=True)
    for target, by, refusal in ((item, make_coordinator(), NotAllowed), (archived, admin, DomainError)):
        for call in (
            lambda: files.add_photo(target.pk, picture(), name="a.jpg", by=by),  # noqa: B023
            lambda: files.add_document(target.pk, PDF, name="a.pdf", category="other", by=by),  # noqa: B023
            lambda: files.add_link(target.pk, title="a", url="https://example.org", by=by),  # noqa: B023
        ):
            with pytest.raises(refusal):
                call()


def test_there_is_an_end_to_files_and_links(item, admin, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    monkeypatch.setattr(files, "MOST_LINKS", 1)
    files.add_document(item.pk, PDF, name="a.pdf", category="other", by=admin)
    files.add_link(item.pk, title="a", url="https://example.org", by=admin)
    with pytest.raises(DomainError):
        files.add_document(item.pk, PDF, name="a.pdf", category="other", by=admin)
    with pytest.raises(DomainError):
        files.add_link(item.pk, title="a", url="https://example.org", by=admin)
