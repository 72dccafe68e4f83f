"""Precision of claims on articles without gold, read and judged by hand: python bench/judge.py draw|tally …

``draw``: a seeded sample of real articles through the whole pipeline, then a seeded sample of all their claims, into
OUT/sheet.txt (each claim in its context, to be read; never committed) and OUT/rows.jsonl (places, without text).
``tally``: judged rows (``bench/judged/*.jsonl``) as shares with Wilson's 95 % interval and as classes of error. A judged row is a
row of ``draw`` with ``verdict``, e.g. {"claim": true, "content": "exact", "speaker": true, "chain": true, "stance": true},
and, where something is wrong, ``class``. ``content`` is exact, overlap (half or more) or wrong, all by the guideline of the gold.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import news  # noqa: E402

CONTEXT = 400  # characters of the article shown on each side of a claim


def wilson(right: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, z = 1.96).

    >>> [round(bound, 3) for bound in wilson(95, 100)]
    [0.888, 0.978]
    """
    z, share = 1.96, right / of
    middle = share + z * z / (2 * of)
    width = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - width) / (1 + z * z / of), (middle + width) / (1 + z * z / of)


def tally(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts of judged rows: what is asked of every claim, then what is asked of the right ones only.

    Raises ValueError where a row has no verdict or an unknown one.
    """
    asked: dict[str, list[bool]] = defaultdict(list)
    classes: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        verdict = row.get("verdict") or {}
        if not isinstance(verdict.get("claim"), bool):
            raise ValueError(f"row {number} of {row.get('doc')} has no verdict on the claim")
        asked["claim"].append(verdict["claim"])
        if not verdict["claim"] or row.get("class"):
            classes[row.get("class") or "not said"] += 1
        if not verdict["claim"]:
            continue
        if verdict.get("content") not in ("exact", "overlap", "wrong"):
            raise ValueError(f"row {number} of {row.get('doc')}: content is exact, overlap or wrong")
        asked["content overlaps"].append(verdict["content"] != "wrong")
        asked["content exact"].append(verdict["content"] == "exact")
        for what in ("speaker", "chain", "stance"):
            asked[what].append(bool(verdict[what]))
    shares = {
        what: {"right": sum(v), "of": len(v), "wilson": wilson(sum(v), len(v))} for what, v in asked.items()
    }
    return {"shares": shares, "classes": dict(classes.most_common())}


def _articles(shared: Path, number: int, seed: int) -> list[dict[str, Any]]:
    return random.Random(seed).sample(list(news.records(shared)), number)


def _shown(text: str, row: dict[str, Any]) -> str:
    spans = [(s, e, "content") for s, e in row["content"]] + [(*row["cue"], "cue")]
    spans += [(*row["speaker"], "speaker")] if row["speaker"] else []
    first, last = min(s for s, _, _ in spans), max(e for _, e, _ in spans)
    marks = {"content": "[]", "cue": "{}", "speaker": "<>"}
    out = list(text)
    for start, end, what in spans:
        out[start] = marks[what][0] + out[start]
        out[end - 1] += marks[what][1]
    return "".join(out[max(0, first - CONTEXT) : last + CONTEXT])


def draw(shared: Path, out: Path, articles: int, claims: int, seed: int) -> None:
    """Write OUT/rows.jsonl and OUT/sheet.txt; the pipeline of this checkout runs into OUT/processed."""
    from pipeline.reader import read_table, snapshot_folder
    from pipeline.schemas import TABLES
    from pipeline.store import Store

    (out / "raw").mkdir(parents=True)
    with (out / "raw" / "sample.jsonl").open("w", encoding="utf-8") as sink:
        for record in _articles(shared, articles, seed):
            sink.write(json.dumps(record, ensure_ascii=False) + "\n")
    settings = (f"paths.raw={out / 'raw'}", f"paths.processed={out / 'processed'}")
    command = [sys.executable, "-m", "pipeline", "run", "--to", "extract"]
    done = subprocess.run(
        [*command, *(a for s in settings for a in ("--set", s))], cwd=HERE.parent, check=False
    )
    if done.returncode not in (0, 3):
        raise SystemExit(done.returncode)
    folder = snapshot_folder(Store(out / "processed"))
    documents = {r["doc_id"]: r for r in read_table(folder, TABLES["documents"]).to_pylist()}
    layers = defaultdict(list)
    for layer in read_table(folder, TABLES["attributions"]).to_pylist():
        layers[layer["claim_id"]].append(layer)
    found = sorted(read_table(folder, TABLES["claims"]).to_pylist(), key=lambda c: str(c["claim_id"]))
    drawn = random.Random(seed).sample(found, claims)
    with (
        (out / "rows.jsonl").open("w", encoding="utf-8") as rows,
        (out / "sheet.txt").open("w", encoding="utf-8") as sheet,
    ):
        for number, claim in enumerate(drawn, 1):
            document = documents[claim["doc_id"]]
            row = {
                "no": number,
                "doc": document["record_id"],
                "cue": [claim["cue_start"], claim["cue_end"]],
                "content": [[s["start"], s["end"]] for s in claim["content"]],
                "speaker": [claim["speaker_start"], claim["speaker_end"]] if claim["speaker_text"] else None,
                "rule": claim["rule"],
                "confidence": claim["confidence"],
            }
            rows.write(json.dumps(row, ensure_ascii=False) + "\n")
            chain = sorted(layers[claim["claim_id"]], key=lambda layer: int(layer["layer"]))
            names = " > ".join(f"{x['relation']}: {x['name'] or x['text']}" for x in chain)
            told = [
                claim[k] for k in ("speaker_mention", "speaker_name", "kind", "stance", "rule", "confidence")
            ]
            sheet.write(f"#{number} {row['doc']} {told} chain: {names}\n{_shown(document['text'], row)}\n\n")
    print(f"{len(found)} claims of {len(documents)} articles; {claims} drawn into {out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("out", type=Path)
    drawing.add_argument("--shared", type=Path, default=Path("../shared"))
    drawing.add_argument("--articles", type=int, default=1000)
    drawing.add_argument("--claims", type=int, default=200)
    drawing.add_argument("--seed", type=int, required=True)
    commands.add_parser("tally").add_argument("file", type=Path)
    return parser


def main() -> None:
    """Draw a sample, or count a judged one."""
    args = _parser().parse_args()
    if args.command == "draw":
        draw(args.shared.resolve(), args.out.resolve(), args.articles, args.claims, args.seed)
        return
    found = tally([json.loads(line) for line in args.file.read_text("utf-8").splitlines()])
    for what, share in found["shares"].items():
        low, high = share["wilson"]
        ratio = share["right"] / share["of"]
        print(f"{what:18} {share['right']:4} of {share['of']:4}  {ratio:.3f}  ({low:.3f}–{high:.3f})")
    for name, count in found["classes"].items():
        print(f"  {count:3} {name}")


if __name__ == "__main__":
    main()
