"""The reports of one sentence: which cues report, in which order they take their complements, what they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.text import claims_complements, claims_content, claims_tags, cues, speakers
from pipeline.text import claims_headline as headline
from pipeline.text import names as nm
from pipeline.text.claims_complements import Complement
from pipeline.text.claims_frame import PUNCTUATION, Frame
from pipeline.text.claims_tags import Tag
from pipeline.text.claims_words import is_event_noun, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import RELATIVE, Phrase

_ABOUT = 22
_COURTS = frozenset(["محكمة", "المحكمة", "قاض", "القاضي", "القضاء", "قضاء"])


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
        if "ُ" in raw[:4]:
            return True
        return "charge" in hit.entry.comp and self.subject(hit, None) is None

    def subject(self, hit: Hit, comp: Complement | None) -> Phrase | None:
        """The subject in the cue's own clause: after it, before it, or its clitic."""
        if hit.entry.kind == "hal":
            return None
        if hit.entry.kind == "moved":
            return _moved(self.frame, hit)
        if "text_in" in hit.entry.gate:
            return _text_before(self.frame, hit)
        stop = comp.field_end if comp else min(hit.last + 6, len(self.frame.words))
        if comp is not None and comp.rule == "before":
            stop = len(self.frame.words)
        if hit.entry.kind == "masdar":
            key = self.frame.key(hit.first)
            if key.endswith(("ه", "ها", "هم", "هما")) and hit.entry.lemma != "تقدير":
                size = 2 if key.endswith(("ها", "هم")) else 1
                return Phrase(hit.first, hit.first + 1, size)
        addressed = hit.entry.act in _ADDRESSED
        plural = hit.entry.number in {"d", "p"}  # before its subject a verb stands in the singular
        if addressed or plural or self.frame.section == "title":
            preposed = speakers.before(self.frame, hit)
            if preposed is not None or plural:
                return preposed
        found = speakers.after(self.frame, hit.last, stop, 1 if addressed else 2)
        if found is not None and self.frame.key(found.first).startswith("لل"):
            found = None
        if found is not None and addressed:
            found = self._addressing(hit, found)
        return found or self._preposed(hit)

    def _addressing(self, hit: Hit, found: Phrase) -> Phrase | None:
        """The subject of a verb that takes an object too; None where the phrase behind it can only be the object."""
        frame = self.frame
        if frame.key(hit.first - 1) in RELATIVE or frame.key(found.first) in _UNABLE:
            return None  # القرار الذي طالب الجماعة بـ; وتصف مزاعم …
        kept = _without_target(frame, found)
        if kept is None or hit.entry.gender != "m" or frame.key(hit.first)[hit.skip :].startswith(("ي", "م")):
            return kept
        name = frame.name_at(frame.words[kept.first].start)
        feminine = name is not None and name.type == "LOC" and nm.agreement(name.canonical)[0] == "fem"
        return None if feminine else kept  # وطالب روسيا

    def _preposed(self, hit: Hit) -> Phrase | None:
        """The subject before its verb where the verb agrees with it (not المجموعة يرجح أن: it is thought)."""
        found = speakers.before(self.frame, hit)
        if (
            found is None
            or found.clitic
            or hit.entry.act not in {"opine", "predict"}
            or hit.entry.gender != "m"
        ):
            return found
        head = self.frame.key(found.first)
        return None if head.startswith("ال") and head.endswith("ة") else found


_UNABLE = frozenset(
    ["مزاعم", "ادعاءات", "اتهامات", "تصريحات", "خطوة", "قرار", "محادثات", "زيارة", "اجواء", "اوضاع"]
)
_ADDRESSED = frozenset(
    ["accuse", "demand", "urge", "request", "inform", "threaten", "advise", "describe", "warn", "question"]
)


