"""The configuration: frozen models, read from YAML with file:line:column for every complaint.

One file and any number of ``--set dotted.key=value`` overrides; what is not said keeps the default declared here
or in the stage's parameters. YAML 1.2 rules: ``NO`` and ``12:30`` stay strings.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from pipeline.errors import ConfigError
from pipeline.stage import Params
from pipeline.stages import STAGES

DEFAULT_FILE = "configs/base.yaml"
MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_ALIASES = 50


class Paths(Params):
    """Where raw input lies and where the tables go."""

    raw: str = Field("data/raw", description="Folder of raw files; read only.")
    processed: str = Field(
        "data/processed", description="Folder of snapshots; `current` points at the newest."
    )


class Gates(Params):
    """What holds or flags a publication."""

    max_reject_share: float = Field(
        0.2, ge=0, le=1, description="Share of rejected inputs above which a run ends with exit code 3."
    )
    min_document_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="A date with fewer documents than this share of the other dates' median holds the "
        "publication (exit code 4); 0 switches the gate off.",
    )


class Settings(BaseModel):
    """The general settings; the full configuration adds one section for each stage."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    paths: Paths = Field(Paths(), description="Folders.")
    executor: Literal["serial", "processes"] = Field(
        "processes", description="serial: in this process; processes: killable worker processes."
    )
    workers: int = Field(0, ge=0, le=1024, description="Worker processes; 0 means one for each core.")
    executor_address: str | None = Field(
        None, description="Address of a cluster scheduler; this version has no cluster executor."
    )
    batch_documents: int = Field(64, ge=1, le=10_000, description="Documents in a batch, about.")
    batch_timeout_s: float = Field(
        900.0, gt=0, description="Seconds after which a batch is stopped and split."
    )
    document_timeout_s: float = Field(
        60.0, gt=0, description="Seconds after which a single document is rejected."
    )
    worker_memory_mb: int | None = Field(
        None, ge=512, description="Address space limit of a worker in MiB; none by default."
    )
    retention: int = Field(14, ge=1, description="Nights for which former snapshots stay.")
    gates: Gates = Field(Gates(), description="Quality gates.")


def _config_class() -> type[Settings]:
    sections: dict[str, Any] = {
        stage.name: (stage.params, Field(stage.params(), description=f"Stage {stage.name}."))
        for stage in STAGES
    }
    return create_model("Config", __base__=Settings, **sections)


Config = _config_class()


def stage_params(config: Settings, name: str) -> Params:
    """The parameters of stage ``name``."""
    value = getattr(config, name)
    assert isinstance(value, Params)
    return value


def schema() -> dict[str, Any]:
    """JSON Schema of the configuration, for editors."""
    return Config.model_json_schema()


