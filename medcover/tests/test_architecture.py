"""The rules of the house that no linter knows."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from medcover.tests.import_contract import forbidden

ROOT = Path(settings.BASE_DIR)
APPS = ["medcover.system", "roster", "events"]


@pytest.fixture(scope="module")
def contract() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def own_apps() -> set[str]:
    """The installed apps whose code lies in this repository; the backoffice is roof, not an app."""
    installed = {config.name for config in apps.get_app_configs() if is_ours(Path(config.path))}
    return installed | {"medcover.system"}


def is_ours(path: Path) -> bool:
    return path.is_relative_to(ROOT) and ".venv" not in path.relative_to(ROOT).parts


def words(text: str) -> set[str]:
    return set(text.replace("|", " ").split())


class TestImportContract:
    def test_every_app_of_ours_has_its_floor(self, contract):
        assert own_apps() <= words(contract["importlinter:contract:floors"]["layers"])

    def test_every_app_of_ours_has_two_levels(self, contract):
        assert own_apps() == words(contract["importlinter:contract:levels"]["apps"])

    def test_the_web_of_every_app_is_exempt_from_the_floors(self, contract):
        exempt = contract["importlinter:contract:floors"]["ignore_imports"]
        assert all(f"{app}.views -> **" in exempt for app in own_apps())

    def test_every_top_level_package_is_looked_at(self, contract):
        packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests_browser"}
        assert packages == words(contract["importlinter"]["root_packages"])


class TestTwoLevels:
    @pytest.mark.parametrize(
        ("importer", "imported"),
        [
            ("events.services.crew", "events.views"),
            ("events.models", "roster.forms"),
            ("events.views.list", "roster.views"),
            ("events.admin", "roster.admin"),
            ("medcover.system.jobs", "roster.management.commands.seed_admin"),
            ("events.services", "events.tests.factories"),
        ],
    )
    def test_refused(self, importer, imported):
        assert forbidden(importer, imported, APPS)

    @pytest.mark.parametrize(
        ("importer", "imported"),
        [
            ("events.views", "roster.models"),
            ("events.urls", "events.views.list"),
            ("events.services", "roster.services"),
            ("events.admin", "medcover.backoffice.admin"),
            ("medcover.urls", "events.urls"),
            ("events.tests.test_views", "roster.tests.factories"),
        ],
    )
    def test_allowed(self, importer, imported):
        assert not forbidden(importer, imported, APPS)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_app_of_ours_says_what_it_owns():
    without = [app for app in own_apps() if not (ROOT / app.replace(".", "/") / "README.md").exists()]
    assert not without
