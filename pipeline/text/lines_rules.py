"""The cascade that types a line: named rules, tried in order, the first that holds decides.

Each rule is a small function of the page and the position of the line; its docstring gives an example and a
counter-example. What no rule claims is body: a doubtful line stays in the article.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from rapidfuzz.fuzz import ratio

from pipeline.resources import load
from pipeline.text.credits import closing, is_filler, named, names, squeezed
from pipeline.text.lines_phrases import BULLETS, after_label, book
from pipeline.text.lines_split import Line
from pipeline.text.lines_tail import affinity, content_keys
from pipeline.text.normalise import key


@dataclass
class Page:
    """The lines of one document and what is known about it; ``title_at`` is set once the title is found."""

    lines: list[Line]
    title: str
    byline: str
    first_prose: int
    last_prose: int
    title_at: int = -1

    def edge(self, i: int) -> bool:
        """True outside the running text: before its first paragraph or after its last."""
        return i < self.first_prose or i > self.last_prose

    def before(self, i: int) -> Line | None:
        return self.lines[i - 1] if i else None

    def after(self, i: int) -> Line | None:
        return self.lines[i + 1] if i + 1 < len(self.lines) else None

    def under_heading(self, i: int, kind: str) -> bool:
        """True where only list items separate the line from a heading of this kind."""
        line = self.before(i)
        return line is not None and line.kind == kind and line.opens


Test = Callable[[Page, int], bool]


@dataclass(frozen=True)
class Rule:
    name: str
    kind: str
    score: float
    test: Test


def ornament(page: Page, i: int) -> bool:
    """No letter and no digit. Example: -----, ***. Counter-example: 2011 (a heading)."""
    return not any(c.isalnum() for c in page.lines[i].text)


def embedded_post(page: Page, i: int) -> bool:
    """Cut out as a post, or a line that a post's frame leaves. Counter-example: وكتب على تويتر: «لن نغادر»."""
    line = page.lines[i]
    return line.post or book().embed.match(line.folded, line.length) is not None


def glued_piece(page: Page, i: int) -> bool:
    """Cut off a line as the page's own words. Example: رابط الخبر بصحيفة الوادي: … at the end of a paragraph."""
    return page.lines[i].glued is not None


def notice(page: Page, i: int) -> bool:
    """The page's own words. Example: تابعونا على فيسبوك. Counter-example: تابعونا بأعينهم حتى غادرنا القرية."""
    line = page.lines[i]
    how = book().boilerplate.match(line.folded, line.length)
    return how in ("any", "start") or (how == "whole" and page.title_at < i)


def menu(page: Page, i: int) -> bool:
    """Nothing but share buttons or sections. Example: فيسبوك تويتر واتساب. Counter-example: فيسبوك تعتذر."""
    line = page.lines[i]
    if not line.folded or line.words > 25:
        return False
    found = [w for w in re.split(r"[\s/|>،,»•·:-]+", line.folded) if w]
    share = sum(w in book().share for w in found)
    if share + sum(w in book().section for w in found if w not in book().share) < len(found):
        return False
    if share == len(found):
        return len(found) >= 2 or page.edge(i)
    return page.edge(i) and (page.title_at >= 0 or bool(page.title) or len(found) == 1 or ">" in line.text)


def keywords(page: Page, i: int) -> bool:
    """Labelled keywords, or the tags under such a label. Example: كلمات دلالية: الميناء السفن.
    Counter-example: كلمات الوزير أثارت جدلاً."""
    line = page.lines[i]
    if page.title_at < 0:
        return False
    label = after_label(line.folded, book().keywords.label)
    if label is not None and (label or i > page.first_prose):
        line.opens = not label
        return True
    if page.under_heading(i, "keywords") and line.words <= 5 and not line.stops:
        line.opens = True
        return True
    first = line.folded.split(" ", 1)[0] if line.folded else ""
    tagged = first in book().tags and 2 <= line.words <= 40 and not line.stops
    hashtags = line.words >= 2 and all(w.startswith("#") for w in line.text.split())
    return (tagged or hashtags) and i > page.last_prose


