"""Learns an outlet's own furniture from its pages of one night: lines that come back around different stories.

Page after page an outlet prints the same short numbers, rubrics, names and notices around its articles. A line is such
furniture if it *could* be (``candidate``: at the edge of the article, and about something else than the article) and
*comes back* on several pages that tell different stories (``furniture``). Repetition alone says nothing: pages of one
running story share whole paragraphs, and cookery pages the same headings inside the text.
Counting lines over the pages of a site is an old idea (S. Gupta et al., DOM-based content extraction, WWW 2003; site
style trees of L. Yi, B. Liu and X. Li, KDD 2003); here it needs no markup.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from pipeline.text.lines_page import KEPT, LISTED, Page, continues
from pipeline.text.lines_phrases import BULLETS
from pipeline.text.lines_tail import affinity

LONGEST = 160
"""Longest line, in characters, that is furniture without being a sentence."""
LONGEST_SENTENCE = 320
ALIEN = 0.3
"""A short line of furniture shares less than this part of its content words (by weight) with the article."""
SENTENCE_MORE = 1
"""How many more stories a full sentence needs: outlets repeat background in their own words."""


class Seen(NamedTuple):
    """One kept line of a night: its document, its place there, its key, and what it would be if it were furniture."""

    doc_id: str
    block_no: int
    key: int
    candidate: str | None


def line_key(outlet: str, line: str) -> int:
    """63 bits of SHA-256 over outlet and line: the same line of one outlet has the same key on every page.

    >>> line_key("أ", "خبر") == line_key("أ", "خبر"), line_key("أ", "خبر") == line_key("ب", "خبر")
    (True, False)
    """
    data = f"{len(outlet)}:{outlet}{line}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(data).digest()[:8], "big") >> 1


def repeatable(page: Page, i: int) -> tuple[str | None, str | None]:
    """(what may come back, what it would be): the folded line and its kind for a candidate, the text of any other
    paragraph (which tells one story from another), (None, None) for the rest.
    """
    line = page.lines[i]
    if line.kind not in KEPT:
        return None, None
    kind = candidate(page, i)
    if kind:
        return line.folded.strip(BULLETS), kind
    return (line.text, None) if line.prose else (None, None)


def candidate(page: Page, i: int) -> str | None:
    """The kind that line i would have if the outlet's other pages repeat it; None for a line that stays whatever they do.

    credit: two to four words between title and first paragraph. boilerplate: another short line there or behind the last
    paragraph. notice: a full sentence among the last two of the page, where the page has more than three.
    Counter-examples: the title; a heading between paragraphs; a numbered line; a line that speaks of the story; a last
    paragraph that goes on (ويذكر أن التحالف …): of the sentences that real pages repeat at their end nearly all do.
    """
    line = page.lines[i]
    if page.title_at < 0 or i <= page.title_at or line.kind == "title" or line.length > LONGEST_SENTENCE:
        return None
    above, below = i < page.first_prose < len(page.lines), page.first_prose < page.last_prose < i
    last = page.last_prose - 1 <= i <= page.last_prose and i > page.first_prose + 2
    if line.prose and not last:
        return None
    if not line.prose and (line.length > LONGEST or not (above or below)):
        return None
    if not line.prose and (line.text.endswith((":", "،")) or (above and LISTED.match(line.text))):
        return None
    if line.prose:
        return None if continues(line.folded) or _echoed(page, i) else "notice"
    if page.keys(i) and _share(page, i) >= ALIEN:
        return None
    short = 2 <= line.words <= 4 and not any(c.isdigit() for c in line.text)
    return "credit" if above and short else "boilerplate"


ECHO = 0.4
"""A full sentence among the furniture has no more than this part of its longer words in the other lines, as strings."""


def _echoed(page: Page, i: int) -> bool:
    found = [w.lstrip("ولبف").removeprefix("ال") for w in page.lines[i].text.split()]
    found = [w for w in found if len(w) >= 4]
    rest = "\n".join(x.text for j, x in enumerate(page.lines) if j != i)
    return sum(w in rest for w in found) > ECHO * len(found)


def _share(page: Page, i: int) -> float:
    """Share of the line's content words (by weight) in the other lines of the article, its title left out: columns
    carry their writer's name above and below."""
    kept = (page.keys(j) for j, x in enumerate(page.lines) if j != i and x.kind in ("lead", "body"))
    return affinity(page.keys(i), set().union(*kept))


def furniture(lines: Iterable[Seen], pages: int) -> set[int]:
    """Keys of the lines that are the outlet's own: candidates on at least ``pages`` pages of different stories (one more
    for a sentence). Pages that share another line, which is no candidate, tell one story. 0 learns nothing.

    >>> night = [Seen("a", 1, 7, "boilerplate"), Seen("b", 1, 7, "boilerplate"), Seen("c", 1, 7, "boilerplate")]
    >>> furniture(night, 3), furniture(night + [Seen("a", 0, 9, None), Seen("b", 0, 9, None)], 3)
    ({7}, set())
    """
    if pages <= 0:
        return set()
    where: defaultdict[int, set[str]] = defaultdict(set)
    sentences: set[int] = set()
    story_lines: defaultdict[str, set[int]] = defaultdict(set)
    for seen in lines:
        if seen.candidate is None:
            story_lines[seen.doc_id].add(seen.key)
            continue
        where[seen.key].add(seen.doc_id)
        if seen.candidate == "notice":
            sentences.add(seen.key)
    return {
        k
        for k, docs in where.items()
        if len(docs) >= (need := pages + (SENTENCE_MORE if k in sentences else 0))
        and _stories(sorted(docs), story_lines) >= need
    }


def _stories(docs: list[str], lines: dict[str, set[int]]) -> int:
    """Number of groups of documents, joined where they share a line."""
    group = {doc: doc for doc in docs}

    def root(doc: str) -> str:
        while group[doc] != doc:
            group[doc] = group[group[doc]]
            doc = group[doc]
        return doc

    first: dict[int, str] = {}
    for doc in docs:
        for k in sorted(lines.get(doc, ())):
            group[root(doc)] = root(first.setdefault(k, doc))
    return sum(root(doc) == doc for doc in docs)
