"""The kind of import contract that import-linter does not bring along: our two levels inside every app.

The domain never imports a web module, and a web module never imports another app's web modules. Tests may
import everything and are imported by tests only. The roof (settings, addresses, backoffice) wires
everything and is free; `medcover.common` and `medcover.backoffice` offer web helpers to everybody.
"""

from __future__ import annotations

from collections.abc import Iterator

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

#: `public` is a web level of its own: pages for everybody, with their forms and addresses.
WEB_ROOMS = {
    "admin", "context_processors", "forms", "management", "middleware", "public", "templatetags", "urls", "views",
}  # fmt: skip


class TwoLevels(Contract):
    """`apps` are the packages whose inside is divided into domain and web."""

    type_name = "two_levels"

    apps = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Judge every direct import of the graph by itself."""
        broken = sorted(self._broken(graph))
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each forbidden import in one line."""
        for importer, imported, reason in check.metadata["broken"]:
            output.print_error(f"- {importer} imports {imported}: {reason}.")

    def _broken(self, graph: ImportGraph) -> Iterator[tuple[str, str, str]]:
        for importer in graph.modules:
            for imported in graph.find_modules_directly_imported_by(importer):
                if reason := forbidden(importer, imported, self.apps):  # type: ignore[arg-type]
                    yield importer, imported, reason


def forbidden(importer: str, imported: str, apps: list[str]) -> str:
    """Return why `importer` must not import `imported`, or an empty text."""
    app, other = app_of(importer, apps), app_of(imported, apps)
    if app is None or other is None or is_test(importer):
        return ""
    if is_test(imported):
        return "only tests import tests"
    if not is_web(imported, other):
        return ""
    if not is_web(importer, app):
        return "the domain does not know the web"
    return "" if app == other else "another app's web level is its own matter"


def app_of(module: str, apps: list[str]) -> str | None:
    """Return the app in whose package `module` lies."""
    return next((app for app in apps if module == app or module.startswith(f"{app}.")), None)


def is_test(module: str) -> bool:
    """Whether `module` belongs to tests."""
    return "tests" in module.split(".")


def is_web(module: str, app: str) -> bool:
    """Whether `module` is one of the app's web rooms; `admin_actions` and the like count as `admin`."""
    room = module.removeprefix(app).strip(".").split(".", 1)[0]
    return room.split("_", 1)[0] in WEB_ROOMS or room in WEB_ROOMS
