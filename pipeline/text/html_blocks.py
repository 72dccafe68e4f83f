"""The lines of a parsed page, each with the elements around it, and the choice of those that are the article.

Works on the events of one walk over a tree as ElementTree has it (elements with ``tag``, ``text``, ``tail``, ``get``);
everything after that is arithmetic on plain lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from pipeline.text.html_text import BLOCKS, PARAGRAPHS, letters, tidy

PROSE = 40  # letters from which a line counts as running text
HELD = 0.9  # share of the prose that the article's element must hold
SIDE_SHARE = 0.3  # of the page's prose, above which an element is no side matter whatever its class says
_SPLIT = re.compile(r"[\s_]+"), re.compile(r"[\s_-]+")


@dataclass
class Line:
    """One line of text. ``element`` is the innermost block around it, ``linked`` the letters inside links, ``gap`` the
    line breaks before it."""

    text: str
    element: int
    letters: int
    linked: int
    gap: int

    @property
    def prose(self) -> int:
        """Letters of running text: none in short lines and in lists of links."""
        return self.letters if self.letters >= PROSE and 2 * self.linked < self.letters else 0


@dataclass
class Page:
    """All lines of a page in order, and its elements: parent, first line, end of lines, whether it is side matter."""

    lines: list[Line] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    spans: list[list[int]] = field(default_factory=list)
    sides: list[int] = field(default_factory=list)
    hidden: int = 0  # letters that a reader of the page does not see


class Walk(Protocol):
    """Start and end events of the elements of a tree, in order; ``skip_subtree`` leaves out what is inside the last."""

    def __iter__(self) -> Iterator[tuple[str, Any]]: ...

    def skip_subtree(self) -> None: ...


class _Reader:
    """Builds a Page from the events."""

    def __init__(self, markup: Mapping[str, Any]) -> None:
        self.drop = frozenset(markup["drop"])
        self.roles = frozenset(markup["roles"])
        self.hidden = tuple(markup["hidden"])
        self.side, self.body = frozenset(markup["side"]), frozenset(markup["body"])
        self.page = Page()
        self.pieces: list[str] = []
        self.linked = 0
        self.links = 0  # depth of links around the present place
        self.gap = 0
        self.elements: list[int] = []
        self.skipped: Any = None

    def text(self, value: str | None) -> None:
        if value:
            self.pieces.append(value)
            if self.links:
                self.linked += letters(value)

    def start(self, node: Any, tag: str) -> bool:
        """Take up an element; False where its content is not read."""
        if tag in self.drop:
            return False
        if tag == "br":
            self.flush(1)
            return True
        side = tag == "aside"
        if node.attrib:
            verdict = self.judge(node)
            if verdict is None:
                return False
            side = side or verdict
        if tag == "a":
            self.links += 1
        if tag in BLOCKS:
            self.flush(2 if tag in PARAGRAPHS else 1)
            number = len(self.page.parents)
            self.page.parents.append(self.elements[-1] if self.elements else -1)
            self.page.spans.append([len(self.page.lines), 0])
            self.elements.append(number)
            if side:
                self.page.sides.append(number)
        self.text(node.text)
        return True

    def judge(self, node: Any) -> bool | None:
        """True where the attributes name a side matter; None where the element is not seen or not read."""
        get = node.get
        style = get("style")
        if style:
            flat = style.replace(" ", "").lower() + ";"
            if any(mark in flat for mark in self.hidden):
                self.page.hidden += letters("".join(node.itertext()))
                return None
        if get("hidden") is not None or get("aria-hidden") == "true" or get("role") in self.roles:
            return None
        names = f"{get('class') or ''} {get('id') or ''}".lower()
        if len(names) < 3:
            return False
        words = {word for split in _SPLIT for word in split.split(names[:500])}
        return not words.isdisjoint(self.side) and words.isdisjoint(self.body)

    def end(self, tag: str) -> None:
        if tag == "a":
            self.links -= 1
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        if tag in BLOCKS and tag != "br":
            self.flush(2 if tag in PARAGRAPHS else 1)
            if self.elements:
                self.page.spans[self.elements.pop()][1] = len(self.page.lines)

    def flush(self, gap: int) -> None:
        """End the present line; ``gap`` line breaks follow at least."""
        if self.pieces:
            text = " ".join("".join(self.pieces).split())
            if text:
                element = self.elements[-1] if self.elements else -1
                self.page.lines.append(Line(text, element, letters(text), self.linked, self.gap or 1))
                self.gap = 0
            self.pieces, self.linked = [], 0
        self.gap = max(self.gap, gap)


def read(walk: Walk, markup: Mapping[str, Any]) -> Page:
    """The page whose elements ``walk`` gives; ``markup`` is the lexicon ``page_markup.yaml``."""
    reader = _Reader(markup)
    root = None
    for event, node in walk:
        tag = node.tag
        if event == "start":
            root = node if root is None else root
            if not reader.start(node, tag):
                reader.skipped = node
                walk.skip_subtree()
        else:
            if reader.skipped is node:
                reader.skipped = None
            elif tag != "br":
                reader.end(tag)
            if node is not root:
                reader.text(node.tail)
    reader.flush(0)
    return reader.page


class Chosen(NamedTuple):
    """The text of the article, its letters outside links, those in prose, and those in all prose of the page."""

    text: str
    unlinked: int
    held: int
    everything: int


def article(page: Page) -> Chosen:
    """Choose the article.

    Elements that the markup calls a side matter go, unless they hold much of the prose; then the smallest element that
    holds nearly all that is left is the article, with everything in it that is not prose, too.
    """
    whole = sum(line.prose for line in page.lines)
    keep = [True] * len(page.lines)
    for number in page.sides:
        start, end = page.spans[number]
        if sum(line.prose for line in page.lines[start:end]) <= SIDE_SHARE * whole:
            keep[start:end] = [False] * (end - start)
    held = [0] * len(page.parents)
    left = 0
    for line, kept in zip(page.lines, keep, strict=True):
        left += line.prose if kept else 0
        if line.element >= 0 and kept:
            held[line.element] += line.prose
    for number in range(len(held) - 1, 0, -1):  # children come after their parents
        if page.parents[number] >= 0:
            held[page.parents[number]] += held[number]
    start, end = 0, len(page.lines)
    # Elements stand in document order: a later one that still holds enough lies inside the one before.
    for number, amount in enumerate(held):
        if left and amount >= HELD * left and page.spans[number][0] >= start and page.spans[number][1] <= end:
            start, end = page.spans[number]
    chosen = [line for line, kept in zip(page.lines[start:end], keep[start:end], strict=True) if kept]
    unlinked = sum(line.letters - line.linked for line in chosen)
    return Chosen(text_of(chosen), unlinked, sum(line.prose for line in chosen), left)


def text_of(lines: list[Line]) -> str:
    """Lines joined by the line breaks that the page has between them."""
    return tidy("".join("\n" * min(line.gap, 2) + line.text for line in lines))
