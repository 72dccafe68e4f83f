"""What the article as a whole says about its sources: fuller names, and whether a headline's place can speak."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text.chains import Claim
from pipeline.text.claims_frame import Frame, Name
from pipeline.text.claims_reports import Report
from pipeline.text.claims_subjects import ADDRESSED
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.names import fold_name, fold_words
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_persons import given_run, leading_person
from pipeline.text.speakers_register import Register
from pipeline.text.speakers_resolve import ANONYMOUS, DOCUMENTS, resolve
from pipeline.text.speakers_words import titles
from pipeline.text.states import adjectives


def collective(frames: Sequence[Frame], found: Sequence[Report]) -> list[str]:
    """Collective sources as written (وكالات أنباء روسية), which short forms may abbreviate."""
    texts = []
    for frame, report in zip(frames, found, strict=True):
        phrases = [
            t.source
            for t in report.tags
            if t.source and t.source.first < t.source.last and not t.source.clitic
        ]
        phrases += [r.relay for r in report.relayed if r.relay] + [p for _, p in report.relatives]
        phrases += _bodies_that_speak(frame, report)
        for phrase in phrases:
            texts.append(frame.text[frame.words[phrase.first].start : frame.words[phrase.last - 1].end])
    return texts


def _bodies_that_speak(frame: Frame, report: Report) -> list[Phrase]:
    """Subjects of a sentence's reports that are neither people nor names: مجموعة ضمت خبراء, استطلاعات الرأي."""
    found = []
    for hit, comp, _ in report.verbs:
        phrase = report.subject(hit, comp) if hit.entry.act not in ADDRESSED else None
        if phrase is None or phrase.clitic or phrase.skip or phrase.last - phrase.first < 2:
            continue
        key = frame.key(phrase.first)
        if bare(key) not in titles() and key not in _HEADS_APART and not frame.in_name(phrase.first):
            found.append(phrase)
    return found


def voices(frames: Sequence[Frame], found: Sequence[Report], register: Register) -> frozenset[str]:
    """Folded names of those who speak in the body: as written, and the last word of a person's name."""
    names = set()
    for frame, report in zip(frames, found, strict=True):
        if frame.section == "title":
            continue
        phrases = [report.subject(hit, comp) for hit, comp, _ in report.verbs]
        for phrase in phrases:
            if phrase is None or phrase.clitic:
                continue
            source = resolve(frame, phrase, register)
            names.add(fold_name(source.text or ""))
            if source.type == "PER" and source.name:
                names |= {fold_name(source.name), fold_words(source.name)[-1]}
    return frozenset(names) - {""}


def speaks(headline: Claim, claims: Sequence[Claim], frames: Sequence[Frame]) -> bool:
    """Whether X of a headline X: … says it rather than being where it happens.

    Persons, bodies and capitals say it. The name of a state does where a source of that state says much the same
    in the article (تركيا: القمة ستعقد … — وزير الطاقة التركي يعلن أن القمة …).
    """
    source = headline.speaker
    if source.type != "LOC" or source.entity != source.name or not source.name:
        return True
    text = frames[0].text
    words = _content_words(text, headline)
    state = {bare(word_key(w)) for w in (*source.name.split(), *adjectives(source.name))}
    for claim in claims:
        speaker = {bare(word_key(w)) for w in (claim.speaker.text or claim.speaker.name or "").split()}
        feminine = {w.removesuffix("ة") for w in speaker}
        if claim is not headline and state & (speaker | feminine):
            shared = words & _content_words(text, claim)
            if len(shared) >= 0.4 * len(words):
                return True
    return False


def _content_words(text: str, claim: Claim) -> set[str]:
    words = (bare(word_key(w.strip('"«»“”،.:؛'))) for s, e in claim.content for w in text[s:e].split())
    return {w for w in words if len(w) > 2}


def _placed(frames: Sequence[Frame], body: Name) -> bool:
    """Whether a body's name ends in a place that the article names by itself (شرطة ميامي): another place after it is
    where that place lies."""
    last = fold_words(body.canonical)[-1:]
    return any(n.type == "LOC" and fold_words(n.canonical) == last for frame in frames for n in frame.names)


_HEADS_APART = ANONYMOUS | DOCUMENTS


def bodies(frames: Sequence[Frame], found: Sequence[Report], register: Register) -> list[tuple[str, str]]:
    """Speakers that are organisations under a name which the text spells out: وزارة الصحة في غزة."""
    texts = []
    for frame, report in zip(frames, found, strict=True):
        phrases = [report.subject(hit, comp) for hit, comp, _ in report.verbs]
        phrases += [tag.source for tag in report.tags]
        for phrase in phrases:
            if (
                phrase is None
                or phrase.first == phrase.last
                or phrase.clitic
                or phrase.skip
                or frame.key(phrase.first) in _HEADS_APART
            ):
                continue
            keys = [frame.key(k) for k in range(phrase.first, phrase.last)]
            if {"،", ",", "(", "التي", "الذي"} & set(keys) or frame.quote(phrase.last - 1) >= 0:
                continue
            start, end = frame.words[phrase.first].start, frame.words[phrase.last - 1].end
            lead = frame.name_at(start)
            inside = any(start <= n.start < end for n in frame.names)
            if not inside and (person := given_run(frame, phrase) or leading_person(frame, phrase)):
                register.add_person(start, person, keys)
                continue
            if lead is None:
                if len(keys) > 1 and keys[0] in word_class("idafa_heads") and bare(keys[0]) not in titles():
                    register.add_phrase(start, frame.text[start:end])
                places = [n for n in frame.names if n.type == "LOC" and start <= n.start < end]
                goes_on = len(keys) > 2 and len(places) == 1 and places[0].end == end
            else:
                following = frame.key(frame.word_at(lead.end - 1) + 1) if lead.end < end else ""
                goes_on = lead.type == "ORG" and (following == "في" or following.startswith("ل"))
                goes_on = goes_on and not (following == "في" and _placed(frames, lead))
            if goes_on:
                texts.append((frame.text[start:end], lead.canonical if lead else ""))
    return texts
