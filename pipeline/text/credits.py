"""Who a page names as its source: agencies, outlets, photographers, authors.

Short names (واس، AFP، أ ب) are trusted only where a credit stands: in a credit line, in parentheses at the end of
a line, in a dateline. Long names in running text are no credits; they are sources of claims.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pipeline.resources import load
from pipeline.text.lines_phrases import BULLETS, book
from pipeline.text.normalise import fold_map, key

CREDIT_KINDS = ("agency", "outlet", "photo", "author")


@dataclass(frozen=True)
class Credit:
    """One credited name: kind, name as written, canonical name, characters [start, end) of the text."""

    kind: str
    name: str
    canonical: str
    start: int
    end: int


@dataclass(frozen=True)
class Names:
    """Folded spelling → (kind, canonical), one pattern over all spellings, longest first, and all canonical names."""

    canonical: dict[str, tuple[str, str]]
    pattern: re.Pattern[str]
    words: frozenset[str]
    listed: frozenset[str]


def squeezed(folded: str) -> str:
    """A folded name without the dots and spaces between single letters: ا.ف.ب، ا. ف. ب and ا ف ب are one.

    >>> squeezed("ا. ف. ب"), squeezed("ا.ف.ب"), squeezed("رويترز")
    ('ا ف ب', 'ا ف ب', 'رويترز')
    """
    return re.sub(r"[\s.]+", " ", folded).strip()


@cache
def names() -> Names:
    """All spellings of agencies.yaml and outlets.yaml."""
    found: dict[str, tuple[str, str]] = {}
    for kind, entries in (
        ("outlet", load("outlets.yaml")["outlets"]),
        ("agency", load("agencies.yaml")["agencies"]),  # later, so that an agency wins over an outlet
    ):
        for entry in entries:
            for spelling in (entry["name"], *entry.get("other", ()), *entry.get("short", ())):
                found[squeezed(key(str(spelling)))] = (kind, str(entry["name"]))
    ordered = sorted(found, key=lambda s: (-len(s), s))
    gap = r"[\s.]{0,3}"
    alternatives = "|".join(gap.join(re.escape(w) for w in s.split(" ")) for s in ordered)
    words = frozenset(w for s in ordered for w in s.split(" "))
    return Names(
        found,
        re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE),
        words,
        frozenset(n for _, n in found.values()),
    )


@cache
def _self_descriptions() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What agencies call themselves, in folded text, and official words that end such a name."""
    data = load("agencies.yaml")["self_descriptions"]

    def either(words: list[str]) -> str:
        return "(?:" + "|".join(re.escape(key(w)) for w in words) + r")(?!\w)"

    word = rf"(?!{either(data['not_in_name'])})[^\W\d_][\w.]{{0,19}}"
    ends = either(data["ends"])
    forms = (
        rf"(?:ال)?وكالة (?:{word} ){{1,4}}?{ends}",
        rf"وكالة الانباء(?: (?={word})ال\w{{2,19}}){{1,3}}",
        rf"وكالة انباء(?: {word}){{1,3}}",
        rf"(?:{word} ){{1,3}}?للانباء(?!\w)",
    )
    return (
        re.compile(rf"(?<!\w)(?:{'|'.join(forms)})"),
        re.compile(rf"(?: {either(data['official'])}){{1,4}}$"),
    )


