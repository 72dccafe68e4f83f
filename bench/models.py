"""Speed and size of the models: python bench/models.py [--shared ../shared] [--articles 400] [--wheel]

* ``ner_words_per_s``: words (runs of letters and digits between white space) that one core names in a second, document rules
  included, many articles together as the stage does it, each seen for the first time. Processor time of this process, so
  that it holds on a busy machine.
* ``segment_words_per_s``: the same for words cut, tagged and parsed by the shipped UDPipe model.
* ``models``: bytes of every file in ``pipeline/resources/models`` that is no card; ``largest_mb`` of one.
* ``wheel_mb``: with ``--wheel``, the size of the wheel that ``pip`` builds from the working tree in a temporary folder.

Prints one JSON object; exit 1 where a limit (``LIMITS``) is missed. ``--ner`` and ``--udpipe`` measure other files.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import news  # noqa: E402

from pipeline.nlp import cards, ner  # noqa: E402
from pipeline.text.sentences import split  # noqa: E402

LIMITS = {"ner_words_per_s": (20_000, "least"), "largest_mb": (20, "most"), "wheel_mb": (60, "most")}
TOGETHER = 72  # articles in one call; the runner cut a night of 1,000 articles into 14 batches


def documents(shared: Path, articles: int) -> list[list[str]]:
    """The sentences of every n-th article of both corpora."""
    texts = []
    for name in news.CORPORA:
        texts += [news.text_of(r) for r in islice(news.records(shared, name), 0, 10 * articles, 20)]
    return [[text[a:b] for a, b in split(text, 0, len(text))] for text in texts]


def seconds(run: Callable[[], object]) -> float:
    """Processor seconds of one run."""
    started = time.process_time()
    run()
    return time.process_time() - started


def speed(found: list[list[str]], ner_path: str | None, udpipe_path: str | None) -> dict[str, Any]:
    """Words a second and core of both models."""
    from pipeline.nlp import udpipe

    words = sum(len(line.split()) for lines in found for line in lines)
    recogniser = ner.load(ner_path)
    recogniser.documents(found[:4])  # lexicons
    groups = [found[at : at + TOGETHER] for at in range(0, len(found), TOGETHER)]
    naming = seconds(lambda: [recogniser.documents(group) for group in groups])
    few = [line for lines in found[::8] for line in lines]
    parser = udpipe.load(*cards.resolve(udpipe_path or cards.DEFAULT))
    parsing = seconds(lambda: parser.parse(few))
    return {
        "articles": len(found),
        "words": words,
        "ner_words_per_s": round(words / naming),
        "segment_words_per_s": round(sum(len(line.split()) for line in few) / parsing),
    }


def sizes() -> dict[str, Any]:
    """Bytes of each shipped model file."""
    cards_of = (".json", ".md", ".py")
    files = sorted(p for p in cards.folder().iterdir() if p.is_file() and p.suffix not in cards_of)
    found = {path.name: path.stat().st_size for path in files}
    return {"models": found, "largest_mb": round(max(found.values()) / 1e6, 2)}


def wheel_mb() -> float:
    """Size of the wheel in MB, built without network from a copy, so that nothing of a former build gets in."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(
            HERE.parent / "pipeline", tree / "pipeline", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(HERE.parent / name, tree)
        command = [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-w",
            folder,
        ]
        subprocess.run([*command, str(tree)], check=True, capture_output=True)
        (wheel,) = Path(folder).glob("*.whl")
        return round(wheel.stat().st_size / 1e6, 2)


def missed(figures: dict[str, Any]) -> list[str]:
    """The limits that the figures miss; a figure not measured misses none.

    >>> missed({"ner_words_per_s": 19_000, "largest_mb": 8.1})
    ['ner_words_per_s 19000, must be at least 20000']
    """
    out = []
    for name, (limit, side) in LIMITS.items():
        value = figures.get(name)
        if value is not None and (value < limit if side == "least" else value > limit):
            out.append(f"{name} {value}, must be at {side} {limit}")
    return out


def main() -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--ner", help="an entity model instead of the shipped one")
    parser.add_argument("--udpipe", help="a UDPipe model instead of the shipped one")
    parser.add_argument("--wheel", action="store_true", help="build the wheel too")
    args = parser.parse_args()
    figures = speed(documents(args.shared, args.articles), args.ner, args.udpipe) | sizes()
    if args.wheel:
        figures["wheel_mb"] = wheel_mb()
    figures["missed"] = missed(figures)
    print(json.dumps(figures, indent=1))
    return int(bool(figures["missed"]))


if __name__ == "__main__":
    sys.exit(main())
