"""What a unit depends on: parameters, the code that it really reaches, libraries, models, inputs.

Code is followed symbol by symbol: from the stage's value to every top-level name that it uses, through the
imports of this package, down to the last helper. Comments, docstrings and column descriptions do not count.
A lexicon counts where its file name stands as a literal in the reached code.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.stage import ModelUse, Params, Stage

PACKAGE = "pipeline"
Symbol = tuple[str, str]  # (module, top-level name)


def digest(*parts: object) -> str:
    """Hex digest (32 characters) of the JSON form of ``parts``; mappings are sorted.

    >>> digest("a", {"x": 1, "y": 2}) == digest("a", {"y": 2, "x": 1})
    True
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass
class Module:
    """One parsed source file: its top-level definitions, import bindings and statements run on import."""

    name: str
    defined: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imported: dict[str, Symbol] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)


class CodeIndex:
    """The package's source, parsed on demand. ``root`` is the folder of the package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules: dict[str, Module | None] = {}
        self._facts: dict[Symbol, tuple[str, list[Symbol], set[str]]] = {}
        self.resources = {
            p.relative_to(root / "resources").as_posix(): p
            for p in sorted((root / "resources").rglob("*"))
            if p.is_file() and p.suffix not in (".py", ".pyc")
        }

    def module(self, name: str) -> Module | None:
        """The module ``name`` of this package, or None where there is no such source file."""
        if name not in self._modules:
            self._modules[name] = self._parse(name)
        return self._modules[name]

    def _parse(self, name: str) -> Module | None:
        parts = name.split(".")
        if parts[0] != PACKAGE:
            return None
        base = self.root.joinpath(*parts[1:])
        source = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        if not source.is_file():
            return None
        package = name if base.is_dir() else name.rpartition(".")[0]
        module = Module(name)
        for node in ast.parse(source.read_text("utf-8")).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                module.imported.update(_bindings(node, package))
            elif names := _defines(node):
                for defined in names:
                    module.defined.setdefault(defined, []).append(node)
            elif not _is_docstring(node):
                module.effects.append(node)
        return module

    def reach(self, start: Iterable[Symbol]) -> dict[str, str]:
        """Digest of the reached code by module, and of the reached lexicons as ``resource:NAME``."""
        queue, seen = list(start), set[Symbol]()
        dumps: dict[str, dict[str, str]] = {}
        literals: set[str] = set()
        while queue:
            symbol = queue.pop()
            if symbol in seen:
                continue
            seen.add(symbol)
            if symbol not in self._facts:
                self._facts[symbol] = self._read(symbol)
            text, uses, strings = self._facts[symbol]
            if text:
                dumps.setdefault(symbol[0], {})[symbol[1]] = text
            queue += uses
            literals |= strings
        found = {name: digest(sorted(symbols.items())) for name, symbols in sorted(dumps.items())}
        for name in sorted(literals & self.resources.keys()):
            found[f"resource:{name}"] = _resource_digest(self.resources[name])
        return found

    def _read(self, symbol: Symbol) -> tuple[str, list[Symbol], set[str]]:
        """Of one symbol: its code without what does not count, the symbols that it may use, its string literals."""
        module = self.module(symbol[0])
        if module is None:
            return "", [], set()
        uses: list[Symbol] = [(module.name, "<import>")]
        parent = module.name.rpartition(".")[0]
        if symbol[1] == "<import>" and parent:
            uses.append((parent, "<import>"))
        nodes = self._nodes(module, symbol[1], uses)
        facts = _Facts()
        text = "\n".join(facts.read(node) for node in nodes)
        if nodes:
            uses += _uses(facts, module, self)
        return text, uses, facts.strings

    def _nodes(self, module: Module, name: str, queue: list[Symbol]) -> list[ast.stmt]:
        if name == "<import>":
            return module.effects
        if name == "*":
            queue += [(module.name, other) for other in (*module.defined, *module.imported)]
            return []
        if name in module.defined:
            return module.defined[name]
        if name in module.imported:
            target, attribute = module.imported[name]
            queue.append((target, attribute))
        elif self.module(f"{module.name}.{name}"):
            queue.append((f"{module.name}.{name}", "*"))
        return []


def _bindings(node: ast.Import | ast.ImportFrom, package: str) -> dict[str, Symbol]:
    """Names that an import statement binds, for imports inside the package. ``*`` stands for a whole module."""
    if isinstance(node, ast.Import):
        return {
            (alias.asname or alias.name.partition(".")[0]): (alias.name if alias.asname else PACKAGE, "*")
            for alias in node.names
            if alias.name.partition(".")[0] == PACKAGE
        }
    base = node.module or ""
    if node.level:
        parent = package.split(".")[: len(package.split(".")) - node.level + 1]
        base = ".".join([*parent, *([node.module] if node.module else [])])
    if base.partition(".")[0] != PACKAGE:
        return {}
    return {alias.asname or alias.name: (base, alias.name) for alias in node.names}


def _defines(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _uses(facts: _Facts, module: Module, index: CodeIndex) -> list[Symbol]:
    """Symbols of the package that the code may use, imports inside functions included."""
    found: list[Symbol] = []
    local: dict[str, Symbol] = {}
    for node in facts.imports:
        is_package = (index.root / "/".join(module.name.split(".")[1:])).is_dir()
        local.update(_bindings(node, module.name if is_package else module.name.rpartition(".")[0]))
    bare = set(facts.names)
    for name, attribute in facts.attributes:
        whole = _as_module(local.get(name) or module.imported.get(name), index)
        if whole:  # lines.split: only that symbol of the module
            found.append((whole, attribute))
        else:
            bare.add(name)
    for name in sorted(bare):
        target = local.get(name)
        if target is None and name in module.imported:
            target = module.imported[name]
            whole = _as_module(target, index)
            found.append((whole, "*") if whole else (module.name, name))
        elif target is not None:
            whole = _as_module(target, index)
            found.append((whole, "*") if whole else target)
        elif name in module.defined:
            found.append((module.name, name))
    return found


def _as_module(target: Symbol | None, index: CodeIndex) -> str | None:
    if target is None:
        return None
    module, name = target
    if name == "*":
        return module
    parent = index.module(module)
    if parent is not None and (name in parent.defined or name in parent.imported):
        return None
    return f"{module}.{name}" if index.module(f"{module}.{name}") else None


class _Facts:
    """One pass over code: its text without docstrings and ``description=`` texts, and what it mentions."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.strings: set[str] = set()

    def read(self, node: Any) -> str:
        """The node as text; names, attributes of names, imports and strings are noted on the way."""
        if isinstance(node, list):
            return f"[{','.join(map(self.read, node))}]"
        if not isinstance(node, ast.AST):
            return repr(node)
        if isinstance(node, ast.Name):
            self.names.append(node.id)
            return node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            self.attributes.append((node.value.id, node.attr))
            return f"{node.value.id}.{node.attr}"
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                self.strings.add(node.value)
            return f"{type(node.value).__name__}:{node.value!r}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.imports.append(node)
        fields = (f"{name}={self.read(self._counting(node, name))}" for name in node._fields)
        return f"{type(node).__name__}({','.join(fields)})"

    @staticmethod
    def _counting(node: ast.AST, name: str) -> Any:
        value = getattr(node, name, None)
        if name == "body" and isinstance(value, list) and value and _is_docstring(value[0]):
            return value[1:]
        if isinstance(node, ast.Call) and name == "keywords":
            return [keyword for keyword in value or () if keyword.arg != "description"]
        return value


