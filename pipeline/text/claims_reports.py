"""The reports of one sentence: which cues report, in which order they take their complements, what they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.text import (
    claims_complements,
    claims_content,
    claims_gates,
    claims_subjects,
    claims_tags,
    cues,
    speakers,
    speakers_before,
)
from pipeline.text import claims_headline as headline
from pipeline.text.claims_frame import PUNCTUATION, Frame
from pipeline.text.claims_nouns import Complement
from pipeline.text.claims_subjects import moved, text_before
from pipeline.text.claims_tags import Tag
from pipeline.text.claims_words import word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import Phrase

_ABOUT = 22


class Relayed(NamedTuple):
    """نقلت X عن Y قوله: ``cue`` is the cue of the claim (قوله, else نقلت), ``hit`` that of the relay."""

    cue: Hit
    hit: Hit
    relay: Phrase | None
    speaker: Phrase


@dataclass(slots=True)
class Report:
    """What a sentence reports. verbs: cue, complement and end of its content, in text order."""

    frame: Frame
    verbs: list[tuple[Hit, Complement, int]] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    relayed: list[Relayed] = field(default_factory=list)
    relatives: list[tuple[Hit, Phrase]] = field(default_factory=list)
    split: dict[Hit, tuple[int, int, int]] = field(default_factory=dict)
    owners: dict[Hit, tuple[int, int]] = field(default_factory=dict)
    headline: tuple[Phrase, int, int] | None = None
    subjects: dict[tuple[int, int, int], Phrase | None] = field(default_factory=dict)

    def owner(self, tag: Tag) -> tuple[int, int] | None:
        """Word range of the content of the report that a tag belongs to."""
        return self.owners.get(tag.hit)

    def passive(self, hit: Hit) -> bool:
        """Whether the vowel signs or the frame show a passive verb without an agent (اتُهم).

        A charge brought by nobody named (وجهت إليه تهم) counts too.
        """
        raw = self.frame.raw(hit.first)
        if hit.entry.kind != "verb":
            return False
        if "ُ" in raw[:4] and raw[:1] not in "يت":  # يُؤكد is active
            return True
        rule = next((c.rule for h, c, _ in self.verbs if h is hit), "")
        return "charge" in hit.entry.comp and rule not in {"prep", "an"} and self.subject(hit, None) is None

    def subject(self, hit: Hit, comp: Complement | None) -> Phrase | None:
        """The subject in the cue's own clause: after it, before it, or its clitic."""
        key = hit.first, hit.last, comp.first if comp is not None else -1
        if key not in self.subjects:
            self.subjects[key] = claims_subjects.subject(self.frame, hit, comp)
        return self.subjects[key]


def reports(frame: Frame) -> Report:  # noqa: PLR0912
    """Find what a sentence reports."""
    report = Report(frame)
    _also(frame)
    owned: set[int] = set()
    found: dict[Hit, Complement] = {}
    for hit in frame.hits:
        if ("about" in hit.entry.comp and not hit.entry.relative) or hit.entry.lemma == "نقلا عن":
            _relay(frame, hit, report, found, owned)
    for kinds in (("verb", "hal", "moved"), ("masdar", "accused")):
        for hit in frame.hits:
            if hit in found or hit.entry.kind not in kinds or hit.entry.relative:
                continue
            if "about" in hit.entry.comp and not _passes_on(frame, hit):
                continue
            comp = _complement(frame, hit, owned, report, found)
            if comp is not None:
                found[hit] = comp
                owned.add(comp.first)
    _absorbed(frame, found)
    tags = _tag_sources(frame)
    active = {hit.first: hit for hit in found} | {hit.first: hit for hit, _ in tags}
    active |= {r.hit.first: r.hit for r in report.relayed}
    for hit in sorted(found, key=lambda h: h.first):
        comp = found[hit]
        last = comp.first + 1 if comp.rule == "before" else claims_content.last_word(frame, hit, comp, active)
        if comp.rule == "before":
            last = _quote_before(frame, hit)[1]  # type: ignore[index]
        if last > comp.first:
            report.verbs.append((hit, comp, last))
    for hit, source in tags:
        _tag(frame, hit, source, report, active)
    for hit in frame.hits:
        if hit.entry.relative:
            phrase = speakers.after(frame, hit.last, min(hit.last + 8, len(frame.words)), 0)
            if phrase:
                report.relatives.append((hit, phrase))
    report.headline = headline.find(frame, [hit for hit, _, _ in report.verbs])
    return report


