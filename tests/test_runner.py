"""What reruns, and what does not: the promises of the runner through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline.schemas import PUBLISHED
from pipeline.store import Store
from tests.nights import (
    arguments,
    copy_package,
    edit_function,
    events,
    isnad,
    make_raw,
    published_files,
    ran,
    tree,
    would_run,
)

DAY1, DAY2 = "2026-11-01", "2026-11-02"
ALL = [
    f"{stage}@{day}" for day in (DAY1, DAY2) for stage in ("ingest", "clean", "segment", "extract", "align")
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, the small night and its published result."""
    home = copy_package(tmp_path_factory.mktemp("night"))
    done = isnad("run", *arguments(make_raw(home / "raw"), home / "out"), home=home)
    assert ran(done) == ALL
    return home


@pytest.fixture
def home(finished: Path, tmp_path: Path) -> Path:
    """A private copy of the finished night; file times are kept, so nothing is stale."""
    copy = tmp_path / "night"
    shutil.copytree(finished, copy, symlinks=True)
    # The copy has new inodes: one run takes them into the cache of stamps.
    done = isnad("run", *arguments(copy / "raw", copy / "out"), home=copy)
    assert ran(done) == []
    return copy


def run(home: Path, *args: str, check: bool = True, extra: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    return isnad("run", *arguments(home / "raw", home / "out", *extra), *args, home=home, check=check)


def plan(home: Path, *extra: str) -> dict[str, str]:
    return would_run(isnad("plan", *arguments(home / "raw", home / "out", *extra), home=home))


def test_every_table_is_published_and_plain_pandas_reads_it(finished: Path) -> None:
    for spec in PUBLISHED:
        frame = pd.read_parquet(finished / "out" / "current" / spec.name)
        assert set(spec.names) <= set(frame.columns)
        assert "dt" in frame.columns
    documents = pd.read_parquet(finished / "out" / "current" / "documents")
    assert len(documents) == 3
    assert len(pd.read_parquet(finished / "out" / "current" / "claims")) >= 3


def test_nothing_changed_writes_nothing(home: Path) -> None:
    before = tree(home / "out")
    done = run(home)
    assert "nothing to do" in done.stdout
    assert tree(home / "out") == before


def test_changed_threshold_reruns_its_stage_only(home: Path) -> None:
    assert set(plan(home, "align.window_days=2")) == {f"align@{DAY1}", f"align@{DAY2}"}
    reason = plan(home, "align.window_days=2")[f"align@{DAY1}"]
    assert "params.window_days" in reason


def test_changed_helper_reruns_its_stage_and_identical_output_nothing_more(home: Path) -> None:
    edit_function(home / "pipeline" / "text" / "sentences.py", "split", "assert True")
    planned = plan(home)
    assert "code pipeline.text.sentences changed" in planned[f"segment@{DAY1}"]
    assert f"clean@{DAY1}" not in planned
    assert f"ingest@{DAY1}" not in planned
    assert ran(run(home)) == [f"segment@{DAY1}", f"segment@{DAY2}"]
    assert plan(home) == {}


@pytest.mark.parametrize("statement", ["# only a comment", "'''Only a text.'''"])
def test_comment_and_docstring_rerun_nothing(home: Path, statement: str) -> None:
    path = home / "pipeline" / "text" / "sentences.py"
    if statement.startswith("#"):
        edit_function(path, "split", statement)
    else:
        path.write_text(path.read_text("utf-8").replace('"""', '"""Another text. ', 1), "utf-8")
    assert plan(home) == {}


def test_changed_file_reruns_its_own_batch(home: Path) -> None:
    path = home / "raw" / DAY2 / "sahil" / "rain.txt"
    path.write_text(path.read_text("utf-8").replace("غزيرة", "خفيفة"), "utf-8")
    planned = plan(home)
    assert planned[f"ingest@{DAY2}"] == f"raw changed: {DAY2}/sahil/rain.txt"
    assert {u for u in planned if u.endswith(DAY1)} == set()
    done = run(home)
    assert set(ran(done)) == {u for u in ALL if u.endswith(DAY2)}
    documents = pd.read_parquet(home / "out" / "current" / "documents")
    changed = documents[documents["dt"].astype(str) == DAY2].iloc[0]
    assert (changed["revision"], changed["previous_doc_id"] is not None) == (2, True)


def test_new_file_reuses_the_batches_of_the_others(home: Path) -> None:
    text = (home / "raw" / DAY1 / "sahil" / "port.txt").read_text("utf-8").replace("الحداد", "النجار")
    (home / "raw" / DAY1 / "sahil" / "other.txt").write_text(text, "utf-8")
    done = run(home)
    batches = {e["unit"]: (e["total"], e["reused"]) for e in events(done, "batches")}
    assert {batches[f"{s}@{DAY1}"] for s in ("ingest", "clean", "segment", "extract")} == {(3, 2)}
    assert f"ingest@{DAY2}" not in batches


def test_renamed_file_reruns_ingest_only(home: Path) -> None:
    folder = home / "raw" / DAY1 / "sahil"
    (folder / "port.txt").rename(folder / "zz-harbour.txt")
    assert plan(home)[f"ingest@{DAY1}"] == f"raw renamed: {DAY1}/sahil/zz-harbour.txt"
    assert ran(run(home)) == [f"ingest@{DAY1}"]
    uris = pd.read_parquet(home / "out" / "current" / "documents")["source_uri"].tolist()
    assert f"{DAY1}/sahil/zz-harbour.txt" in uris


def test_late_document_replans_the_days_its_window_touches(home: Path) -> None:
    shutil.copy(home / "raw" / DAY1 / "sahil" / "port.txt", home / "late.txt")
    (home / "raw" / DAY1 / "sahil" / "late.txt").write_text(
        (home / "late.txt").read_text("utf-8").replace("الحداد", "العطار"), "utf-8"
    )
    assert f"align@{DAY2}" in plan(home)
    assert f"segment@{DAY2}" not in plan(home)


def test_model_and_library_are_part_of_the_fingerprint(home: Path) -> None:
    record = json.loads((home / "out" / "current" / "units" / f"segment@{DAY1}.json").read_text("utf-8"))
    assert "ufal.udpipe" in record["components"]["libraries"]
    assert all(len(sha) == 64 for sha in record["components"]["models"].values())
    model = next(p for p in record["components"]["models"] if p.endswith(".udpipe"))
    other = home / "other.udpipe"
    shutil.copy(model, other)
    with other.open("ab") as file:
        file.write(b"\0")
    assert "model" in plan(home, f"segment.model={other}")[f"segment@{DAY1}"]


def test_one_stage_alone_leaves_the_rest_marked(home: Path) -> None:
    path = home / "pipeline" / "text" / "sentences.py"
    edit_function(path, "split", "end = min(end, start + 40)")
    done = run(home, "--stage", "segment")
    assert ran(done) == [f"segment@{DAY1}", f"segment@{DAY2}"]
    assert f"left behind their input: extract@{DAY1}" in done.stdout
    status = isnad("status", *arguments(home / "raw", home / "out"), home=home).stdout
    assert [line.split()[0] for line in status.splitlines() if "STALE" in line] == [
        f"{s}@{d}" for s in ("align", "extract") for d in (DAY1, DAY2)
    ]
    assert set(ran(run(home))) == {f"{s}@{d}" for s in ("align", "extract") for d in (DAY1, DAY2)}
    assert "STALE" not in isnad("status", *arguments(home / "raw", home / "out"), home=home).stdout


def test_force_runs_the_range_and_gives_the_same_bytes(home: Path) -> None:
    before = published_files(home / "out")
    done = run(home, "--from", "clean", "--to", "segment", "--date", DAY1, "--force")
    assert ran(done) == [f"clean@{DAY1}", f"segment@{DAY1}"]
    assert published_files(home / "out") == before


def test_forced_ingest_keeps_identity(home: Path) -> None:
    before = published_files(home / "out")
    assert ran(run(home, "--force")) == ALL
    assert published_files(home / "out") == before


def test_damaged_file_is_made_again(home: Path) -> None:
    before = published_files(home / "out")
    path = next(p for p in (home / "out" / "objects" / "sentences").iterdir() if p.stat().st_size > 2000)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = isnad("status", "--verify", *arguments(home / "raw", home / "out"), home=home, check=False)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert all(unit.startswith("segment@") for unit in ran(run(home)))
    assert published_files(home / "out") == before
    isnad("status", "--verify", *arguments(home / "raw", home / "out"), home=home)


def test_damage_met_while_running_heals_in_the_same_run(home: Path) -> None:
    before = published_files(home / "out")
    for path in (home / "out" / "objects" / "blocks").iterdir():
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    done = run(home, "--from", "segment", "--force")
    assert f"clean@{DAY1}" in ran(done)
    assert published_files(home / "out") == before


def test_rollback_and_forward_again(home: Path) -> None:
    store = Store(home / "out")
    old = store.current_id()
    run(home, extra=("align.window_days=1",))
    new = store.current_id()
    isnad("rollback", *arguments(home / "raw", home / "out"), home=home)
    assert (store.current_id(), store.snapshots()[-1]) == (old, new)
    assert "nothing to do" in run(home).stdout


def test_gone_root_is_refused_and_the_snapshot_stands(home: Path) -> None:
    before = published_files(home / "out")
    shutil.rmtree(home / "raw")
    done = run(home, check=False)
    assert done.returncode == 2
    assert str(home / "raw") in done.stderr
    assert "Traceback" not in done.stderr
    assert published_files(home / "out") == before


def test_archived_night_stays(home: Path) -> None:
    shutil.rmtree(home / "raw" / DAY1)
    assert plan(home) == {}
    assert len(pd.read_parquet(home / "out" / "current" / "documents")) == 3


def test_undated_files_keep_the_night_that_first_saw_them(home: Path) -> None:
    raw = home / "undated"
    raw.mkdir()
    shutil.copy(home / "raw" / DAY1 / "sahil" / "port.txt", raw / "a.txt")
    args = arguments(raw, home / "undated-out")
    isnad("run", *args, "--date", "2026-03-01", home=home)
    done = isnad("run", *args, home=home)
    assert "nothing to do" in done.stdout
    assert pd.read_parquet(home / "undated-out" / "current" / "documents")["dt"].astype(str).tolist() == [
        "2026-03-01"
    ]


def test_only_rejects_still_publish_full_schemas(home: Path) -> None:
    raw = home / "broken"
    raw.mkdir()
    (raw / "a.txt").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4)
    done = isnad("run", *arguments(raw, home / "broken-out"), home=home, check=False)
    assert done.returncode == 3
    for spec in PUBLISHED:
        frame = pd.read_parquet(home / "broken-out" / "current" / spec.name)
        assert set(spec.names) <= set(frame.columns)
    rejected = pd.read_parquet(home / "broken-out" / "current" / "rejects")
    assert rejected[["stage", "key"]].to_numpy().tolist() == [["ingest", "a.txt"]]


