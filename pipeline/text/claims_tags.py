"""Attribution of a whole clause: وفق X، بحسب X، كما أعلن X، على حد قوله.

A tag in a clause that already reports adds a relay layer to that report; otherwise X is the speaker and the clause
the content. X is no source where it is a rule, a plan or a measure (وفق القانون).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline import resources
from pipeline.text import speakers
from pipeline.text.claims_content import LONGEST
from pipeline.text.claims_frame import PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, phrase_class, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_words import TIME

_SWITCH = frozenset(["فيما", "بينما", "وفيما", "وبينما", "لكن", "ولكن", "لكنه", "لكنها"])
_TAIL = frozenset(["منها", "ومنها", "بينهم", "وبينهم", "بينها", "بما"])
_SINCE = frozenset(["بعد", "عقب", "اثر", "غداة", "وسط", "بعدما"])  # …، وفق X، بعد ساعات على …: the reporter's
_HEAD = frozenset(["لكن", "ولكن", "و", "كما", "فيما", "وفيما", "بينما", "كذلك", "ايضا", "هذا"])


class Tag(NamedTuple):
    """hit: the cue. source: X, or None for a pronoun. pieces: word ranges of the clause. last: end of X."""

    hit: Hit
    source: Phrase | None
    pieces: tuple[tuple[int, int, int], ...]
    last: int


def source_of(frame: Frame, hit: Hit) -> Phrase | None:
    """X of a tag, or None where there is none or X is no source."""
    k, size = hit.last, len(frame.words)
    if hit.entry.kind == "tag_own":
        return Phrase(
            hit.last - 1, hit.last, 2 if frame.key(hit.last - 1).endswith(("ها", "هم", "هن")) else 1
        )
    skip = 0
    if (
        hit.entry.lemma in {"وفق", "طبقا"}
        and frame.key(hit.first).endswith("ا")
        and frame.key(k).startswith("ل")
    ):
        whole = frame.key(k).startswith("لل") and frame.key(k)[1:] not in word_class("tag_sources")
        skip = 0 if whole else 1
        if frame.key(k) == "ل":
            k, skip = k + 1, 0
    if k >= size or (_rule(frame, k, skip) and not _told_by_text(frame, k)):
        return None
    verb = hit.entry.kind == "tag_verb"
    if hit.entry.lemma == "بين" and frame.key(hit.first) == "علي":
        return None  # حصل على ما بين 30 و40 صوتا
    if verb and frame.key(hit.first) in word_class("tag_also") and hit.entry.lemma in _also_only():
        return None
    found = speakers.after(frame, k, size, 1 if verb else 0, skip == 1)
    if found is None and verb and _alone(frame, k):
        return Phrase(k, k)
    if found is None or (hit.entry.kind == "tag" and found.first != k):
        return None
    if (
        hit.entry.kind == "tag"
        and hit.entry.stance == "neutral"
        and hit.entry.lemma != "جاء"
        and not _can_tell(frame, found, skip)
    ):
        return None
    return _with_apposition(frame, found)._replace(skip=skip)


_INQUIRIES = ("تحقيق", "قضي", "قضاي", "محضر", "محاكم", "اتهام", "نياب")


def _rule(frame: Frame, k: int, skip: int) -> bool:
    """Whether X of وفق X is a rule or a measure (وفق القانون), or that of على ذمة an inquiry that one is held for."""
    if frame.key(k - 1) == "ذمة" and frame.key(k).removeprefix("ال").startswith(_INQUIRIES):
        return True
    return frame.key(k) in word_class("tag_not") or frame.key(k)[skip:] in word_class("tag_not")


def _told_by_text(frame: Frame, k: int) -> bool:
    """Whether a text follows what would be a measure by itself: بحسب هذا الاستبيان، وفقا لأحدث الإحصاءات."""
    key = frame.key(k).removeprefix("ل")
    head = frame.key(k + 1).removeprefix("ال")
    return key in _POINTING and head in word_class("tag_sources") and frame.key(k + 1) != "ما"


_POINTING = frozenset(["هذا", "هذه", "احدث", "اخر", "عدد"])


def _alone(frame: Frame, k: int) -> bool:
    """Whether a tag's verb has no subject of its own (حسبما أوضح في ختام اللقاء): an adjunct or the end follows it."""
    key = frame.key(k)
    return not key or key in {".", "،", "في", "خلال", "عقب", "بعد"} or key in TIME


