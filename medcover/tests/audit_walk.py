"""Walks the code for services that write and leave no entry in the record.

Read, not run: each function of ours is looked up by what it calls, through modules and imports, until it reaches
something that writes rows, and something that records. What cannot be followed (a method of an object whose class
nobody names) is taken by its name alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

#: Methods of rows and sets of rows by which something changes.
WRITING = frozenset({
    "save", "create", "bulk_create", "bulk_update", "update", "delete", "get_or_create", "update_or_create", "add",
    "remove", "set", "clear", "execute", "save_locked", "asave", "adelete",
})  # fmt: skip
#: Of these names lists and sets have some as well: they count on `objects` and on relations alone.
_OF_ROWS_ONLY = frozenset({"add", "remove", "set", "clear", "update"})
#: What opens a trail or writes an entry by hand.
RECORDING = frozenset({"record", "trail", "created", "save_locked", "related"})


@dataclass
class Function:
    """One function: what it calls (names as the code has them), whether it writes or records by itself."""

    name: str
    module: str
    calls: set[str] = field(default_factory=set)
    writes: bool = False
    records: bool = False

    @property
    def path(self) -> str:
        """Dotted path."""
        return f"{self.module}.{self.name}"

    @property
    def is_public(self) -> bool:
        """Whether others are meant to call it."""
        return not self.name.startswith("_") and "." not in self.name


@dataclass
class Walk:
    """The functions of some modules, by dotted path."""

    functions: dict[str, Function]

    @classmethod
    def of(cls, sources: dict[str, str]) -> Walk:
        """Read modules: dotted name → source."""
        found = [one for module, source in sources.items() for one in _functions(module, source)]
        walk = cls({one.path: one for one in found})
        for alias, target in _reexports(sources):
            walk.aliases[alias] = target
        return walk

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Names under which packages offer what their modules define."""
        return {}

    def reaches(self, path: str, what: str) -> bool:
        """Say whether a function, or one that it calls, `writes` or `records`."""
        return any(getattr(one, what) for one in self._below(path, set()))

    def silent(self, modules: Iterable[str]) -> set[str]:
        """Return the public functions of these modules that write and record nothing."""
        wanted = set(modules)
        public = [one for one in self.functions.values() if one.module in wanted and one.is_public]
        return {
            one.path for one in public if self.reaches(one.path, "writes") and not self.reaches(one.path, "records")
        }

    def _below(self, path: str, seen: set[str]) -> Iterator[Function]:
        path = self.aliases.get(path, path)
        function = self.functions.get(path)
        if function is None or path in seen:
            return
        seen.add(path)
        yield function
        for called in function.calls:
            yield from self._below(called, seen)


def _functions(module: str, source: str) -> Iterator[Function]:
    tree = ast.parse(source)
    names = {**_imported(tree, module), **{name: f"{module}.{name}" for name in _defined(tree)}}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield _read(node, node.name, module, names)
        if isinstance(node, ast.ClassDef):
            methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
            yield _class(node, module, methods)
            for method in methods:
                yield _read(method, f"{node.name}.{method.name}", module, names)


def _class(node: ast.ClassDef, module: str, methods: list[ast.FunctionDef]) -> Function:
    """Whoever makes an instance may call all its methods."""
    return Function(f"{node.name}.", module, {f"{module}.{node.name}.{method.name}" for method in methods})


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _imported(tree: ast.Module, module: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {(name.asname or name.name): name.name for name in node.names}
    return found


def _reexports(sources: dict[str, str]) -> Iterator[tuple[str, str]]:
    for module, source in sources.items():
        for name, target in _imported(ast.parse(source), module).items():
            yield f"{module}.{name}", target


def _read(node: ast.FunctionDef, name: str, module: str, names: dict[str, str]) -> Function:
    found = Function(name, module)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
            found.writes |= _writes(inner.func)
            found.records |= _records(inner.func, names)
        if isinstance(inner, ast.Name | ast.Attribute) and (target := _target(inner, names)):
            found.calls |= {target, f"{target}."}
    for decorator in node.decorator_list:
        for inner in ast.walk(decorator):
            if isinstance(inner, ast.Name | ast.Attribute) and (target := _target(inner, names)):
                found.calls.add(target)
    return found


def _writes(func: ast.Attribute) -> bool:
    if func.attr not in WRITING:
        return False
    return func.attr not in _OF_ROWS_ONLY or _is_of_rows(func.value)


def _is_of_rows(value: ast.expr) -> bool:
    """`Model.objects.filter(…).update`, `row.roles.add`: something with a dot or a call before it."""
    return isinstance(value, ast.Attribute | ast.Call)


def _records(func: ast.Attribute, names: dict[str, str]) -> bool:
    return (
        func.attr in RECORDING
        and isinstance(func.value, ast.Name)
        and names.get(func.value.id) == "medcover.system.audit"
    )


def _target(node: ast.Name | ast.Attribute, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node.value, ast.Name) and node.value.id in names:
        return f"{names[node.value.id]}.{node.attr}"
    return ""


def sources_below(root: Path, packages: Iterable[str]) -> dict[str, str]:
    """Read every module of these packages, tests and migrations aside."""
    files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
    kept = [file for file in files if not {"tests", "migrations"} & set(file.relative_to(root).parts)]
    return {_module(file.relative_to(root)): file.read_text(encoding="utf-8") for file in kept}


def _module(file: Path) -> str:
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