_NUMERIC_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d\d-\d\d")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


@cache
def places() -> frozenset[str]:
    """Folded names of states and cities, as they stand in datelines."""
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for name in ("name", "capital", "other"):
                value = node.get(name)
                found.update(
                    key(str(v)) for v in (value if isinstance(value, list) else [value] if value else [])
                )
            for value in node.values():
                if isinstance(value, (list, dict)):
                    walk(value)
        elif isinstance(node, list):
            for value in node:
                if isinstance(value, str):
                    found.add(key(value))
                else:
                    walk(value)

    walk(load("places.yaml"))
    return frozenset(found)


def _date_shape(folded: str) -> tuple[int, int, list[str]]:
    """(date words, points of time, other words) of a folded line."""
    points = len(_NUMERIC_DATE.findall(folded)) + len(_CLOCK.findall(folded))
    found = re.findall(r"\d+|[^\W\d_]+", folded)
    months = sum(w in book().months for w in found)
    digits = sum(w.isdigit() for w in found)
    other = [w for w in found if not w.isdigit() and w not in book().date_words and w not in book().months]
    ago = bool(found) and found[0] in ("منذ", "قبل") and digits
    return len(found) - len(other), points + (1 if months and digits else 0) + (1 if ago else 0), other


def date_line(page: Page, i: int) -> bool:
    """When it was published: labelled, or a line of nothing but date, time, place and agency at the page's edge.

    Example: تاريخ النشر: 20 سبتمبر 2023. Counter-example: a heading 2011, a dated entry inside a chronology."""
    line = page.lines[i]
    if not line.folded or line.length > 160 or not any(c.isdigit() for c in line.folded):
        return False
    label = after_label(line.folded, book().date.label)
    if label is None:
        for phrase in book().date.label:
            if line.folded.startswith(phrase + " "):
                label = line.folded[len(phrase) + 1 :]
                break
    known, points, other = _date_shape(label if label else line.folded)
    if label and points and len(other) <= max(1, known // 3):
        return True
    if not points or not page.edge(i) or (page.title_at < 0 and line.words > 8):
        return False
    extra = [w for w in other if w not in places() and w not in names().words]
    return len(extra) == 0 and len(other) <= 5


def _credit_pieces(folded: str) -> list[str]:
    return [
        p
        for p in re.split(r"\s*(?:[/|,،;()«»\"&_:+]|\s?[-–—ـ]\s)\s*", folded.strip(BULLETS))
        if p.strip(BULLETS)
    ]


def _source_piece(piece: str) -> bool:
    bare = squeezed(piece.strip(BULLETS))
    if bare in names().canonical or is_filler(piece):
        return True
    spans = named(piece)
    covered = sum(e - s for s, e, _, _ in spans)
    rest = "".join(c for k, c in enumerate(piece) if not any(s <= k < e for s, e, _, _ in spans))
    return covered > 0 and all(w in book().filler or w in places() for w in re.findall(r"[^\W_]+", rest))


def source_credit(page: Page, i: int) -> bool:
    """Names its source and nothing else. Examples: المصدر: موقع 24؛ *نقلاً عن الشروق؛ (أ ف ب)؛ عين اليوم – متابعات.
    Counter-example: المصدر قال إن المفاوضات مستمرة."""
    line = page.lines[i]
    if page.title_at < 0 or not line.folded or line.length > 130 or line.words > 16:
        return False
    for kind, labels in book().credit_labels:
        if kind != "source":
            continue
        rest = after_label(line.folded, labels)
        if rest is None:
            bound = next(
                (x for x in labels if x.endswith((" عن", " من", " مع")) and line.folded.startswith(x + " ")),
                None,
            )
            rest = line.folded[len(bound) + 1 :] if bound and i >= page.last_prose else None
        if rest is not None:
            sure = line.folded.startswith(("المصدر", "مصدر", "المصادر", "نقلا", "source"))
            return (bool(rest) and _all_sources(rest)) or (
                sure and len(rest.split()) <= 9 and not line.text.endswith("؟")
            )
    return page.edge(i) and _all_sources(line.folded) and line.words <= 9


def _all_sources(folded: str) -> bool:
    pieces = _credit_pieces(folded)
    sources = [_source_piece(p) for p in pieces]
    return any(sources) and all(ok or squeezed(p) in places() for ok, p in zip(sources, pieces, strict=True))


def byline(page: Page, i: int) -> bool:
    """Who wrote, translated or photographed it. Examples: بقلم: سعاد الحلبي؛ سالم الحداد – الوادي؛ the record's byline.
    Counter-example: تقرير: الفقر يتراجع (a title, or too far inside the text)."""
    line = page.lines[i]
    if page.title_at < 0 or not line.folded or line.length > 110 or line.words > 12 or line.stops:
        return False
    if page.byline and line.folded.strip(BULLETS) == page.byline:
        return True
    if not page.edge(i):
        return False
    for kind, labels in book().credit_labels:
        rest = after_label(line.folded, labels) if kind != "source" else None
        if rest:
            return len(rest.split()) <= 8 and "؟" not in line.text and not any(c.isdigit() for c in rest)
    pieces = _credit_pieces(line.folded)
    if len(pieces) >= 2 and not any(c.isdigit() for c in line.folded) and ":" not in line.text:
        known = [_source_piece(p) or squeezed(p) in places() for p in pieces]
        return any(known) and all(ok or 2 <= len(p.split()) <= 4 for ok, p in zip(known, pieces, strict=True))
    starred = line.text.lstrip().startswith(("*", "•")) and i > page.last_prose
    return starred and line.words <= 9 and not page.lines[i - 1].text.lstrip().startswith(("*", "•"))


def address(page: Page, i: int) -> bool:
    """Nothing but an e-mail or web address. Example: author@example.org. Counter-example: a sentence with one in it."""
    line = page.lines[i]
    return (
        page.title_at >= 0
        and line.words <= 3
        and bool(
            re.fullmatch(
                r"(?:[^\s@]{0,20}\s)?(?:https?://\S{4,200}|www\.\S{4,200}|[\w.+-]{1,60}@[\w-]{1,60}\.[\w.]{2,40})",
                line.text,
            )
        )
    )


def caption(page: Page, i: int) -> bool:
    """Text of a picture: labelled, or closed by a photo credit with no full stop before it.

    Example: الوزير لدى وصوله إلى المطار (أ ف ب). Counter-example: وقال إن المحادثات انتهت. (رويترز)"""
    line = page.lines[i]
    if page.title_at < 0 or not line.folded or line.length > 260:
        return False
    rest = after_label(line.folded, book().caption.label)
    if rest is not None and (rest or page.edge(i)):
        return not line.text.rstrip().endswith(".") or line.length < 120
    inside = closing(line.text)
    if inside:
        credit = key(line.text[inside[0] : inside[1]])
        before = line.text[: inside[0]].rstrip(" ([{«")
        shown = squeezed(credit) in names().canonical or credit in book().closing or _all_sources(credit)
        return shown and line.words >= 3 and not before.endswith((".", "؟", "!", "»", '"', "”", "،"))
    m = re.search(r"(?:\s[-–—|/©]\s?|©\s?)([^-–—|/©]{2,30})$", line.text)
    credited = m is not None and squeezed(key(m[1]).strip(BULLETS)) in names().canonical
    return credited and line.words >= 5 and (page.edge(i) or "©" in line.text)


def related_heading(page: Page, i: int) -> bool:
    """Heads a list of other articles. Example: اقرأ المزيد. Counter-example: اقرأ ما كتبه الوزير قبل أن تحكم."""
    line = page.lines[i]
    if page.title_at < 0 or book().related.match(line.folded, line.length) != "whole":
        return False
    line.opens = True
    return True


def related_link(page: Page, i: int) -> bool:
    """One link to another article, labelled. Example: للمزيد: ميناء الوادي يستقبل أول سفينة.
    Counter-example: شاهد المتظاهرون ما حدث."""
    line = page.lines[i]
    if page.title_at < 0 or line.length > 230:
        return False
    how = book().related.match(line.folded, line.length)
    if how == "label":
        return not (line.text.endswith(".") and line.length > 150)
    return how == "start" and not line.text.rstrip().endswith((".", ":"))


def related_item(page: Page, i: int) -> bool:
    """A headline in the list under such a heading. Counter-example: the article's next paragraph."""
    line = page.lines[i]
    if page.under_heading(i, "related") and line.headline and not line.prose:
        line.opens = True
        return True
    return False


_LISTED = re.compile(r"^\W{0,3}(?:\d{1,3}|[٠-٩]{1,3}|[أ-ي])\s?[-–.):/]|^[-–•*·●▪>]")
_CONTINUES = re.compile(r"^(?:و|ف)\w{3,}|^(?:كما|لكن|غير|إلا|اما|أما|في|قال|وقال|يذكر)\b")


def related_headline(page: Page, i: int) -> bool:
    """Another article's headline between two paragraphs, with no cue at all.

    It has the length of a headline and no full stop, stands between paragraphs that do have one, and the next
    paragraph does not take up its words, as it would those of a heading.
    Example: a headline on another city between two paragraphs on a storm. Counter-example: خسائر كبيرة في الميناء."""
    line = page.lines[i]
    if (
        not page.first_prose < i < page.last_prose
        or not 28 <= line.length <= 110
        or not 5 <= line.words <= 17
    ):
        return False
    if line.stops and not line.text.endswith("؟"):
        return False
    if (
        line.text.endswith((":", "،", "…", "..", ",", "."))
        or _LISTED.match(line.text)
        or _CONTINUES.match(line.text)
    ):
        return False
    before, after = page.lines[i - 1], page.lines[i + 1]
    paragraphs = all(x.prose and x.length >= 80 for x in (before, after) if x.kind in ("", "body", "lead"))
    if not paragraphs or not before.stops or before.kind not in ("body", "lead"):
        return False
    if re.search(r":\s?[\"«“]", line.text) and _CONTINUES.match(line.text):
        return False
    own = content_keys([line.text])
    near = content_keys(x.text for x in page.lines[i + 1 : i + 3])
    return len(own) >= 3 and affinity(own, near) < HEADING_SHARE


HEADING_SHARE = 0.25
"""A heading shares at least this part of its content words (by weight) with the two paragraphs under it."""


def summary_heading(page: Page, i: int) -> bool:
    """Heads a summary. Example: ملخص. Counter-example: ملخص المباراة في دقائق (a title)."""
    line = page.lines[i]
    return page.title_at >= 0 and line.folded.strip(BULLETS) in book().summary


def repeated_lead(page: Page, i: int) -> bool:
    """Says again, almost word for word, what the title, the standfirst or the first paragraph said.

    Example: the standfirst as last line. Counter-example: a refrain in a poem; a short heading."""
    line = page.lines[i]
    if page.title_at < 0 or line.words < 5 or (not line.folded and line.length > 1500):
        return False
    own = line.folded.strip(BULLETS) or key(line.text).strip(BULLETS)
    for other in _openings(page, i):
        longer = max(len(own), len(other))
        if abs(len(own) - len(other)) <= longer * 0.15 and ratio(own, other, score_cutoff=92) >= 92:
            return True
        if i > page.first_prose and other.endswith(("...", "…")) and own.startswith(other.rstrip(".… ")[:60]):
            return False
    return False


def _openings(page: Page, i: int) -> list[str]:
    out = []
    for j in range(max(page.title_at, 0), i):
        other = page.lines[j]
        if other.kind in ("title", "lead", "body") and other.words >= 5:
            out.append(other.folded.strip(BULLETS) or key(other.text).strip(BULLETS))
            if other.kind == "body" or len(out) >= 4:
                break
    return out


def title(page: Page, i: int) -> bool:
    """The first line that no rule above claims, if the record has no title of its own; else the record's title.

    Counter-example: the paragraph of a page that has no title."""
    if page.title_at >= 0:
        return False
    line = page.lines[i]
    if page.title:
        return (line.folded or key(line.text)).strip(BULLETS) == page.title
    alone = len(page.lines) == 1
    return (
        not alone
        and line.length <= 250
        and (not line.stops or line.length <= 110 or line.text.endswith(("؟", "!")))
    )


def standfirst(page: Page, i: int) -> bool:
    """Stands between title and first paragraph and tells the story once: short, without full stop, repeated at the
    end, told anew by the next paragraph, or headed ملخص.

    Counter-example: a first paragraph that the next one goes on from (وأضاف …)."""
    line, before, after = page.lines[i], page.before(i), _next_text(page, i)
    if page.title_at < 0 or line.words < 4 or any(x.kind == "body" for x in page.lines[:i]):
        return False
    if before is not None and before.reason == "summary_heading":
        return True
    if after is None or line.lang != after.lang or _LISTED.match(line.text) or line.text.endswith(":"):
        return False
    if not line.stops and line.length <= 200 and page.first_prose > i and line.words >= 5:
        return True
    if line.length > 500 or any(x.kind == "lead" for x in page.lines[:i]):
        return False
    retold = affinity(content_keys([line.text]), content_keys([after.text])) >= RETOLD
    return _said_again(page, i) or (retold and not _CONTINUES.match(after.text))


RETOLD = 0.45
"""Share of a standfirst's content words (by weight) that the first paragraph tells again."""


def _said_again(page: Page, i: int) -> bool:
    own = page.lines[i].folded
    last = page.lines[-4:] if i + 4 < len(page.lines) else page.lines[i + 1 :]
    return bool(own) and any(x.folded and ratio(own, x.folded, score_cutoff=92) >= 92 for x in last)


def _next_text(page: Page, i: int) -> Line | None:
    """The next paragraph within reach; captions and headings in between are passed over."""
    return next((x for x in page.lines[i + 1 : i + 6] if x.prose and not x.post), None)


RULES: tuple[Rule, ...] = (
    Rule("ornament", "boilerplate", 0.99, ornament),
    Rule("embedded_post", "embed", 0.97, embedded_post),
    Rule("glued_piece", "", 0.95, glued_piece),
    Rule("record_title", "title", 0.99, lambda page, i: bool(page.title) and title(page, i)),
    Rule("summary_heading", "boilerplate", 0.97, summary_heading),
    Rule("related_heading", "related", 0.97, related_heading),
    Rule("notice", "boilerplate", 0.95, notice),
    Rule("menu", "boilerplate", 0.9, menu),
    Rule("keywords", "keywords", 0.95, keywords),
    Rule("date_line", "date", 0.95, date_line),
    Rule("repeated_lead", "duplicate_lead", 0.93, repeated_lead),
    Rule("source_credit", "credit", 0.93, source_credit),
    Rule("byline", "credit", 0.85, byline),
    Rule("address", "boilerplate", 0.9, address),
    Rule("caption", "caption", 0.9, caption),
    Rule("related_link", "related", 0.9, related_link),
    Rule("related_item", "related", 0.8, related_item),
    Rule("first_line", "title", 0.9, title),
    Rule("standfirst", "lead", 0.8, standfirst),
    Rule("related_headline", "related", 0.65, related_headline),
)
"""In the order in which they are tried."""