def _passes_on(frame: Frame, hit: Hit) -> bool:
    """Whether نقل without a source has an outlet for its subject and tells by itself: ونقلت الصحيفة أن (not: نقل المصاب)."""
    outlet = frame.key(hit.last).removeprefix("ال")
    return outlet in claims_gates.OUTLETS or (outlet == "وسائل" and frame.key(hit.last + 1).endswith("علام"))


def _absorbed(frame: Frame, found: dict[Hit, Complement]) -> None:
    """In أشارت ليلى حداد بقولها: … the verb is the cue; what بقولها opens is its content."""
    for masdar in [h for h in found if frame.key(h.first) in claims_gates.BY_SAYING]:
        for verb in reversed(frame.hits):
            if verb.first >= masdar.first or verb.entry.kind != "verb":
                continue
            between = range(verb.last, masdar.first)
            if claims_gates.closes_with_saying(frame, verb, found[masdar]):
                break
            if verb not in found and len(between) < 24 and not any(frame.key(k) in "؛:." for k in between):
                found[verb] = found.pop(masdar)._replace(field_end=masdar.first)
            break


def _also(frame: Frame) -> None:
    """كما أعلن at the head of a clause that goes on with أن is an ordinary report with 'also' before it."""
    for i, hit in enumerate(frame.hits):
        if (
            hit.entry.kind != "tag_verb"
            or hit.last - hit.first != 2
            or frame.key(hit.first) not in word_class("tag_also")
        ):
            continue
        plain = cues.forms().get(frame.key(hit.last - 1))
        if plain is None:
            continue
        verb = Hit(hit.first + 1, hit.last, 0, plain, True)
        if hit.first == 0 or claims_complements.find(frame, verb) is not None:
            frame.hits[i] = verb
            del frame.hit_at[hit.first]
            frame.hit_at[verb.first] = verb


def _complement(  # noqa: PLR0911, PLR0912
    frame: Frame, hit: Hit, owned: set[int], report: Report, found: dict[Hit, Complement]
) -> Complement | None:
    entry = hit.entry
    if entry.kind == "accused":
        return claims_gates.accused(frame, hit)
    if entry.kind == "moved" and moved(frame, hit) is None:
        return None
    if "text_in" in entry.gate and text_before(frame, hit) is None:
        return None
    if entry.kind == "verb" and not claims_complements.stands(frame, hit):
        return None
    if frame.key(hit.first) in {"قايلا", "قايلة", "قايلين"} and any(
        hit.first - 12 <= h.first < hit.first <= c.field_end for h, c in found.items()
    ):
        return None
    if frame.quote(hit.first) >= 0 and entry.kind != "verb":
        return None
    if entry.kind == "hal" and "comma" in entry.gate and frame.key(hit.first - 1) not in {"،", ","}:
        return None
    comp = claims_complements.find(frame, hit, owned)
    if comp is not None and claims_gates.unfit(frame, hit, comp):
        return None
    if entry.kind == "verb" and hit.skip and frame.key(hit.first)[0] == "ل":  # ليقول إن; not: ليعلن عن الفائز
        return comp if comp is not None and comp.rule in {"an", "quote", "colon"} else None
    answers = entry.act == "reply"  # وعلى سؤال "…" أجاب: the quotation before is what was asked
    quotes = "quote" in entry.comp and entry.kind == "verb" and not answers
    before = _quote_before(frame, hit) if quotes else None
    if before is not None and not hit.joined and before[0] not in owned:
        if comp is None:
            return Complement("before", before[0], hit.last)
        if comp.rule == "quote":
            report.split[hit] = (before[0], before[1], 0)
    if comp is not None and claims_gates.negative(frame, hit):
        return None
    return comp


