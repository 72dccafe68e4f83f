"""Who a noun phrase refers to: the names of a document, the titles they bear, and what was said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.text import names as nm
from pipeline.text import speakers_gender, speakers_titles
from pipeline.text.claims_frame import PREPOSITIONS, Frame, Name
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.speakers_persons import given_before, unnamed
from pipeline.text.states import by_nationality


class Source(NamedTuple):
    """A source as it stands in the text and whom it names.

    mention: name, nominal, pronoun, elided, implicit. name: canonical, None where anonymous or unknown. entity: the
    name under which the entity is known among the names of the document. gender: m or f where the document shows it.
    """

    mention: str
    name: str | None = None
    type: str | None = None
    text: str | None = None
    start: int | None = None
    end: int | None = None
    entity: str | None = None
    gender: str = ""


IMPLICIT = Source("implicit")


@lru_cache(maxsize=20_000)
def folded(name: str) -> list[str]:
    """The folded words of a name, remembered; not to be changed."""
    return nm.fold_words(name)


_RANKS = {
    "سموه": frozenset(["امير", "سمو"]),
    "معاليه": frozenset(["معالي", "وزير"]),
    "فضيلته": frozenset(["فضيلة", "شيخ"]),
    "سعادته": frozenset(["سعادة", "سفير", "مدير"]),
}


_ASIDE, _OFTEN = 2, 6
"""Entries of ``Register.bodies`` (up to three for a mention) of a body named in passing, and of one a text is about."""
OUTLETS = frozenset(word_key(w) for w in ["صحيفة", "جريدة", "مجلة", "قناة", "موقع", "شبكة", "إذاعة"])


class Register:
    """The names of one document, the titles beside them, and the sources met so far."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.persons: list[tuple[int, str, frozenset[str]]] = []
        self.bodies: list[tuple[int, str, str, str]] = []  # place, canonical, type, folded head
        self.nominals: list[str] = []
        self.renamed: dict[str, str] = {}
        self.longer: list[tuple[list[str], str, str]] = []
        self.spelled: list[tuple[list[str], str, str]] = []
        self.nations: dict[str, list[tuple[int, str]]] | None = None
        self.frames = frames
        self.full: dict[str, str | None] = {}
        self.genders = speakers_gender.genders(frames)
        for frame in frames:
            for name in frame.names:
                self._add(frame, name)

    def _add(self, frame: Frame, name: Name) -> None:
        k = frame.word_at(name.start)
        if name.type == "PER":
            self.persons.append((name.start, name.canonical, speakers_titles.borne(frame, name)))
        else:
            before = frame.key(k - 2 if frame.key(k - 1) == "(" else k - 1)  # صحيفة (الأمل اليوم)
            named = before in word_class("idafa_heads") or before in word_class("quoted_name_heads")
            head = before if named or frame.opens(k) else ""
            if name.type == "LOC" and head in OUTLETS:
                return  # صحيفة الإمارات اليوم: the recogniser took the name of an outlet for a place
            if (
                name.type == "ORG"
                and _SPELLED & {head, frame.key(k - 2)}
                and (whole := _spelled_out(frame, name)) is not None
            ):
                self.spelled.append((folded(whole), whole, name.canonical))
            for key in {head, word_key(name.canonical.split()[0]), frame.key(k)} - {""}:
                self.bodies.append((name.start, name.canonical, name.type, bare(key)))

    def add_bodies(self, texts: Iterable[tuple[str, str]]) -> None:
        """Let phrases of the text (التحالف العربي لدعم الشرعية), with the name inside, lengthen that name."""
        self.longer = [(folded(text), text, name) for text, name in dict.fromkeys(texts)] + self.spelled

    def add_phrase(self, start: int, text: str) -> None:
        """Remember a body that the recogniser missed: the subject phrase وزارة الدفاع الروسية."""
        head = bare(word_key(text.split(maxsplit=1)[0]))
        if not any(place == start for place, *_ in self.bodies):
            self.bodies.append((start, text, "ORG", head))
            self.bodies.sort(key=lambda b: b[0])

    def add_person(self, start: int, name: str, keys: Iterable[str] = ()) -> None:
        """Remember a person that the recogniser missed, with the words of the subject that opens with the name."""
        if not any(place == start for place, *_ in self.persons):
            own = {word_key(w) for w in name.split()}
            self.persons.append((start, name, frozenset(bare(k) for k in keys if k not in own)))
            self.persons.sort(key=lambda p: p[0])

    def lengthen(self, whole: Name) -> None:
        """Let a body's name that a phrase spells out take the place of the part that the recogniser knew of it."""
        for i, (place, name, kind, head) in enumerate(self.bodies):
            if whole.type == "ORG" and whole.start <= place < whole.end and len(name) < len(whole.canonical):
                self.bodies[i] = place, whole.canonical, kind, head

    def merged(self, name: str) -> str:
        """The fullest name of an organisation in the document, phrases of speakers included."""
        words = folded(name)
        best = name
        for full, text, inside in self.longer:
            fits = name == inside or full[: len(words)] == words or full[1 : 1 + len(words)] == words
            if fits and len(full) > len(folded(best)):
                best = text
        return best

    def whole(self, longer: str, name: str) -> str:
        """Take a person's longer name for all that follows, and return it."""
        if longer != name:
            self.renamed.setdefault(name, longer)
        return self.renamed.get(name, name)

    def with_given_name(self, text: str) -> str | None:
        """A name of one word with the given name that stands before it somewhere in the document: [باتريس] تالون.

        That word is unknown to the recogniser and a proper noun to the tagger, or stands behind a title's adjective.
        """
        key = word_key(text)
        if key not in self.full:
            self.full[key] = next(filter(None, (given_before(frame, key) for frame in self.frames)), None)
        return self.full[key]

    def add_nominals(self, texts: Iterable[str]) -> None:
        """Remember collective sources as written, so that a short form can find its long form."""
        self.nominals.extend(t for t in texts if t not in self.nominals)

    def person(self, words: Sequence[str], at: int) -> str | None:
        """The person nearest before ``at`` (else the first after) whose titles hold all these words."""
        fits = [(place, name) for place, name, borne in self.persons if {bare(w) for w in words} <= borne]
        if not fits:  # الوزير التركي is وزير خارجية تركيا
            fits = [
                (place, name) for place, name, borne in self.persons if speakers_titles.fits(words, borne)
            ]
        earlier = [name for place, name in fits if place < at]
        return earlier[-1] if earlier else (fits[0][1] if fits else None)

    def titled(self, keys: Sequence[str], at: int, alone: bool) -> str | None:
        """The person under this title, or where it stands ``alone`` whom the article is about."""
        return self.person(keys, at) or (self.main_person(keys[0]) if alone else None)

    def main_person(self, head: str) -> str | None:
        """Whom the article is about, where a title that stands beside nobody can mean only that person (اللاعب): named
        three times at least and twice as often as the next, of the gender of the title."""
        counts = Counter(name for _, name, _ in self.persons).most_common(2)
        if not counts or counts[0][1] < 3 or (len(counts) > 1 and counts[0][1] < 2 * counts[1][1]):
            return None
        feminine = nm.agreement(counts[0][0])[0] == "fem"
        return counts[0][0] if feminine == head.endswith("ة") else None

    def honoured(self, head: str, at: int) -> str | None:
        """Whom an honorific with a pronoun takes up (وأكد سموه): the last person named with that rank, else the last."""
        if head not in word_class("honorifics"):
            return None
        earlier = [(name, borne) for place, name, borne in self.persons if place < at]
        ranked = [name for name, borne in earlier if borne & _RANKS.get(head, frozenset())]
        return ranked[-1] if ranked else (earlier[-1][0] if earlier else None)

    def surname(self, text: str) -> str | None:
        """The person of the document whose name ends in this word, else the only one whose name begins with it, where
        the recogniser passed it over here."""
        wanted = folded(text)
        full = [(folded(name), name) for _, name, _ in self.persons]
        last = next((name for words, name in full if words[-1:] == wanted and len(words) > 1), None)
        last = last or next((name for words, name in full if words == wanted), None)
        given = {name for words, name in full if words[:1] == wanted and len(words) > 1}
        return last or (given.pop() if len(given) == 1 else None)

    def body(self, words: Sequence[str], at: int) -> tuple[str, str] | None:
        """The organisation (canonical, type) nearest before ``at`` whose head is this definite word (الوزارة).

        One that is named once stands back behind one that the text keeps naming; a description with a preposition
        (الشركة المتخصصة في الإنتاج) may say more than the name does.
        """
        head = bare(words[0])
        described = len(words) > 2 and words[1].startswith("الم") and words[2] in PREPOSITIONS
        rest = set() if described else {bare(w) for w in words[1:]}
        fits = [
            (name, kind) for place, name, kind, first in self.bodies
            if (first == head or _transposed(first, head)) and place < at and rest <= {bare(word_key(w)) for w in name.split()}
        ]  # fmt: skip
        known_by = by_nationality().keys() | _QUARTERS
        if not fits and rest and head in _TRADES and set(_plain(rest)) <= known_by:
            return self._of_nation(head, rest, at)  # الصحيفة البريطانية is ديلي ستار
        if not fits:
            return None if rest else self._named_later(head, at)
        known = Counter(name for _, name, *_ in self.bodies)
        often = max(fits, key=lambda fit: known[fit[0]])
        aside = known[fits[-1][0]] <= _ASIDE and known[often[0]] >= _OFTEN
        return often if aside else fits[-1]

    def _of_nation(self, head: str, wanted: set[str], at: int) -> tuple[str, str] | None:
        """The body last named before ``at`` under this head that the text gives no other nation."""
        for place, name, kind, first in reversed(self.bodies):
            if first != head or place >= at:
                continue
            behind = _behind(self.frames, place, name)
            nation = behind[2:] if behind.startswith("ال") else ""
            stated = {nation, nation.removesuffix("ة")} & by_nationality().keys()
            if not stated or nation in wanted:
                return name, kind
        return None

    def _named_later(self, head: str, at: int) -> tuple[str, str] | None:
        """The only body with this head that the text names further on: قال المستشفى … في مستشفى الأمل; none where the
        text told of another one (مجلس البلدة) before."""
        told = any(w.key == head and w.start < at for frame in self.frames for w in frame.words)
        full = {(name, kind) for _, name, kind, first in self.bodies if first == head and " " in name}
        return next((body for body in full if len(full) == 1 and body[1] == "ORG" and not told), None)

    def qualified(self, key: str, at: int) -> str | None:
        """A definite noun with the nation that the document gives it (السلطات: السلطات التركية), the nearest before
        character ``at``, else the first behind it."""
        if self.nations is None:
            self.nations = _nations(self.frames)
        places = self.nations.get(key, [])
        earlier = [text for start, text in places if start < at]
        return earlier[-1] if earlier else (places[0][1] if places else None)

    def fuller(self, text: str, at: int = 0) -> str:
        """The fullest collective name in the document that this one abbreviates: وكالات روسية, السلطات التركية."""
        words = [word_key(w) for w in text.split()]
        best = text
        if len(words) == 1 and not text.startswith("ال"):
            return text
        if len(words) == 1 and (full := self.qualified(words[0], at)):
            return full
        for other in self.nominals:
            keys = [word_key(w) for w in other.split()]
            rest = iter(keys)
            if (
                (keys[0] == words[0] or (len(words) == 1 and "ال" + keys[0] == words[0]))
                and all(any(w in (o, "ال" + o) for o in rest) for w in words)
                and len(other) > len(best)
            ):
                best = other
        return best