def _without_target(frame: Frame, phrase: Phrase) -> Phrase | None:
    """Cut who is addressed or accused off the speaker: اتهمت إيران السعودية, طالب لاعبه (nobody but the addressee)."""
    first = frame.key(phrase.first)
    if first.startswith("ال") and first.endswith("ين") and not frame.in_name(phrase.first):
        return None  # وطالب الحوثيين: an object by its case
    own = not frame.in_name(phrase.first) and frame.key(phrase.first).endswith(("ه", "ها", "هم"))
    if own and len(frame.key(phrase.first)) > 3 and frame.key(phrase.first + 1) not in {"،", ","}:
        name = frame.name_at(frame.words[min(phrase.first + 1, len(frame.words) - 1)].start)
        if name is None or phrase.last - phrase.first == 1:
            return None  # طالب لاعبيه، ناشد رفاقه الذين استقالوا
    inside = [
        n
        for n in frame.names
        if frame.words[phrase.first].start <= n.start and n.end <= frame.words[phrase.last - 1].end
    ]
    comma = next((k for k in range(phrase.first, phrase.last) if frame.key(k) in {"،", ","}), None)
    if comma is not None:
        person = any(n.type == "PER" and n.end <= frame.words[comma].start for n in inside)
        next_name = frame.name_at(frame.words[min(comma + 1, phrase.last - 1)].start)
        person = person or (next_name is not None and next_name.type != "PER")
        return Phrase(phrase.first, comma) if person else phrase
    if not inside:
        if not frame.key(phrase.first).endswith("ون") or frame.key(phrase.first + 1).startswith("ال"):
            return phrase
        stop = (k for k in range(phrase.first + 1, phrase.last) if frame.key(k).startswith("ال"))
        return Phrase(phrase.first, next(stop, phrase.last))  # وصف منتقدون كثيرون الخطة
    body = inside[0].type == "ORG"
    for k in range(frame.word_at(inside[0].end - 1) + 1, phrase.last):
        key = frame.key(k)
        if body and key.startswith("ال") and key.endswith(("ية", "ي")) and k + 1 == phrase.last:
            continue  # وزارة الصحة السعودية
        if key.startswith("ال") or key in {"هذا", "هذه"} or frame.name_at(frame.words[k].start) is not None:
            return Phrase(phrase.first, k)
        if inside[0].type == "PER" and key.isalpha() and frame.words[k].upos not in {"PROPN", "X"}:
            return Phrase(phrase.first, k)  # وصف سامي حداد ادعاءات …
    return phrase


def reports(frame: Frame) -> Report:  # noqa: PLR0912
    """Find what a sentence reports."""
    report = Report(frame)
    _also(frame)
    owned: set[int] = set()
    found: dict[Hit, Complement] = {}
    for hit in frame.hits:
        if "about" in hit.entry.comp or hit.entry.lemma == "نقلا عن":
            _relay(frame, hit, report, found, owned)
    for kinds in (("verb", "hal", "moved"), ("masdar", "accused")):
        for hit in frame.hits:
            if hit in found or hit.entry.kind not in kinds or hit.entry.relative or "about" in hit.entry.comp:
                continue
            comp = _complement(frame, hit, owned, report, found)
            if comp is not None:
                found[hit] = comp
                owned.add(comp.first)
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


def _complement(  # noqa: PLR0911
    frame: Frame, hit: Hit, owned: set[int], report: Report, found: dict[Hit, Complement]
) -> Complement | None:
    entry = hit.entry
    if entry.kind == "accused":
        return _accused(frame, hit)
    if entry.kind == "moved" and _moved(frame, hit) is None:
        return None
    if "text_in" in entry.gate and _text_before(frame, hit) is None:
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
    if comp is not None and _unfit(frame, hit, comp):
        return None
    answers = entry.act == "reply"  # وعلى سؤال "…" أجاب: the quotation before is what was asked
    quotes = "quote" in entry.comp and entry.kind == "verb" and not answers
    before = _quote_before(frame, hit) if quotes else None
    if before is not None and not hit.joined and before[0] not in owned:
        if comp is None:
            return Complement("before", before[0], hit.last)
        if comp.rule == "quote":
            report.split[hit] = (before[0], before[1], 0)
    if comp is not None and _negative(frame, hit):
        return None
    return comp