def _quote_before(frame: Frame, hit: Hit) -> tuple[int, int] | None:
    """Word range of a quotation of four words or more that ends just before the cue."""
    k = hit.first - 1
    while k >= 0 and frame.key(k) in {"،", ",", "-", "–"} and frame.quote(k) < 0:
        k -= 1
    if k < 0 or frame.quote(k) < 0 or frame.quote(k) == frame.quote(hit.first):
        return None
    first = k
    while first > 0 and frame.quote(first - 1) == frame.quote(k):
        first -= 1
    named = frame.key(first - 1) in {"بعنوان", "عنوان"}
    return (first, k + 1) if k + 1 - first >= 4 and not named else None


def _relay(frame: Frame, hit: Hit, report: Report, found: dict[Hit, Complement], owned: set[int]) -> None:
    """نقلت X عن Y (قوله) إن …، and أعلن X نقلا عن Y أن …"""
    size = len(frame.words)
    if hit.entry.lemma == "نقلا عن":
        about = hit.last - 1
    else:
        about = next(
            (
                k
                for k in range(hit.last, min(hit.last + _ABOUT, size))
                if frame.key(k) == "عن" and frame.quote(k) == frame.quote(hit.first)
            ),
            -1,
        )
        if about < 0:
            about = next(
                (k for k in range(hit.last, min(hit.last + _ABOUT, size)) if _on_tongue(frame, k)), -1
            )
        if about < 0 and hit.entry.kind == "verb":
            about = next(
                (k for k in range(hit.last, min(hit.last + _ABOUT, size)) if frame.key(k) in _ABOUT_HIM), -1
            )
        if about < 0 or any(frame.key(k) in "؛:" for k in range(hit.last, about)):
            return
    saying = next(
        (h for h in frame.hits if h.entry.kind == "masdar" and about < h.first < about + 30 and h.entry.comp & {"an"}
         and frame.key(h.first).endswith(("ه", "ها", "هم", "هما"))),
        None,
    )  # fmt: skip
    probe = Hit(
        about,
        about + 1,
        0,
        hit.entry._replace(comp=frozenset(["an", "quote"]), gate=frozenset(), kind="verb"),
        False,
    )
    if saying is not None:
        probe = saying._replace(entry=saying.entry._replace(kind="verb"))
    comp = claims_complements.find(frame, probe)
    if comp is None or (saying is None and hit.entry.lemma == "نقلا عن" and comp.rule == "colon"):
        return
    stop = saying.first if saying is not None else comp.field_end
    if frame.key(about) in _ABOUT_HIM:
        speaker: Phrase | None = Phrase(about, about + 1, 1 if frame.key(about) == "عنه" else 2)
    else:
        speaker = speakers.after(frame, about + 1, stop, 2)
    if speaker is None:
        return
    cue = saying or hit
    main = next((h for h in reversed(frame.hits) if h.first < hit.first and h.entry.kind == "verb"), None)
    if hit.entry.lemma == "نقلا عن":
        relay = (
            speakers.after(frame, main.last, hit.first, 2) or speakers_before.before(frame, main)
            if main
            else None
        )
        relay_hit = main or hit
    else:
        relay = speakers.after(frame, hit.last, about, 2) or speakers_before.before(frame, hit)
        relay_hit = hit
    report.relayed.append(Relayed(cue, relay_hit, relay, speaker))
    found[cue] = comp
    owned.add(comp.first)


_ABOUT_HIM = frozenset(["عنه", "عنها", "عنهم"])  # نقل الموقع عنه قوله