def _resource_digest(path: Path) -> str:
    """Digest of a lexicon without its comment lines, so that a comment reruns nothing."""
    data = path.read_bytes()
    if path.suffix == ".yaml":
        data = b"\n".join(
            line for line in data.split(b"\n") if line.strip() and not line.lstrip().startswith(b"#")
        )
    return hashlib.sha256(data).hexdigest()[:32]


@cache
def package_index() -> CodeIndex:
    """The index of the installed package."""
    return CodeIndex(Path(__file__).parent)


@cache
def code_of(stage_name: str) -> Mapping[str, str]:
    """Digest of the code and lexicons that a stage reaches, by module."""
    start = [(f"{PACKAGE}.stages.{stage_name}", "STAGE")]
    if stage_name == "ingest":  # its input is what the reading of raw files makes of them
        start.append((f"{PACKAGE}.rawread", "read"))
    return package_index().reach(start)


@cache
def file_sha256(path: str) -> str:
    """SHA-256 of a file, read in blocks. Raises OSError."""
    sha = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def libraries(names: Iterable[str]) -> dict[str, str]:
    """Installed versions of the distributions ``names``; ``absent`` where one is not installed."""
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "absent"
    return found


def static_components(stage: Stage, params: Params, versions: Mapping[str, int]) -> dict[str, Any]:
    """What a unit of ``stage`` depends on apart from its input: the parts that are the same for all dates."""
    return {
        "params": params.model_dump(mode="json"),
        "code": dict(code_of(stage.name)),
        "libraries": libraries(("pyarrow", *stage.libraries)),
        "models": {Path(use.path).name: _checked(stage.name, use) for use in stage.models(params)},
        "tables": dict(versions),
    }


def _checked(stage: str, use: ModelUse) -> str:
    """SHA-256 of a model file, before anything loads it. Raises ModelError where it is not the expected one."""
    expected = f"expected SHA-256 {use.sha256}" if use.sha256 else "no SHA-256 is declared for it"
    try:
        found = file_sha256(use.path)
    except OSError as error:
        raise ModelError(
            f"{error.strerror} ({expected})",
            place=f"{stage}: {use.path}",
            next_action="name a model file that exists",
        ) from None
    if use.sha256 is not None and found != use.sha256.lower():
        raise ModelError(
            f"the file has SHA-256 {found}, {expected}",
            place=f"{stage}: {use.path}",
            next_action="restore the file, or declare the SHA-256 of the one that you mean",
        )
    return found


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Why a unit is stale, one phrase for each cause; empty where nothing changed.

    >>> difference({"params": {"n": 1}}, {"params": {"n": 2}})
    ['params.n: 1 → 2']
    """
    labels = {"params": "params.{}: {} → {}", "libraries": "library {}: {} → {}"}
    reasons = []
    for part in new.keys() | old.keys():
        before, after = old.get(part, {}), new.get(part, {})
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) == after.get(key):
                continue
            if part in labels:
                reasons.append(labels[part].format(key, before.get(key), after.get(key)))
            elif key not in before or key not in after:
                reasons.append(f"{part} {key} {'added' if key in after else 'removed'}")
            else:
                reasons.append(f"{part} {key} changed")
    return sorted(reasons)
