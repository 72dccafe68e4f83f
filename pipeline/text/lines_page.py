"""One page as the rules see it: its lines, what is decided so far, and what its words have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from pipeline.text.lines_phrases import BULLETS, book
from pipeline.text.lines_split import Line
from pipeline.text.lines_tail import affinity, content_keys
from pipeline.text.normalise import key

KEPT = ("title", "lead", "body")
"""Kinds of the article itself."""
LISTED = re.compile(r"^\W{0,3}(?:\d{1,3}|[٠-٩]{1,3}|[أ-ي])\s?[-–.):/]|^[-–•*·●▪>]")
ADDRESS = re.compile(
    r"(?:[^\s@]{0,20}\s)?(?:https?://\S{4,200}|www\.\S{4,200}|[\w.+-]{1,60}@[\w-]{1,60}\.[\w.]{2,40})"
)
ALIEN_NEAR, ALIEN_WHOLE = 0.45, 0.55
"""A heading shares more than these parts of its content words (by weight) with the two paragraphs under it and with
the whole page; of 103 such lines of an outlet that writes headings nearly all did, of 54 of one that links nearly none."""


@dataclass
class Page:
    """The lines of one document and what is known about it so far.

    end: number of lines up to the end of the article; all of them, until a second article is found.
    title_at: position of the title, once it is found. openings: folded title, standfirst and first paragraph, as
    they are typed. in_body: a body line has been typed. Rules see only what stands here, so that no rule looks back
    over all lines."""

    lines: list[Line]
    title: str
    byline: str
    first_prose: int
    last_prose: int
    end: int = -1
    title_at: int = -1
    openings: list[str] = field(default_factory=list)
    in_body: bool = False
    _ending: tuple[int, tuple[int, ...]] | None = None
    _links: dict[int, bool] | None = None
    _questions: int | None = None
    _linking: bool | None = None
    _runs: frozenset[int] | None = None
    _keys: dict[int, set[str]] = field(default_factory=dict)
    _lines_with: Counter[str] | None = None

    def __post_init__(self) -> None:
        if self.end < 0:
            self.end = len(self.lines)

    def edge(self, i: int) -> bool:
        """True outside the running text: between title and first paragraph, or behind the last one.

        Only eight lines below the title count; on pages without paragraphs (poems, lists) four lines at either end."""
        if i < self.first_prose:
            return i <= max(self.title_at, 0) + (8 if self.first_prose < len(self.lines) else 4)
        return i > self.last_prose and (self.lines[i - 1].kind != "body" or self.among_last(i, 4))

    def among_last(self, i: int, count: int) -> bool:
        """True for one of the last ``count`` lines of the article's end (four at most), the page's own words and addresses
        not counted: a page that is cleaned once more ends at the same lines."""
        if self._ending is None or self._ending[0] != self.end:
            own = (j for j in range(self.end - 1, -1, -1) if not _is_page_s(self.lines[j]))
            self._ending = self.end, tuple(islice(own, 4))
        last = self._ending[1]
        return len(last) < count or i >= last[count - 1]

    def before(self, i: int) -> Line | None:
        return self.lines[i - 1] if i else None

    def under_heading(self, i: int, kind: str) -> bool:
        """True where only list items separate the line from a heading of this kind."""
        line = self.before(i)
        return line is not None and line.kind == kind and line.opens

    def keys(self, i: int) -> set[str]:
        """Content words of line i."""
        if i not in self._keys:
            self._keys[i] = content_keys([self.lines[i].text])
        return self._keys[i]

    def near(self, i: int) -> float:
        """Share of the line's content words (by weight) in the two lines below it."""
        below = set().union(*(self.keys(j) for j in range(i + 1, min(i + 3, len(self.lines)))))
        return affinity(self.keys(i), below)

    def whole(self, i: int) -> float:
        """Share of the line's content words (by weight) in the other lines of the page."""
        if self._lines_with is None:
            self._lines_with = Counter(k for j in range(len(self.lines)) for k in self.keys(j))
        counts = self._lines_with
        return affinity(self.keys(i), {k for k in self.keys(i) if counts[k] > 1})

    def links(self) -> dict[int, bool]:
        """Lines that may be headlines of other articles: position → sure."""
        if self._links is None:
            inside = range(self.first_prose + 1, self.last_prose)
            found = {i: possible_link(self, i) for i in inside}
            self._links = {i: sure for i, sure in found.items() if sure is not None}
        return self._links

    def linking(self) -> bool:
        """True where the page surely holds another article's headline among its paragraphs."""
        if self._linking is None:
            self._linking = any(self.links().values())
        return self._linking

    def runs(self) -> frozenset[int]:
        """Lines of two or three headlines in a row between two paragraphs (see ``link_runs``)."""
        if self._runs is None:
            self._runs = frozenset(link_runs(self))
        return self._runs

    def questions(self) -> int:
        """Short lines that ask."""
        if self._questions is None:
            self._questions = sum(x.text.endswith("؟") and x.length <= 110 for x in self.lines)
        return self._questions

    def settle(self, i: int) -> None:
        """Take note of what line i was typed as."""
        line = self.lines[i]
        if line.kind == "title":
            self.title_at = i
        elif line.kind == "body" and self.title_at < 0:
            self.title_at = i  # the article has begun without a title: what follows may be credits and links
        if i == self.first_prose and line.kind != "body":
            later = (
                j for j in range(i + 1, len(self.lines)) if self.lines[j].prose and not self.lines[j].post
            )
            self.first_prose = next(later, len(self.lines))
        if (
            line.kind in ("title", "lead", "body")
            and line.words >= 5
            and not self.in_body
            and len(self.openings) < 4
        ):
            self.openings.append(line.folded.strip(BULLETS) or key(line.text).strip(BULLETS))
        self.in_body = self.in_body or line.kind == "body"