def _also_only() -> frozenset[str]:
    return frozenset(resources.load("cues.yaml")["tag_also_only"])


def _with_apposition(frame: Frame, found: Phrase) -> Phrase:
    """Take in the name after a title where the clause then begins with ف: بحسب المدير، سامي حداد، فإن …"""
    if frame.key(found.last) in {"،", ","}:
        for k in range(found.last + 1, min(found.last + 10, len(frame.words) - 1)):
            if frame.key(k) in {"،", ","}:
                return found._replace(last=k) if frame.key(k + 1) in _THEN else found
    return found


_THEN = frozenset(["فان", "فانه", "فانها", "فقد"])


def _can_tell(frame: Frame, phrase: Phrase, skip: int) -> bool:
    """Whether X of وفق X is a source: it bears a name, or its head is a body, person, document or outlet."""
    start, end = frame.words[phrase.first].start, frame.words[phrase.last - 1].end
    if any(start <= n.start and n.end <= end and n.type != "LOC" for n in frame.names):
        return True
    if frame.opens(phrase.first) or frame.key(phrase.first).removeprefix("ل") in _POINTING:
        return True  # وبحسب "الخليج" الإماراتية، بحسب هذا الاستبيان
    head = frame.key(phrase.first)[skip:]
    head = "ال" + head[2:] if head.startswith("لل") else head
    plain = head[2:] if head.startswith("ال") else head
    classes = ("idafa_heads", "person_heads", "tag_sources")
    if any(plain in word_class(c) or head in word_class(c) for c in classes) or plain.endswith(("ون", "ين")):
        return True
    # بحسب الصندوق، فإن …: whatever opens the sentence and is answered by فإن tells
    return frame.key(phrase.last) in {"،", ","} and frame.key(phrase.last + 1) in _THEN


def scope(frame: Frame, hit: Hit, source: Phrase | None, active: Mapping[int, Hit], floor: int) -> Tag | None:
    """The clause that a tag attributes: before it, around it, or after it where the tag comes first.

    ``floor``: first word that no other report of the sentence has taken.
    """
    last = source.last if source and not source.clitic else hit.last
    first = _clause_first(frame, hit.first, floor)
    if first >= hit.first:
        start = last
        start = _after_then(frame, start)
        end = _clause_last(frame, start, active, hit)
        return Tag(hit, source, ((start, end, 0),), last) if end - start >= 2 else None
    before = _trim(frame, first, hit.first)
    bracketed = frame.key(hit.first - 1) in {"،", ","} and frame.key(last) in {"،", ","}
    if before - first < (1 if bracketed else 2):
        return None
    pieces = [(first, before, 1 if _joined(frame, first) else 0)]
    start = last + 1 if bracketed else last
    key = frame.key(start)
    goes_on = key in _TAIL or (
        bracketed and key and key not in _SINCE and not _new_clause(frame, start, active)
    )
    if goes_on and frame.quote(start) == frame.quote(hit.first):
        end = _clause_last(frame, start, active, hit)
        if end - start >= 2:
            pieces.append((start, end, 0))
    if before - first < 2 and len(pieces) == 1:
        return None  # المدينة، بحسب البيان، قد …: one word before is no clause by itself
    return Tag(hit, source, tuple(pieces), last)


def is_whole(frame: Frame, hit: Hit, source: Phrase) -> bool:
    """Whether a tag is its whole sentence (… حتى نهاية مارس. وفقا لفرانس برس.): it attributes the sentence before."""
    opens = hit.first == 0 or (hit.first == 1 and frame.key(0) in {"وذلك", "ذلك"})
    return opens and all(frame.key(k) in PUNCTUATION for k in range(source.last, len(frame.words)))


def whole_clause(frame: Frame) -> tuple[int, int, int] | None:
    """Word range of a sentence that a tag of its own attributes, without a joining و; None where it is too short."""
    first, last = 0, _trim(frame, 0, len(frame.words))
    while first < last and (frame.key(first) in PUNCTUATION or frame.key(first) in _HEAD):
        first += 1
    return (first, last, 1 if _joined(frame, first) else 0) if last - first > 2 else None


