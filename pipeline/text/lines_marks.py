"""Rules for the marks of origin around an article: date lines, source credits, bylines, captions, addresses."""

from __future__ import annotations

import re
from functools import cache

from pipeline.resources import load
from pipeline.text.credits import closing, is_filler, named, names, squeezed
from pipeline.text.lines_page import ADDRESS, Page
from pipeline.text.lines_phrases import BULLETS, after_label, book
from pipeline.text.lines_split import Line
from pipeline.text.normalise import key

_NUMERIC_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d\d-\d\d")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")


@cache
def places() -> frozenset[str]:
    """Folded names of states, regions and cities, as they stand in datelines."""
    data = load("places.yaml")
    found = [n for c in data["countries"] for n in (c["name"], *c.get("other", ()), *c.get("capital", ()))]
    for section in ("cities", "regions"):
        found += re.split(r"[,،]\s*", data[section])
    return frozenset(key(n) for n in found)


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
    if not line.folded or line.length > 160 or _DIGIT.search(line.folded) is None:
        return False
    label = after_label(line.folded, book().date.label)
    if label is None:
        opening = book().date.label.opening(line.folded)
        label = line.folded[len(opening) :].strip() if opening else None
    if not label and (not page.edge(i) or (page.title_at < 0 and line.words > 8)):
        return False
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
        for p in re.split(r"\s{0,9}(?:[/|,،;()«»\"&_:+]|\s?[-–—ـ]\s)\s{0,9}", folded.strip(BULLETS))
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
    if not line.cued and not page.edge(i):
        return False
    for kind, labels in book().credit_labels:
        if kind != "source":
            continue
        rest = after_label(line.folded, labels)
        if rest is None:
            opening = labels.opening(line.folded)
            bound = opening if opening is not None and opening.endswith((" عن", " من", " مع")) else None
            rest = line.folded[len(bound) + 1 :] if bound and i >= page.last_prose else None
        if rest is not None:
            sure = line.folded.startswith(("المصدر", "مصدر", "المصادر", "نقلا", "source"))
            return (bool(rest) and _all_sources(rest)) or (
                sure and len(rest.split()) <= 9 and not line.text.endswith("؟")
            )
    initials = _INITIALS.match(line.folded)
    if initials and _all_sources(initials[1]):
        return page.edge(i)
    return page.edge(i) and _all_sources(line.folded) and line.words <= 9


# Initials of editors before the agencies: س.ح/ل.م (د ب أ، رويترز)
_INITIALS = re.compile(r"(?:\w{1,2}[./،, ]{1,2}){1,8}\w{0,2}\s?\(([^()]{2,60})\)$")


def _all_sources(folded: str) -> bool:
    pieces = _credit_pieces(folded)
    sources = [_source_piece(p) for p in pieces]
    return any(sources) and all(ok or squeezed(p) in places() for ok, p in zip(sources, pieces, strict=True))


def byline(page: Page, i: int) -> bool:
    """Who wrote, translated or photographed it. Examples: بقلم: سعاد الحلبي؛ سالم الحداد – الرياض؛ the record's byline; سعاد
    الحلبي under the title سعاد الحلبي: رسالة إلى البحر.
    Counter-example: تقرير: الفقر يتراجع (a title, or too far inside the text)."""
    line = page.lines[i]
    if page.title_at < 0 or not line.folded or line.length > 110 or line.words > 12 or line.stops:
        return False
    stated = bool(page.byline) and line.folded.strip(BULLETS) == page.byline
    if stated or not page.edge(i):
        return stated
    for kind, labels in book().credit_labels:
        rest = after_label(line.folded, labels) if kind != "source" else None
        if rest:
            return len(rest.split()) <= 8 and "؟" not in line.text and not _DIGIT.search(rest)
    above = page.lines[page.title_at].text
    if i == page.title_at + 1 and 2 <= line.words <= 4 and i < page.first_prose:
        named, colon, _ = above.partition(":")
        if colon and key(named).strip(BULLETS) == line.folded.strip(BULLETS):
            return True
    below = page.lines[i + 1] if i + 1 < len(page.lines) else None
    if "|" in line.text and below is not None and "|" in below.text:
        return False  # the head of a table
    unlabelled = (
        book().author.opening(line.folded) is not None and i < page.first_prose and 2 <= line.words <= 5
    )
    if unlabelled or _person_and_place(line) or (line.words <= 6 and _HANDLE.search(line.text)):
        return True
    above_credit = page.lines[i - 1].reason == "byline" and i > page.last_prose and page.among_last(i, 1)
    if above_credit and line.words <= 5 and not _DIGIT.search(line.folded):
        return True  # what the writer is: باحث في التاريخ
    starred = line.text.lstrip().startswith("*") and i > page.last_prose and page.among_last(i, 2)
    return starred and line.words <= 9 and page.lines[i - 1].prose


