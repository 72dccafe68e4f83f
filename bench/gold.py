"""Further gold on Arabic news as offsets and ids: `select`, `materialise`, `check`; no article text is kept.

The annotation (bench/gold/ann) holds offsets, types and canonical names; the text is re-read from the corpora beside
the repository and checked against its SHA-256. Format and habits follow shared/gold/GUIDELINE.md and shared/gold/dev.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from gold_checks import faults, holds_text

HERE = Path(__file__).resolve().parent / "gold"
#: One draw after the other: seed, articles, their annotators (each an equal run), and the part they are in today.
DRAWS = (
    (1442, 32, "AB", "tune"),
    (1443, 16, "CD", "tune"),
    (1444, 24, "E", "tune"),
    (1445, 24, "FG", "held"),
)
CORPORA = ("ant_2018-02_03.jsonl.gz", "saudi_2015-07.jsonl.gz")
#: Reporting verbs common enough to promise something to annotate; not the product's lexicon of cues.
REPORTING = re.compile(
    r"\b[وف]?(?:قال|قالت|أضاف|أضافت|أكد|أكدت|أعلن|أعلنت|أوضح|أوضحت|ذكر|ذكرت|أشار|أشارت|صرح|صرحت|شدد|كشف|"
    r"كشفت|نقلت|نقل|تابع|مشيرا|مضيفا|مؤكدا|موضحا|مشيراً|مضيفاً|مؤكداً|موضحاً)\b"
)

Json = dict[str, Any]
app = typer.Typer(add_completion=False, no_args_is_help=True)


def text_of(record: Json) -> str:
    """The document of a news record: title, blank line, text, line end.

    >>> text_of({"title": "عنوان", "text": "نص"})
    'عنوان\\n\\nنص\\n'
    """
    return f"{record['title']}\n\n{record['text']}\n"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def records(shared: Path, corpus: str) -> Iterator[Json]:
    with gzip.open(shared / "data" / "news" / corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def shingles(text: str, size: int = 4) -> frozenset[str]:
    """All runs of `size` words (Broder 1997), the evidence of near duplicates."""
    words = re.findall(r"\w+", text)
    return frozenset(" ".join(words[i : i + size]) for i in range(len(words) - size + 1))


def draw(
    candidates: dict[str, list[Json]], count: int, rng: random.Random, taken: list[frozenset[str]]
) -> list[Json]:
    """`count` records, one outlet after the other, none sharing a tenth of its shingles with one in `taken` (extended)."""
    outlets = sorted(candidates)
    rng.shuffle(outlets)
    queues = {outlet: rng.sample(candidates[outlet], len(candidates[outlet])) for outlet in outlets}
    out: list[Json] = []
    while len(out) < count and any(queues.values()):
        for outlet in outlets:
            while queues[outlet] and len(out) < count:
                record = queues[outlet].pop()
                mine = shingles(record["text"])
                if all(len(mine & other) * 10 < min(len(mine), len(other)) for other in taken):
                    taken.append(mine)
                    out.append(record)
                    break
    return out


def candidates(shared: Path, corpus: str, known: set[str]) -> dict[str, list[Json]]:
    """Records per outlet that are long enough, report enough, and have no id or address in `known`."""
    fit: dict[str, list[Json]] = defaultdict(list)
    for record in records(shared, corpus):
        text = record["text"]
        if (
            not known & {record["id"], record["url"]}
            and 120 <= len(text.split()) <= 450
            and len(REPORTING.findall(text)) >= 3
        ):
            fit[record["outlet"]].append(record | {"corpus": corpus})
    return fit


@app.command()
def select(shared: Path = Path("../shared")) -> None:
    """Draw the articles, half of each draw from each corpus, and write gold/index.json."""
    dev = json.loads((shared / "gold" / "dev" / "index.json").read_text("utf-8"))
    known = {value for row in dev for value in (row["id"], row["url"])}
    taken = [shingles(path.read_text("utf-8")) for path in sorted((shared / "gold").glob("*/docs/*.txt"))]
    index: list[Json] = []
    for seed, count, annotators, part in DRAWS:
        rng = random.Random(seed)
        drawn: list[Json] = []
        for corpus in CORPORA:
            drawn += draw(candidates(shared, corpus, known), count // len(CORPORA), rng, taken)
        rng.shuffle(drawn)
        known |= {record["id"] for record in drawn}
        index += [
            {
                "doc": f"o{len(index) + i:02d}",
                "corpus": record["corpus"],
                "id": record["id"],
                "outlet": record["outlet"],
                "sha256": sha256(text_of(record)),
                "part": part,
                "annotator": annotators[i * len(annotators) // count],
            }
            for i, record in enumerate(drawn)
        ]
    HERE.mkdir(exist_ok=True)
    (HERE / "index.json").write_text(json.dumps(index, indent=1) + "\n", "utf-8")


def read_texts(shared: Path, index: Iterable[Json]) -> dict[str, str]:
    """Text per document of the index. Raises ValueError where a record is missing or its text has changed."""
    wanted: dict[str, dict[str, Json]] = defaultdict(dict)
    for row in index:
        wanted[row["corpus"]][row["id"]] = row
    out: dict[str, str] = {}
    for corpus, rows in sorted(wanted.items()):
        for record in records(shared, corpus):
            if record["id"] not in rows or rows[record["id"]]["doc"] in out:
                continue
            row = rows[record["id"]]
            text = text_of(record)
            if sha256(text) != row["sha256"]:
                raise ValueError(
                    f"{row['doc']}: text of {row['id']} in {corpus} is not the annotated one (SHA-256 differs)"
                )
            out[row["doc"]] = text
        missing = sorted(row["doc"] for row in rows.values() if row["doc"] not in out)
        if missing:
            raise ValueError(f"{corpus} holds no record for {', '.join(missing)}")
    return out


def filled(node: Any, text: str) -> Any:
    """A copy of the annotation with `text` put beside every start and end.

    >>> filled([{"start": 0, "end": 3, "type": "PER"}], "علي هنا")
    [{'text': 'علي', 'start': 0, 'end': 3, 'type': 'PER'}]
    """
    if isinstance(node, list):
        return [filled(item, text) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: filled(value, text) for key, value in node.items()}
    if "start" in node and "kind" not in node:
        start, end = node["start"], node["end"]
        return {"text": None if start is None else text[start:end]} | out
    return out


@app.command()
def materialise(
    out: Path,
    shared: Annotated[Path, typer.Option()] = Path("../shared"),
    part: Annotated[str, typer.Option(help="tune, held or all")] = "all",
) -> None:
    """Write OUT/docs and OUT/ann as the scorers read them; documents without annotation get no ann file."""
    index = json.loads((HERE / "index.json").read_text("utf-8"))
    rows = [row for row in index if part in ("all", row["part"])]
    if not rows:
        raise typer.BadParameter(f"no such part: {part}")
    try:
        texts = read_texts(shared, rows)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for folder in ("docs", "ann"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    for name, text in sorted(texts.items()):
        (out / "docs" / f"{name}.txt").write_bytes(text.encode("utf-8"))
        source = HERE / "ann" / f"{name}.json"
        if source.exists():
            ann = filled(json.loads(source.read_text("utf-8")), text)
            (out / "ann" / f"{name}.json").write_text(
                json.dumps(ann, ensure_ascii=False, indent=1) + "\n", "utf-8"
            )


def check_all(shared: Path | None) -> list[str]:
    """Faults of all committed annotations; with `shared`, against the articles' text too."""
    index = json.loads((HERE / "index.json").read_text("utf-8"))
    texts = read_texts(shared, index) if shared else {}
    out: list[str] = []
    for row in index:
        ann = json.loads((HERE / "ann" / f"{row['doc']}.json").read_text("utf-8"))
        found = faults(ann, texts.get(row["doc"], ""))
        found += ["article text in the annotation"] * holds_text(ann) + ["wrong doc"] * (
            ann["doc"] != f"{row['doc']}.txt"
        )
        out += [f"{row['doc']}: {fault}" for fault in found]
    return out


@app.command()
def check(shared: Path = Path("../shared")) -> None:
    """Prove the committed annotation: against the text where SHARED exists, else its structure alone."""
    found = check_all(shared if (shared / "data").is_dir() else None)
    typer.echo("\n".join(found) or "sound")
    raise typer.Exit(bool(found))


if __name__ == "__main__":
    app()
