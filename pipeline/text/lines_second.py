"""Finds where a page goes over to a second article, and marks what follows as tail.

Looked for only behind lines that can end an article. A list of links is the hardest of them: the same heading and
headline stand in the middle of articles, where only they may go. There three things tell, each measured on articles
that were cut and put together: whether the text below takes up the headline's words and the text above does not;
how much the two texts share; and whether the paragraph below can be the first of an article at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from pipeline.text.lines_page import KEPT, Page, resumes
from pipeline.text.lines_split import Line
from pipeline.text.lines_tail import FEWEST_WORDS, affinity, content_keys, kinship
from pipeline.text.normalise import key

ENDS_ARTICLE = ("credit", "keywords", "related", "date", "boilerplate", "duplicate_lead")
ENDING_RULES = (
    "source_credit", "keywords", "related_heading", "date_line", "repeated_lead", "notice", "invitation", "glued_piece"
)  # fmt: skip
"""Rules whose lines can stand at the end of an article; a headline or an ornament between paragraphs cannot."""
MOST_MARKS = 40
"""Ends of an article that are looked at in one page; keeps the search linear."""
RESTART_FACTOR = 2.5
"""How much more a second article may share with the first where it opens with a headline of its own."""
UNCLAIMED = 1 / 3
"""The same where it stands under links of which it takes none up."""
LINK_BIAS, LINK_KIN = 0.12, 0.37
"""Boundary of a logistic regression over 7,500 pages made from articles of twenty outlets: a second article behind
the headline, or the same article going on behind a related or a random one. On the half not fitted: 98 of 100 second
articles cut, 1 of 200 continued ones. A paragraph that goes on (``resumes``) counted so heavily there that it decides."""


class Mark(NamedTuple):
    """A line that can end the article: its position, content words above it, up to the next mark, and to the end."""

    at: int
    above: set[str]
    part: set[str]
    rest: set[str]


def mark_second_article(page: Page, below: float) -> int | None:
    """Type as tail all that follows the end of the article and has next to no words in common with it.

    Returns the position of the line that ends the article, None where there is no second one. below: share of content
    words under which a text without a headline of its own is another one; 0 never cuts."""
    if below <= 0:
        return None
    lines = page.lines
    prose = [i for i, x in enumerate(lines) if x.kind == "body" and x.prose]
    for mark in _marks(lines, prose):
        first = next(i for i in prose if i > mark.at)
        if resumes(key(lines[first].text[:40])):
            continue
        links = _links(lines, mark.at, first)
        limit = below * (UNCLAIMED if links else RESTART_FACTOR if _restart(lines, mark) else 1.0)
        enough = bool(links) or limit > below or sum(i > mark.at for i in prose) > 1
        if any(_taken_up(x, mark) for x in links) or (enough and _foreign(mark, limit)):
            _mark_tail(lines, mark)
            return mark.at
    return None


def _marks(lines: list[Line], prose: list[int]) -> list[Mark]:
    """Possible ends of the article that have text on both sides."""
    if len(prose) < 2:
        return []
    at = [i for i in range(prose[0] + 1, prose[-1]) if lines[i].reason in ENDING_RULES][:MOST_MARKS]
    if not at:
        return []
    parts = [
        content_keys(x.text for x in lines[a:b] if x.kind == "body")
        for a, b in zip(at, [*at[1:], len(lines)], strict=True)
    ]
    rests: list[set[str]] = []
    for part in reversed(parts):
        rests.append(part | rests[-1] if rests else part)
    found = []
    above: set[str] = set()
    done = 0
    for i, part, rest in zip(at, parts, reversed(rests), strict=True):
        above = above | content_keys(x.text for x in lines[done:i] if x.kind in KEPT)
        done = i
        if part:
            found.append(Mark(i, above, part, rest))
    return found


def _links(lines: list[Line], at: int, first: int) -> list[set[str]]:
    """Content words of each headline under a heading of links, where only marks part them from the text below."""
    if lines[at].reason != "related_heading" or any(x.kind in KEPT for x in lines[at + 1 : first]):
        return []
    return [content_keys([x.text]) for x in lines[at + 1 : first] if x.reason == "related_item"]


def _taken_up(link: set[str], mark: Mark) -> bool:
    """True where what follows is the article that the headline announces."""
    if min(len(mark.above), len(mark.rest)) < FEWEST_WORDS // 4 or not link:
        return False
    news = 1.0 - affinity(link, mark.above)
    return all(
        affinity(link, text) * news > LINK_BIAS + LINK_KIN * sqrt(kinship(text, mark.above))
        for text in ((mark.part, mark.rest) if mark.part != mark.rest else (mark.part,))
    )


def _foreign(mark: Mark, limit: float) -> bool:
    """True where what follows shares too few words with the article to be part of it."""
    if min(len(mark.above), len(mark.rest)) < FEWEST_WORDS:
        return False
    return kinship(mark.part, mark.above) < limit and kinship(mark.rest, mark.above) < limit


def _restart(lines: Sequence[Line], mark: Mark) -> bool:
    """True where the line after the end mark is a headline that what follows takes up, and the article does not."""
    for line in lines[mark.at + 1 : mark.at + 4]:
        if line.kind in ("related", "body", "lead") and line.headline:
            own = content_keys([line.text])
            return len(own) >= 3 and affinity(own, mark.rest) >= 0.5 and affinity(own, mark.above) <= 0.35
        if line.kind in KEPT:
            return False
    return False


def _mark_tail(lines: list[Line], mark: Mark) -> None:
    start = mark.at
    while start > 0 and lines[start - 1].kind in ENDS_ARTICLE:
        start -= 1
    for x in lines[start:]:
        listed = x.kind == "related" and x.reason in ("related_item", "related_headline", "related_link")
        own = content_keys([x.text]) if listed else set()
        if x.kind in ("body", "lead", "title", "caption") or (
            listed and affinity(own, mark.rest) > max(0.2, affinity(own, mark.above))
        ):
            x.kind, x.reason, x.score = "tail", "other_article", 0.9