_TRADES = frozenset(bare(w) for w in OUTLETS) | {
    bare(word_key(w)) for w in ("شركة", "وكالة", "نادي", "منظمة", "مجموعة")
}
_QUARTERS = frozenset(["جنوبي", "شمالي", "محلي", "عملاق", "شهير", "مذكور"])
"""Adjectives with which a text takes a body up again, besides those of nationality."""


def _plain(words: Iterable[str]) -> list[str]:
    return [w.removesuffix("ة") for w in words]


_SPELLED = OUTLETS | {word_key("شركة")}


def _spelled_out(frame: Frame, name: Name) -> str | None:
    """The whole name behind the head of an outlet or company of which the recogniser knows a part: صحيفة [ذي غارديان]."""
    first, last = frame.word_at(name.start), frame.word_at(name.end - 1)
    if frame.quote(first) >= 0:
        return None
    if frame.key(first - 1) not in _SPELLED:  # شركة [والت] ديزني
        return (
            frame.text[frame.words[first - 1].start : name.end] if unnamed(frame, first - 1, True) else None
        )
    while last + 1 < len(frame.words) and last - first < 3 and _name_goes_on(frame, last + 1):
        last += 1
    if frame.words[last].end == name.end:
        return None
    return frame.text[name.start : frame.words[last].end]