def _on_tongue(frame: Frame, k: int) -> bool:
    """على لسان after نقل means عن."""
    return frame.key(k) == "لسان" and frame.key(k - 1) == "علي"


def _tag_sources(frame: Frame) -> list[tuple[Hit, Phrase | None]]:
    taken: list[tuple[Hit, Phrase | None]] = []
    for hit in frame.hits:
        if hit.entry.kind not in {"tag", "tag_verb", "tag_own"} or frame.quote(hit.first) >= 0:
            continue
        if (
            any(h.last <= hit.first < h.last + 12 and "about" in h.entry.comp for h in frame.hits)
            and hit.entry.lemma == "على لسان"
        ):
            continue
        source = claims_tags.source_of(frame, hit)
        if source is not None:
            taken.append((hit, source))
    return taken


def _tag(frame: Frame, hit: Hit, source: Phrase | None, report: Report, active: dict[int, Hit]) -> None:
    """Give a tag to the report of its clause, or make the clause its content."""
    if hit.entry.lemma == "نقلا عن" and any(r.cue is hit for r in report.relayed):
        return
    holder = next(((c, last) for h, c, last in report.verbs if h.last <= hit.first < c.first), None)
    if holder is not None:  # أكد الوزير، وفق وكالة …، أن …
        report.owners[hit] = (holder[0].first, holder[1])
        report.tags.append(Tag(hit, source, (), source.last if source else hit.last))
        return
    earlier = [
        (h, c, last)
        for h, c, last in report.verbs
        if h.first < hit.first and h.entry.kind not in {"masdar", "accused"}
    ]
    # تابع أن "لا أدلة تشير إلى أن …"، وفق X: the tag stands outside of the quotation, and so does the report it adds to
    earlier = [(h, c, last) for h, c, last in earlier if frame.quote(h.first) < 0] or earlier
    if earlier:
        _, comp, last = earlier[-1]
        if comp.first <= hit.first and (last >= hit.first - 1 or _same_clause(frame, last, hit.first)):
            report.owners[hit] = (comp.first, last)
            report.tags.append(Tag(hit, source, (), source.last if source else hit.last))
            return
    floor = max(
        [last for _, _, last in report.verbs if last <= hit.first]
        + [t.last for t in report.tags if t.last <= hit.first],
        default=0,
    )
    tag = claims_tags.scope(frame, hit, source, active, floor)
    told = _told_next(frame, tag, report)
    if tag is not None and told is not None:  # بحسب الوكالة، سارعت النقابة إلى القول إن …
        report.owners[hit] = told
        report.tags.append(Tag(hit, source, (), tag.last))
        return
    if tag is not None:
        report.tags.append(tag)
    elif source is not None and claims_tags.is_whole(frame, hit, source):
        report.tags.append(Tag(hit, source, (), source.last))


def _told_next(frame: Frame, tag: Tag | None, report: Report) -> tuple[int, int] | None:
    """Word range of the content of the report that the clause behind an opening tag is."""
    if tag is None or not tag.pieces or tag.pieces[0][0] < tag.hit.first:
        return None
    start = tag.pieces[0][0]
    for hit, comp, last in report.verbs:
        if start <= hit.first <= start + 5 and hit.entry.kind in {"verb", "moved"}:
            free = not any(frame.key(k) in "،,؛:" for k in range(start, hit.first))
            return (comp.first, last) if free and not hit.joined else None
    return None


def _same_clause(frame: Frame, first: int, tag: int) -> bool:
    """Whether only the reporter's tail (وذلك خلال زيارة) stands between a content and a tag."""
    while first < tag and frame.key(first) in PUNCTUATION:
        first += 1
    if first >= tag - 1:
        return True
    key = frame.key(first)
    if key in {"وذلك", "خلال", "في", "حيث", "علي", "مع", "بعد", "قبل"}:
        return True
    return not key.startswith(("و", "ف"))
