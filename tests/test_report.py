"""The report: exact highlights, honest counts, and hostile text that stays inert."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from pipeline.report import READS, SUMMARY_READS, Limits, build, provenance, summary
from pipeline.report_changes import EDIT_ORDER, RELATION_ORDER
from pipeline.report_text import Mark, pieces, visible
from pipeline.schemas import EDIT_KINDS, LINK_RELATIONS, TABLES

A = "أجلت السلطات 214 أسرة من الوادي.\nونقلت وكالة المدار للأنباء عن الغدير قوله إن المنسوب سيرتفع."
B = "أجلت السلطات 241 أسرة من الوادي.\nوسيرتفع المنسوب، قال الغدير."
C = "تصدر فريق النسور الترتيب."


def span(text: str, part: str) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


def document(doc_id: str, outlet: str, text: str, hour: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "doc_id": doc_id, "source_uri": f"2026-11-01/{outlet}/{doc_id}.txt", "outlet": outlet, "lang": "ar",
        "published_at": datetime(2026, 11, 1, hour, tzinfo=UTC), "encoding": "utf-8", "repairs": [],
        "content_sha256": "0" * 64, "text": text, "revision": 1, "other_sources": [], **more,
    }  # fmt: skip


def edit(op: str, kind: str, a: tuple[int, int], b: tuple[int, int]) -> dict[str, Any]:
    return {"op": op, "kind": kind, "a_start": a[0], "a_end": a[1], "b_start": b[0], "b_end": b[1]}


def claim(claim_id: str, doc_id: str, text: str, sent_no: int, cue: str, content: str) -> dict[str, Any]:
    cue_start, cue_end = span(text, cue)
    start, end = span(text, content)
    return {
        "claim_id": claim_id, "doc_id": doc_id, "sent_no": sent_no, "section": "body",
        "speaker_start": text.index("الغدير"), "speaker_end": text.index("الغدير") + 6, "speaker_text": "الغدير",
        "speaker_mention": "name", "speaker_name": "الغدير", "cue_start": cue_start, "cue_end": cue_end,
        "cue_text": cue, "cue_lemma": cue, "content": [{"start": start, "end": end}], "content_text": content,
        "quoted": [], "kind": "indirect", "stance": "neutral", "confidence": 1.0, "rule": "test",
    }  # fmt: skip


def layer(claim_id: str, number: int, relation: str, name: str) -> dict[str, Any]:
    return {"claim_id": claim_id, "layer": number, "relation": relation, "name": name, "carried": False}


def rows() -> dict[str, list[dict[str, Any]]]:
    """A night of three documents: b reprints a with another number and without the agency."""
    cut = A.index("\n")
    return {
        "documents": [document("a", "albarzakh", A, 9), document("b", "sahm", B, 12), document("c", "sahm", C)],
        "sentences": [
            {"doc_id": "a", "sent_no": 1, "block_no": 1, "start": cut + 1, "end": len(A), "text": A[cut + 1 :]},
            {"doc_id": "b", "sent_no": 1, "block_no": 1, "start": cut + 1, "end": len(B), "text": B[cut + 1 :]},
        ],
        "claims": [
            claim("a1", "a", A, 1, "قوله", "المنسوب سيرتفع"),
            claim("b1", "b", B, 1, "قال", "سيرتفع المنسوب"),
        ],
        "attributions": [
            layer("a1", 0, "relay", "وكالة المدار للأنباء"),
            layer("a1", 1, "speaker", "مروان الغدير"),
            layer("b1", 0, "speaker", "مروان الغدير"),
        ],
        "stories": [
            {"doc_id": "a", "story_id": "s1", "role": "origin", "score": 0.9},
            {"doc_id": "b", "story_id": "s1", "role": "copy", "score": 0.8},
            {"doc_id": "c", "story_id": "s2", "role": "single", "score": 0.0},
        ],
        "reuse": [
            {
                "a_doc_id": "a", "b_doc_id": "b", "link_no": 0, "a_start": 0, "a_end": cut, "b_start": 0,
                "b_end": cut, "relation": "edited", "scope": "story", "similarity": 0.9,
                "edits": [edit("replace", "number", span(A, "214"), span(B, "241"))],
            },
            {
                "a_doc_id": "a", "b_doc_id": "b", "link_no": 1, "a_start": cut + 1, "a_end": len(A),
                "b_start": cut + 1, "b_end": len(B), "relation": "edited", "scope": "story", "similarity": 0.6,
                "edits": [edit("delete", "attribution_dropped", span(A, "وكالة المدار للأنباء"), (cut + 1, cut + 1))],
            },
        ],
        "claim_links": [
            {"a_claim_id": "a1", "b_claim_id": "b1", "relation": "attribution_dropped", "similarity": 0.9}
        ],
        "claim_groups": [
            {"claim_id": c, "group_id": "g", "n_docs": 2, "n_outlets": 2, "n_origins": 1} for c in ("a1", "b1")
        ],
        "origins": [
            {"doc_id": "a", "origin": "وكالة المدار للأنباء", "kind": "agency", "evidence": "credit:0", "score": 0.9},
            {"doc_id": "b", "origin": "a", "kind": "document", "evidence": "copy-of:a", "score": 0.8},
            {"doc_id": "c", "origin": None, "kind": "own", "evidence": "none", "score": 0.5},
        ],
        "rejects": [
            {
                "stage": "ingest", "key": "2026-11-01/sahm/photo.txt", "reason": "binary",
                "detail": "starts with a JPEG signature", "place": "byte 0", "next_action": "remove the picture",
            }
        ],
    }  # fmt: skip


def frames(data: dict[str, list[dict[str, Any]]], date: str = "2026-11-01") -> dict[str, pd.DataFrame]:
    out = {}
    for name in READS:
        frame = TABLES[name].table(data.get(name, [])).to_pandas()
        out[name] = frame.assign(dt=date)
    return out


class Tags(HTMLParser):
    """Collects tags, attributes and the text under each mark class."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self._open.append(dict(attrs).get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open:
            self.marks.append((self._open[-1], data))


