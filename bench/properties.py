"""What must hold on every real article: ``python bench/properties.py SHARED [--every N] [--tokens trees|words]``.

* Every character of the text that is no white space lies in exactly one block, and blocks are in order.
* A kept block's text is made of its own characters: the letters and digits of ``readable`` are those of the span.
* Clean is idempotent: the kept lines of a page, cleaned again, are all kept. Not demanded of every line: whether a line
  between two paragraphs is another article's headline is asked of the words of the whole page (rule ``related_headline``),
  and what the first pass took out (captions, links) is then missing. Of 16,443 articles one has such a line.
* Rows in = rows out: every document has blocks, and each without a kept one is a reject.
* With ``--tokens`` also what ``properties_tokens`` asks of sentences and words: they reproduce their characters, tile the
  kept text in order, and hang on one root. ``trees`` parses every article (some 25 minutes of one core); ``words`` leaves tags
  and trees out, which never change where a word stands (3 minutes).

Prints one JSON object of counts and the first failures; exit 1 where one of the properties fails, or where more than
``--lost`` (a share of characters) is dropped when clean is applied again. Every 1,000 articles a line goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

import news  # noqa: E402
from properties_tokens import of_document  # noqa: E402

from pipeline.stages import segment  # noqa: E402
from pipeline.stages.clean import CleanParams, run  # noqa: E402
from pipeline.text.lines import classify  # noqa: E402

BATCH = 64
COLUMNS = ("doc_id", "outlet", "text", "title", "byline")


def articles(shared: Path, every: int) -> Iterator[dict[str, str | None]]:
    """Every ``every``-th article of the news corpora, as ingest writes a record with a title of its own."""
    for record in islice(news.records(shared, news.ANT, news.SAUDI), every - 1, None, every):
        title = (record.get("title") or "").strip() or None
        text = f"{title}\n\n{record['text']}" if title else record["text"]
        own = {"doc_id": record["id"], "outlet": record["outlet"]}
        yield own | {"text": text, "title": title, "byline": None}


def letters(text: str) -> Counter[str]:
    """Letters and digits of a text after compatibility composition, so that presentation forms count as what they stand for."""
    return Counter(c for c in unicodedata.normalize("NFKC", text) if c.isalnum() and c != "\u0640")


def again(title: str | None, text: str, blocks: list[dict[str, Any]]) -> tuple[int, int]:
    """(characters kept, characters of them dropped) when the kept lines are cleaned once more."""
    kept = [text[b["start"] : b["end"]] for b in blocks if b["kept"]]
    page = "\n\n".join(kept)
    lost = sum(b.end - b.start for b in classify(page, title) if not b.kept)
    return len(page), lost


def by_document(table: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """document → its rows, in their order."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        rows.setdefault(row["doc_id"], []).append(row)
    return rows


def without_trees() -> None:
    """Let segment leave the words as the cutter makes them: each a noun by itself, all but the first hung on the first."""
    from pipeline.nlp import udpipe

    def bare(_: udpipe.Parser, forms: list[str]) -> str:
        rows = (f"{i}\t{form}\t{form}\tNOUN\t_\t_\t{min(i - 1, 1)}\t" for i, form in enumerate(forms, 1))
        return "\n".join(row + ("dep" if i else "root") + "\t_\t_" for i, row in enumerate(rows))

    udpipe.Parser._annotate = bare  # type: ignore[method-assign]


def check_tokens(documents: pa.Table, blocks: pa.Table, count: Counter[str], failures: list[str]) -> None:
    """Segment one batch; count its words and note what does not hold of them."""
    started = time.process_time()
    tables = {
        "documents": documents.select(["doc_id", "text"]),
        "blocks": blocks.select(["doc_id", "block_no", "start", "end", "kept"]),
    }
    out = segment.run(tables, segment.SegmentParams(), "2026-01-01")
    count["segment_ms"] += int(1000 * (time.process_time() - started))
    count.update(sentences=out["sentences"].num_rows, tokens=out["tokens"].num_rows)
    kept, sentences, tokens = map(by_document, (tables["blocks"], out["sentences"], out["tokens"]))
    texts = dict(zip(*(documents[c].to_pylist() for c in ("doc_id", "text")), strict=True))
    for doc_id, text in texts.items():
        own = (rows.get(doc_id, []) for rows in (kept, sentences, tokens))
        found = [f"{doc_id}: {failure}" for failure in of_document(text, *own)]
        failures += found
        print(*found, sep="\n", end="\n" * bool(found), file=sys.stderr, flush=True)


def check(
    batch: list[dict[str, str | None]], count: Counter[str], failures: list[str], *, tokens: bool
) -> None:
    """Count what holds for one batch and note what does not."""
    table = pa.Table.from_pylist(batch, schema=pa.schema([(name, pa.string()) for name in COLUMNS]))
    out = run({"documents": table}, CleanParams(), "2026-01-01")
    if tokens:
        check_tokens(table, out["blocks"], count, failures)
    blocks = by_document(out["blocks"])
    rejected = set(out["rejects"]["key"].to_pylist())
    for row in batch:
        text, own = str(row["text"]), blocks.get(str(row["doc_id"]), [])
        count["articles"] += 1
        covered, end, ok = 0, 0, True
        for b in own:
            start, stop = b["start"], b["end"]
            ok = ok and start >= end and not text[end:start].strip()
            end, covered = stop, covered + stop - start
            if b["kept"]:
                count["kept_characters"] += stop - start
                if letters(text[start:stop]) != letters(str(b["text"])):
                    failures.append(f"{row['doc_id']}: block {b['block_no']} is not made of its characters")
        if not ok or text[end:].strip():
            failures.append(f"{row['doc_id']}: blocks do not cover the text once")
        if (str(row["doc_id"]) in rejected) == any(b["kept"] for b in own):
            failures.append(f"{row['doc_id']}: kept lines and rejects disagree")
        kept, lost = again(row["title"], text, own)
        count.update(cleaned_again=kept, lost_again=lost, changed_again=lost > 0)


def main() -> int:
    """Run over the corpora; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("--every", type=int, default=1, help="look at every N-th article only")
    parser.add_argument(
        "--lost", type=float, default=0.0001, help="share of kept characters that a second pass may drop"
    )
    parser.add_argument(
        "--tokens", choices=("trees", "words"), help="segment each article too, and look at its words"
    )
    given = parser.parse_args()
    if given.tokens == "words":
        without_trees()
    count, failures, batch = Counter[str](), list[str](), list[dict[str, str | None]]()
    for row in articles(given.shared, given.every):
        batch.append(row)
        if len(batch) == BATCH:
            check(batch, count, failures, tokens=bool(given.tokens))
            batch = []
            if count["articles"] % 1000 < BATCH:
                print(json.dumps({**count, "failures": len(failures)}), file=sys.stderr, flush=True)
    check(batch, count, failures, tokens=bool(given.tokens))
    print(json.dumps({**count, "failures": len(failures), "first": failures[:10]}, ensure_ascii=False))
    return int(bool(failures) or count["lost_again"] > given.lost * max(1, count["cleaned_again"]))


if __name__ == "__main__":
    sys.exit(main())
