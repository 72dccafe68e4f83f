"""What every line of a page is: title, standfirst, body, or one of the things that pages put around an article.

``classify`` is the whole of it: split into lines, cut inside lines where a post or the page's own words are glued
on, type each line by the cascade in ``lines_rules``, then look for the point where the page goes over to another
article. Linear in the length of the text; offsets are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.text.lines_page import Page
from pipeline.text.lines_phrases import BULLETS, book
from pipeline.text.lines_rules import RULES
from pipeline.text.lines_split import Line, mark_posts, split
from pipeline.text.lines_tail import FEWEST_WORDS, affinity, content_keys, kinship
from pipeline.text.normalise import key

KEPT = ("title", "lead", "body")


@dataclass(frozen=True)
class Block:
    """Characters [start, end) of the text: what they are, in which language, by which rule, how surely (0 to 1)."""

    start: int
    end: int
    kind: str
    lang: str | None
    reason: str
    score: float

    @property
    def kept(self) -> bool:
        return self.kind in KEPT


def classify(
    text: str, title: str | None = None, byline: str | None = None, tail_below: float = 0.06
) -> list[Block]:
    """Type every line of the text, in order; every character that is no white space lies in exactly one block.

    title: the record's own title, where it has one; byline: its author line. tail_below: what follows the end of an
    article shares less than this part of its content words (by weight) with it if it is another article.

    >>> page = "عاصفة تغلق الميناء\\n\\nأغلقت السلطات الميناء أمس بسبب عاصفة رملية شديدة.\\nالمصدر: وكالات"
    >>> [(b.kind, b.reason) for b in classify(page)]
    [('title', 'first_line'), ('body', 'body'), ('credit', 'source_credit')]
    """
    lines = split(text)
    mark_posts(lines)
    texts = [i for i, x in enumerate(lines) if x.prose and not x.post]
    while texts and book().furniture(lines[texts[-1]].folded, lines[texts[-1]].length):
        texts.pop()  # a notice behind the article is none of its paragraphs
    own = key(title or "").strip(BULLETS)
    if own and not any((x.folded or key(x.text)).strip(BULLETS) == own for x in lines[:12]):
        own = ""  # the record's title does not stand in the text (or in several lines of it)
    page = Page(
        lines,
        own,
        key(byline or "").strip(BULLETS),
        texts[0] if texts else len(lines),
        texts[-1] if texts else -1,
    )
    for i, line in enumerate(lines):
        _type(page, i, line)
    _find_tail(page, tail_below)
    return [Block(x.start, x.end, x.kind, x.lang, x.reason, x.score) for x in lines]


def _type(page: Page, i: int, line: Line) -> None:
    for rule in RULES:
        if rule.test(page, i):
            line.kind, line.reason, line.score = (
                rule.kind or line.glued or "boilerplate",
                rule.name,
                rule.score,
            )
            break
    else:
        line.kind, line.reason, line.score = "body", "body", 0.9 if line.prose else 0.7
    page.settle(i)


ENDS_ARTICLE = ("credit", "keywords", "related", "date", "boilerplate", "duplicate_lead")
ENDING_RULES = (
    "source_credit", "keywords", "related_heading", "date_line", "repeated_lead", "notice", "glued_piece"
)  # fmt: skip
"""Rules whose lines can stand at the end of an article; a headline or an ornament between paragraphs cannot."""


def _find_tail(page: Page, below: float) -> None:
    """Mark as tail all that follows the end of the article where it has next to no words in common with it."""
    lines = page.lines
    body = [i for i, x in enumerate(lines) if x.kind == "body" and x.prose]
    if len(body) < 2:
        return
    marks = [i for i in range(body[0] + 1, body[-1]) if lines[i].reason in ENDING_RULES][:MOST_MARKS]
    if not marks:
        return
    parts = [
        content_keys(x.text for x in lines[a:b] if x.kind == "body")
        for a, b in zip(marks, [*marks[1:], len(lines)], strict=True)
    ]
    rests: list[set[str]] = []
    for part in reversed(parts):
        rests.insert(0, part | rests[0] if rests else part)
    article: set[str] = set()
    done = 0
    for mark, part, rest in zip(marks, parts, rests, strict=True):
        article |= content_keys(x.text for x in lines[done:mark] if x.kind in KEPT)
        done = mark
        if not part or min(len(article), len(rest)) < FEWEST_WORDS:
            continue
        restart = _restart(lines, mark, rest, article)
        if not restart and sum(i > mark for i in body) < 2:
            continue
        limit = below * (RESTART_FACTOR if restart else 1.0)
        if kinship(part, article) < limit and kinship(rest, article) < limit:
            _mark_tail(lines, mark, rest, article)
            return


RESTART_FACTOR = 2.5
"""How much more a second article may share with the first where it opens with a headline of its own."""


def _restart(lines: list[Line], mark: int, rest: set[str], article: set[str]) -> bool:
    """True where the line after the end mark is a headline that what follows takes up, and the article does not."""
    for line in lines[mark + 1 : mark + 4]:
        if line.kind in ("related", "body", "lead") and line.headline:
            own = content_keys([line.text])
            return len(own) >= 3 and affinity(own, rest) >= 0.5 and affinity(own, article) <= 0.35
        if line.kind in KEPT:
            return False
    return False


MOST_MARKS = 40
"""Ends of an article that are looked at in one page; keeps the search linear."""


def _mark_tail(lines: list[Line], mark: int, rest: set[str], article: set[str]) -> None:
    start = mark
    while start > 0 and lines[start - 1].kind in ENDS_ARTICLE:
        start -= 1
    for i in range(start, len(lines)):
        x = lines[i]
        listed = x.kind == "related" and x.reason in ("related_item", "related_headline", "related_link")
        own = content_keys([x.text]) if listed else set()
        if x.kind in ("body", "lead", "title", "caption") or (
            listed and affinity(own, rest) > max(0.2, affinity(own, article))
        ):
            x.kind, x.reason, x.score = "tail", "other_article", 0.9