def load(file: str | Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Read ``file`` (default ``configs/base.yaml``), apply ``overrides``, validate.

    Raises ConfigError listing every fault with its place.
    """
    path = Path(file or DEFAULT_FILE)
    tree = _read(path)
    places = dict(_places(tree, str(path)))
    data = _plain(tree)
    for text in overrides:
        _override(data, places, text)
    try:
        # JSON mode: strict about scalars, yet a YAML list may fill a tuple.
        config = Config.model_validate_json(json.dumps(data, ensure_ascii=False))
    except ValidationError as error:
        raise ConfigError(
            _explain(error, places, str(path)), next_action="correct the lines named above"
        ) from None
    _cross_check(config, places, str(path))
    return config


def _read(path: Path) -> CommentedMap:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            "no such configuration file",
            place=str(path),
            next_action="name a file, e.g. isnad run configs/base.yaml",
        ) from None
    except OSError as error:
        raise ConfigError(error.strerror or str(error), place=str(path)) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{len(raw)} bytes; at most {MAX_BYTES} are read", place=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"byte {error.start} is not UTF-8", place=str(path), next_action="save the file as UTF-8"
        ) from None
    _refuse_hostile(text, path)
    try:
        tree = YAML(typ="rt").load(text)
    except DuplicateKeyError as error:
        found = re.search(r'duplicate key "([^"]*)"', str(error.problem))
        name = found.group(1) if found else "?"
        raise ConfigError(f"duplicate key '{name}'", place=_mark(path, error.problem_mark)) from None
    except MarkedYAMLError as error:
        message = error.problem or str(error.context)
        raise ConfigError(message, place=_mark(path, error.problem_mark or error.context_mark)) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"not readable as YAML: {str(error)[:200]}", place=str(path)) from None
    if tree is None:
        return CommentedMap()
    if not isinstance(tree, CommentedMap):
        raise ConfigError("the file must hold a mapping", place=f"{path}:1:1")
    return tree


def _refuse_hostile(text: str, path: Path) -> None:
    """Refuse what could exhaust the reader before it is handed over: alias floods, deep nesting, bidi controls."""
    if len(re.findall(r"(?<![\w\"'])\*\w", text)) > MAX_ALIASES:
        raise ConfigError(f"more than {MAX_ALIASES} aliases", place=str(path))
    depth = 0
    for number, line in enumerate(text.split("\n"), 1):
        hidden = re.search("[\u202a-\u202e\u2066-\u2069]", line)
        if hidden:
            raise ConfigError(
                "bidirectional control character", place=f"{path}:{number}:{hidden.start() + 1}"
            )
        indent = len(line) - len(line.lstrip(" "))
        deepest = depth
        for bracket in re.findall(r"[\[\]{}]", line):
            depth += 1 if bracket in "[{" else -1
            deepest = max(deepest, depth)
        if deepest > MAX_DEPTH or indent > 8 * MAX_DEPTH:
            raise ConfigError(f"nested deeper than {MAX_DEPTH} levels", place=f"{path}:{number}:1")


def _mark(path: Path, mark: Any) -> str:
    return f"{path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else str(path)


Loc = tuple[str | int, ...]


def _places(node: Any, path: str, prefix: Loc = (), seen: int = 0) -> Iterable[tuple[Loc, str]]:
    """Map each key path to file:line:column."""
    if seen > MAX_DEPTH:
        return
    if isinstance(node, CommentedMap):
        for key in node:
            line, column = node.lc.key(key)
            yield (*prefix, str(key)), f"{path}:{line + 1}:{column + 1}"
            yield from _places(node[key], path, (*prefix, str(key)), seen + 1)
    elif isinstance(node, CommentedSeq):
        for i, item in enumerate(node):
            line, column = node.lc.item(i)
            yield (*prefix, i), f"{path}:{line + 1}:{column + 1}"
            yield from _places(item, path, (*prefix, i), seen + 1)


def _plain(node: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ConfigError(f"nested deeper than {MAX_DEPTH} levels (or refers to itself)")
    if isinstance(node, Mapping):
        return {str(key): _plain(value, depth + 1) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(item, depth + 1) for item in node]
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node)


def _override(data: dict[str, Any], places: dict[Loc, str], text: str) -> None:
    key, sep, value = text.partition("=")
    place = f"--set {text}"
    if not sep or not key.strip():
        raise ConfigError("an override must read dotted.key=value", place=place)
    try:
        parsed = _plain(YAML(typ="rt").load(value)) if value else ""
    except YAMLError as error:
        raise ConfigError(f"the value is no YAML: {str(error).splitlines()[0]}", place=place) from None
    node, parts = data, key.strip().split(".")
    for i, part in enumerate(parts[:-1]):
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise ConfigError(f"'{'.'.join(parts[: i + 1])}' is a value, not a section", place=place)
        node = child
    node[parts[-1]] = parsed
    for depth in range(1, len(parts) + 1):
        if depth == len(parts) or tuple(parts[:depth]) not in places:
            places[tuple(parts[:depth])] = place


def _explain(error: ValidationError, places: Mapping[Loc, str], path: str) -> str:
    lines = []
    for fault in error.errors():
        loc: Loc = tuple(fault["loc"])
        known = loc
        while known and known not in places:
            known = known[:-1]
        dotted = ".".join(map(str, loc))
        message = fault["msg"]
        if fault["type"] == "extra_forbidden":
            message = f"unknown key '{loc[-1]}'"
            near = difflib.get_close_matches(str(loc[-1]), _fields_at(loc[:-1]), n=1, cutoff=0.5)
            message += (
                f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(_fields_at(loc[:-1]))}"
            )
            lines.append(f"{places.get(known, path)}: {message}")
        else:
            lines.append(f"{places.get(known, path)}: {dotted}: {message} (got {fault.get('input')!r:.80})")
    return "\n".join(lines)


def _fields_at(loc: Loc) -> list[str]:
    model: Any = Config
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        model = field.annotation
        for inner in getattr(model, "__args__", ()):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                model = inner
                break
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return []
    return sorted(model.model_fields)


def _cross_check(config: Settings, places: Mapping[Loc, str], path: str) -> None:
    """Refuse settings that are well-formed one by one but cannot work together."""

    def place(*loc: str) -> str:
        return places.get(loc, path)

    if config.executor_address is not None:
        raise ConfigError(
            "this version has no cluster executor",
            place=place("executor_address"),
            next_action="remove the key",
        )
    raw = expand(config.paths.raw, place("paths", "raw"))
    out = expand(config.paths.processed, place("paths", "processed"))
    if raw == out or raw in out.parents or out in raw.parents:
        raise ConfigError(
            f"paths.raw ({raw}) and paths.processed ({out}) must not contain each other", place=place("paths")
        )


def expand(value: str, place: str = "paths") -> Path:
    """Return the absolute path of ``value`` with ``~`` and ``$VARIABLE`` filled in.

    Raises ConfigError for an unset variable, an unknown home or an empty path.
    """
    filled = os.path.expanduser(os.path.expandvars(value))
    if re.search(r"\$\w|\$\{", filled) or filled.startswith("~") or not filled.strip() or "\0" in filled:
        raise ConfigError(f"'{value}' is no usable path (unset variable?)", place=place)
    return Path(os.path.realpath(filled))