_DASH = re.compile(r"\s{0,9}[/|]\s{0,9}|\s?[-–—ـ]\s|\s[-–—ـ]\s?")


_TATWEEL_DASH = re.compile(r" ـ{1,3} ?| ?ـ{1,3} ")  # a dash to the writer; folding drops it
_HANDLE = re.compile(r"(?:^|\s)@\w{2,30}$")
_PHOTO_NOTE = re.compile(r"\(\s?([^()]{3,60})\)\s{0,9}$")


def _person_and_place(line: Line) -> bool:
    """Two to four parts with dashes between, one a known outlet, agency or place, the others short as names are."""
    names_part = key(_TATWEEL_DASH.sub(" - ", line.text)) if "ـ" in line.text else line.folded
    note = _PHOTO_NOTE.search(names_part)
    if note and book().photo.opening(note[1]):
        names_part = names_part[: note.start()]
    if _DIGIT.search(names_part) or any(c in names_part for c in ':؟!«»()"“”'):
        return False
    pieces = [p.strip(BULLETS) for p in _DASH.split(names_part) if p.strip(BULLETS)]
    known = [_source_piece(p) or squeezed(p) in places() for p in pieces]
    short = all(ok or len(p.split()) <= 4 for ok, p in zip(known, pieces, strict=True))
    if len(pieces) == 2 and not any(
        known
    ):  # a writer and a village: only under names that are a servant's of God
        return (
            len(pieces[1].split()) <= 2 and 2 <= len(pieces[0].split()) <= 3 and pieces[0].startswith("عبدال")
        )
    return 2 <= len(pieces) <= 4 and any(known) and short


def address(page: Page, i: int) -> bool:
    """Nothing but an e-mail or web address. Example: author@example.org. Counter-example: a sentence with one in it."""
    line = page.lines[i]
    return page.title_at >= 0 and line.words <= 3 and ADDRESS.fullmatch(line.text) is not None


def caption(page: Page, i: int) -> bool:
    """Text of a picture: labelled, or closed by a photo credit with no full stop before or after it.

    Above the first paragraph the credit may be any body that gives out pictures.
    Examples: الوزير لدى وصوله إلى المطار (أ ف ب)؛ جنود قرب الجسر (وزارة الدفاع). Counter-examples: وقال إن المحادثات انتهت. (رويترز)؛ وفق وكالة الأنباء (وام)"""
    line = page.lines[i]
    if page.title_at < 0 or not line.folded or line.length > 260:
        return False
    rest = after_label(line.folded, book().caption.label)
    if rest is not None and (rest or page.edge(i)):
        return not line.text.rstrip().endswith(".") or line.length < 120
    only = page.first_prose == page.last_prose == i or page.last_prose < 0
    if line.stops or only:
        return False
    inside = closing(line.text)
    if inside and line.text[inside[0] - 1] != "«":
        credit = key(line.text[inside[0] : inside[1]])
        before = line.text[: inside[0] - 1].rstrip()
        shown = squeezed(credit) in names().canonical or credit in book().closing or _all_sources(credit)
        shown = shown or (i < page.first_prose and _institution(credit))
        glossed = any(w in book().gloss for w in key(before).split()[-6:])
        return shown and not glossed and line.words >= 3 and not before.endswith((*'.؟!»"”،',))
    m = _CLOSING_CREDIT.search(line.text)
    credited = m is not None and squeezed(key(m[1]).strip(BULLETS)) in names().canonical
    return credited and line.words >= 5 and (page.edge(i) or "©" in line.text)


def _institution(folded: str) -> bool:
    """True for the name of a body that gives out pictures: هيئة الآثار السودانية, not هيئة alone."""
    found = folded.split()
    return 2 <= len(found) <= 5 and found[0] in book().institutions


_CLOSING_CREDIT = re.compile(r"(?:\s[-–—|/©]\s?|©\s?)([^-–—|/©]{2,30})$")
