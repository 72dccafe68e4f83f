"""The sample night of ``data/raw`` from end to end: what docs/sample-night.md promises is found."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.schemas import PUBLISHED

REPO = Path(__file__).resolve().parents[1]
RAW = REPO / "data/raw"

FLOODS = {
    "2026-11-01/albarzakh/seyoul-wadi-ghazal.txt", "2026-11-01/aldiffatan/204117.txt",
    "2026-11-01/sahm/feed.jsonl#1", "2026-11-02/alqandil/seyoul-2.txt",
}  # fmt: skip
RIVER = {
    "2026-11-01/albarzakh/nahr-alrumman.txt", "2026-11-01/alqandil/rumman-jeneva.txt",
    "2026-11-02/aldiffatan/204155.txt", "2026-11-02/sahm/feed.jsonl.gz#1",
}  # fmt: skip
RATE = {
    "2026-11-01/aldiffatan/204129.txt", "2026-11-01/sahm/feed.jsonl#2", "2026-11-02/albarzakh/saar-alfaida.txt",
    "2026-11-02/alqandil/fawaid-tahlil.txt",
}  # fmt: skip
HARBOUR = {
    "2026-11-01/alqandil/mina-ghareq.txt", "2026-11-01/albarzakh/culture.jsonl#1",
    "2026-11-02/aldiffatan/204168.txt", "2026-11-02/sahm/feed.jsonl.gz#3",
}  # fmt: skip
FLASH = "2026-11-01/sahm/feed.jsonl#3"
BROKEN = {"2026-11-02/albarzakh/photo-1102.txt", "2026-11-02/sahm/feed.jsonl.gz#2"}
# Documents that share whole paragraphs, so that nothing excuses missing them; the others share a sentence or two.
CLOSE = [
    FLOODS - {"2026-11-02/alqandil/seyoul-2.txt"},
    RIVER - {"2026-11-02/sahm/feed.jsonl.gz#1"},
    RATE - {"2026-11-02/alqandil/fawaid-tahlil.txt"},
    HARBOUR - {"2026-11-02/sahm/feed.jsonl.gz#3"},
]


def known(*values: object, why: str) -> Any:
    """A case that fails for a reason we know; when it passes, the strict mark makes that a failure to act on."""
    return pytest.param(*values, marks=pytest.mark.xfail(strict=True, reason=why))


STORIES = [FLOODS, RIVER, RATE, HARBOUR, {FLASH}]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The processed folder of the sample night, made by the command line, and what the run printed."""
    out = tmp_path_factory.mktemp("night")
    command = [
        sys.executable, "-m", "pipeline", "run", "configs/base.yaml", "--set", f"paths.processed={out}",
        "--set", "executor=serial",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
        pytest.fail("the run failed: " + "\n".join(said)[-1000:], pytrace=False)
    return out, done.stdout


@pytest.fixture(scope="session")
def night(published: tuple[Path, str]) -> dict[str, pd.DataFrame]:
    """All tables of the sample night, read with plain pandas."""
    return {spec.name: pd.read_parquet(published[0] / "current" / spec.name) for spec in PUBLISHED}


@pytest.fixture(scope="session")
def by_uri(night: dict[str, pd.DataFrame]) -> dict[str, pd.Series]:
    return {row["source_uri"]: row for _, row in night["documents"].iterrows()}


def edits(
    night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series], a: str, b: str
) -> list[tuple[str, str, str]]:
    """(kind, text before, text after) of all edits between two documents, whichever counts as the earlier."""
    one, two = by_uri[a], by_uri[b]
    out = []
    for _, row in night["reuse"].iterrows():
        if {row["a_doc_id"], row["b_doc_id"]} != {one["doc_id"], two["doc_id"]}:
            continue
        swap = row["a_doc_id"] != one["doc_id"]
        first, second = (two, one) if swap else (one, two)
        for e in row["edits"]:
            before = first["text"][e["a_start"] : e["a_end"]]
            after = second["text"][e["b_start"] : e["b_end"]]
            out.append((e["kind"], after, before) if swap else (e["kind"], before, after))
    return out


