"""Scripts that nobody can run for real in a test: what they make of the answers of other programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
HOLE = {"id": "PYSEC-1", "fix_versions": ["2.0"]}


class Place:
    """A checkout with a script of ours and programs that answer what a test wants."""

    def __init__(self, root: Path, *names: str) -> None:
        self.root = root
        (root / "script").mkdir(parents=True)
        for name in ("script/_common", *names):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        self.programs = root / ".venv/bin"
        self.programs.mkdir(parents=True)

    def program(self, name: str, shell: str) -> None:
        file = self.programs / name
        file.write_text(f"#!/bin/sh\n{shell}\n")
        file.chmod(0o755)

    def answers(self, name: str, text: str) -> None:
        (self.root / f"{name}.answer").write_text(text)
        self.program(name, f"cat {self.root / f'{name}.answer'}")

    def run(self, *command: str) -> tuple[int, str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command, cwd=self.root, check=False, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        return done.returncode, done.stdout + done.stderr


class TestAudit:
    @pytest.fixture
    def place(self, tmp_path):
        place = Place(tmp_path / "checkout", "script/audit")
        (place.programs / "python").symlink_to(sys.executable)
        self.pip_tells(place, vulns=[])
        self.npm_tells(place, total=0)
        return place

    def pip_tells(self, place, **package):
        place.answers("pip-audit", json.dumps({"dependencies": [{"name": "x", "version": "1.0", **package}]}))

    def npm_tells(self, place, total):
        place.answers("npm", json.dumps({"metadata": {"vulnerabilities": {"total": total}}}))

    @pytest.mark.parametrize("options", [(), ("--required",)])
    def test_nothing_known(self, place, options):
        status, said = place.run("script/audit", *options)
        assert (status, said.count("1 of 1 packages audited"), said.count("No known")) == (0, 2, 1)

    @pytest.mark.parametrize("options", [(), ("--required",)])
    def test_a_hole_in_a_python_package(self, place, options):
        self.pip_tells(place, vulns=[HOLE])
        status, said = place.run("script/audit", *options)
        assert status == 1
        assert "x 1.0 PYSEC-1 fixed in 2.0" in said

    def test_a_hole_in_the_front_end(self, place):
        self.npm_tells(place, total=3)
        assert place.run("script/audit")[0] == 1

    @pytest.mark.parametrize("silent", ["pip says nothing", "index tells of nothing", "npm says nothing", "npm errs"])
    def test_silence_is_not_nothing_found(self, place, silent):
        if silent == "pip says nothing":
            place.answers("pip-audit", "")
        elif silent == "index tells of nothing":
            self.pip_tells(place, skip_reason="unknown")
        else:
            place.answers("npm", json.dumps({"error": {"code": 404}}) if "errs" in silent else "")
        status, said = place.run("script/audit")
        assert (status, "not audited" in said) == (0, True)
        assert place.run("script/audit", "--required")[0] == 1

    def test_another_option_is_refused(self, place):
        assert place.run("script/audit", "--strict") == (1, "script/audit [--required]\n")


class TestTryImage:
    """With a Docker that only notes what it is asked for."""

    @pytest.fixture
    def place(self, tmp_path, monkeypatch):
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            monkeypatch.delenv(name)
        place = Place(tmp_path / "checkout", "script/try-image", "VERSION", "compose.yaml")
        identity = ("-c", "user.name=X", "-c", "user.email=x@example.org")
        for command in (["init", "-q"], ["add", "--all"], [*identity, "commit", "-qm", "X"]):
            subprocess.run(["git", *command], cwd=place.root, check=True)
        self.docker(place)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        return place

    def docker(self, place, *, user="10001", writable=False, starts=True):
        place.program("docker", f"""
            echo "$*" >>{place.root}/asked
            case "$*" in
            "compose version") ;;
            *" up "*) cp "$3/.env" {place.root}/env; exit {0 if starts else 1} ;;
            *"id -u") echo {user} ;;
            *printenv*) git -C {place.root} rev-parse --short HEAD ;;
            *"-c import"*) echo 200 ;;
            *touch*) exit {0 if writable else 1} ;;
            esac
        """)  # fmt: skip

    def asked(self, place):
        return (place.root / "asked").read_text().splitlines()[1:]  # the first asks whether there is compose

    def test_is_built_started_asked_and_removed(self, place, tmp_path):
        status, said = place.run("script/try-image")
        assert (status, said.splitlines()[-1]) == (0, "The image works.")
        verbs = [next(word for word in ("build", "up", "exec", "image", "down") if word in line.split())
                 for line in self.asked(place)]  # fmt: skip
        assert verbs == ["build", "up", *["exec"] * 4, "image", "down", "image"]
        assert "down --volumes" in self.asked(place)[-2]
        assert [path.name for path in tmp_path.iterdir()] == ["checkout"]

    def test_gets_what_production_demands(self, place):
        place.run("script/try-image")
        given = dict(line.split("=", 1) for line in (place.root / "env").read_text().splitlines())
        assert given.keys() == {"SECRET_KEY", "SITE_HOST", "POSTGRES_PASSWORD"}
        assert len(given["SECRET_KEY"]) > 80
        assert given["POSTGRES_PASSWORD"].isalnum()

    @pytest.mark.parametrize(
        ("docker", "why"),
        [
            ({"user": "0"}, "user: wanted 10001, got 0"),
            ({"writable": True}, "The root file system can be written to."),
            ({"starts": False}, ""),
        ],
    )
    def test_fails_and_still_cleans_up(self, place, tmp_path, docker, why):
        self.docker(place, **docker)
        status, said = place.run("script/try-image")
        assert status == 1
        assert why in said
        assert any(" logs " in line for line in self.asked(place))
        assert any("down --volumes" in line for line in self.asked(place))
        assert [path.name for path in tmp_path.iterdir()] == ["checkout"]

    def test_without_docker_names_the_other_way(self, place, tmp_path, monkeypatch):
        (place.programs / "docker").unlink()
        for name in ("bash", "dirname"):
            (place.programs / name).symlink_to(str(shutil.which(name)))
        monkeypatch.setenv("PATH", str(place.programs))
        status, said = place.run("bash", "script/try-image")
        assert (status, "script/replay-image" in said) == (1, True)


class TestOverview:
    def test_every_script_is_described_where_people_look(self):
        text = (ROOT / "CONTRIBUTING.md").read_text()
        names = {path.name for path in (ROOT / "script").iterdir() if path.is_file()} - {"_common"}
        assert {name for name in names if f"`script/{name}" not in text} == set()

    def test_every_script_can_be_started_and_says_what_it_does(self):
        for path in (ROOT / "script").iterdir():
            if path.is_file() and path.name != "_common":
                first, second, *_rest = path.read_text().splitlines()
                assert path.stat().st_mode & 0o111, path
                assert first.startswith("#!/usr/bin/env "), path
                assert second.startswith(("# ", '"""')), path
