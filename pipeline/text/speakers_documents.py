"""Who issued the text that a document takes up again: أصدرت الوزارة بيانا … وقال البيان، بحسب تقرير المنظمة … التقرير."""

from __future__ import annotations

from pipeline.text import speakers
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, bare, word_class
from pipeline.text.speakers_register import Register, Source
from pipeline.text.speakers_resolve import resolve

_BEHIND = 4
"""Words behind the head of a text among which its issuer stands."""
_BEFORE = 9
"""Words before it among which the verb of issuing stands."""


def issuer(register: Register, head: str, at: int, since: int = 0) -> Source | None:
    """The issuer of the text with this bare head (بيان، تقرير) that was last told of before character ``at``, and not
    before ``since``."""
    found = None
    for frame in register.frames:
        if frame.start >= at:
            break
        if frame.end <= since:
            continue
        for k, word in enumerate(frame.words):
            if word.start >= at:
                break
            if word.start >= since and _text_head(word.key) == head:
                found = _behind(frame, k, register) or _of_verb(frame, k, register) or found
    return found


def _text_head(key: str) -> str:
    """The bare head of a text, in the accusative and behind a preposition too: البيان, بيانا, ببيان; empty for no text.

    >>> _text_head("بيانا"), _text_head("البيان"), _text_head("بيانات")
    ('بيان', 'بيان', '')
    """
    word = bare(key)
    heads = word_class("document_heads")
    forms = (word, word.removesuffix("ا"), word.removeprefix("ب"), key.removeprefix("ب"))
    return next((form for form in forms if form in heads), "")


def _behind(frame: Frame, k: int, register: Register) -> Source | None:
    """The body named right behind a text: بيان لوزارة الصحة، تقرير المنظمة، دراسة أعدتها الجامعة."""
    for j in range(k + 1, min(k + 1 + _BEHIND, len(frame.words))):
        key = frame.key(j)
        if (
            key in PUNCTUATION
            or key in PREPOSITIONS
            or key == "مع"
            or an_marker(key)
            or (j in frame.hit_at and not frame.hit_at[j].entry.relative)
        ):
            return None
        name = next((n for n in frame.names if frame.word_at(n.start) == j), None)
        if name is not None and name.type in {"ORG", "PER"}:
            gender = register.genders.get(name.canonical, "")
            return Source("name", name.canonical, name.type, entity=name.canonical, gender=gender)
        body = (
            register.body([key], frame.words[j].start)
            if key.startswith("ال") and (j == k + 1 or _issued(frame, j - 1))
            else None
        )
        if body is not None:
            return Source("name", *body, entity=body[0])
    return None


def _issued(frame: Frame, k: int) -> bool:
    """Whether word k is a verb with a pronoun for the text: تقرير [أصدرته] المنظمة."""
    return frame.words[k].upos == "VERB" and frame.key(k).endswith(("ته", "تها", "ه", "ها"))


def _of_verb(frame: Frame, k: int, register: Register) -> Source | None:
    """The subject of the verb of issuing before a text: أصدرت [القيادة العامة] بيانا."""
    for j in range(k - 1, max(-1, k - _BEFORE), -1):
        if frame.key(j) in {"،", ",", ":", "؛"}:
            return None
        if frame.key(j).removeprefix("و") in word_class("issuing"):
            phrase = speakers.after(frame, j + 1, k, 1)
            if phrase is None or frame.key(phrase.first).startswith("ب"):
                return None
            source = resolve(frame, phrase, register)
            return source if source.name else None
    return None
