"""Clean: every document's lines with their kinds, and the credits that the page itself gives.

documents → blocks, credits, rejects. Nothing is thrown away: a line that does not belong to the article is a block
with ``kept`` = false and the rule that says so. ``settle`` then sees the lines of the whole night and marks what an
outlet prints on page after page.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.schemas import BLOCKS, CREDITS, REJECTS, reject
from pipeline.stage import Params, Settlement, Stage, Tables
from pipeline.text.credits import Credit, in_caption, in_credit_line, in_text
from pipeline.text.lines import Block, classify
from pipeline.text.lines_marks import places
from pipeline.text.lines_repeat import Seen, furniture, line_key
from pipeline.text.normalise import readable


class CleanParams(Params):
    """Parameters of ``clean``."""

    tail_below: float = Field(
        default=0.06,
        ge=0.0,
        le=1.0,
        description="What follows the end of an article is another article if it shares less than this part of its "
        "content words (weighted by rarity) with the article; 0 never cuts.",
    )
    repeated_pages: int = Field(
        default=3,
        ge=0,
        description="A short line at the edge of an article is the page's own where it stands on so many pages of one "
        "outlet and night that tell different stories (one more for a full sentence); 0 learns nothing.",
    )


def page_credits(text: str, blocks: list[Block]) -> list[Credit]:
    """Credits of one page in order of position, each span once.

    >>> text = "عاصفة تغلق الميناء\\n\\nالوادي (رويترز) - أغلقت السلطات الميناء أمس بسبب عاصفة رملية شديدة."
    >>> [(c.kind, c.canonical) for c in page_credits(text, classify(text))]
    [('agency', 'رويترز')]
    """
    found: dict[tuple[int, int], Credit] = {}
    opening = [b for b in blocks if b.kind in ("lead", "body")][:2]
    for b in blocks:
        if b.kind in ("credit", "date"):
            credits = in_credit_line(text, b.start, b.end, places())
            if b.kind == "date":  # beside date and place only a known name is a credit
                credits = [c for c in credits if c.kind in ("agency", "outlet")]
        elif b.kind == "caption":
            credits = in_caption(text, b.start, b.end)
        elif b.kind in ("lead", "body"):
            credits = in_text(text, b.start, b.end, b in opening, places())
        else:
            continue
        for c in credits:
            found.setdefault((c.start, c.end), c)
    return [found[k] for k in sorted(found)]


def run(tables: Tables, params: CleanParams, date: str) -> dict[str, pa.Table]:
    """Blocks and credits of one batch of documents; a document without article text is named in rejects.

    Its blocks are written all the same (none of them kept), so that later stages simply see no text.
    """
    documents = tables["documents"].select(["doc_id", "outlet", "text", "title", "byline"]).to_pylist()
    columns: dict[str, list[Any]] = {c: [] for c in BLOCKS.names}
    credit_rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for document in documents:
        doc_id, text, outlet = document["doc_id"], document["text"], document["outlet"]
        blocks = classify(text, document["title"], document["byline"], params.tail_below)
        cells: tuple[Iterable[Any], ...] = (
            repeat(doc_id, len(blocks)),
            range(len(blocks)),
            [b.start for b in blocks],
            [b.end for b in blocks],
            [b.kind for b in blocks],
            [b.kept for b in blocks],
            [b.lang for b in blocks],
            [readable(text[b.start : b.end]) for b in blocks],
            [b.reason for b in blocks],
            [b.score for b in blocks],
            [line_key(outlet, b.line) if outlet and b.line else None for b in blocks],
            [b.candidate if outlet else None for b in blocks],
        )
        for column, values in zip(columns.values(), cells, strict=True):
            column.extend(values)
        for number, c in enumerate(page_credits(text, blocks)):
            credit_rows.append({"doc_id": doc_id, "credit_no": number, **vars(c)})
        if not any(b.kept for b in blocks):
            rejects.append(_no_article(doc_id, blocks))
    return {
        "blocks": BLOCKS.columnar(columns),
        "credits": CREDITS.table(credit_rows),
        "rejects": REJECTS.table(rejects),
    }


def _no_article(doc_id: str, blocks: list[Block]) -> dict[str, str | None]:
    kinds = ", ".join(sorted({f"{b.kind} ({b.reason})" for b in blocks})) or "no line at all"
    return reject(
        "clean",
        doc_id,
        "no_article",
        f"{len(blocks)} lines, none of them article text: {kinds}",
        "Look at the blocks of this document; fetch the page again if the article is missing.",
    )


SETTLE_READS = ("doc_id", "block_no", "line_key", "if_repeated")
AMENDED = pa.schema(
    [BLOCKS.schema.field(n) for n in ("doc_id", "block_no", "kind", "kept", "reason", "score")]
    + [pa.field("keep", pa.bool_(), nullable=False)]
)


def settle(current: pa.Table, previous: pa.Table, params: CleanParams, date: str) -> Settlement:
    """Take out of the articles what an outlet repeats around them; the rule is ``repeated_line``.

    A function of the unit's lines alone: neither the order nor the cut of the batches matters. ``current`` has the
    columns SETTLE_READS.
    """
    known = current.filter(pc.is_valid(current["line_key"])).select(SETTLE_READS)
    seen = [Seen(*row) for row in zip(*known.to_pydict().values(), strict=True)]
    own = furniture(seen, params.repeated_pages)
    rows = [
        {
            "doc_id": s.doc_id, "block_no": s.block_no, "kind": "credit" if s.candidate == "credit" else "boilerplate",
            "kept": False, "reason": "repeated_line", "score": 0.9, "keep": True,
        }
        for s in sorted(s for s in seen if s.candidate and s.key in own)
    ]  # fmt: skip
    return Settlement(pa.Table.from_pylist(rows, schema=AMENDED), REJECTS.empty(), key=("doc_id", "block_no"))


STAGE = Stage(
    name="clean",
    reads={"documents": ("doc_id", "outlet", "text", "title", "byline")},
    writes=("blocks", "credits", "rejects"),
    params=CleanParams,
    run=run,
    settle=settle,
    settle_reads=SETTLE_READS,
    settle_former=False,
    libraries=("rapidfuzz", "py3langid"),
)
