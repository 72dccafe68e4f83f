"""The titles that the persons of a document bear, and which of them a phrase like رئيسة وزراء بريطانيا may mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from pipeline.text.claims_frame import PUNCTUATION, Frame, Name
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.speakers_persons import ABBREVIATED
from pipeline.text.speakers_words import titles
from pipeline.text.states import by_nationality

_SAYS_NOTHING = frozenset(
    ["باسم", "في", "من", "عن", "لدي", "لشوون", "بشوون", "شوون", "السيد", "السيدة", "عام"]
)


def borne(frame: Frame, name: Name) -> frozenset[str]:
    """The words of the titles beside a person's name, bare, with the full names of the bodies that they mention."""
    first, last = frame.word_at(name.start), frame.word_at(name.end - 1)
    ahead, after = list(before(frame, first)), list(_after(frame, last + 1))
    words = {bare(frame.key(k)) for k in (*ahead, *after)}
    for other in frame.names:
        if other.type != "PER" and frame.word_at(other.start) in {*ahead, *after}:
            words |= {bare(word_key(w)) for w in other.canonical.split()}
    return frozenset(words)


def before(frame: Frame, k: int) -> Iterable[int]:
    for j in range(k - 1, max(-1, k - 11), -1):
        key = frame.key(j)
        if (
            (key == "." and frame.key(j - 1) in ABBREVIATED)
            or (
                key in {"،", ","}
                and all(frame.key(i) == "#" or bare(frame.key(i)) in titles() for i in range(j + 1, k))
            )
            or key == "#"
        ):
            continue  # ولي العهد، الأمير سامي حداد: both titles are his
        if (
            key in PUNCTUATION
            or j in frame.hit_at
            or key in word_class("adjuncts")
            or key in _LED
            or _other_person(frame, j)
        ):
            return
        yield j
        if attached(key):
            return  # التقى رئيس الوزراء بالوزير سامي حداد: only the last title is his


_LED = frozenset(["بقيادة", "برياسة", "بحضور", "بمشاركة", "باشراف", "برفقة", "بدعوة", "بتوجيه", "برعاية"])


def attached(key: str) -> bool:
    """Whether a preposition is attached to a title: بالرئيس, لوزير."""
    bare_form = key[3:] if key.startswith(("بال", "كال")) else key[1:] if key[:1] in "بلك" else ""
    return bare_form in titles() and key not in titles()


def _other_person(frame: Frame, k: int) -> bool:
    start = frame.words[k].start
    return any(n.type == "PER" and n.start <= start < n.end for n in frame.names)


def _after(frame: Frame, k: int) -> Iterable[int]:
    """Words of a title behind the name: in apposition after a comma, or at once (سامي حداد مدير عام الهيئة)."""
    if frame.key(k) in {"،", ",", "("}:
        k += 1
    elif bare(frame.key(k)) not in titles():
        return
    for j in range(k, min(k + 12, len(frame.words))):
        key = frame.key(j)
        office = key == "عام" and bare(frame.key(j - 1)) in titles()
        if key in PUNCTUATION or j in frame.hit_at or (key in word_class("adjuncts") and not office):
            return
        yield j


@lru_cache(maxsize=50_000)
def _plain(word: str) -> str:
    """A bare title word with a state for its adjective: بريطانية and بريطاني are بريطانيا, وزيرة stays."""
    states = by_nationality()
    state = states.get(word) or states.get(word.removesuffix("ة"))
    return bare(word_key(state.split()[-1])) if state else word


def _telling(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_plain(bare(w)) for w in words if w not in _SAYS_NOTHING)


def fits(wanted: Sequence[str], held: frozenset[str]) -> bool:
    """Whether a title (folded words) may be that of somebody who bears the words ``held``.

    All its words are his, a state as good as its adjective; or it only says more of the body that his title names
    (مدير المرصد السوري for مدير المرصد), from two telling words on.

    >>> fits(["رييسة", "وزراء", "بريطانيا"], frozenset(["رييسة", "وزراء", "بريطانية"]))
    True
    >>> fits(["مدير", "المرصد", "السوري"], frozenset(["مدير", "مرصد"])), fits(["وزير", "المالية"], frozenset(["وزير"]))
    (True, False)
    """
    if {bare(w) for w in wanted} <= held:
        return True
    asked, has = _telling(wanted), _telling(held)
    if not asked or bare(wanted[0]) not in held:
        return False
    return asked <= has or (len(has) >= 2 and has < asked and not has <= titles())
