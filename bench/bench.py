"""Time every stage on real articles: python bench/bench.py --shared ../shared [--articles 1000] [--workers 2]

Runs the whole pipeline over the first articles of a real corpus, then bare UDPipe (tokenise, tag, parse; as many
processes, the same sentences) in the same session, then the pipeline again with nothing changed. Appends one line to
``bench/history.jsonl`` with machine and commit; figures are comparable within a line, between lines as ratios.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

HERE = Path(__file__).resolve().parent
CORPUS = "data/news/ant_2018-02_03.jsonl.gz"


def sample(shared: Path, articles: int, folder: Path) -> int:
    """Write the first ``articles`` records of the corpus as a raw folder; returns the bytes."""
    folder.mkdir(parents=True)
    with gzip.open(shared / CORPUS, "rb") as lines:
        data = b"".join(line for _, line in zip(range(articles), lines, strict=False))
    (folder / "sample.jsonl").write_bytes(data)
    return len(data)


class PeakMemory(threading.Thread):
    """Samples the resident memory of a process tree; ``peak`` in MiB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.root, self.peak, self.done = psutil.Process(pid), 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.2):
            total = 0
            try:
                tree = [self.root, *self.root.children(recursive=True)]
            except psutil.Error:
                return
            for process in tree:
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total >> 20)


def pipeline(raw: Path, out: Path, workers: int) -> dict[str, Any]:
    """Run the command once; wall seconds, peak memory of the process tree, exit code."""
    command = [sys.executable, "-m", "pipeline", "run"]
    for setting in (f"paths.raw={raw}", f"paths.processed={out}", f"workers={workers}"):
        command += ["--set", setting]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    watch = PeakMemory(process.pid)
    watch.start()
    _, errors = process.communicate()
    watch.done.set()
    if process.returncode not in (0, 3):
        raise SystemExit(errors[-3000:])
    return {"seconds": time.perf_counter() - started, "peak_mb": watch.peak, "exit": process.returncode}


def _bare(job: tuple[str, list[str]]) -> int:
    from ufal.udpipe import Model, Pipeline, ProcessingError

    path, sentences = job
    model = Model.load(path)
    engine = Pipeline(model, "tokenizer=presegmented", Pipeline.DEFAULT, Pipeline.DEFAULT, "conllu")
    error = ProcessingError()
    return sum(len(engine.process(s, error)) for s in sentences)


def bare_udpipe(model: Path, sentences: list[str], workers: int) -> float:
    """Wall seconds of tokenising, tagging and parsing with UDPipe alone, in ``workers`` processes."""
    size = 400
    jobs = [(str(model), sentences[i : i + size]) for i in range(0, len(sentences), size)]
    started = time.perf_counter()
    with get_context("spawn").Pool(workers) as pool:
        list(pool.imap_unordered(_bare, jobs))
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    args = parser.parse_args()
    if not (args.shared / CORPUS).is_file():
        print(f"no corpus at {args.shared / CORPUS}", file=sys.stderr)
        return 2
    sys.path.insert(0, str(HERE.parent))
    from pipeline.reader import read_table, snapshot_folder
    from pipeline.schemas import TABLES
    from pipeline.store import Store

    with tempfile.TemporaryDirectory() as name:
        raw, out = Path(name) / "raw", Path(name) / "out"
        size = sample(args.shared, args.articles, raw)
        first = pipeline(raw, out, args.workers)
        again = pipeline(raw, out, args.workers)
        store = Store(out)
        folder = snapshot_folder(store)
        rows = {
            t: read_table(folder, TABLES[t]).num_rows
            for t in ("documents", "rejects", "sentences", "tokens", "claims", "mentions", "reuse")
        }
        sentences = read_table(folder, TABLES["sentences"])["text"].to_pylist()
        units = (store.manifest() or {})["units"]
        model = HERE.parent / "pipeline" / "resources" / "models" / "ar-news.udpipe"
        bare = bare_udpipe(model, sentences, args.workers)
    record = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "commit": subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True, check=False
        ).stdout.strip(),
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "articles": args.articles,
        "workers": args.workers,
        "megabytes": round(size / 1e6, 2),
        "rows": rows,
        "wall_s": round(first["seconds"], 2),
        "peak_mb": first["peak_mb"],
        "rerun_s": round(again["seconds"], 2),
        "stage_s": {unit.partition("@")[0]: info["seconds"] for unit, info in units.items()},
        "bare_udpipe_s": round(bare, 2),
        "ratio_to_udpipe": round(first["seconds"] / bare, 3),
    }
    print(json.dumps(record, indent=1))
    with (HERE / "history.jsonl").open("a", encoding="utf-8") as history:
        history.write(json.dumps(record, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