# -- the raw files themselves ----------------------------------------------------------------------------


def test_raw_files_are_the_bytes_that_the_description_names() -> None:
    files = {str(p.relative_to(RAW)): p.read_bytes() for p in RAW.rglob("*") if p.is_file()}
    assert files["2026-11-01/aldiffatan/204117.txt"].decode("cp1256").count("\r\n") == 11
    with pytest.raises(UnicodeDecodeError):
        files["2026-11-01/aldiffatan/204117.txt"].decode("utf-8")
    assert files["2026-11-01/alqandil/rumman-jeneva.txt"].startswith(b"\xff\xfe")
    assert files["2026-11-02/aldiffatan/204155.txt"].startswith(b"\xef\xbb\xbf")
    assert files["2026-11-02/albarzakh/photo-1102.txt"].startswith(b"\xff\xd8\xff")
    lines = gzip.decompress(files["2026-11-02/sahm/feed.jsonl.gz"]).splitlines()
    assert [json.loads(lines[i])["id"] for i in (0, 2)] == ["sahm-7101", "sahm-7103"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[1])


def test_the_description_names_every_raw_file() -> None:
    page = (REPO / "docs/sample-night.md").read_text("utf-8")
    for path in RAW.rglob("*"):
        if path.is_file():
            assert str(path.relative_to(RAW)) in page


# -- the night -------------------------------------------------------------------------------------------


def test_every_record_is_a_document_or_a_reject(night: dict[str, pd.DataFrame]) -> None:
    assert set(night["documents"]["source_uri"]) == set().union(*STORIES)
    assert set(night["rejects"]["key"]) == BROKEN
    assert (night["rejects"]["next_action"].str.len() > 0).all()


def test_outlets_and_encodings(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    counts = night["documents"]["outlet"].value_counts().to_dict()
    assert counts == {"albarzakh": 4, "aldiffatan": 4, "alqandil": 4, "sahm": 5}
    assert by_uri["2026-11-01/aldiffatan/204117.txt"]["encoding"].lower() in {"windows-1256", "cp1256"}
    assert by_uri["2026-11-01/alqandil/rumman-jeneva.txt"]["encoding"].lower().startswith("utf-16")
    assert set(night["documents"]["dt"].astype(str)) == {"2026-11-01", "2026-11-02"}


def test_publication_dates_come_from_the_pages(night: dict[str, pd.DataFrame]) -> None:
    documents = night["documents"]
    assert documents["published_at"].notna().all()
    assert (documents["published_at"].dt.strftime("%Y-%m-%d") == documents["dt"].astype(str)).all()


def test_every_span_is_a_slice_of_its_document(night: dict[str, pd.DataFrame]) -> None:
    texts = night["documents"].set_index("doc_id")["text"]
    for spec in PUBLISHED:
        for start, end, text in spec.spans:
            if text is None or "doc_id" not in spec.names:
                continue
            for row in night[spec.name].dropna(subset=[start]).to_dict("records"):
                assert texts[row["doc_id"]][int(row[start]) : int(row[end])] == row[text]


@pytest.mark.parametrize(
    "words",
    [
        "enable JavaScript", "اقرأ المزيد", "نشرتنا البريدية", "كلمات دلالية", "تابعوا القنديل", "WadiGhazal",
        "Saqiya Civil Defence", "دوري الأضواء", "مدرب النسور", "تاريخ النشر", "المصدر:",
        "تنقل سكان قرية أم الدوالي بالقوارب", "قبالة رأس الفينيق (هيئة",
    ],
)  # fmt: skip
def test_what_is_not_the_article_is_not_kept(night: dict[str, pd.DataFrame], words: str) -> None:
    blocks = night["blocks"]
    assert not blocks[blocks["kept"] & blocks["text"].str.contains(words, regex=False)].shape[0]
    assert not night["claims"]["content_text"].str.contains(words, regex=False).any()


def test_words_glued_to_the_tweet_are_kept(
    night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]
) -> None:
    doc_id = by_uri["2026-11-02/alqandil/seyoul-2.txt"]["doc_id"]
    kept = night["blocks"][(night["blocks"]["doc_id"] == doc_id) & night["blocks"]["kept"]]
    assert kept["text"].str.startswith("وأكدت هيئة السدود السدرانية في بيان").any()