def _unfit(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether the gate of a cue, or a pronoun that takes up its object, forbids this complement."""
    if comp.rule in {"object", "prep"} and frame.key(hit.last) in _RESUMED:
        return True
    if hit.entry.act in {"demand", "accuse"} and frame.key(hit.last) in {"به", "بها", "بهم"}:
        return True  # المساعدات التي تطالب بها
    before = frame.key(hit.first - 1)
    before = before[1:] if before[:1] in "بل" and len(before) > 4 else before
    if frame.key(hit.first) == "طلب" and (
        before in {"تم", "يتم"} or (is_event_noun(before, before) and not frame.in_name(hit.first - 1))
    ):
        return True  # تم طلب الدعم, قبول طلب: the noun
    if "document" in hit.entry.gate and not _is_document(frame, hit, comp):
        return True
    return "court" in hit.entry.gate and not any(
        frame.key(k) in _COURTS for k in range(hit.last, comp.field_end)
    )


_RESUMED = frozenset(
    ["عنه", "عنها", "عنهم", "اليه", "اليها"]
)  # الزيارة التي لم يعلن عنها: its object is the head noun


def _moved(frame: Frame, hit: Hit) -> Phrase | None:
    """The object of a causative verb before the cue: دفع واشنطن للإشارة إلى أن."""
    for k in range(hit.first - 2, max(-1, hit.first - 9), -1):
        if frame.key(k).removeprefix("و") in word_class("causatives"):
            end = frame.words[hit.first - 1].end
            name = next((n for n in frame.names if n.end == end and n.start > frame.words[k].start), None)
            if name is not None:
                return Phrase(frame.word_at(name.start), hit.first)
            return speakers.after(frame, k + 1, hit.first, 0)
        if frame.key(k).removeprefix("و") in word_class("hasteners"):
            return speakers.after(frame, k + 1, hit.first, 2) or speakers.before(
                frame, hit._replace(first=k, joined=frame.key(k).startswith("و"))
            )
    return None


def _text_before(frame: Frame, hit: Hit) -> Phrase | None:
    """The text that a pronoun takes up: أصدرت الشركة بيانا جاء فيه, في رسالة من النادي جاء فيها."""
    for k in range(hit.first - 1, max(-1, hit.first - 14), -1):
        key = frame.key(k)
        if key in {":", "؛", "."}:
            return None
        heads = word_class("document_heads")
        if {key, key.removeprefix("ال").removesuffix("ا"), key.removeprefix("ب")} & heads:
            end = speakers.phrase_end(frame, k, hit.first, 0)
            return Phrase(k, end) if end > k else None
    return None


def _is_document(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether the subject of جاء في is a text: البيان، التقرير."""
    head = frame.key(hit.last).removeprefix("ال")
    return comp.field_end > hit.last and (head in word_class("document_heads") or head in word_class("media"))


def _negative(frame: Frame, hit: Hit) -> bool:
    """First and second persons and passives of the reporter are no reports: نقول إن، يقال إن without a source."""
    return frame.key(hit.first - 1) in {"ان", "لان"} and hit.entry.kind == "masdar"


def _accused(frame: Frame, hit: Hit) -> Complement | None:
    """المتهم بـ with an explicit charge."""
    key, raw = frame.key(hit.last), frame.raw(hit.last) if hit.last < len(frame.words) else ""
    if len(key) > 4 and key.startswith("ب") and (key.startswith("بال") or is_event_noun(key[1:], raw[1:])):
        return Complement("charge", hit.last, hit.last, 1)
    return None


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
    speaker = speakers.after(frame, about + 1, stop, 2)
    if speaker is None:
        return
    cue = saying or hit
    main = next((h for h in reversed(frame.hits) if h.first < hit.first and h.entry.kind == "verb"), None)
    if hit.entry.lemma == "نقلا عن":
        relay = (
            speakers.after(frame, main.last, hit.first, 2) or speakers.before(frame, main) if main else None
        )
        relay_hit = main or hit
    else:
        relay = speakers.after(frame, hit.last, about, 2) or speakers.before(frame, hit)
        relay_hit = hit
    report.relayed.append(Relayed(cue, relay_hit, relay, speaker))
    found[cue] = comp
    owned.add(comp.first)


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
