"""Time the listing and hashing of many tiny files, and the unchanged rerun: `python bench/many_files.py --files 200000`.

Each step runs in a fresh process; CPU seconds and peak memory are its own, wall seconds are this machine's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STEP = """
import json, resource, sys, time
from pathlib import Path
from pipeline import raw_state, sources
from pipeline.store import Store
raw, out = Path(sys.argv[1]), Path(sys.argv[2])
started = time.perf_counter()
found = raw_state.survey(raw, Store(out), {}, "2026-11-02")
surveyed = time.perf_counter()
listing = found.listing("2026-11-01")
batches = sources.plan(found.files["2026-11-01"], 64)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "files": found.seen, "hashed": found.hashed, "batches": len(batches), "listed": len(listing),
    "survey_s": round(surveyed - started, 2), "plan_s": round(time.perf_counter() - surveyed, 2),
    "cpu_s": round(usage.ru_utime + usage.ru_stime, 2), "peak_mb": usage.ru_maxrss // 1024,
}))
"""


def fill(root: Path, count: int) -> None:
    """Write ``count`` tiny articles, 1,000 in a folder."""
    for folder in range(0, count, 1000):
        place = root / "2026-11-01" / f"outlet{folder // 1000:03}"
        place.mkdir(parents=True)
        for number in range(folder, min(folder + 1000, count)):
            (place / f"{number}.txt").write_text(f"خبر قصير رقم {number}\n", "utf-8")


def main() -> None:
    """Measure twice: everything new, then nothing changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isnad-many-") as scratch:
        raw, out = Path(scratch, "raw"), Path(scratch, "out")
        started = time.perf_counter()
        fill(raw, arguments.files)
        print(f"written in {time.perf_counter() - started:.1f} s", file=sys.stderr)
        for step in ("new", "unchanged"):
            command = [sys.executable, "-c", STEP, str(raw), str(out)]
            done = subprocess.run(
                command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
            )
            print(json.dumps({"step": step, **json.loads(done.stdout)}))


if __name__ == "__main__":
    main()