def test_collapsed_night_is_held_and_the_snapshot_stands(home: Path) -> None:
    before = published_files(home / "out")
    path = home / "raw" / "2026-11-03" / "sahil" / "x.txt"
    path.parent.mkdir(parents=True)
    shutil.copy(home / "raw" / DAY2 / "sahil" / "rain.txt", path)
    done = run(home, check=False, extra=("gates.min_document_share=0.9",))
    assert done.returncode == 4
    assert published_files(home / "out") == before
    assert run(home).returncode == 0


def test_unknown_stage_and_date_are_usage_errors(home: Path) -> None:
    assert run(home, "--stage", "claen", check=False).returncode == 2
    assert run(home, "--from", "align", "--to", "clean", check=False).returncode == 2
    assert run(home, "--date", "2020-01-01", check=False).returncode == 2
    assert run(home, "--date", "yesterday", check=False).returncode == 2
    assert run(home, "--nonsense", check=False).returncode == 2


def test_last_stage_alone_on_a_fresh_folder_says_what_is_missing(home: Path) -> None:
    done = isnad("run", *arguments(home / "raw", home / "fresh"), "--stage", "align", home=home, check=False)
    assert done.returncode == 1
    assert "has not run" in done.stderr
    assert "isnad run --from" in done.stderr
