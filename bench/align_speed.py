"""Articles per second through align: python bench/align_speed.py [--shared ../shared] [--sizes 1000 4000 16000] [--workers 2]

Real articles, cleaned, split and read for claims without a parse (kept in --tables, so that this is done once), then the
whole stage over samples of them. For each size: CPU seconds (copies included), articles per CPU second, seconds and
articles per second on the clock with --workers, peak memory of the process and of its largest copy, digest of all tables
(with --check also of a run with one worker). At the end the exponent of cost over size, by least squares on logarithms.

Two ways of drawing: ``stretch`` takes neighbours in time, as a shorter night has them; ``scatter`` draws from all days
(seeded), which thins stories out: a tenth of the articles holds a hundredth of the pairs, so cost seems to grow faster.
On a busy machine look at CPU seconds; ``loop`` is a fixed loop of plain Python to compare them by.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import math
import os
import random
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from night_score import DATE, dated, layers  # noqa: E402

from pipeline.forks import resting, spread  # noqa: E402
from pipeline.stages import align  # noqa: E402

NEWS = ("saudi_2015-07.jsonl.gz", "ant_2018-02_03.jsonl.gz")
Tables = Mapping[str, pa.Table]


def prepared(folder: Path, shared: Path) -> dict[str, pa.Table]:
    """What ``align`` reads of all real articles, from ``folder`` where it was kept before."""
    if not all((folder / f"{name}.parquet").is_file() for name in align.STAGE.reads):
        rows = []
        for name in NEWS:
            with gzip.open(shared / "data" / "news" / name, "rt", encoding="utf-8") as lines:
                rows += [json.loads(line) for line in lines]
        for row in rows:
            row["id"] = str(row["id"])
            row["published_at"] = (row["published_at"] or "").replace("Z", "+00:00")
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in layers(rows).items():
            pq.write_table(table, folder / f"{name}.parquet")
    return {name: pq.read_table(folder / f"{name}.parquet") for name in align.STAGE.reads}


def sample(tables: Tables, size: int, draw: str) -> dict[str, pa.Table]:
    """The tables of ``size`` articles: neighbours in time from the middle, or any (seed 5)."""
    documents = tables["documents"]
    ids = documents["doc_id"].to_pylist()
    if draw == "scatter":
        random.Random(5).shuffle(ids)
    else:
        times = documents["published_at"].to_pylist()
        ids = [
            i
            for _, _, i in sorted(
                (t is None, t and t.timestamp(), i) for t, i in zip(times, ids, strict=True)
            )
        ]
        begin = (len(ids) - size) // 2
        ids = ids[begin : begin + size]
    kept = pa.array(ids[:size])
    claims = tables["claims"].filter(pc.is_in(tables["claims"]["doc_id"], kept))["claim_id"].combine_chunks()
    return {
        name: table.filter(pc.is_in(table["doc_id"], kept))
        if "doc_id" in table.column_names
        else table.filter(pc.is_in(table["claim_id"], claims))
        for name, table in tables.items()
    }


def cpu() -> float:
    """CPU seconds of this process and of the copies that have ended."""
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system


def loop() -> float:
    """Milliseconds of work that no change of the product touches."""
    started = time.process_time()
    total = 0
    for n in range(2_000_000):
        total += n & 7
    return 1000 * (time.process_time() - started)


def digest(out: Tables) -> str:
    sha = hashlib.sha256()
    for name in sorted(out):
        sha.update(json.dumps(out[name].to_pylist(), default=str, ensure_ascii=False).encode("utf-8"))
    return sha.hexdigest()[:12]


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """Slope of log cost over log size.

    >>> round(exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]), 6)
    1.0
    """
    x, y = [math.log(n) for n, _ in points], [math.log(c) for _, c in points]
    mean = sum(x) / len(x), sum(y) / len(y)
    spread_x = sum((a - mean[0]) ** 2 for a in x)
    return (
        sum((a - mean[0]) * (b - mean[1]) for a, b in zip(x, y, strict=True)) / spread_x if spread_x else 0.0
    )


def measure(tables: Tables, workers: int) -> tuple[float, float, str]:
    """(CPU seconds, seconds on the clock, digest) of the stage."""
    given = dated(tables)
    clock, spent = time.perf_counter(), cpu()
    with resting():  # as the worker does it
        out = align.run(given, align.AlignParams(), DATE, spread(workers))
    return cpu() - spent, time.perf_counter() - clock, digest(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--tables", type=Path, default=HERE.parent / "build" / "align-tables")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000, 16000])
    parser.add_argument("--draw", choices=["stretch", "scatter"], nargs="+", default=["stretch", "scatter"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="run with one worker as well and compare")
    args = parser.parse_args()
    tables = prepared(args.tables, args.shared)
    broken = False
    for draw in args.draw:
        points = []
        for size in args.sizes:
            taken = sample(tables, size, draw)
            count, beat = taken["documents"].num_rows, loop()
            spent, clock, found = measure(taken, args.workers)
            points.append((count, spent))
            memory = [
                resource.getrusage(who).ru_maxrss >> 10
                for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            ]
            print(
                f"{draw:8} {count:6} articles  {spent:7.2f} CPU s  {count / spent:5.0f} per CPU s  "
                f"{clock:7.2f} s  {count / clock:5.0f} per s  loop {beat:.0f} ms  "
                f"peak {memory[0]} + {memory[1]} MiB  {found}",
                flush=True,
            )
            if args.check:
                same = measure(taken, 1)[2] == found
                broken = broken or not same
                print(f"{'':8} with one worker: {'the same' if same else 'OTHER TABLES'}", flush=True)
        print(f"{draw:8} cost ~ size ^ {exponent(points):.2f}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
