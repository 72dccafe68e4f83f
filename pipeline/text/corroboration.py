"""Claims of different documents that say the same: matched by content, told apart by what changed."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.text.edit_kinds import is_negation
from pipeline.text.edit_sides import Edit
from pipeline.text.edits import compare
from pipeline.text.overlaps import Bags, Floats, bags, common
from pipeline.text.similarity import form, key
from pipeline.text.units import Unit, word_class

MIN_SIMILARITY = 0.5
"""Weighted Dice of two contents from which the claims are linked."""
SURE = 0.6
"""Similarity from which a change of number, polarity or source may be asserted."""


DENIED = 0.75
"""Similarity from which a claim and its denial are about one thing."""
MAX_FIGURES = 1
"""Most figures that may differ where one of them contradicts; a range is two."""
ROUNDED = 1000
"""Value from which a figure that begins like the other one is that one rounded."""
_FIGURE = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Claim:
    """One claim, ready to be compared: its content as units, and who stands behind it.

    relays: canonical names of the outer layers, outermost first. speaker: canonical name or None.
    """

    claim_id: str
    text: str
    units: tuple[Unit, ...]
    stance: str
    kind: str
    speaker: str | None
    speaker_type: str | None
    relays: tuple[str, ...]


@dataclass(frozen=True)
class ClaimLink:
    """Two claims (of the earlier, of the later document), how they differ, similarity of their contents."""

    a: str
    b: str
    relation: str
    similarity: float


class Vocabulary(dict[str, int]):
    """Number of every key, given out on first sight, and its weight by number; what the corpus lacks weighs 1."""

    def __init__(self, keys: Sequence[str], weights: Floats) -> None:
        super().__init__(zip(keys, range(len(keys)), strict=True))
        self.weights = np.append(weights, np.ones(len(keys) // 4 + 64))

    def __missing__(self, key: str) -> int:
        found = self[key] = len(self)
        if found == len(self.weights):
            self.weights = np.append(self.weights, np.ones(len(self.weights)))
        return found


@dataclass(frozen=True)
class Contents:
    """The claims of one document with their words as bags, and the weight of each bag."""

    claims: Sequence[Claim]
    bags: Bags
    mass: Floats


def contents(claims: Sequence[Claim], vocabulary: Vocabulary) -> Contents:
    """Claims made ready for ``match``."""
    keys = [vocabulary[u.key] for claim in claims for u in claim.units]
    key = np.array(keys, dtype=np.int64)
    owner = np.repeat(np.arange(len(claims)), [len(claim.units) for claim in claims])
    mass = np.bincount(owner, weights=vocabulary.weights[key], minlength=len(claims))
    return Contents(claims, bags(key, owner, len(claims)), mass.astype(np.float64, copy=False))


def match(a: Contents, b: Contents, vocabulary: Vocabulary) -> list[tuple[int, int, float]]:
    """Best pairs (number in a, number in b, similarity) of two documents' claims, each claim at most once.

    Similarity is the weighted Dice coefficient of the two bags of words.
    """
    met = common(a.bags, b.bags, vocabulary.weights)
    total = a.mass[:, None] + b.mass[None, :]
    dice = np.divide(2 * met, total, out=np.zeros_like(met), where=total > 0)
    rows, columns = (dice >= MIN_SIMILARITY).nonzero()
    scored = sorted(zip((-dice[rows, columns]).tolist(), rows.tolist(), columns.tolist(), strict=True))
    used_a: set[int] = set()
    used_b: set[int] = set()
    found = []
    for value, i, j in scored:
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            found.append((i, j, -value))
    return sorted(found)


def relation(a: Claim, b: Claim, similarity: float) -> str:
    """How claim b of the later document differs from claim a; the most telling difference wins."""
    edits = compare(a.text, a.units, b.text, b.units).edits
    kinds = {e.kind for e in edits}
    sure = similarity >= SURE
    tests = (
        ("contradicts", sure and (_turned(a, b, edits, similarity) or _other_figure(a, b, edits))),
        ("attribution_changed", (sure and _speaker_changed(a, b)) or _differ(a.relays, b.relays)),
        ("attribution_dropped", bool(a.relays) and not b.relays),
        ("quote_drift", "quote_drift" in kinds or _drifted(a, b, edits)),
        ("same", all(e.kind == "spelling" or _clitic_only(a.text, b.text, e) for e in edits)),
        ("edited", sure),
    )
    return next((name for name, holds in tests if holds), "paraphrase")


def _turned(a: Claim, b: Claim, edits: Sequence[Edit], similarity: float) -> bool:
    """True where one claim denies what the other says: one edit of polarity under one stance, or one voice denies it there.

    To reject interference and to call for none say one thing: under two stances a negation proves nothing.
    """
    turns = sum(e.kind == "polarity" and not (_mild(a, b, e) or _goes_on(a, b, e)) for e in edits)
    if (a.stance == "deny") != (b.stance == "deny"):
        named = [_telling((c.speaker,)) if c.speaker else set() for c in (a, b)]
        one_voice = not (named[0] or named[1]) or bool(named[0] & named[1])
        denied = any(
            is_negation(c.units, n) or c.units[n].key in _REFUSED for c in (a, b) for n in range(len(c.units))
        )
        told = {a.stance, b.stance} <= {"deny", "assert", "neutral"}
        return told and not turns and not denied and one_voice and similarity >= DENIED
    return turns == 1 and a.stance == b.stance


_REFUSED = frozenset(key(form(w)) for w in ("رفض", "رفضه", "رفضها", "رفضهم", "يرفض", "ترفض", "منع", "وقف"))
"""Words inside a content that turn it round as a cue of refusal does: confirming the refusal of a thing is to refuse it."""


def _goes_on(a: Claim, b: Claim, edit: Edit) -> bool:
    """True for ولا behind another denial: the statement was denied before, and is in both."""
    for claim, start, end in ((a, edit.a_start, edit.a_end), (b, edit.b_start, edit.b_end)):
        if form(claim.text[start:end].strip() or "-") == "ولا":
            row = claim.units
            return any(is_negation(row, n) for n in range(len(row)) if row[n].start < start)
    return False


def _mild(a: Claim, b: Claim, edit: Edit) -> bool:
    """True for غير, دون, عدم put in or left out: beside another wording they deny no statement."""
    forms = {
        form(w) for w in (a.text[edit.a_start : edit.a_end] + " " + b.text[edit.b_start : edit.b_end]).split()
    }
    return any(f.endswith(_MILD) for f in forms)


_MILD = tuple(form(w) for w in ("غير", "دون", "عدم"))


def _other_figure(a: Claim, b: Claim, edits: Sequence[Edit]) -> bool:
    """True where one figure differs in common surroundings; several are another bulletin of one template."""
    left, right = ({u.start: n for n, u in enumerate(c.units)} for c in (a, b))
    changed = [e for e in edits if e.kind == "number" and e.op == "replace"]
    if not 0 < len(changed) <= MAX_FIGURES or any(e.kind == "date" for e in edits):
        return False  # counted on another day, a figure may well be another one
    return any(
        _differ_in_value(a.units[i].value, b.units[j].value)
        and _beside(a.units, i, b.units, j)
        and not (_no_count(a.units, i) or _no_count(b.units, j))
        for e in changed
        for i, j in [(left.get(e.a_start), right.get(e.b_start))]
        if i is not None and j is not None
    )


def _no_count(row: Sequence[Unit], at: int) -> bool:
    """True for a figure that counts nothing that could be counted anew: a year, somebody's age, bare "millions", what may
    come to pass."""
    before = row[max(0, at - AGE_WITHIN) : at]
    if any(u.form == "قد" and v.form[0] in "يت" for u, v in pairwise(row[: at + 1])):
        return True
    if any(u.key == _AGE for u in before) or any(u.form in word_class("year_words") for u in before[-1:]):
        return True
    return row[at].form in _BARE


AGE_WITHIN = 3
"""Units before a figure in which العمر makes it an age."""
_AGE = key(form("العمر"))
_BARE = frozenset(
    form(w) for w in ("ملايين", "الملايين", "آلاف", "الآلاف", "مئات", "المئات", "مليارات", "عشرات", "العشرات")
)


def _beside(a: Sequence[Unit], i: int, b: Sequence[Unit], j: int) -> bool:
    """True where the words before or behind two places are the same."""
    return (i > 0 < j and a[i - 1].key == b[j - 1].key) or (
        i + 1 < len(a) and j + 1 < len(b) and a[i + 1].key == b[j + 1].key
    )


def _differ_in_value(one: str | None, two: str | None) -> bool:
    """True for two figures of which at most one can be right: no rounding, no scale left out, no ordinal.

    >>> _differ_in_value("30", "27"), _differ_in_value("354863", "354000"), _differ_in_value("895", "895000000")
    (True, False, False)
    """
    if one is None or two is None or not (_FIGURE.fullmatch(one) and _FIGURE.fullmatch(two)):
        return False
    digits = sorted((v.replace(".", "").strip("0") for v in (one, two)), key=len)
    if digits[0] == digits[1]:
        return False
    large = max(float(one), float(two)) >= ROUNDED or "." in one + two
    same_size = len(one.split(".")[0]) == len(two.split(".")[0])
    return not (large and same_size and digits[1].startswith(digits[0]))


def _speaker_changed(a: Claim, b: Claim) -> bool:
    """True where another one speaks; a minister and his country are two names for one voice, so types must agree."""
    if a.speaker_type != b.speaker_type:
        return False
    return _differ((a.speaker,) if a.speaker else (), (b.speaker,) if b.speaker else ())


def _differ(a: Sequence[str], b: Sequence[str]) -> bool:
    """True where both sides name sources and no word of the names is common."""
    left, right = _telling(a), _telling(b)
    return bool(left and right) and not left & right


def _telling(names: Sequence[str]) -> set[str]:
    """Keys of the words that tell one source from another: two agencies share the word وكالة."""
    forms = {form(w) for name in names for w in name.split()}
    return {key(f) for f in forms if f not in word_class("source_nouns") and key(f) not in _COMMON}


_COMMON = frozenset(key(form(w)) for w in ["الأنباء", "للأنباء", "أنباء", "الرسمية", "المحلية", "الحكومية"])


def _drifted(a: Claim, b: Claim, edits: Sequence[Edit]) -> bool:
    """True where words changed inside quotation marks on both sides."""
    quoted_a = [(u.start, u.end) for u in a.units if u.quoted]
    quoted_b = [(u.start, u.end) for u in b.units if u.quoted]
    return any(
        e.kind != "spelling"
        and any(s < e.a_end and e.a_start < t for s, t in quoted_a)
        and any(s < e.b_end and e.b_start < t for s, t in quoted_b)
        for e in edits
    )


def _clitic_only(a_text: str, b_text: str, edit: Edit) -> bool:
    """True for إلى اتفاق → لاتفاق: a preposition that joins or leaves its noun."""
    if edit.op != "replace" or edit.kind != "wording":
        return False
    left, right = a_text[edit.a_start : edit.a_end].split(), b_text[edit.b_start : edit.b_end].split()
    last = (left[-1], right[-1])
    return (
        max(len(left), len(right)) <= 2
        and abs(len(left) - len(right)) == 1
        and (last[0].endswith(last[1].lstrip("لبكوف")) or last[1].endswith(last[0].lstrip("لبكوف")))
    )


def groups(claims: Sequence[str], links: Sequence[ClaimLink]) -> dict[str, str]:
    """Group of each claim: connected over links that agree; a contradiction joins nothing.

    Group identifiers come from the first claim of the group in the order given.

    >>> g = groups(["p", "q", "r"], [ClaimLink("p", "q", "same", 1.0), ClaimLink("q", "r", "contradicts", .9)])
    >>> g["p"] == g["q"] != g["r"]
    True
    """
    parent = {c: c for c in claims}
    order = {c: n for n, c in enumerate(claims)}

    def root(c: str) -> str:
        while parent[c] != c:
            parent[c] = parent[parent[c]]
            c = parent[c]
        return c

    for link in links:
        if link.relation == "contradicts" or link.a not in parent or link.b not in parent:
            continue
        x, y = sorted((root(link.a), root(link.b)), key=order.__getitem__)
        parent[y] = x
    return {c: "g" + hashlib.sha256(f"group:{root(c)}".encode()).hexdigest()[:16] for c in claims}


def corroboration(
    group_of: Mapping[str, str],
    doc_of: Mapping[str, str],
    outlet_of: Mapping[str, str | None],
    voice_of: Mapping[str, str],
) -> dict[str, tuple[int, int, int]]:
    """(documents, outlets, independent origins) of each group.

    doc_of, voice_of: per claim its document and the key of its origin. A document without outlet counts as one.
    """
    docs: dict[str, set[str]] = defaultdict(set)
    outlets: dict[str, set[str]] = defaultdict(set)
    voices: dict[str, set[str]] = defaultdict(set)
    for claim, group in group_of.items():
        doc = doc_of[claim]
        docs[group].add(doc)
        outlets[group].add(outlet_of.get(doc) or f"?{doc}")
        voices[group].add(voice_of[claim])
    return {g: (len(docs[g]), len(outlets[g]), len(voices[g])) for g in docs}