def test_edits_and_claims_are_marked_by_exact_offsets() -> None:
    marks = Tags(build(frames(rows()), {})).marks
    assert ("del", "214") in marks
    assert ("ins", "241") in marks
    assert ("del", "وكالة المدار للأنباء") in marks
    assert ("cue", "قوله") in marks
    assert ("speaker", "الغدير") in marks
    assert ("content", "المنسوب سيرتفع") in marks


def test_chain_reads_outlet_then_relay_then_speaker() -> None:
    page = build(frames(rows()), {})
    chain = re.search(r'<ol class="chain">.*?</ol>', page, re.S)
    assert chain is not None
    assert re.findall(r">([^<>\n]+)</span>", chain.group()) == [
        "albarzakh",
        "وكالة المدار للأنباء",
        "مروان الغدير",
    ]


def test_dropped_attribution_comes_before_everything_else() -> None:
    page = build(frames(rows()), {})
    assert page.index("attribution dropped</span>") < page.index('id="stories"')


def test_a_change_is_told_of_the_outlet_that_made_it() -> None:
    data = rows()
    data["claims"].append({**data["claims"][1], "claim_id": "c1"})
    data["claim_links"].append(
        {"a_claim_id": "c1", "b_claim_id": "b1", "relation": "same", "similarity": 1.0}
    )
    copied = dict(data["reuse"][1], a_doc_id="c", relation="verbatim", similarity=1.0, edits=[])
    data["reuse"].append(copied)
    page = build(frames(data), {})
    assert "No attribution, polarity or quotation was changed" in page


def test_a_group_counts_what_its_newest_row_knows() -> None:
    data = rows()
    data["claim_groups"][0].update(n_docs=1, n_outlets=1)
    assert '<span class="badge">2 outlets</span>\n<span class="badge hot">1 independent' in build(
        frames(data), {}
    )


def test_a_copy_counts_under_the_origin_of_what_it_copies() -> None:
    page = build(frames(rows()), {})
    assert '<span class="badge">1 independent origin</span>' in page
    assert summary(frames(rows()), {}).count("2 independent origins") == 1  # the agency, and c by itself


def test_records_are_accepted_plus_duplicates_plus_rejected() -> None:
    data = rows()
    data["rejects"].append({**data["rejects"][0], "key": "again.txt", "reason": "duplicate"})
    text = summary(frames(data), {})
    assert "5 records read: 3 accepted, 1 seen before, 1 rejected (binary 1)" in text


def test_summary_names_the_changes_and_the_next_action() -> None:
    text = summary(frames(rows()), {})
    assert "sahm, attribution dropped: وكالة المدار للأنباء → –" in text
    assert "sahm, number: 214 → 241" in text
    assert "next: remove the picture" in text
    assert len(text.splitlines()) <= 18


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea></title></style><svg onload=alert(1)>",
    "{{7*7}} {% raw %}",
    "javascript:alert(1)",
    "\u202eevil\u202c \u2066x\u2069",
    "\x1b[31mred\x1b[0m \x00 \x07",
]


