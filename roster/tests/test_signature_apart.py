"""The process in which pictures are decoded: what hostile ones cost, and what it knows."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from contextlib import nullcontext
from typing import Any

import pytest
from django.conf import settings

from medcover.common import limited_process
from medcover.common.errors import DomainError
from roster.signatures import isolated
from roster.signatures.refusals import Reason, UnfitPicture
from roster.tests.pictures import accepted, drawing, harmless_once_redrawn, hostile, jpeg_of_many_passes, saved

MEGABYTE = 1024 * 1024
#: What a hostile upload may cost, in whichever process.
MOST_BYTES = 300 * MEGABYTE

HOSTILE = hostile()
#: All that nobody sends in good faith, refused or not.
SUSPECT = {name: data for name, (data, _reason) in HOSTILE.items()} | harmless_once_redrawn()

#: Feeds files to a function and tells how much memory that took: its own process and those it started.
_MEASURE = """
import json, pathlib, pickle, resource, sys
import django
django.setup()
from importlib import import_module
from roster.signatures.refusals import UnfitPicture

def most(who):
    return resource.getrusage(who).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

def most_here():
    # On Linux the usage of a process begins with that of the one that started it; its own peak stands here.
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return most(resource.RUSAGE_SELF)
    return next(int(line.split()[1]) * 1024 for line in status.open() if line.startswith("VmHWM"))

make, answers = import_module(sys.argv[1]).signature_png, {}
files = pickle.load(sys.stdin.buffer)
before = most_here()
for name, data in files.items():
    try:
        answers[name] = len(make(data))
    except UnfitPicture as refusal:
        answers[name] = refusal.reason.name
told = {"answers": answers, "grown": most_here() - before, "others": most(resource.RUSAGE_CHILDREN)}
json.dump(told, sys.stdout)
"""


def measured(module: str, files: dict[str, bytes]) -> dict[str, Any]:
    """Feed the files to that module's `signature_png`, one after the other in one fresh process."""
    command = [sys.executable, "-W", "ignore", "-c", _MEASURE, module]
    done = subprocess.run(
        command, input=pickle.dumps(files), stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=os.environ, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def largest() -> dict[str, bytes]:
    """Pictures of just under 25 million pixels, such as phones take; these are not refused."""
    photo = drawing((5_600, 4_400))
    return {
        "png": saved(photo.convert("RGBA"), "PNG", compress_level=1),
        "jpeg": saved(photo, "JPEG"),
        "jpeg, progressive": saved(photo, "JPEG", progressive=True, subsampling=0),
        "jpeg, for printing": saved(photo.convert("CMYK"), "JPEG", progressive=True),
        "heic": saved(photo, "HEIF", quality=20, enc_params={"preset": "ultrafast"}),
    }


class TestMemory:
    def test_the_web_process_hardly_grows_whatever_comes(self):
        told = measured("roster.signatures.isolated", SUSPECT)
        assert told["grown"] < 30 * MEGABYTE
        assert told["others"] < MOST_BYTES
        expected = {name: reason.name for name, (_data, reason) in HOSTILE.items()}
        assert {name: told["answers"][name] for name in expected} == expected

    def test_decoding_itself_does_not_take_much_either(self):
        """Without any limit from outside."""
        assert measured("roster.signatures.pipeline", SUSPECT)["grown"] < MOST_BYTES

    def test_the_largest_pictures_that_are_accepted_fit(self):
        told = measured("roster.signatures.isolated", largest())
        assert all(isinstance(answer, int) for answer in told["answers"].values()), told["answers"]
        assert told["others"] < MOST_BYTES


class TestLimits:
    def test_what_takes_too_long_is_ended_and_logged(self, monkeypatch, caplog):
        monkeypatch.setattr(isolated, "SECONDS", 1)
        with pytest.raises(UnfitPicture) as refused:
            isolated.signature_png(jpeg_of_many_passes())
        assert refused.value.reason is Reason.NOT_A_PICTURE
        assert "Suspected decompression bomb" in caplog.text

    def test_what_hangs_without_working_is_ended_too(self, monkeypatch):
        monkeypatch.setattr(isolated, "PATIENCE", 0.01)
        with pytest.raises(UnfitPicture) as refused:
            isolated.signature_png(saved(drawing(), "PNG"))
        assert refused.value.reason is Reason.NOT_A_PICTURE

    def test_what_takes_too_much_memory_is_refused_and_logged(self, monkeypatch, caplog):
        monkeypatch.setattr(isolated, "MEMORY", 120 * MEGABYTE)
        # macOS knows the limit and does not hold it.
        refused = sys.platform != "darwin"
        with pytest.raises(UnfitPicture, match="poškozený") if refused else nullcontext():
            isolated.signature_png(saved(drawing((5_000, 4_900)), "PNG"))
        assert ("Suspected decompression bomb" in caplog.text) is refused

    def test_too_many_pixels_are_logged_without_anything_personal(self, caplog):
        with pytest.raises(UnfitPicture):
            isolated.signature_png(HOSTILE["a PNG of a row too many"][0])
        assert [record.getMessage() for record in caplog.records] == [
            "Suspected decompression bomb: a picture of too many pixels was refused."
        ]

    def test_who_waits_too_long_for_others_is_asked_to_come_back(self, monkeypatch):
        monkeypatch.setattr(isolated, "WAIT", 0.01)
        with isolated._one_at_a_time, pytest.raises(DomainError, match="minut"):
            isolated.signature_png(saved(drawing(), "PNG"))

    def test_after_a_refusal_the_next_one_gets_its_turn(self):
        with pytest.raises(UnfitPicture):
            isolated.signature_png(HOSTILE["half a PNG"][0])
        assert isolated.signature_png(accepted()["png"]) == isolated.signature_png(accepted()["png"])

    def test_a_process_that_does_not_start_is_an_error_and_no_refusal(self, monkeypatch):
        monkeypatch.setattr(limited_process, "environment", lambda: {"PYTHONPATH": "", "PYTHONHOME": "/nowhere"})
        with pytest.raises(RuntimeError, match="does not work"):
            isolated.signature_png(saved(drawing(), "PNG"))


class TestKnowledge:
    def test_the_process_is_told_no_secret(self, monkeypatch):
        monkeypatch.setenv("SECRET_KEY", "x")
        monkeypatch.setenv("DATABASE_URL", "x")
        allowed = {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "MALLOC_ARENA_MAX"}
        assert limited_process.environment().keys() <= allowed

    def test_it_works_without_knowing_more(self):
        data = accepted()["heic"]
        assert isolated.signature_png(data).startswith(b"\x89PNG")
