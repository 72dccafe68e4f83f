"""``isnad explain``: an article with its reasons, published or raw."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import load
from tests.nights import arguments, isnad, make_raw

PAGE = (
    "جسر جديد فوق الوادي\n\n"
    "أعلن وزير النقل سامر الحداد اليوم أن الجسر سيفتح أمام السيارات في الربيع المقبل بعد عامين من العمل.\n"
    "// انتهى //\n"
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("explain")
    raw, out = make_raw(folder / "raw"), folder / "out"
    records = [{"id": str(n), "outlet": "sahil", "title": f"خبر {n}", "text": PAGE} for n in (1, 2)]
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (raw / "2026-11-02" / "sahil" / "feed.jsonl").write_text(text, "utf-8")
    (raw / "2026-11-01" / "photo.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(300))
    isnad("run", *arguments(raw, out, "gates.max_reject_share=0.5"))
    return raw, out


def settings(night: tuple[Path, Path]) -> list[str]:
    return arguments(*night)


def document(night: tuple[Path, Path], uri: str) -> str:
    documents = load("documents", processed=night[1])
    return str(documents.loc[documents["source_uri"] == uri, "doc_id"].iloc[0])


def test_a_published_document_by_the_beginning_of_its_id(night: tuple[Path, Path]) -> None:
    doc_id = document(night, "2026-11-01/sahil/port.txt")
    told = isnad("explain", doc_id[:9], *settings(night)).stdout
    assert f"document {doc_id}" in told
    assert "\x1b[" not in told  # no colours where it is no terminal
    blocks = load("blocks", processed=night[1])
    for reason in blocks.loc[blocks["doc_id"] == doc_id, "reason"]:
        assert reason in told
    claims = load("claims", processed=night[1])
    mine = claims[claims["doc_id"] == doc_id]
    assert len(mine) >= 2
    for claim_id, rule, content in zip(mine["claim_id"], mine["rule"], mine["content_text"], strict=True):
        assert claim_id in told
        assert f"rule {rule}" in told
        assert content in told
    assert "chain 0    speaker  سامر الحداد  ← أعلن" in told


@pytest.mark.parametrize("form", ["{raw}/2026-11-01/sahil/port.txt", "2026-11-01/sahil/port.txt"])
def test_a_published_document_by_its_source(night: tuple[Path, Path], form: str) -> None:
    told = isnad("explain", form.format(raw=night[0]), *settings(night)).stdout
    assert "claims: " in told
    assert "source     2026-11-01/sahil/port.txt" in told


def test_a_raw_file_that_is_not_published(night: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "bridge.txt"
    page.write_bytes(PAGE.encode("cp1256"))
    told = isnad("explain", str(page), *settings(night)).stdout
    assert "lines: 3, 2 of them kept" in told
    assert "dropped" in told
    assert "// انتهى //" in told
    assert "claims" not in told
    assert "windows-1256" in told or "cp1256" in told
    assert not list(tmp_path.glob("isnad-explain-*"))


def test_a_raw_file_before_anything_is_published(night: tuple[Path, Path], tmp_path: Path) -> None:
    told = isnad("explain", "2026-11-01/sahil/port.txt", *arguments(night[0], tmp_path / "none")).stdout
    assert "source     2026-11-01/sahil/port.txt" in told
    assert not (tmp_path / "none").exists()


def test_read_anew(night: tuple[Path, Path]) -> None:
    told = isnad("explain", "2026-11-01/sahil/port.txt", "--raw", *settings(night)).stdout
    assert "lines: " in told
    assert "claims" not in told


def test_a_rejected_file_is_told_with_its_reason(night: tuple[Path, Path]) -> None:
    told = isnad("explain", "2026-11-01/photo.txt", *settings(night)).stdout
    assert "rejected by ingest: binary" in told
    assert "next: " in told


def test_a_file_of_several_records_asks_for_one(night: tuple[Path, Path], tmp_path: Path) -> None:
    done = isnad("explain", "2026-11-02/sahil/feed.jsonl", *settings(night), check=False)
    assert done.returncode == 2
    assert "names 2 documents" in done.stderr
    told = isnad("explain", "2026-11-02/sahil/feed.jsonl#2", *settings(night)).stdout
    assert "خبر 2" in told
    done = isnad("explain", "2026-11-02/sahil/feed.jsonl", "--raw", *settings(night), check=False)
    assert done.returncode == 2
    assert "feed.jsonl#1" in done.stderr
    assert "خبر 2" in isnad("explain", "2026-11-02/sahil/feed.jsonl#2", "--raw", *settings(night)).stdout
    done = isnad("explain", "2026-11-02/sahil/feed.jsonl#7", "--raw", *settings(night), check=False)
    assert done.returncode == 2


def test_an_unknown_target_is_refused_with_what_is_like_it(night: tuple[Path, Path], tmp_path: Path) -> None:
    done = isnad("explain", "2026-11-01/sahil/prot.txt", *settings(night), check=False)
    assert done.returncode == 2
    assert "did you mean" in done.stderr
    assert "2026-11-01/sahil/port.txt" in done.stderr
    done = isnad("explain", "dffffffff", *settings(night), check=False)
    assert done.returncode == 2
    done = isnad("explain", "dffffffff", *arguments(night[0], tmp_path / "none"), check=False)
    assert done.returncode == 2
    assert "nothing is published" in done.stderr


def test_hostile_characters_do_not_reach_the_terminal(night: tuple[Path, Path], tmp_path: Path) -> None:
    page = tmp_path / "odd.txt"
    page.write_text(PAGE.replace("الجسر", "الجسر\x1b[31m\u202e"), "utf-8")
    told = isnad("explain", str(page), *settings(night)).stdout
    assert "\x1b" not in told
    assert "\u202e" not in told
