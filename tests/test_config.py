"""The configuration refuses what it does not understand, at the right place, with a hint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import config
from pipeline.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(text, "utf-8")
    return path


def refused(folder: Path, text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(write(folder, text), overrides)
    return str(caught.value)


def test_defaults_and_overrides(tmp_path: Path) -> None:
    loaded = config.load(
        write(tmp_path, "workers: 3\n"), ["align.window_days=5", "paths.raw=/in", "paths.processed=/out"]
    )
    assert (loaded.workers, loaded.executor, loaded.paths.raw) == (3, "processes", "/in")
    assert config.stage_params(loaded, "align").model_dump()["window_days"] == 5


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, "# nothing\n")).executor == "processes"


def test_unknown_key_names_place_and_neighbour(tmp_path: Path) -> None:
    message = refused(tmp_path, "workers: 1\nsegmnet:\n  model: x\n")
    assert "c.yaml:2:1" in message
    assert "did you mean 'segment'?" in message


def test_unknown_nested_key(tmp_path: Path) -> None:
    message = refused(tmp_path, "paths:\n  raw: a\n  procesed: b\n")
    assert "c.yaml:3:3" in message
    assert "did you mean 'processed'?" in message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, "workers: many\nexecutor: cluster\nretention: 0\n")
    assert [place in message for place in ("c.yaml:1:1", "c.yaml:2:1", "c.yaml:3:1")] == [True] * 3


@pytest.mark.parametrize(
    "text", ["workers: '2'\n", "workers: 1.5\n", "workers: null\n", "executor: NO\n", "paths: []\n"]
)
def test_wrong_types_are_refused(tmp_path: Path, text: str) -> None:
    assert "c.yaml:1:1" in refused(tmp_path, text)


def test_duplicate_key(tmp_path: Path) -> None:
    message = refused(tmp_path, "workers: 1\nexecutor: serial\nworkers: 2\n")
    assert "duplicate key 'workers'" in message
    assert "c.yaml:3:1" in message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("paths:\n\traw: a\n", "c.yaml:2"),
        ("paths: {raw: a\n", "c.yaml"),
        ("- a\n- b\n", "must hold a mapping"),
        ("x: " + "[" * 3000 + "]" * 3000, "nested deeper"),
        ("a: &a [1]\nb: [" + ",".join(["*a"] * 60) + "]\n", "aliases"),
        ("a: !!python/object:os.system {}\n", "c.yaml"),
        ("paths:\n  raw: \u202eabc\n", "bidirectional"),
    ],
)
def test_hostile_yaml(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refused(tmp_path, text)


def test_self_reference(tmp_path: Path) -> None:
    assert "c.yaml:2:3" in refused(tmp_path, "paths: &p\n  raw: *p\n")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes("paths:\n  raw: أخبار\n".encode("cp1256"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        config.load(path)


def test_arabic_paths_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes("\ufeffpaths:\n  raw: أخبار\n".encode())
    assert config.load(path).paths.raw == "أخبار"


def test_missing_file_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="next: name a file"):
        config.load(tmp_path / "none.yaml")


@pytest.mark.parametrize("override", ["workers", "=1", "wrkers=2", "paths.raw.x=1", "align.window_days=ten"])
def test_bad_overrides_are_refused(tmp_path: Path, override: str) -> None:
    assert f"--set {override}" in refused(tmp_path, "", override)


@pytest.mark.parametrize(
    ("raw", "out"),
    [
        ("data", "data"),
        ("data", "data/out"),
        ("data/in", "data"),
        ("$NO_SUCH_VARIABLE/x", "out"),
        ("", "out"),
    ],
)
def test_folders_that_cannot_work(tmp_path: Path, raw: str, out: str) -> None:
    refused(tmp_path, "", f"paths.raw={raw}", f"paths.processed={out}")


def test_schema_describes_every_key() -> None:
    schema = json.loads(json.dumps(config.schema()))
    objects = [schema, *schema["$defs"].values()]
    undescribed = [
        (o.get("title"), name)
        for o in objects
        for name, value in o.get("properties", {}).items()
        if not value.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize("name", ["base.yaml", "nightly.yaml"])
def test_shipped_configurations_load(name: str) -> None:
    assert config.load(Path(__file__).parents[1] / "configs" / name).executor == "processes"