def _after_then(frame: Frame, start: int) -> int:
    """First word of the clause that follows وفق X: behind فإن, with the medium before it (في تقرير) passed over."""
    then = next(
        (k for k in range(start, start + 26) if frame.key(k) in _THEN and frame.key(k - 1) in {"،", ","}),
        None,
    )
    start = start if then is None else then
    while frame.key(start) in {"،", ",", "فقد", "فان", "فانه", "ف", "ان"}:
        start += 1
    return start


def _joined(frame: Frame, k: int) -> bool:
    """Whether the و at the head of word k joins the clause (وتحطمت), so that it is no part of the content."""
    key = frame.key(k)
    word = frame.words[k]
    if not key.startswith("و") or len(key) < 3 or frame.name_at(word.start):
        return False
    if len(key) == 3:
        return key in {"وفي", "وقد", "ومن", "ولا", "ولم", "ولن", "وهو", "وهي", "وهم"}
    return key not in _WAW_WORDS and not key.startswith(
        ("وزير", "وكال", "وزار", "وسائل", "وسايل", "وفد", "وحد", "وثيق", "وفا")
    )


_WAW_WORDS = frozenset(
    [
        "وصل",
        "وصلت",
        "وقع",
        "وقعت",
        "وجد",
        "وجدت",
        "وضع",
        "وضعت",
        "وافق",
        "وافقت",
        "واصل",
        "واصلت",
        "وجه",
        "وجهت",
        "واجه",
        "واجهت",
        "وفاة",
        "وصول",
        "وقف",
        "وقوع",
        "وجود",
        "وضع",
        "ولاية",
        "ورقة",
        "والد",
        "والدة",
        "وسط",
        "وقت",
    ]
)


def _clause_first(frame: Frame, tag: int, floor: int) -> int:
    k = tag - 1
    floor = max(floor, tag - LONGEST)
    while k > floor:
        key = frame.key(k - 1)
        if key in {"؛", ":"} or (key == "." and frame.key(k - 2) != "."):
            break
        k -= 1
    k = max(k, floor)
    while k < tag and (frame.key(k) in PUNCTUATION or frame.key(k) in _HEAD):
        k += 1
    hit = frame.hit_at.get(k)
    if hit is not None and hit.entry.kind == "formula":
        k = hit.last
    if k < tag and (marker := an_marker(frame.key(k))) and not marker[1]:
        k += 1
    return k


def _trim(frame: Frame, first: int, last: int) -> int:
    while last > first and (
        frame.key(last - 1) in PUNCTUATION - {")"} or frame.key(last - 1) in {"وذلك", "كما"}
    ):
        last -= 1
    return last


def _new_clause(frame: Frame, k: int, active: Mapping[int, Hit]) -> bool:
    key = frame.key(k)
    if k in active or key in _SWITCH or frame.phrase(k, phrase_class("content_stops")):
        return True
    return (key.startswith(("و", "ف")) and _joined(frame, k) and key.startswith("و")) or key in PUNCTUATION


def _clause_last(frame: Frame, k: int, active: Mapping[int, Hit], own: Hit) -> int:
    first = k
    while k < min(len(frame.words), first + LONGEST):
        key = frame.key(k)
        other = active.get(k)
        if k > first and other is not None and other is not own:
            break
        if key == "؛" or (frame.key(k - 1) in {"،", ","} and k > first and key in _SWITCH):
            break
        if k > first and frame.key(k - 1) in {"،", ","} and frame.phrase(k, phrase_class("content_stops")):
            break
        k += 1
    return _trim(frame, first, k)


def relays(frame: Frame, first: int, last: int) -> Sequence[tuple[Hit, Phrase]]:
    """Outlets in a relative clause of the cue's phrase: في بيان أوردته وكالات أنباء."""
    found = []
    for hit in frame.relatives:
        if first <= hit.first < last:
            phrase = speakers.after(frame, hit.last, last, 0)
            if phrase is not None and not _own_body(frame, phrase):
                found.append((hit, phrase))
    return found


def _own_body(frame: Frame, phrase: Phrase) -> bool:
    """Whether who published a text is a body without a name, so the speaker's own: في بيان نشرته المجموعة — not: نشرته
    الوكالة."""
    key = frame.key(phrase.first)
    return (
        phrase.last - phrase.first == 1
        and key in word_class("own_bodies")
        and not frame.in_name(phrase.first)
    )