def _described(folded: str, known: list[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    """Agencies that no lexicon lists but that say in their name what they are; a listed one inside lends its name."""
    names_of, official = _self_descriptions()
    out = []
    for m in names_of.finditer(folded):
        if any(s <= m.start() and m.end() <= e for s, e, _, _ in known):
            continue
        inside = [n for s, e, kind, n in known if kind == "agency" and m.start() <= s and e <= m.end()]
        out.append((m.start(), m.end(), "agency", inside[0] if inside else official.sub("", m[0])))
    return out


def named(folded: str) -> list[tuple[int, int, str, str]]:
    """Known names in folded text: (start, end, kind, canonical), in order, without overlap.

    An agency that is in no lexicon is known by what it calls itself; its canonical name is then folded text.

    >>> named("فرانس24/ ا ف ب")
    [(0, 7, 'outlet', 'فرانس 24'), (9, 14, 'agency', 'فرانس برس')]
    >>> named("وكالة المنارة للانباء"), named("وكالة بلومبرغ الامريكية للانباء")[0][3]
    ([(0, 21, 'agency', 'وكالة المنارة للانباء')], 'بلومبرغ')
    """
    lexicon = names()
    out = []
    for m in lexicon.pattern.finditer(folded):
        hit = lexicon.canonical.get(squeezed(key(m[0])))
        if hit:
            out.append((m.start(), m.end(), *hit))
    if "وكالة" in folded or "للانباء" in folded:
        wider = _described(folded, out)
        out = [x for x in out if all(x[1] <= s or e <= x[0] for s, e, _, _ in wider)] + wider
    return sorted(out)


def agency(name: str) -> str | None:
    """Canonical name of a news agency, listed or not; None for any other source.

    >>> agency("وكالة المنارة للأنباء"), agency("وكالة الأنباء الرومانية الرسمية"), agency("وكالة رويترز للأنباء")
    ('وكالة المنارة للأنباء', 'وكالة الأنباء الرومانية', 'رويترز')
    >>> agency("وكالة الطاقة الذرية"), agency("وزير الأنباء")
    (None, None)
    """
    found = _known(name, 0, len(name))
    whole = len(found) == 1 and found[0].kind == "agency" and found[0].name == name.strip()
    return found[0].canonical if whole else None


_CLOSING = re.compile(r"[(\[{«]([^()\[\]{}«»]{1,60})[)\]}»]\s{0,9}\.?\s{0,9}$")
# City, then agency or outlet, at the opening of an article: (رويترز) - / - واس / «الشرق الأوسط»: / (CNN)--
_DATELINE = re.compile(
    r"^.{0,60}?(?:[(«\"]([^()«»\"]{2,40})[)»\"]\s{0,3}(?:--|[-–—:])|[-–—/،,]\s{0,3}([^-–—:/()]{2,30})[:–—-]\s)"
)
_OPENING = re.compile(r"^([^-–—:/()«»]{2,20})\s?[-–—/]\s?[^-–—:()]{2,40}:")
_OPENED = re.compile(r"^([^:()«»\"؟!.،]{6,70}?)\s?:\s")
_DASHES = re.compile(r"\s?[-–—/]\s|\s[-–—/]\s?")
_SPLIT = re.compile(r"\s{0,9}(?:[/|,،;؛+&_]|\s[-–—]\s|\sو\s)\s{0,9}")
_TRIM = BULLETS + "\u200f\u200e"


def closing(text: str) -> tuple[int, int] | None:
    """Span of what stands in brackets at the end of a line.

    >>> text = "الوزير في المطار (أ ف ب)"; s, e = closing(text); text[s:e]
    'أ ف ب'
    """
    tail = text[-70:]
    if not tail.rstrip().removesuffix(".").rstrip().endswith((")", "]", "}", "»")):
        return None
    m = _CLOSING.search(tail)
    return (len(text) - len(tail) + m.start(1), len(text) - len(tail) + m.end(1)) if m else None


def _known(text: str, start: int, end: int, kind: str | None = None) -> list[Credit]:
    folded, offsets = fold_map(text[start:end])
    listed = names().listed
    out = []
    for s, e, found, name in named(folded):
        a, b = start + offsets[s], start + offsets[e]
        written = text[
            a : start + offsets[min(s + len(name), e)]
        ]  # of an unlisted name the folded form is known
        canonical = name if name in listed else " ".join(written.split())
        out.append(Credit(kind or found, text[a:b], canonical, a, b))
    return out


def _label(text: str, start: int, end: int) -> tuple[str | None, int]:
    """(kind of the credit label that opens the line, offset after it); (None, start) without one."""
    folded, offsets = fold_map(text[start:end])
    body = folded.lstrip(_TRIM)
    skipped = len(folded) - len(body)
    lowered = body.lower()
    for kind, labels in book().credit_labels:
        for label in labels.phrases:
            # خاص بـ«…»، نقلا عن الشروق: the label itself binds the name, no separator is needed for these.
            bound = label.endswith((" عن", " من", " ب", " مع")) or label in ("خدمة", "عدسة")
            rest = lowered[len(label) :]
            if lowered.startswith(label) and (not rest or not rest[0].isalnum()):
                stripped = rest.lstrip()
                if not stripped or stripped[0] in _TRIM or bound:
                    used = len(label) + len(rest) - len(rest.lstrip(_TRIM))
                    return kind, start + offsets[skipped + used]
    return None, start


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _TRIM):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _TRIM):
        end -= 1
    return start, end


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The names of a credit line: parted at slashes, commas and dashes with spaces."""
    out, done = [], start
    for m in _SPLIT.finditer(text, start, end):
        out.append((done, m.start()))
        done = m.end()
    out.append((done, end))
    return [(s, e) for s, e in (_trimmed(text, a, b) for a, b in out) if s < e]


def is_filler(piece: str) -> bool:
    """True where a piece of a credit line names nobody: متابعات، وكالات.

    >>> is_filler("متابعات"), is_filler("ناصر الجديع")
    (True, False)
    """
    words = key(piece).split()
    return all(w in book().filler for w in words)


def in_credit_line(text: str, start: int, end: int, places: frozenset[str] = frozenset()) -> list[Credit]:
    """The names of a line that is nothing but a credit.

    >>> [(c.kind, c.canonical) for c in in_credit_line("المصدر: موقع 24", 0, 15)]
    [('outlet', 'موقع 24')]
    >>> [(c.kind, c.name) for c in in_credit_line("*نقلاً عن أخبار الوادي", 0, 22)]
    [('outlet', 'أخبار الوادي')]
    >>> [(c.kind, c.name) for c in in_credit_line("تصوير: سالم الحداد", 0, 18)]
    [('photo', 'سالم الحداد')]
    """
    kind, at = _label(text, start, end)
    out: list[Credit] = []
    for s, e in _pieces(text, at, end):
        known = _known(text, s, e, "photo" if kind == "photo" else None)
        if known:
            out += known
            continue
        name = text[s:e]
        if is_filler(name) or key(name) in places or not any(c.isalpha() for c in name):
            continue
        if kind is None and (not 2 <= len(name.split()) <= 4 or text[start] == "*"):
            continue  # without a label only what is as long as a person's name is one
        guess = {"source": "outlet", "photo": "photo"}.get(kind or "", "author")
        out.append(Credit(guess, name, name, s, e))
    # الرياض - واس: beside another source a name that is also a place is the place.
    there = [c for c in out if c.kind != "outlet" or key(c.name) not in places]
    return there if there else out


def in_caption(text: str, start: int, end: int) -> list[Credit]:
    """Photo credits of a caption: known names in its closing brackets or after its label.

    >>> [(c.kind, c.canonical) for c in in_caption("الوزير في المطار (أ ف ب)", 0, 24)]
    [('photo', 'فرانس برس')]
    """
    line = text[start:end]
    span = closing(line)
    if span:
        found = _known(text, start + span[0], start + span[1], "photo")
        if found:
            return found
    tail = max(start, end - 40)
    return [c for c in _known(text, tail, end, "photo") if c.end >= end - 2]


def _writers(text: str, start: int, line: str, places: frozenset[str], known: list[Credit]) -> list[Credit]:
    """Writers named before an outlet or agency in the opening of an article: سالم الحداد - سبق - جدة: …"""
    m = _OPENED.match(line) if known else None
    if m is None or known[0].end > start + m.end(1):
        return []
    out, done = [], 0
    for part in [*_DASHES.finditer(m[1]), None]:
        s, e = _trimmed(text, start + done, start + (part.start() if part else m.end(1)))
        done = part.end() if part else done
        name = text[s:e]
        if e > known[0].start:
            break
        if 2 <= len(name.split()) <= 4 and key(name) not in places and not is_filler(name):
            out.append(Credit("author", name, name, s, e))
    return out


def _stands_alone(text: str, credit: Credit) -> bool:
    """False for an adjective that also names an agency: the city in عين اليوم – ليل الفرنسية is no credit.

    >>> text = "سبق – باريس (الفرنسية): وصل"; _stands_alone(text, Credit("agency", "الفرنسية", "فرانس برس", 13, 21))
    True
    """
    before = text[max(0, credit.start - 2) : credit.start].rstrip()[-1:]
    return not (credit.name.startswith("ال") and " " not in credit.name and before.isalpha())


def in_text(
    text: str, start: int, end: int, first: bool, places: frozenset[str] = frozenset()
) -> list[Credit]:
    """Credits inside kept text: a dateline that opens the article, an agency in brackets that closes a line.

    >>> line = "لندن (رويترز) - قالت الشرطة إن الحادث عرضي. (أ ف ب)"
    >>> [c.canonical for c in in_text(line, 0, len(line), True)]
    ['رويترز', 'فرانس برس']
    >>> line = "سبق – ليل الفرنسية: بدأت الندوة"; [c.canonical for c in in_text(line, 0, len(line), True)]
    ['سبق']
    >>> in_text("قالت رويترز إن الحادث عرضي.", 0, 26, True)
    []
    >>> line = "أُغلق الميناء، حسب وكالة الأنباء الألمانية (د.ب.أ)."; in_text(line, 0, len(line), False)  # a source, no credit
    []
    >>> line = "سالم الحداد - سبق – جدة: أغلقت السلطات الميناء أمس."
    >>> [(c.kind, c.name) for c in in_text(line, 0, len(line), True, frozenset(["جدة"]))]
    [('author', 'سالم الحداد'), ('outlet', 'سبق')]
    """
    out: list[Credit] = []
    if first:
        line = text[start : min(end, start + 120)]
        m = _DATELINE.match(line)
        if m:
            group = 1 if m[1] else 2
            out += [
                c
                for c in _known(text, start + m.start(group), start + m.end(group))
                if _stands_alone(text, c)
            ]
        # سبق- الرياض: what is also a place is the place, and the outlet stands before it.
        out = [c for c in out if c.kind == "agency" or key(c.name) not in places]
        if not out:
            m = _OPENING.match(line)
            if m and key(m[1]) and squeezed(key(m[1])) in names().canonical:
                out += _known(text, start + m.start(1), start + m.end(1))
        out = [c for c in out if c.kind == "agency" or key(c.name) not in places]
        out = _writers(text, start, line, places, out) + out
    span = closing(text[max(start, end - 70) : end])
    if span:
        base = max(start, end - 70)
        inside = text[base + span[0] : base + span[1]]
        found = _known(text, base + span[0], base + span[1])
        glossed = any(
            w in book().gloss
            for w in key(text[max(start, base + span[0] - 60) : base + span[0]]).split()[-6:]
        )
        if found and not glossed and len(squeezed(key(inside))) <= sum(c.end - c.start for c in found) + 4:
            out += [c for c in found if all(c.start >= o.end for o in out)]
    return out
