"""Who speaks where the clause names nobody: the subject of the sentence, of the sentences before, or of an earlier claim."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text.chains import History, agrees
from pipeline.text.claims_frame import PREPOSITIONS, Frame, Name
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.cues import Entry, Hit
from pipeline.text.speakers_persons import titles
from pipeline.text.speakers_register import Register, Source


def _of_name(name: Name, register: Register) -> Source:
    gender = register.genders.get(name.canonical, "")
    return Source(
        "name", name.canonical, name.type, name.canonical, name.start, name.end, name.canonical, gender
    )


def clause_subject(frame: Frame, hit: Hit, register: Register) -> Source | None:
    """The first name of the sentence before an elided cue that the form agrees with: زار بغداد وأعلن أن."""
    if hit.first <= 2:
        return None
    limit = frame.words[hit.first].start
    for name in frame.names:
        if name.end > limit:
            break
        source = _of_name(name, register)
        if name.type == "ORG" and governed(frame, name.start):
            continue  # لاعب المنتخب، المتحدث الرسمي للاتحاد: the subject is the person
        if name.type in {"PER", "ORG"} and agrees(source, hit.entry):
            return source
    return None


def topic(frame: Frame, entry: Entry, earlier: Sequence[Frame], register: Register) -> Source | None:
    """The subject of one of the ``earlier`` sentences, where nobody has spoken yet: the first name that the form agrees
    with, in no genitive and behind no preposition (فازت ليلى حداد بالجائزة. وقالت إن …)."""
    for before in reversed(earlier):
        if before.section != frame.section:
            break
        for name in before.names:
            k = before.word_at(name.start)
            if name.type == "LOC" or before.quote(k) >= 0 or governed(before, name.start):
                continue
            if before.words[k].start < name.start or before.key(k - 1) in PREPOSITIONS:
                continue
            source = _of_name(name, register)
            if agrees(source, entry):
                return source
    return None


def new_topic(frame: Frame, hit: Hit, earlier: Sequence[Frame], history: History, register: Register) -> bool:
    """Whether the sentence before, which reports nothing, opens with a person's doing (وذكر سامي حداد الملف. وقال …)."""
    if hit.entry.carries or hit.entry.kind != "verb" or hit.first > 1 or not history.silence:
        return False
    before = earlier[-1] if earlier else None
    if before is None or before.section != frame.section or before.words[0].upos != "VERB":
        return False
    for name in before.names:
        k = before.word_at(name.start)
        if name.type == "PER" and k <= 5 and not any(before.key(j) in PREPOSITIONS for j in range(k)):
            return agrees(_of_name(name, register), hit.entry)
    return False


def governed(frame: Frame, start: int) -> bool:
    """Whether the organisation that begins here stands in the genitive of a person's title, or after لـ."""
    k = frame.word_at(start)
    word = frame.words[k]
    if word.start < start or word.key.startswith("لل") or "قبل" in {frame.key(k - 1), frame.key(k - 2)}:
        return True
    name = frame.name_at(start)
    if name is not None and name.type == "PER":
        return False
    return bare(frame.key(k - 1)) in titles() and frame.key(k - 1) not in PREPOSITIONS


def known(source: Source, history: History) -> Source:
    """Fill in a definite phrase that names nobody by itself: البيان، المتحدث، الوزير."""
    if source.name is not None or source.text is None or " " in source.text.strip():
        return source
    if not source.text.startswith("ال") and word_key(source.text) not in word_class("document_heads"):
        return source
    for claim in reversed(history.claims[-4:]):
        speaker = claim.speaker
        if source.text.removeprefix("ال") in {"بيان", "تقرير"} and speaker.text and "بيان" in speaker.text:
            return source._replace(name=speaker.name, type=speaker.type, entity=speaker.entity)
        if source.text in {"البيان", "بيان"} and speaker.type == "ORG" and speaker.entity != speaker.text:
            return source._replace(name=speaker.name, type=speaker.type)
        if speaker.text and source.text in speaker.text.split():
            return source._replace(name=speaker.name, type=speaker.type)
    return source