def _is_page_s(line: Line) -> bool:
    return bool(line.words <= 3 and ADDRESS.fullmatch(line.text)) or book().furniture(
        line.folded, line.length
    )


def possible_link(page: Page, i: int) -> bool | None:
    """None where line i cannot be another article's headline, True where its words say that it is one."""
    line, before, after = page.lines[i], page.lines[i - 1], page.lines[i + 1]
    if not 24 <= line.length <= 110 or not 5 <= line.words <= 17 or LISTED.match(line.text):
        return None
    question = line.text.endswith("؟")
    if (line.stops and not question) or line.text.endswith((":", "،", "…", "..", ",", ".", "؛")):
        return None
    quoted = line.text[0] in '"«“”' and line.text[-1] in '"»“”' and sum(c in '"«»“”' for c in line.text) == 2
    if quoted or not (before.prose and before.stops and after.prose and after.length >= 80) or before.post:
        return None
    if continues(line.folded) or (after.folded and line.folded.startswith(after.folded[:12])):
        return None
    if len(content_keys([line.text])) < 2:
        return None
    near, whole = page.near(i), page.whole(i)
    alien = near < ALIEN_NEAR and whole < ALIEN_WHOLE
    return not question and (alien or (near < 0.12 and whole < 0.75 and continues(key(after.text[:40]))))


def _bare_headline(line: Line) -> bool:
    """Has the length and the end of a headline and does not go on from what stands above it."""
    question = line.text.endswith("؟")
    return (
        24 <= line.length <= 110
        and 5 <= line.words <= 17
        and (question or not line.stops)
        and not line.text.endswith((":", "،", "…", "..", ",", ".", "؛", "!"))
        and not line.post
        and not LISTED.match(line.text)
        and not continues(line.folded)
    )


def link_runs(page: Page) -> Iterator[int]:
    """Positions of links in a row: two or three headlines between a paragraph that ends and one that begins, not all of
    them questions, the last not taken up by the paragraph below.

    Headings hardly ever stand in pairs: of 132 such runs in 16,443 articles 118 were an outlet's links. Counter-examples:
    a dialogue (its lines go on); the data of a book (lines with labels); poems and lists (longer runs).
    """
    lines, i = page.lines, page.first_prose + 1
    while i < page.last_prose:
        end = i
        while end < page.last_prose and _bare_headline(lines[end]):
            end += 1
        before, after = lines[i - 1], lines[min(end, len(lines) - 1)]
        if (
            2 <= end - i <= 3
            and before.prose
            and before.stops
            and not before.post
            and after.prose
            and after.length >= 80
            and not all(x.text.endswith("؟") for x in lines[i:end])
            and not all(":" in x.text.split(" ", 1)[0] for x in lines[i:end])
            and page.near(end - 1) < ALIEN_NEAR
        ):
            yield from range(i, end)
        i = max(end, i + 1)


def continues(folded: str) -> bool:
    """True where a folded line goes on from the one before: وقال، كما، لكن. Counter-example: وزير، واشنطن.

    >>> continues("واضاف ان"), continues("وزير الدفاع"), continues("لكن الوفد")
    (True, False, True)
    """
    first = folded.split(" ", 1)[0]
    return first in book().connectives or (
        len(first) > 1
        and first[0] in "وف"
        and first not in book().own_letter
        and not first.startswith(book().no_connective)
    )


def resumes(folded: str) -> bool:
    """True where a folded paragraph cannot well be the first of an article.

    Of 15,107 first paragraphs of 80 characters or more 1 in 100 looks so, of 60,946 later ones 85.

    >>> resumes("واضاف ان"), resumes("في غضون ذلك"), resumes("قال الوزير"), resumes("وصلت الطائرة")
    (True, True, False, False)
    """
    if book().resuming.opening(folded):
        return True
    return folded.split(" ", 1)[0] not in book().opening_verb and continues(folded)
