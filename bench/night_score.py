"""Score the align stage on a generated night: python bench/night_score.py DIR (made by bench/night.py)

Runs clean, the sentence splitter, the claims layer without a parse (cues, quotation marks, names) and align, all in
memory, and compares the tables with the planted truth. Pairs between two real articles without planted text are not
judged: the corpora hold reprints of their own. Everything that touches a planted document is judged, so that a
link from a copy to any document outside its story is false.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from pipeline.schemas import DOCUMENTS, SENTENCES, TOKENS  # noqa: E402
from pipeline.stages import align, clean, extract, segment  # noqa: E402

DATE = "2026-11-01"
BATCH = 500
JUDGED = ("number", "date", "polarity", "attribution_dropped")
NEAR = 3
"""Characters by which two places of one edit may miss each other."""
FLOORS = {
    "pairs.P": 0.95, "pairs.R": 0.97, "stories.bcubed_f1": 0.965, "edits.number.F1": 0.9, "edits.date.F1": 0.9,
    "edits.polarity.F1": 0.9, "edits.attribution_dropped.F1": 0.9, "origins.accuracy": 0.9,
}  # fmt: skip
MOST_SIBLINGS = 0.05


def documents(records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The table ``documents`` of records; the record's id is the doc_id."""
    rows = []
    for r in records:
        when = r["published_at"] and dt.datetime.fromisoformat(r["published_at"])
        if when and when.tzinfo is None:
            when = when.replace(tzinfo=dt.UTC)
        row = dict.fromkeys(DOCUMENTS.names)
        text = f"{r['title']}\n\n{r['text']}" if r["title"] else r["text"]
        row |= {"doc_id": r["id"], "source_uri": r["id"], "record_id": r["id"], "outlet": r["outlet"]}
        row |= {"title": r["title"], "published_at": when or None, "lang": "ar", "encoding": "utf-8"}
        row |= {"repairs": [], "content_sha256": "", "text": text, "revision": 1, "other_sources": []}
        rows.append(row)
    return DOCUMENTS.table(rows)


