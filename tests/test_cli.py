"""The command line as users and schedulers meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import typer.main

from pipeline import load
from pipeline.cli import app
from pipeline.cli_doc import walk
from pipeline.errors import StoreError
from pipeline.schemas import PUBLISHED, TABLES
from tests.nights import arguments, isnad, make_raw


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("cli")
    raw, out = make_raw(folder / "raw"), folder / "out"
    (raw / "2026-11-01" / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(300))
    done = isnad("run", *arguments(raw, out, "gates.max_reject_share=0.3"))
    assert "3 accepted" in done.stdout
    return raw, out


def settings(night: tuple[Path, Path]) -> list[str]:
    return arguments(*night)


def test_every_command_and_option_is_described() -> None:
    for name, command in walk(typer.main.get_command(app)):
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_rejects_name_reason_and_next_step(night: tuple[Path, Path]) -> None:
    rows = [json.loads(line) for line in isnad("rejects", *settings(night), "--json").stdout.splitlines()]
    assert [(r["stage"], r["key"], r["reason"]) for r in rows] == [
        ("ingest", "2026-11-01/photo.txt", "binary")
    ]
    assert rows[0]["next_action"]


def test_too_many_rejects_publish_with_exit_code_3(night: tuple[Path, Path], tmp_path: Path) -> None:
    done = isnad("run", *arguments(night[0], tmp_path / "out", "gates.max_reject_share=0.1"), check=False)
    assert done.returncode == 3
    assert "isnad rejects" in done.stderr
    assert (tmp_path / "out" / "current" / "documents").is_dir()


def test_show_with_condition(night: tuple[Path, Path]) -> None:
    done = isnad("show", "documents", *settings(night), "--where", "dt = '2026-11-02'", "--json")
    assert [json.loads(line)["source_uri"] for line in done.stdout.splitlines()] == [
        "2026-11-02/sahil/rain.txt"
    ]
    assert "(1 rows)" in isnad("show", "documents", *settings(night), "--limit", "1").stdout
    assert isnad("show", "nothing", *settings(night), check=False).returncode == 2


def test_sql_joins_tables_and_reads_nothing_else(night: tuple[Path, Path]) -> None:
    query = "SELECT count(*) AS n FROM claims JOIN documents USING (doc_id, dt)"
    assert json.loads(isnad("sql", query, *settings(night), "--json").stdout)["n"] >= 3
    for outside in ("SELECT * FROM read_text('/etc/hostname')", "COPY documents TO '/tmp/x.csv'", "SELEC 1"):
        done = isnad("sql", outside, *settings(night), check=False)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr


def test_status_and_plan(night: tuple[Path, Path]) -> None:
    assert "all whole" in isnad("status", *settings(night), "--verify").stdout
    assert " run: " not in isnad("plan", *settings(night)).stdout
    assert "forced" in isnad("plan", *settings(night), "--stage", "clean", "--force").stdout
    assert "align@2026-11-02" in isnad("run", *settings(night), "--dry-run", "--force").stdout


def test_report_is_one_file(night: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "night.html"
    isnad("report", *settings(night), "--out", str(page))
    html = page.read_text("utf-8")
    assert "سامر الحداد" in html
    assert "<script" not in html


def test_gc_keeps_the_published_night(night: tuple[Path, Path]) -> None:
    isnad("gc", *settings(night))
    assert "all whole" in isnad("status", *settings(night), "--verify").stdout


def test_config_commands(tmp_path: Path) -> None:
    assert "sound" in isnad("config", "check").stdout
    assert "properties" in json.loads(isnad("config", "schema").stdout)
    bad = tmp_path / "bad.yaml"
    bad.write_text("segmnet:\n  model: x\n", "utf-8")
    done = isnad("config", "check", str(bad), check=False)
    assert done.returncode == 2
    assert f"{bad}:1:1" in done.stderr


def test_docs_are_fresh() -> None:
    isnad("docs", "--check")


def test_models_list_and_info() -> None:
    names = [line.split()[0] for line in isnad("models", "list").stdout.splitlines()]
    assert "ar-news" in names
    assert json.loads(isnad("models", "info", "ar-news").stdout)["sha256"]
    assert isnad("models", "info", "no-such-model", check=False).returncode == 2


@pytest.mark.parametrize("table", [spec.name for spec in PUBLISHED])
def test_load_gives_declared_types(night: tuple[Path, Path], table: str) -> None:
    frame = load(table, processed=night[1])
    assert list(frame.columns) == [*TABLES[table].names, "dt"]
    for column in TABLES[table].columns:
        kind = str(frame[column.name].dtype)
        expected = {"string": "string", "int32": "Int32", "bool": "boolean", "float": "float32"}
        assert kind == expected.get(str(column.type), kind), column.name
    times = [c.name for c in TABLES[table].columns if str(c.type).startswith("timestamp")]
    assert all("UTC" in str(frame[c].dtype) for c in times)


def test_load_selects_dates_and_columns(night: tuple[Path, Path]) -> None:
    frame = load("documents", since="2026-11-02", columns=["outlet", "source_uri"], processed=night[1])
    assert frame["source_uri"].tolist() == ["2026-11-02/sahil/rain.txt"]
    assert len(load("documents", until="2026-11-01", processed=night[1])) == 2


def test_load_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="tables: documents"):
        load("documnets")
    with pytest.raises(StoreError, match="isnad run"):
        load("documents", processed=tmp_path)


def test_plain_pandas_reads_a_date(night: tuple[Path, Path]) -> None:
    assert len(pd.read_parquet(night[1] / "current" / "documents" / "dt=2026-11-02")) == 1
