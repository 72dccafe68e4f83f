"""The subject before its verb: كانت الوزارة أشارت، الوزير يؤكد، لكنها شددت، الهيئة التي قالت."""

from __future__ import annotations

import re

from pipeline.text import names as nm
from pipeline.text import speakers_titles
from pipeline.text.claims_frame import PUNCTUATION, Frame, Name
from pipeline.text.claims_words import bare, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import LONGEST, Phrase, phrase_end
from pipeline.text.speakers_nominal import nominal
from pipeline.text.speakers_words import NOT_NOMINAL, RELATIVE, TIME, titles

_CLAUSE_OPENERS = frozenset(["ان", "بان", "لان", "لكن", "ولكن", "حيث", "بينما", "فيما", "اذ"])
_CLITIC = re.compile(r"^(?:و|ف)?(?:لكن|ان|بان)(ه|ها|هم|هما)$")


_THEY = re.compile("^و?(هم|هما|هن)$")  # وهم يقولون
_SUBJECT_OPENERS = frozenset(
    [
        "اما",
        "كان",
        "كانت",
        "وكان",
        "وكانت",
        "ان",
        "بان",
        "لكن",
        "ولكن",
        "وكانوا",
        "فان",
        "وان",
        "لان",
        "حيث",
        "بينما",
        "فيما",
        "اذ",
        "لكون",
    ]
)


def before(frame: Frame, hit: Hit) -> Phrase | None:
    """The subject before its verb: كانت الوزارة أشارت، الوزير يؤكد (from the clause's start), لكنها شددت."""
    return _next_to(frame, hit) or _of_auxiliary(frame, hit)


_AUXILIARIES = frozenset(["كان", "كانت", "وكان", "وكانت", "كانوا", "وكانوا"])


def _of_auxiliary(frame: Frame, hit: Hit) -> Phrase | None:
    """The subject of كان with appositions or a relative clause between commas before قد: كان المدير، سامي حداد، قد أعلن."""
    if hit.joined:
        return None
    if frame.key(hit.first - 1) in {"،", ","}:
        return _apposed_before(frame, hit)
    if frame.key(hit.first - 1) != "قد" or frame.key(hit.first - 2) not in {"،", ","}:
        return None
    for k in range(hit.first - 3, max(-1, hit.first - 2 * LONGEST), -1):
        key = frame.key(k)
        if key in {".", "؛", ":"}:
            return None
        if key in _AUXILIARIES:
            if not nominal(frame, k + 1):
                return None
            end = phrase_end(frame, k + 1, hit.first - 1, 2)
            return Phrase(k + 1, end) if end > k + 1 and frame.key(end) in {"،", ","} else None
    return None


def _apposed_before(frame: Frame, hit: Hit) -> Phrase | None:
    """A subject with its apposition at the head of a clause: السفيرة لدى المنظمة، ليلى حداد، قالت إن; إلى أن الرئيس، سامي
    حداد، أمر."""
    start = 1 if frame.key(0) in _SUBJECT_OPENERS else 0
    nearest = range(hit.first - 2, max(0, hit.first - LONGEST), -1)
    start = next((j + 1 for j in nearest if frame.key(j) in _CLAUSE_OPENERS), start)
    if hit.first - start > LONGEST or not nominal(frame, start) or _finite(frame, start):
        return None
    if frame.quote(start) != frame.quote(hit.first) or start in frame.hit_at:
        return None
    end = phrase_end(frame, start, hit.first, 3)
    whole = end == hit.first - 1
    named = any(n.type != "LOC" and n.end <= frame.words[end - 1].end for n in frame.names)
    titled = bare(frame.key(start)) in titles()
    return Phrase(start, end) if whole and (named or titled) and end > start else None


def _next_to(frame: Frame, hit: Hit) -> Phrase | None:  # noqa: PLR0911
    k = hit.first - 1
    if k < 0:
        return None
    clitic = _CLITIC.match(frame.key(k)) or _THEY.match(frame.key(k))
    if clitic and not hit.joined:
        return Phrase(k, k + 1, len(clitic[1]))
    if hit.joined or frame.key(k) in PUNCTUATION:
        return None
    if frame.key(k) in RELATIVE:
        return _antecedent(frame, hit, k)
    while k > 0 and frame.key(k) in _HELPERS and frame.key(k - 1) not in PUNCTUATION:
        k -= 1  # ذلك أن [الاتحاد] كان قد طالب، أما [زوجها] فقد كشف
    if frame.key(k) in RELATIVE:
        return _antecedent(frame, hit, k)
    start = _clause_start(frame, k)
    described = any(frame.key(j) in RELATIVE for j in range(start + 1, k))
    if (
        k - start > 7
        and not described
        and not any(n.start >= frame.words[start].start and n.end <= frame.words[k].end for n in frame.names)
    ):
        return None
    joined = _joined(frame, start)
    if start > k or not (joined or nominal(frame, start)) or _finite(frame, start):
        return None
    if frame.key(start - 1) not in _SUBJECT_OPENERS and start > 0 and frame.key(start - 1) not in "،,:-–|.":
        return None
    end = phrase_end(frame, start, hit.first, 1)
    if end < hit.first and not all(_passable(frame, j) for j in range(end, hit.first)):
        return None
    return Phrase(start, end, skip=1 if joined else 0) if end > start else None