def _name_goes_on(frame: Frame, k: int) -> bool:
    """Whether word k, behind a part of an outlet's name, is more of it: an unknown name or one known to be a body."""
    if frame.key(k).startswith(("ال", "لل")) or k in frame.hit_at:
        return False
    other = frame.name_at(frame.words[k].start)
    return unnamed(frame, k, True) if other is None else other.type == "ORG"


def _behind(frames: Sequence[Frame], place: int, name: str) -> str:
    """The folded word behind the name at this character, empty where a sentence ends there."""
    frame = next((f for f in frames if f.start <= place < f.end), None)
    if frame is None:
        return ""
    found = frame.name_at(place)
    end = found.end if found is not None else place + len(name)
    return frame.key(frame.word_at(end - 1) + 1)


def _nations(frames: Sequence[Frame]) -> dict[str, list[tuple[int, str]]]:
    """Definite noun → where it stands with the adjective of a nation, and that text: السلطات → السلطات التركية."""
    found: dict[str, list[tuple[int, str]]] = {}
    known = by_nationality()
    for frame in frames:
        for k, word in enumerate(frame.words[1:]):
            if not word.key.startswith("ال"):
                continue
            nation, noun = word.key[2:], frame.words[k]
            if nation not in known and nation.removesuffix("ة") not in known:
                continue
            key = noun.key.removeprefix("و")
            if key.startswith("ال"):
                start = noun.start + (noun.key != key)
                found.setdefault(key, []).append((start, frame.text[start : word.end]))
    return found


def _transposed(a: str, b: str) -> bool:
    """Whether two words of five letters or more differ in the order of letters only: الوزراة."""
    return len(a) == len(b) > 4 and a[0] == b[0] and sorted(a) == sorted(b)
