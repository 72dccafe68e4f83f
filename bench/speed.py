"""Text per second through ingest and clean: python bench/speed.py [--shared ../shared] [--articles 2000] [--profile]

CPU time of one process, best of several runs, over real articles as UTF-8 text files and as JSON records; MB are bytes of
UTF-8 text. ``loop`` is a fixed loop of plain Python beside them: on a busy machine compare figures at the same loop, or
their products with it. ``digest`` is a hash of all tables that came out: the same digest before and after a change of the code means
that the change only made it faster.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import hashlib
import json
import pstats
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from pipeline.schemas import RAW  # noqa: E402
from pipeline.stages import clean, ingest  # noqa: E402
from pipeline.text.decode import decode  # noqa: E402

NEWS = ("saudi_2015-07.jsonl.gz", "ant_2018-02_03.jsonl.gz")
DATE = "2026-11-02"
BATCH = 64


def articles(shared: Path, count: int) -> list[bytes]:
    """JSON lines, evenly over both corpora."""
    out: list[bytes] = []
    for name in NEWS:
        with gzip.open(shared / "data" / "news" / name) as file:
            lines = file.readlines()
        wanted = count // len(NEWS)
        out += [lines[n * len(lines) // wanted].strip() for n in range(wanted)]
    return out


def raw(payloads: list[bytes], form: str) -> list[Any]:
    rows = [
        {"source_uri": f"a#{n}", "form": form, "payload": data, "sha256": hashlib.sha256(data).hexdigest()}
        for n, data in enumerate(payloads)
    ]
    return [RAW.table(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]


def best(action: Callable[[], list[Any]], times: int) -> tuple[float, list[Any]]:
    """Least CPU seconds of some runs, and what the last one gave."""
    least = float("inf")
    for _ in range(times):
        started = time.process_time()
        found = action()
        least = min(least, time.process_time() - started)
    return least, found


def loop() -> list[Any]:
    """Work that no change of the product touches."""
    total = 0
    for n in range(2_000_000):
        total += n & 7
    return [total]


def digest(tables: list[dict[str, Any]]) -> str:
    sha = hashlib.sha256()
    for out in tables:
        for name in sorted(out):
            sha.update(json.dumps(out[name].to_pylist(), default=str, ensure_ascii=False).encode("utf-8"))
    return sha.hexdigest()[:16]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="show where clean spends its time")
    args = parser.parse_args()
    if not (args.shared / "data" / "news").is_dir():
        print(f"no corpora at {args.shared / 'data' / 'news'}", file=sys.stderr)
        return 2
    lines = articles(args.shared, args.articles)
    records = [json.loads(line) for line in lines]
    texts = [f"{r['title'] or ''}\n\n{r['text']}".encode() for r in records]
    size = sum(map(len, texts)) / 1e6
    params = ingest.IngestParams(), clean.CleanParams()

    def ingested(tables: list[Any]) -> list[Any]:
        return [ingest.run({"raw": table}, params[0], DATE) for table in tables]

    def cleaned() -> list[Any]:
        return [clean.run({"documents": out["documents"]}, params[1], DATE) for out in documents]

    print(f"{len(texts)} articles, {size:.1f} MB of text")
    print(f"loop                {1000 * best(loop, args.times)[0]:7.1f} ms")
    seconds, _ = best(lambda: [decode(text) for text in texts], args.times)
    print(f"decode              {size / seconds:7.1f} MB/s")
    files, containers = raw(texts, "text"), raw(lines, "json")
    seconds, out = best(lambda: ingested(files), args.times)
    print(f"ingest, text files  {size / seconds:7.1f} MB/s   digest {digest(out)}")
    seconds, documents = best(lambda: ingested(containers), args.times)
    print(f"ingest, records     {size / seconds:7.1f} MB/s   digest {digest(documents)}")
    seconds, out = best(cleaned, args.times)
    print(f"clean               {size / seconds:7.1f} MB/s   digest {digest(out)}")
    if args.profile:
        profile = cProfile.Profile()
        profile.runcall(cleaned)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
    return 0


if __name__ == "__main__":
    sys.exit(main())
