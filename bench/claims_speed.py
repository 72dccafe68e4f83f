"""Processor time of claims: python bench/claims_speed.py --shared ../shared [--articles 1000] [--skip-parse]

Two figures, in processor time of one process, so that they hold on a busy machine too:

* ``cue_tier``: articles per second and core from plain text to claims, sentences included, without parse and names.
* ``extract_share``: the extract stage (names, entities, claims, tables) over the segment stage, which is the parser. Batches as
  the runner makes them, tables in and out, the loading of models and lexicons included in both.

``yardstick_s`` is a fixed piece of pure Python timed in between: divide by it to compare machines or hours.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from bench import CORPUS, sample  # noqa: E402

BATCH = 72  # documents; the runner cut a night of 1,000 articles into 14 batches


def yardstick() -> float:
    """Processor seconds of a fixed amount of work on strings and dictionaries."""
    started = time.process_time()
    seen: dict[str, int] = {}
    for i in range(200_000):
        key = f"w{i % 5003}"
        seen[key] = seen.get(key, 0) + len(key)
    return time.process_time() - started


def texts(shared: Path, articles: int, folder: Path) -> list[str]:
    """Title and text of the first articles of the corpus."""
    sample(shared, articles, folder)
    lines = (folder / "sample.jsonl").read_text("utf-8").splitlines()
    return [f"{r.get('title') or ''}\n\n{r.get('text') or ''}" for r in map(json.loads, lines)]


def cue_tier(documents: list[str]) -> dict[str, Any]:
    """Articles per second and core, text in and claims out, after the lexicons are loaded."""
    from pipeline.text.claims_document import read_text

    started = time.process_time()
    read_text("وقالت الوزارة إن الموسم بدأ، وفق البيان.")
    loading = time.process_time() - started
    rates, found = [], 0
    for _ in range(3):
        started = time.process_time()
        found = sum(len(read_text(text)) for text in documents)
        rates.append(len(documents) / (time.process_time() - started))
    return {
        "articles_per_s": round(max(rates), 1),
        "runs": [round(r, 1) for r in rates],
        "loading_s": round(loading, 2),
        "claims": found,
    }


def stages(folder: Path) -> dict[str, Any]:
    """Processor seconds of segment and extract over the cleaned articles."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from pipeline.reader import read_table, snapshot_folder
    from pipeline.schemas import TABLES
    from pipeline.stages import extract, segment
    from pipeline.store import Store

    settings = (f"paths.raw={folder / 'raw'}", f"paths.processed={folder / 'out'}", "workers=1")
    command = [sys.executable, "-m", "pipeline", "run", *(a for s in settings for a in ("--set", s))]
    subprocess.run([*command, "--to", "clean"], cwd=HERE.parent, capture_output=True, check=True)
    snapshot = snapshot_folder(Store(folder / "out"))
    tables = {name: read_table(snapshot, TABLES[name]) for name in ("documents", "blocks")}
    ids = tables["documents"]["doc_id"].to_pylist()
    spent = {"segment": 0.0, "extract": 0.0}
    claims = 0
    for first in range(0, len(ids), BATCH):
        keep = pa.array(ids[first : first + BATCH])
        batch = {n: t.filter(pc.is_in(t["doc_id"], keep)).combine_chunks() for n, t in tables.items()}
        for name, module in (("segment", segment), ("extract", extract)):
            stage = module.STAGE
            inputs = {n: batch[n].select(list(columns)) for n, columns in stage.reads.items()}
            started = time.process_time()
            batch |= stage.run(inputs, stage.params(), "2018-02-03")
            spent[name] += time.process_time() - started
        claims += batch["claims"].num_rows
    return {
        **{f"{name}_s": round(value, 2) for name, value in spent.items()},
        "share": round(spent["extract"] / spent["segment"], 4),
        "articles_per_s": round(len(ids) / spent["extract"], 1),
        "claims": claims,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--skip-parse", action="store_true", help="time the cue tier alone")
    args = parser.parse_args()
    if not (args.shared / CORPUS).is_file():
        print(f"no corpus at {args.shared / CORPUS}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        documents = texts(args.shared, args.articles, folder / "raw")
        found: dict[str, Any] = {"articles": args.articles, "yardstick_s": [round(yardstick(), 3)]}
        found["cue_tier"] = cue_tier(documents)
        found["yardstick_s"].append(round(yardstick(), 3))
        if not args.skip_parse:
            found["extract_share"] = stages(folder)
            found["yardstick_s"].append(round(yardstick(), 3))
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
