"""What every line of a page is: title, standfirst, body, or one of the things that pages put around an article.

``classify`` is the whole of it: split into lines, cut inside lines where a post or the page's own words are glued
on, type each line by the cascade in ``lines_rules``, then look for the point where the page goes over to another
article. Linear in the length of the text; offsets are exact.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.text.lines_page import KEPT, Page
from pipeline.text.lines_phrases import BULLETS, book
from pipeline.text.lines_repeat import repeatable
from pipeline.text.lines_rules import applicable
from pipeline.text.lines_second import mark_second_article
from pipeline.text.lines_split import Line, mark_posts, split
from pipeline.text.normalise import key


class Block(NamedTuple):
    """Characters [start, end) of the text: what they are, in which language, by which rule, how surely (0 to 1).

    line: what the outlet's other pages may repeat (see ``lines_repeat``), None where that says nothing. candidate: the
    kind of the block if they do."""

    start: int
    end: int
    kind: str
    lang: str | None
    reason: str
    score: float
    line: str | None = None
    candidate: str | None = None

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
    end = mark_second_article(page, tail_below)
    if end is not None:
        _type_end(page, end)
    return [
        Block(x.start, x.end, x.kind, x.lang, x.reason, x.score, *repeatable(page, i))
        for i, x in enumerate(lines)
    ]


def _type(page: Page, i: int, line: Line) -> None:
    for rule in applicable(page, i):
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


def _type_end(page: Page, end: int) -> None:
    """Type the lines between the article's last paragraph and its end again, now that the end is known."""
    above = [i for i in range(end) if page.lines[i].kind in KEPT and page.lines[i].prose]
    page.last_prose, page.end = above[-1], end
    for i in range(above[-1] + 1, end):
        if page.lines[i].kind == "body":
            _type(page, i, page.lines[i])