def test_stories(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    story = night["stories"].set_index("doc_id")["story_id"]
    found = {uri: story[row["doc_id"]] for uri, row in by_uri.items()}
    for close in CLOSE:
        assert len({found[uri] for uri in close}) == 1, f"one story came apart: {sorted(close)}"
    names = [{found[uri] for uri in members} for members in STORIES]
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert not one & other, "two stories were joined"


@pytest.mark.parametrize(
    ("a", "b", "kind", "before", "after"),
    [
        ("2026-11-01/albarzakh/seyoul-wadi-ghazal.txt", "2026-11-01/aldiffatan/204117.txt", "number", "214", "241"),
        ("2026-11-01/aldiffatan/204129.txt", "2026-11-02/albarzakh/saar-alfaida.txt", "number", "3.5", "3.25"),
        ("2026-11-01/alqandil/mina-ghareq.txt", "2026-11-01/albarzakh/culture.jsonl#1", "number", "37", "73"),
        ("2026-11-01/albarzakh/nahr-alrumman.txt", "2026-11-02/aldiffatan/204155.txt", "date", "اليوم", "أمس"),
        ("2026-11-01/albarzakh/nahr-alrumman.txt", "2026-11-01/alqandil/rumman-jeneva.txt", "polarity", "لا", ""),
        ("2026-11-01/aldiffatan/204129.txt", "2026-11-02/albarzakh/saar-alfaida.txt", "wording", "بحذر", "بسرعة"),
        ("2026-11-01/albarzakh/seyoul-wadi-ghazal.txt", "2026-11-01/sahm/feed.jsonl#1", "loaded_word", "أكدت", "زعمت"),
        (
            "2026-11-01/albarzakh/nahr-alrumman.txt", "2026-11-01/alqandil/rumman-jeneva.txt", "attribution_dropped",
            "وكالة الأنباء السدرانية", "",
        ),
        (
            "2026-11-01/albarzakh/seyoul-wadi-ghazal.txt", "2026-11-01/sahm/feed.jsonl#1", "attribution_dropped",
            "وكالة المدار للأنباء", "",
        ),
    ],
)  # fmt: skip
def test_edits(
    night: dict[str, pd.DataFrame],
    by_uri: dict[str, pd.Series],
    a: str,
    b: str,
    kind: str,
    before: str,
    after: str,
) -> None:
    found = edits(night, by_uri, a, b)
    assert any(k == kind and before in x and after in y for k, x, y in found), found


def test_chain_of_transmission(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    doc_id = by_uri["2026-11-01/albarzakh/seyoul-wadi-ghazal.txt"]["doc_id"]
    claims = night["claims"]
    claim = claims[(claims["doc_id"] == doc_id) & claims["content_text"].str.contains("سجلت محطاتنا")].iloc[0]
    layers = night["attributions"][night["attributions"]["claim_id"] == claim["claim_id"]].sort_values(
        "layer"
    )
    assert [name for name in layers["name"] if "المدار" in name or "الغدير" in name] == list(layers["name"])
    assert list(layers["relation"]) == ["relay", "speaker"]
    assert claim["kind"] == "direct"


def test_elided_speaker_is_carried_over(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    doc_id = by_uri["2026-11-01/albarzakh/seyoul-wadi-ghazal.txt"]["doc_id"]
    claims = night["claims"]
    claim = claims[
        (claims["doc_id"] == doc_id) & claims["content_text"].str.contains("المدارس في القرى")
    ].iloc[0]
    assert claim["speaker_mention"] == "elided"
    assert "الصفدي" in claim["speaker_name"]


def test_agency_credit_is_the_origin(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    origins = night["origins"].set_index("doc_id")
    for uri in ("2026-11-01/aldiffatan/204117.txt", "2026-11-01/aldiffatan/204129.txt"):
        origin = origins.loc[by_uri[uri]["doc_id"]]
        assert origin["kind"] == "agency"
        assert "المدار" in origin["origin"]


def test_another_agency_is_a_changed_attribution(
    night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]
) -> None:
    a, b = (
        by_uri[u]["doc_id"]
        for u in ("2026-11-01/albarzakh/nahr-alrumman.txt", "2026-11-02/aldiffatan/204155.txt")
    )
    claims = night["claims"].set_index("claim_id")
    found = [
        link.relation
        for link in night["claim_links"].itertuples()
        if (claims.loc[link.a_claim_id, "doc_id"], claims.loc[link.b_claim_id, "doc_id"]) == (a, b)
        and "اتفقنا على الحصص" in claims.loc[link.a_claim_id, "content_text"]
    ]
    assert found == ["attribution_changed"]


def test_lost_attribution_and_negation_are_linked(
    night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]
) -> None:
    claims = night["claims"].set_index("claim_id")
    links = night["claim_links"]
    found = {
        (claims.loc[x.a_claim_id, "doc_id"], claims.loc[x.b_claim_id, "doc_id"], x.relation)
        for x in links.itertuples()
    }
    first = by_uri["2026-11-01/albarzakh/nahr-alrumman.txt"]["doc_id"]
    assert (first, by_uri["2026-11-01/alqandil/rumman-jeneva.txt"]["doc_id"], "attribution_dropped") in found
    assert (first, by_uri["2026-11-01/alqandil/rumman-jeneva.txt"]["doc_id"], "contradicts") in found


def test_changed_quotation_is_linked(night: dict[str, pd.DataFrame], by_uri: dict[str, pd.Series]) -> None:
    claims = night["claims"].set_index("claim_id")
    a, b = (
        by_uri[u]["doc_id"]
        for u in ("2026-11-01/aldiffatan/204129.txt", "2026-11-02/albarzakh/saar-alfaida.txt")
    )
    found = [
        link.relation
        for link in night["claim_links"].itertuples()
        if (claims.loc[link.a_claim_id, "doc_id"], claims.loc[link.b_claim_id, "doc_id"]) == (a, b)
        and "سنتحرك" in claims.loc[link.a_claim_id, "content_text"]
    ]
    assert found == ["quote_drift"]


def test_the_summary_is_for_people(published: tuple[Path, str]) -> None:
    assert "19 records read: 17 accepted, 2 rejected" in published[1]
    assert "4 outlets" in published[1]


def test_the_readme_shows_what_is_printed(published: tuple[Path, str]) -> None:
    shown = (REPO / "README.md").read_text("utf-8").split("<!-- sample:start")[1].split("```\n")[1]
    assert published[1].splitlines()[:3] == shown.splitlines()[:3]


def test_report_shows_the_night(published: tuple[Path, str], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    command = [
        sys.executable, "-m", "pipeline", "report", "configs/base.yaml", "--set", f"paths.processed={published[0]}",
        "--out", str(page),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    text = page.read_text("utf-8")
    assert '<mark class="ins" title="number">241</mark>' in text
    assert "photo-1102.txt" in text


def test_the_notebook_runs_on_the_night(published: tuple[Path, str]) -> None:
    book = json.loads((REPO / "notebooks/chain_and_edits.ipynb").read_text("utf-8"))
    code = "\n".join("".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code")
    environment = {**os.environ, "ISNAD_PROCESSED": str(published[0])}
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code], cwd=REPO, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
