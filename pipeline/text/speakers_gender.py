"""The gender that a document itself shows of the people and bodies it names: by the verb before them, a title, a head noun."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from pipeline.text import names as nm
from pipeline.text import speakers_titles
from pipeline.text.claims_frame import Frame, Name
from pipeline.text.claims_words import bare, word_class
from pipeline.text.speakers_words import titles

_SHORT = {"masc": "m", "fem": "f"}


def genders(frames: Sequence[Frame]) -> dict[str, str]:
    """Canonical name → m or f, where the texts around it speak with one voice; names without a sign are left out.

    A verb before its subject counts most (قالت هيذر ناورت), then the title or head noun (المتحدثة، صحيفة).
    """
    verbs: dict[str, Counter[str]] = defaultdict(Counter)
    heads: dict[str, Counter[str]] = defaultdict(Counter)
    for frame in frames:
        for name in frame.names:
            first, sign = _head(frame, name)
            if sign:
                heads[name.canonical][sign] += 1
            if verb := _verb_before(frame, first):
                verbs[name.canonical][verb] += 1
    found: dict[str, str] = {}
    for votes in (heads, verbs):  # the verbs last, so that they win
        for canonical, count in votes.items():
            if len(count) == 1:
                found[canonical] = next(iter(count))
    return found


def _head(frame: Frame, name: Name) -> tuple[int, str]:
    """First word of the phrase that a name closes, and the gender of its head; the name's own place where it has none."""
    k = frame.word_at(name.start)
    if name.type == "PER":
        before = sorted(speakers_titles.before(frame, k))
        heads = [j for j in before if bare(frame.key(j)) in titles()]
        return (heads[0], _title_gender(frame.key(heads[0]))) if heads else (k, "")
    head = frame.key(k - 1)
    if name.type == "ORG" and (head in word_class("idafa_heads") or head in word_class("quoted_name_heads")):
        gender = nm.agreement(head)[0]
        return k - 1, _SHORT.get(gender, "") if head not in titles() else ""
    return k, ""


def _title_gender(key: str) -> str:
    return "f" if key.endswith("ة") else ""


def _verb_before(frame: Frame, k: int) -> str:
    """Gender of the verb of speaking right before word k, empty where there is none."""
    hit = frame.hit_at.get(k - 1)
    if hit is None or hit.entry.kind != "verb" or hit.last != k or hit.entry.number not in {"", "s"}:
        return ""
    addressed = hit.entry.act in {"accuse", "demand", "urge", "request", "inform", "threaten", "describe"}
    return "" if addressed or hit.entry.relative else hit.entry.gender