_HELPERS = frozenset(["قد", "فقد", "كان", "كانت"])


def _joined(frame: Frame, k: int) -> bool:
    """Whether word k is و and the name or definite noun that a clause is about: وبريطانيا تتهم، والوزارة تقول."""
    word = frame.words[k]
    if not word.key.startswith("و") or frame.text[word.start] != "و" or word.key[1:] in TIME:
        return False  # والأحد قال
    return word.key.startswith("وال") or any(n.start == word.start + 1 for n in frame.names)


def _finite(frame: Frame, k: int) -> bool:
    """Whether a clause opens with a verb of its own (درس الخبير … ووضع مقياسا يقول), so that no subject stands there."""
    return frame.words[k].upos == "VERB" and not frame.in_name(k)


def _antecedent(frame: Frame, hit: Hit, k: int) -> Phrase | None:
    """The name that a relative pronoun at word k takes up, where the verb agrees: إيران التي تقول إن."""
    if hit.entry.gender != ("f" if frame.key(k) in {"التي", "اللتان"} else "m"):
        return None
    if hit.entry.act == "accuse" and _other_subject(frame, hit):
        return None
    j = k - 1 if frame.key(k - 1) in {"،", ","} else k
    end = frame.words[j - 1].end if j else -1
    for name in frame.names:
        if name.end == end:
            return _with_title(frame, name, j)
    return _ending_at(frame, j, hit.entry.gender)


def _other_subject(frame: Frame, hit: Hit) -> bool:
    """Whether a body or place right behind the verb of a relative clause is its subject: الانتهاكات التي تتهم [المعارضة
    المحلية] الجيش بارتكابها — not: المعارضة التي تتهم الجيش بـ."""
    behind = range(hit.last, min(hit.last + 12, len(frame.words)))
    taken_up = any(
        frame.key(k).startswith("ب") and frame.key(k).endswith(("ها", "ه")) and not frame.in_name(k)
        for k in behind
    )
    return taken_up and nominal(frame, hit.last)


def _with_title(frame: Frame, name: Name, last: int) -> Phrase:
    """A name with the title before it, without its preposition: التقى بـ[الرئيس التركي سامي حداد] الذي; with the text that
    it issued: [بيان الوزارة] الذي."""
    k = frame.word_at(name.start)
    if name.type != "PER":
        text = frame.key(k - 1) in word_class("document_heads") and not frame.opens(k)
        return Phrase(k - 1 if text else k, last)
    heads = [
        j
        for j in speakers_titles.before(frame, k)
        if bare(frame.key(j)) in titles() or speakers_titles.attached(frame.key(j))
    ]
    first = min(heads, default=k)
    return Phrase(first, last, skip=1 if speakers_titles.attached(frame.key(first)) else 0)


def _ending_at(frame: Frame, j: int, gender: str) -> Phrase | None:
    """The definite noun phrase of this gender that ends before word j: في التقرير السنوي للهيئة، [الذي]."""
    first = j
    while first > max(0, j - 12):
        k = first - 1
        key = frame.key(k)
        verb = frame.words[k].upos == "VERB" or (k in frame.hit_at and frame.hit_at[k].entry.kind == "verb")
        other = key in PUNCTUATION or key in NOT_NOMINAL or key in word_class("adjuncts")
        if other or verb or frame.quote(k) != frame.quote(j):
            break
        first = k
    if first == j or not nominal(frame, first) or phrase_end(frame, first, j, 0) != j:
        return None
    for start in range(first, j):
        text = frame.text[frame.words[start].start : frame.words[j - 1].end]
        head = nm.agreement(text)[0]
        definite = text.startswith("ال") or any(w.startswith(("ال", "لل")) for w in text.split()[1:])
        if definite and head in {"", "fem" if gender == "f" else "masc"}:
            return Phrase(start, j)
    return None


def _passable(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    return key in TIME or key in _HELPERS or key in {"،", ","}


def _clause_start(frame: Frame, k: int) -> int:
    """First word of the clause that ends at word k: after كانت, إن or punctuation, or at the quotation's start."""
    inside = frame.quote(k + 1)
    j = k
    while j > max(0, k - 2 * LONGEST):
        key = frame.key(j - 1)
        if key in _SUBJECT_OPENERS or key in {":", "؛", ".", "|"}:
            return j
        if key in {"،", ","}:
            return j
        if inside >= 0 and frame.quote(j - 1) != inside:
            return j
        j -= 1
    return j
