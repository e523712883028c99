"""Archives: what is written can be read, and nothing else can."""

from __future__ import annotations

import json
import struct
import zipfile

import pytest

from medcover.backups import archive as archives
from medcover.backups import manifest
from medcover.backups.errors import BrokenArchive
from medcover.backups.tests.archives import FILES, MADE, manifest_of, write_archive, write_zip

KEY = b"k" * 32


@pytest.fixture
def path(tmp_path):
    return tmp_path / "archive.zip"


def check(path, *keys: bytes) -> manifest.Manifest:
    with archives.reading(path, keys, path.parent) as found:
        found.check()
        return found.manifest


def refused(path, *keys: bytes) -> str:
    with pytest.raises(BrokenArchive) as refusal:
        check(path, *keys)
    return str(refusal.value)


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_what_is_written_can_be_read(path, tmp_path, key):
    (tmp_path / "source").write_bytes(b"content" * 1000)
    with archives.writing(path, key) as writer:
        for name in ("database.dump", "media/a/ž.txt"):
            writer.add(name, tmp_path / "source")
        made = manifest_of({}, members=writer.members, rows={"t": 3})
        writer.end(made)
    assert check(path, KEY) == made
    with archives.reading(path, [KEY], tmp_path) as found:
        found.extract("media/a/ž.txt", tmp_path / "out" / "ž.txt")
    assert (tmp_path / "out" / "ž.txt").read_bytes() == b"content" * 1000
    assert path.read_bytes().startswith(b"PK" if key is None else b"MEDCOVER")


def test_the_manifest_tells_what_is_inside(path):
    found = check(write_archive(path, migrations=["a.0001"], rows={"t": 1}))
    assert (found.created, found.files, found.migrations) == (MADE, ["photos/a.jpg"], ["a.0001"])


class TestBroken:
    def test_every_place_at_which_it_is_cut_off(self, path):
        whole = write_archive(path).read_bytes()
        for length in (0, 1, 30, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            refused(path)

    def test_a_changed_byte_of_a_file(self, path):
        whole = bytearray(write_archive(path).read_bytes())
        whole[whole.index(b"picture")] ^= 1
        path.write_bytes(bytes(whole))
        assert "media/photos/a.jpg" in refused(path)

    def test_a_wrong_checksum_though_the_zip_is_whole(self, path):
        write_zip(path, {**FILES, "media/photos/a.jpg": b"another"}, manifest_of(FILES).to_json())
        assert "media/photos/a.jpg" in refused(path)

    def test_a_file_more_a_file_less_another_size(self, path):
        less = {name: content for name, content in FILES.items() if name == manifest.DUMP}
        for files in ({**FILES, "media/b": b""}, less, {**FILES, "media/photos/a.jpg": b"short"}):
            write_zip(path, files, manifest_of(FILES).to_json())
            refused(path)

    def test_two_files_of_one_name(self, path):
        write_archive(path)
        with zipfile.ZipFile(path, "a") as made, pytest.warns(UserWarning, match="Duplicate"):
            made.writestr(manifest.NAME, manifest_of(FILES).to_json())
        refused(path)

    def test_an_encrypted_one_without_a_key(self, path, tmp_path):
        (tmp_path / "source").write_bytes(b"content")
        with archives.writing(path, KEY) as writer:
            writer.add("database.dump", tmp_path / "source")
            writer.end(manifest_of({}, members=writer.members))
        refused(path)
        refused(path, b"x" * 32)


class TestForeign:
    def test_files_of_other_sorts(self, path):
        for content in (b"", b"hello", b"PK\x05\x06" + bytes(18), b"\x1f\x8b" + bytes(100)):
            path.write_bytes(content)
            refused(path)

    def test_a_zip_of_somebody_else(self, path):
        refused(write_zip(path, {"backup.json": b"{}"}, None))

    @pytest.mark.parametrize(
        "says",
        [
            b"",
            b"[]",
            b"{}",
            b"null",
            b"\xff",
            b"[" * 100_000,
            b'{"format": "1"}',
            b'{"format": 1, "members": []}',
            b"1e999",
        ],
    )
    def test_a_manifest_that_says_nothing(self, path, says):
        refused(write_zip(path, FILES, says))

    def test_a_newer_format_asks_for_an_update(self, path):
        content = {**json.loads(manifest_of(FILES).to_json()), "format": 2, "version": "9.9.9"}
        assert "9.9.9" in refused(write_zip(path, FILES, json.dumps(content).encode()))

    def test_another_product_and_no_database(self, path):
        refused(write_archive(path, product="Other"))
        refused(write_archive(path, {"media/a": b""}))


class TestHostile:
    @pytest.mark.parametrize(
        "name",
        [
            "../a", "/etc/passwd", "media/../a", "media//a", "media/./a", "media/", "media/a/", "media/a\\..\\b",
            "media/.restored-1/a", "media/a\nb", "media/" + "a/" * 300 + "a", "media/..", "manifest.json/a",
        ],
    )  # fmt: skip
    def test_no_name_leads_out_of_the_uploads(self, path, name):
        assert not manifest.is_upload(name)
        refused(write_archive(path, {**FILES, name: b"x"}))

    @pytest.mark.parametrize("name", ["media/a", "media/a/b.jpg", "media/ž š/ť.pdf", "media/a..b"])
    def test_ordinary_names_are_taken(self, path, name):
        assert name in check(write_archive(path, {**FILES, name: b"x"})).members

    def test_a_bomb_is_refused_before_anything_is_unpacked(self, path):
        files = {**FILES, "media/bomb": bytes(10_000_000)}
        write_zip(path, files, manifest_of(files).to_json(), how=zipfile.ZIP_DEFLATED)
        assert path.stat().st_size < 50_000
        refused(path)

    def test_members_that_claim_more_than_there_is(self, path):
        whole = bytearray(write_archive(path).read_bytes())
        central = whole.index(b"PK\x01\x02")
        struct.pack_into("<II", whole, central + 20, 4_000_000_000, 4_000_000_000)
        path.write_bytes(bytes(whole))
        refused(path)

    def test_members_that_lie_over_each_other(self, path):
        """Every entry points at the same bytes, so that a small file claims to be a large one."""
        files = {**FILES, **{f"media/{number}": b"x" * 1000 for number in range(50)}}
        whole = write_archive(path, files).read_bytes()
        with zipfile.ZipFile(path) as found:
            first = found.getinfo("media/0")
            last = found.infolist()[-1]
        one = whole[first.header_offset : first.header_offset + 30 + len("media/0") + 1000]
        with zipfile.ZipFile(path) as found:
            infos = found.infolist()
        path.write_bytes(one + whole[last.header_offset :])
        assert len(infos) == 53
        refused(path)