def layers(records: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """What ``align`` reads, without a parse: documents, sentences, credits, mentions, claims, attributions."""
    parts: dict[str, list[pa.Table]] = defaultdict(list)
    for at in range(0, len(records), BATCH):
        docs = documents(records[at : at + BATCH])
        cleaned = clean.run({"documents": docs}, clean.CleanParams(), DATE)
        sentences = SENTENCES.columnar(segment.cut({"documents": docs, "blocks": cleaned["blocks"]}))
        read = {
            "documents": docs,
            "blocks": cleaned["blocks"],
            "sentences": sentences,
            "tokens": TOKENS.table([]),
        }
        found = extract.run(read, extract.ExtractParams(), DATE)
        for name, table in {**read, **cleaned, **found}.items():
            parts[name].append(table)
    return {name: pa.concat_tables(parts[name]) for name in align.STAGE.reads}


def dated(tables: Mapping[str, pa.Table], date: str = DATE) -> dict[str, pa.Table]:
    """The columns that ``align`` reads, with the batch date."""
    return {
        name: tables[name]
        .select(columns)
        .append_column("dt", pa.array([date] * tables[name].num_rows, pa.string()))
        for name, columns in align.STAGE.reads.items()
    }


# --- figures --------------------------------------------------------------------------------------------------------


def ratio(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def rates(hit: int, found: int, wanted: int) -> dict[str, float]:
    p, r = ratio(hit, found), ratio(hit, wanted)
    return {"P": p, "R": r, "F1": ratio(2 * p * r, p + r), "wanted": wanted}


def pairs(truth: Mapping[str, Any], reuse: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Document pairs: those with a passage of scope ``story``, against pairs of one planted story."""
    wanted = {tuple(sorted(p)) for story in truth["stories"] for p in combinations(story, 2)}
    planted = planted_ids(truth)
    found = {
        tuple(sorted((r["a_doc_id"], r["b_doc_id"])))
        for r in reuse
        if r["scope"] == "story" and (r["a_doc_id"] in planted or r["b_doc_id"] in planted)
    }
    siblings = {tuple(sorted(p)) for row in truth["siblings"] for p in combinations(row, 2)}
    judged = found - siblings  # merged siblings have a figure of their own
    return rates(len(judged & wanted), len(judged), len(wanted)) | {"false": sorted(judged - wanted)}


def planted_ids(truth: Mapping[str, Any]) -> set[str]:
    """Documents that hold planted text: members of stories, hosts and donors, bulletins."""
    rows = [*truth["stories"], *truth["siblings"], *((a, b) for _, a, b in truth["apart"])]
    return {doc for row in rows for doc in row}


def stories(truth: Mapping[str, Any], story_of: Mapping[str, str]) -> dict[str, Any]:
    """BCubed over the members of planted stories; siblings and kept-apart pairs that stand in one story."""
    members: dict[str, set[str]] = defaultdict(set)
    for doc, story in story_of.items():
        members[story].add(doc)
    precision, recall, n = 0.0, 0.0, 0
    for story in map(set, truth["stories"]):
        for doc in story:
            together = members[story_of[doc]]
            precision += len(together & story) / len(together)
            recall += len(together & story) / len(story)
            n += 1
    p, r = ratio(precision, n), ratio(recall, n)
    found = {"bcubed_p": p, "bcubed_r": r, "bcubed_f1": ratio(2 * p * r, p + r)}
    siblings = [p for row in truth["siblings"] for p in combinations(row, 2)]
    found["siblings_merged"] = ratio(sum(story_of[a] == story_of[b] for a, b in siblings), len(siblings))
    for why in ("tail", "background"):
        apart = [(a, b) for name, a, b in truth["apart"] if name == why]
        found[f"{why}_merged"] = ratio(sum(story_of[a] == story_of[b] for a, b in apart), len(apart))
    return found


def _meets(one: Sequence[int], two: Sequence[int]) -> bool:
    return one[0] <= two[1] + NEAR and two[0] <= one[1] + NEAR


def _same(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """True where both lie at one place; of two places that are empty on one side, the filled side decides."""
    if not _meets((found["a_start"], found["a_end"]), wanted["a"]):
        return False
    return _meets((found["b_start"], found["b_end"]), wanted["b"])


def edits(truth: Mapping[str, Any], reuse: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each judged kind over pairs of parent and child: P, R, F1; what was found instead, and by level of copy."""
    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for r in reuse:
        rows[r["a_doc_id"], r["b_doc_id"]] += r["edits"]
    counts: Counter[tuple[str, str]] = Counter()
    missed: Counter[str] = Counter()
    by_level: Counter[tuple[str, bool]] = Counter()
    wrong: list[tuple[str, Any]] = []
    for copy in truth["copies"]:
        found = rows[copy["parent"], copy["child"]]
        for kind in {*JUDGED, *(e["kind"] for e in copy["edits"])}:
            wanted = [e for e in copy["edits"] if e["kind"] == kind]
            told = [e for e in found if e["kind"] == kind]
            counts[kind, "wanted"] += len(wanted)
            counts[kind, "found"] += len(told)
            for e in told:
                good = any(_same(e, w) for w in wanted)
                counts[kind, "good"] += good
                if not good and kind in JUDGED:
                    wrong.append((kind, [copy["parent"], copy["child"], copy["level"], "false", dict(e)]))
            for w in wanted:
                hit = any(_same(e, w) for e in told)
                counts[kind, "hit"] += hit
                by_level[copy["level"], hit] += kind in JUDGED
                if not hit:
                    other = sorted({e["kind"] for e in found if _same(e, w)}) or ["nothing"]
                    missed[f"{kind} told as {'+'.join(other)}"] += 1
                    wrong.append((kind, [copy["parent"], copy["child"], copy["level"], other, w]))
    out: dict[str, Any] = {}
    for kind in sorted({k for k, _ in counts}):
        p, r = (
            ratio(counts[kind, "good"], counts[kind, "found"]),
            ratio(counts[kind, "hit"], counts[kind, "wanted"]),
        )
        out[kind] = {"P": p, "R": r, "F1": ratio(2 * p * r, p + r), "wanted": counts[kind, "wanted"]}
    out["recall_by_level"] = {
        level: ratio(by_level[level, True], by_level[level, True] + by_level[level, False])
        for level in sorted({name for name, _ in by_level})
    }
    return out | {"missed": dict(missed.most_common(12)), "wrong": wrong}


def origins(truth: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Accuracy of the named origin, by case: credited, credit stripped, credit only in a later copy, no agency."""
    good: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong = []
    for doc, (case, kind, origin) in sorted(truth["origins"].items()):
        right = rows[doc]["kind"] == kind and rows[doc]["origin"] == origin
        good[case] += right
        total[case] += 1
        if not right:
            wrong.append((doc, case, origin, rows[doc]["origin"], rows[doc]["evidence"]))
    out: dict[str, Any] = {"accuracy": ratio(sum(good.values()), sum(total.values()))}
    return out | {case: ratio(good[case], total[case]) for case in sorted(total)} | {"wrong": wrong}


def score(truth: Mapping[str, Any], out: Mapping[str, pa.Table]) -> dict[str, Any]:
    """All figures of a night."""
    reuse = out["reuse"].to_pylist()
    story_of = dict(
        zip(out["stories"]["doc_id"].to_pylist(), out["stories"]["story_id"].to_pylist(), strict=True)
    )
    origin_of = {row["doc_id"]: row for row in out["origins"].to_pylist()}
    return {
        "pairs": pairs(truth, reuse), "stories": stories(truth, story_of), "edits": edits(truth, reuse),
        "origins": origins(truth, origin_of),
    }  # fmt: skip


def broken(figures: Mapping[str, Any]) -> list[str]:
    """Floors that do not hold."""
    found = []
    for name, least in FLOORS.items():
        value: Any = figures
        for part in name.split("."):
            value = value[part]
        if value < least:
            found.append(f"{name}: {value} is below {least}")
    if figures["stories"]["siblings_merged"] > MOST_SIBLINGS:
        found.append(
            f"stories.siblings_merged: {figures['stories']['siblings_merged']} is above {MOST_SIBLINGS}"
        )
    return found


def show(figures: Mapping[str, Any], indent: str = "") -> None:
    """Print the figures; lists are for --details."""
    for name, value in figures.items():
        if isinstance(value, Mapping) and value and all(isinstance(v, float | int) for v in value.values()):
            print(f"{indent}{name:22}", "  ".join(f"{k} {v}" for k, v in value.items()))
        elif isinstance(value, Mapping):
            print(f"{indent}{name}")
            show(value, indent + "  ")
        elif not isinstance(value, list):
            print(f"{indent}{name:22} {value}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("night", type=Path)
    parser.add_argument(
        "--details", type=Path, help="write false pairs, wrong edits and origins to this file"
    )
    args = parser.parse_args()
    truth = json.loads((args.night / "truth.json").read_text("utf-8"))
    kept = args.night / "tables"
    if kept.is_dir():
        tables = {name: pq.read_table(kept / f"{name}.parquet") for name in align.STAGE.reads}
    else:
        with (args.night / "night.jsonl").open(encoding="utf-8") as lines:
            tables = layers([json.loads(line) for line in lines])
        kept.mkdir()
        for name, table in tables.items():
            pq.write_table(table, kept / f"{name}.parquet")
    started = time.process_time()
    out = align.run(dated(tables), align.AlignParams(), DATE)
    spent = time.process_time() - started
    size = tables["documents"].num_rows
    figures = score(truth, out)
    show(figures)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"align: {size} articles, {spent:.1f} CPU s, {size / spent:.0f} articles per CPU second, peak {peak} MiB"
    )
    if args.details:
        args.details.write_text(json.dumps(figures, ensure_ascii=False, indent=1), "utf-8")
    low = broken(figures)
    print("\n".join(low) or "all floors hold")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
