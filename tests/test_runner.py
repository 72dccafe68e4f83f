"""What reruns, and what does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import housekeeping
from pipeline.errors import ConfigError, GateError, InputError, ModelError, StageError
from pipeline.schemas import PUBLISHED
from pipeline.store import Store
from tests.nights import Night, make_raw, tree

DAY1, DAY2 = "2026-11-01", "2026-11-02"
STAGES = ("ingest", "clean", "segment", "extract", "align")
ALL = [f"{stage}@{day}" for day in (DAY1, DAY2) for stage in STAGES]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The small night and its published result; not to be changed."""
    folder = tmp_path_factory.mktemp("night")
    night = Night(make_raw(folder / "raw"), folder / "out")
    assert night.run().ran == ALL
    return night


@pytest.fixture
def night(finished: Night, tmp_path: Path) -> Night:
    """A private copy of the finished night."""
    shutil.copytree(finished.raw, tmp_path / "raw")
    shutil.copytree(finished.out, tmp_path / "out", symlinks=True)
    return Night(tmp_path / "raw", tmp_path / "out")


def replace_in(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def flip_a_bit(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_every_table_is_published_and_plain_pandas_reads_it(finished: Night) -> None:
    for spec in PUBLISHED:
        frame = pd.read_parquet(finished.out / "current" / spec.name)
        assert {*spec.names, "dt"} <= set(frame.columns)
    assert len(finished.table("documents")) == 3
    assert len(finished.table("claims")) >= 3


def test_in_is_out_plus_rejected(finished: Night) -> None:
    files = sum(1 for p in finished.raw.rglob("*.txt"))
    assert files == len(finished.table("documents")) + len(finished.table("rejects"))


def test_nothing_changed_writes_nothing(night: Night) -> None:
    night.run()  # takes the inodes of the copy into the cache
    before = tree(night.out)
    result = night.run()
    assert (result.ran, result.published, result.exit_code) == ([], False, 0)
    assert tree(night.out) == before


def test_changed_threshold_reruns_its_stage_only(night: Night) -> None:
    planned = night.plan("align.window_days=2")
    assert set(planned) == {f"align@{DAY1}", f"align@{DAY2}"}
    assert planned[f"align@{DAY1}"].startswith("params.window_days: ")


def test_changed_file_reruns_its_own_day(night: Night) -> None:
    replace_in(night.raw / DAY2 / "sahil" / "rain.txt", "غزيرة", "خفيفة")
    planned = night.plan()
    assert planned[f"ingest@{DAY2}"] == f"raw changed: {DAY2}/sahil/rain.txt"
    assert {u for u in planned if u.endswith(DAY1)} == set()
    assert set(night.run().ran) == {u for u in ALL if u.endswith(DAY2)}
    documents = night.table("documents")
    row = documents[documents["dt"] == DAY2].iloc[0]
    assert row["revision"] == 2
    assert row["previous_doc_id"] not in set(documents["doc_id"])


def test_new_file_reuses_the_batches_of_the_others(night: Night) -> None:
    text = (night.raw / DAY1 / "sahil" / "port.txt").read_text("utf-8").replace("الحداد", "النجار")
    (night.raw / DAY1 / "sahil" / "other.txt").write_text(text, "utf-8")
    night.run()
    batches = {f["unit"]: (f["total"], f["reused"]) for event, f in night.events if event == "batches"}
    assert {batches[f"{s}@{DAY1}"] for s in STAGES[:4]} == {(3, 2)}
    assert f"ingest@{DAY2}" not in batches


def test_renamed_file_reruns_ingest_only(night: Night) -> None:
    folder = night.raw / DAY1 / "sahil"
    (folder / "port.txt").rename(folder / "zz-harbour.txt")
    assert night.plan()[f"ingest@{DAY1}"] == f"raw renamed: {DAY1}/sahil/zz-harbour.txt"
    assert night.run().ran == [f"ingest@{DAY1}"]
    assert f"{DAY1}/sahil/zz-harbour.txt" in night.table("documents")["source_uri"].tolist()


def test_late_document_replans_the_days_its_window_touches(night: Night) -> None:
    text = (night.raw / DAY1 / "sahil" / "port.txt").read_text("utf-8").replace("الحداد", "العطار")
    (night.raw / DAY1 / "sahil" / "late.txt").write_text(text, "utf-8")
    planned = night.plan()
    assert f"align@{DAY2}" in planned
    assert f"segment@{DAY2}" not in planned


def test_model_and_library_are_part_of_the_fingerprint(night: Night) -> None:
    components = Store(night.out).unit_record(night.run().snapshot or "", f"segment@{DAY1}")["components"]
    assert "ufal.udpipe" in components["libraries"]
    assert {name: len(sha) for name, sha in components["models"].items()} == {
        "ar-news.udpipe": 64,
        "ar-news.clitics": 64,
    }
    shipped = Path(__file__).parents[1] / "pipeline" / "resources" / "models" / "ar-news.udpipe"
    other = night.out.parent / "other.udpipe"
    other.write_bytes(shipped.read_bytes() + b"\0")
    assert "models other.udpipe added" in night.plan(f"segment.model={other}")[f"segment@{DAY1}"]


def test_one_stage_alone_leaves_the_rest_marked(night: Night) -> None:
    result = night.run('extract.sections=["title"]', first="extract", last="extract")
    assert result.ran == [f"extract@{DAY1}", f"extract@{DAY2}"]
    assert {p.name for p in result.stale} == {f"align@{DAY1}", f"align@{DAY2}"}
    marked = (Store(night.out).manifest() or {})["units"]
    assert {name for name, unit in marked.items() if unit["stale"]} == {f"align@{DAY1}", f"align@{DAY2}"}
    with pytest.warns(UserWarning, match="older than its input"):
        night.table("stories")
    result = night.run('extract.sections=["title"]')
    assert (result.ran, result.stale) == ([f"align@{DAY1}", f"align@{DAY2}"], [])


def test_force_runs_the_range_and_gives_the_same_bytes(night: Night) -> None:
    before = night.files()
    assert night.run(first="clean", last="segment", date=DAY1, force=True).ran == [
        f"clean@{DAY1}",
        f"segment@{DAY1}",
    ]
    assert night.files() == before


def test_forced_whole_run_keeps_every_identity(night: Night) -> None:
    before = night.files()
    assert night.run(force=True).ran == ALL
    assert night.files() == before


def test_damaged_object_is_set_aside_and_made_again(night: Night) -> None:
    before = night.files()
    store = Store(night.out)
    path, sha = next((p, s) for p, s in before.items() if p.startswith("sentences/"))
    flip_a_bit(store.object_path("sentences", sha))
    flip_a_bit(night.out / "current" / path)  # the same file, but for a copied folder
    assert housekeeping.verify(store, store.current_id() or "", deep=True) == [f"{path}: damaged"]
    housekeeping.repair(store, store.current_id() or "")
    assert {u.partition("@")[0] for u in night.run().ran} == {"segment"}
    assert night.files() == before
    assert housekeeping.verify(store, store.current_id() or "", deep=True) == []


def test_damaged_published_file_is_linked_anew(night: Night) -> None:
    store = Store(night.out)
    flip_a_bit(night.out / "current" / next(p for p in night.files() if p.startswith("claims/")))
    housekeeping.repair(store, store.current_id() or "")
    assert housekeeping.verify(store, store.current_id() or "", deep=True) == []


def test_damage_met_while_running_heals_in_the_same_run(night: Night) -> None:
    before = night.files()
    for path in sorted((night.out / "objects" / "blocks").iterdir()):
        flip_a_bit(path)
    assert f"clean@{DAY1}" in night.run(first="segment", force=True).ran
    assert night.files() == before


def test_unreadable_memo_is_recomputed(night: Night) -> None:
    before = night.files()
    for path in (night.out / "memo").iterdir():
        path.write_text("{not json", "utf-8")
    replace_in(night.raw / DAY2 / "sahil" / "rain.txt", "غزيرة", "خفيفة")
    night.run()
    replace_in(night.raw / DAY2 / "sahil" / "rain.txt", "خفيفة", "غزيرة")
    night.run()
    assert {p for p in night.files() if "sentences" in p} == {p for p in before if "sentences" in p}


def test_rollback_and_forward_again(night: Night) -> None:
    store = Store(night.out)
    old = store.current_id() or ""
    new = night.run("align.window_days=1").snapshot
    store.point_to(old)
    assert night.run().ran == []
    assert (store.current_id(), store.snapshots()[-1]) == (old, new)


def test_gone_root_is_refused_and_the_snapshot_stands(night: Night) -> None:
    before = night.files()
    shutil.rmtree(night.raw)
    with pytest.raises(InputError, match="raw"):
        night.run()
    night.raw.mkdir()
    with pytest.raises(InputError, match="raw"):
        night.run()
    assert night.files() == before


def test_archived_night_stays(night: Night) -> None:
    shutil.rmtree(night.raw / DAY1)
    assert night.plan() == {}
    assert len(night.table("documents")) == 3


def test_undated_files_keep_the_night_that_first_saw_them(finished: Night, tmp_path: Path) -> None:
    night = Night(tmp_path / "raw", tmp_path / "out")
    night.raw.mkdir()
    shutil.copy(finished.raw / DAY1 / "sahil" / "port.txt", night.raw / "a.txt")
    night.run(today="2026-03-01")
    assert night.run(today="2026-03-02").ran == []
    assert night.table("documents")["dt"].tolist() == ["2026-03-01"]
    (night.raw / "a.txt").rename(night.raw / "b.txt")
    night.run(today="2026-03-02")
    assert night.table("documents")[["dt", "source_uri"]].to_numpy().tolist() == [["2026-03-01", "b.txt"]]


def test_only_rejects_still_publish_full_schemas(tmp_path: Path) -> None:
    night = Night(tmp_path / "raw", tmp_path / "out")
    night.raw.mkdir()
    (night.raw / "a.txt").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4)
    assert night.run().exit_code == 3
    for spec in PUBLISHED:
        assert {*spec.names, "dt"} <= set(pd.read_parquet(night.out / "current" / spec.name).columns)
    assert night.table("rejects")[["stage", "key"]].to_numpy().tolist() == [["ingest", "a.txt"]]


def test_collapsed_night_is_held_and_the_snapshot_stands(night: Night) -> None:
    before = night.files()
    path = night.raw / "2026-11-03" / "sahil" / "x.txt"
    path.parent.mkdir(parents=True)
    shutil.copy(night.raw / DAY2 / "sahil" / "rain.txt", path)
    with pytest.raises(GateError, match="2026-11-03"):
        night.run("gates.min_document_share=0.9")
    assert night.files() == before
    assert night.run().exit_code == 0


@pytest.mark.parametrize(
    "selection", [{"first": "claen"}, {"first": "align", "last": "clean"}, {"date": "2020-01-01"}]
)
def test_selections_that_cannot_be(night: Night, selection: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        night.run(**selection)


def test_last_stage_alone_on_a_fresh_folder_says_what_is_missing(finished: Night, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"(?s)has not run.*isnad run --from"):
        Night(finished.raw, tmp_path / "fresh").run(first="align")


def test_a_document_that_breaks_a_stage_costs_only_itself(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.stages import segment

    real = segment.split

    def failing(text: str, start: int, end: int) -> list[tuple[int, int]]:
        if "أمطار" in text:
            raise RuntimeError("cannot split this")
        return real(text, start, end)

    monkeypatch.setattr(segment, "split", failing)
    shutil.copy(night.raw / DAY2 / "sahil" / "rain.txt", night.raw / DAY1 / "sahil" / "rain.txt")
    shutil.rmtree(night.raw / DAY2)
    fresh = Night(night.raw, night.out.parent / "fresh")
    fresh.run("batch_documents=64")
    rejects = fresh.table("rejects")
    assert rejects[["stage", "reason"]].to_numpy().tolist() == [["segment", "error"]]
    assert "cannot split this" in rejects["detail"].iloc[0]
    assert fresh.table("sentences")["doc_id"].nunique() == 2


def test_a_model_that_is_not_the_expected_one_is_refused_before_any_work(
    finished: Night, tmp_path: Path
) -> None:
    night = Night(finished.raw, tmp_path / "out")
    for content in (b"", b"<html>404</html>", b"version https://git-lfs.github.com/spec/v1\n"):
        model = tmp_path / "x.udpipe"
        model.write_bytes(content)
        with pytest.raises(ModelError, match=r"x\.udpipe"):
            night.run(f"segment.model={model}", f"segment.sha256={'a' * 64}")
    with pytest.raises(ModelError, match=r"none\.udpipe"):
        night.run(f"segment.model={tmp_path / 'none.udpipe'}")
    assert night.events == []