def poisoned(word: str) -> dict[str, list[dict[str, Any]]]:
    """The same night with ``word`` in every free text column."""
    data = rows()
    for name, table in data.items():
        keys = {*TABLES[name].key, "doc_id", "story_id", "group_id", "published_evidence"}
        for row in table:
            for column in TABLES[name].columns:
                if column.type == "string" and column.name not in keys and not column.values:
                    row[column.name] = word + (row.get(column.name) or "")
    data["rejects"][0]["key"] = word
    return data


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_text_stays_inert(word: str) -> None:
    clean, page = build(frames(rows()), {}), build(frames(poisoned(word)), {"snapshot": word})
    allowed = {tag for tag, _ in Tags(clean).tags}
    seen = Tags(page).tags
    assert {tag for tag, _ in seen} <= allowed | {"dl", "dt", "dd"}
    assert not [a for _, attrs in seen for a in attrs if a.startswith("on")]
    assert all(attrs["href"] is not None and attrs["href"].startswith("#") for t, attrs in seen if t == "a")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", page)
    if "{{" in word:
        assert "{{7*7}}" in page
        assert ">49" not in page
    line = summary(frames(poisoned(word)), {})
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", line)


def test_the_page_is_self_contained_under_a_strict_policy() -> None:
    page = build(frames(rows()), {})
    tags = Tags(page).tags
    policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [a for _, a in tags if {"src", "style", "srcset"} & set(a)]
    assert not [t for t, _ in tags if t in {"script", "link", "iframe", "img", "form", "base"}]
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("kept", [(), ("rejects",), ("documents", "stories")])
def test_empty_and_partial_nights_have_a_report(kept: tuple[str, ...]) -> None:
    data = {name: rows()[name] for name in kept}
    assert "</html>" in build(frames(data), {})
    assert "0 claims" in summary(frames(data), {})
    assert "</html>" in build({}, {"date": "2026-11-01"})
    assert "night of 2026-11-01" in summary({}, {"date": "2026-11-01"})


def test_a_large_night_is_capped_and_says_so() -> None:
    data = rows()
    data["rejects"] = [{**data["rejects"][0], "key": f"file-{i:04}"} for i in range(300)]
    page = build(frames(data), {}, Limits(rejects=20))
    assert page.count("file-") == 20
    assert "280 more rejects are not shown here" in page


def test_output_depends_on_the_rows_and_not_on_their_order() -> None:
    forward, backward = frames(rows()), {k: v.iloc[::-1] for k, v in frames(rows()).items()}
    assert build(forward, {}) == build(backward, {})
    assert summary(forward, {}) == summary(backward, {})


def test_offsets_beyond_the_text_are_clamped() -> None:
    assert "".join(p.text for p in pieces("abc", 1, 99, [Mark(2, 50, "x")])) == "bc"
    assert pieces("abc", 9, 4, []) == ()


def test_visible_keeps_harmless_text_and_shows_the_rest() -> None:
    assert visible("قال: «نعم» 26%") == "قال: «نعم» 26%"
    assert visible("\u200fأ\ud800") == "أ\ufffd"


def test_every_kind_of_edit_and_link_has_a_place_in_the_order() -> None:
    assert set(EDIT_ORDER) == set(EDIT_KINDS)
    assert set(RELATION_ORDER) == set(LINK_RELATIONS)


def test_reads_names_declared_columns_only() -> None:
    for name, columns in READS.items():
        assert set(columns) <= set(TABLES[name].names)
        assert set(SUMMARY_READS.get(name, ())) <= set(columns)


def test_the_columns_named_are_enough() -> None:
    full = frames(rows())
    slim = {name: full[name][[*columns, "dt"]] for name, columns in READS.items()}
    slimmer = {name: full[name][[*columns, "dt"]] for name, columns in SUMMARY_READS.items()}
    assert build(slim, {}) == build(full, {})
    assert summary(slimmer, {}) == summary(full, {})


def test_provenance_tells_the_run_and_what_is_stale() -> None:
    units = {
        "clean@2026-11-01": {"seconds": 1.0, "stale": False},
        "clean@2026-11-02": {"seconds": 0.5, "stale": True},
    }
    manifest = {
        "id": "x",
        "created_at": "2026-11-02T03:00:00+00:00",
        "version": "0.1.0",
        "units": units,
        "files": [],
    }
    page = build(frames(rows()), provenance(manifest))
    assert "clean 1.5" in page
    assert "clean@2026-11-02" in page


def test_the_frames_of_load_give_the_same_page() -> None:
    declared = {"string": pd.StringDtype(), "int32": pd.Int32Dtype(), "bool": pd.BooleanDtype()}
    typed = {
        name: TABLES[name].table(rows().get(name, [])).to_pandas(types_mapper=lambda t: declared.get(str(t)))
        for name in READS
    }
    assert build(typed, {}) == build({n: f.drop(columns="dt") for n, f in frames(rows()).items()}, {})
