"""Who speaks where the clause names nobody: the subject of the sentence, of the sentences before, or of an earlier claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.text import claims_subjects, speakers, speakers_before, speakers_documents, speakers_roles
from pipeline.text import names as nm
from pipeline.text.chains import History, agrees
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame, Name
from pipeline.text.claims_words import bare, is_event_noun, word_class, word_key
from pipeline.text.cues import Entry, Hit
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_nominal import waw_noun
from pipeline.text.speakers_register import OUTLETS, Register, Source
from pipeline.text.speakers_resolve import resolve
from pipeline.text.speakers_words import RELATIVE, can_speak, titles
from pipeline.text.states import is_state


def _of_name(name: Name, register: Register) -> Source:
    gender = register.genders.get(name.canonical, "")
    return Source(
        "name", name.canonical, name.type, name.canonical, name.start, name.end, name.canonical, gender
    )


def clause_subject(frame: Frame, hit: Hit, register: Register) -> Source | None:
    """The first name of the sentence before an elided cue that the form agrees with: زار بغداد وأعلن أن."""
    if hit.first <= 2:
        return None
    acting = doers(frame, hit.first, register) if hit.entry.kind != "masdar" else ()
    for source in acting:
        if agrees(source, hit.entry):
            return source
    limit = frame.words[hit.first].start
    for name in frame.names:
        if name.end > limit:
            break
        source = _of_name(name, register)
        if name.type == "ORG" and (governed(frame, name.start) or _aside(frame, name.start)):
            continue  # لاعب المنتخب، المتحدث الرسمي للاتحاد: the subject is the person
        if name.type in {"PER", "ORG"} and agrees(source, hit.entry):
            return source
    return None


_LINKS = frozenset(
    [
        "قد",
        "لم",
        "لا",
        "لن",
        "ولم",
        "ولا",
        "ولن",
        "سوف",
        "وما",
        "لقد",
        "فقد",
        "وقد",
        "كما",
        "فيما",
        "بينما",
        "حيث",
        "لكن",
        "ولكن",
        "بعدما",
        "عندما",
        "ثم",
    ]
)


def doers(frame: Frame, last: int, register: Register) -> Iterator[Source]:
    """The subjects of the verbs before word ``last`` that stand at the head of a clause, the nearest first.

    صدقت [جهات رقابية] على العقار وقالت — not the subject of a relative clause, nor what cannot speak (تعرضت شقتها).
    """
    for k in range(last - 1, -1, -1):
        if frame.quote(k) >= 0:
            continue
        phrase = _doer(frame, k, last) if _heads_clause(frame, k) else _before_verb(frame, k)
        if k == 0 and phrase is None:
            phrase = _opening(frame, last)
        if phrase is None or phrase.clitic:
            continue
        source = resolve(frame, phrase, register)
        lead = frame.name_at(frame.words[phrase.first].start)
        if source.mention != "name" and lead is not None and lead.type == "LOC" and is_state(lead.canonical):
            source = _of_name(lead, register)  # تشن [تركيا] وفصائل سورية هجوما
        person = source.type == "PER" and source.name is not None
        if source.mention == "name" or person or can_speak(frame.key(phrase.first)):
            yield source


def _opening(frame: Frame, last: int) -> Phrase | None:
    """The noun phrase at the head of a sentence before its verb: [صحيفة الأمل] لم تفوت التصريح، وأشارت."""
    phrase = speakers.after(frame, 0, min(last, 12), 1)
    if phrase is None or phrase.first or phrase.last >= last:
        return None
    k = phrase.last + (frame.key(phrase.last) in _PARTICLES)
    return phrase if k < last and frame.words[k].upos == "VERB" else None


_PARTICLES = frozenset(["لم", "لا", "لن", "قد", "سوف", "،"])


def _before_verb(frame: Frame, k: int) -> Phrase | None:
    """The subject before the reporting verb at word k: لكن [السلطات] أعلنت احتجازهن، وقالت."""
    hit = frame.hit_at.get(k)
    if hit is None and frame.words[k].upos == "VERB":
        return _name_before(frame, k)
    if hit is None or hit.first != k or hit.entry.kind != "verb" or frame.key(k - 1) in RELATIVE:
        return None
    return speakers_before.before(frame, hit)


def _name_before(frame: Frame, k: int) -> Phrase | None:
    """The name that a clause opens with, right before its verb: لكن [سامي حداد] يرد على ذلك قائلا."""
    end = frame.words[k - 1].end if k else -1
    name = next((n for n in frame.names if n.end == end and n.type != "LOC"), None)
    if name is None:
        return None
    first = frame.word_at(name.start)
    opens = first == 0 or frame.key(first - 1) in _LINKS or frame.key(first - 1) in PUNCTUATION
    return Phrase(first, k) if opens and frame.words[first].start == name.start else None


def _heads_clause(frame: Frame, k: int) -> bool:
    """Whether word k is a finite verb that opens a clause of the sentence itself."""
    hit = frame.hit_at.get(k)
    verb = frame.words[k].upos == "VERB" or (hit is not None and hit.first == k and hit.entry.kind == "verb")
    if not verb or frame.in_name(k) or (hit is not None and (hit.first != k or hit.entry.kind != "verb")):
        return False
    key, before = frame.key(k), frame.key(k - 1)
    joined = len(key) > 3 and key[0] in "وف" and not waw_noun(key)
    if k == 0 or joined or before in _LINKS or before in PUNCTUATION:
        return True
    opened = frame.key(0).removeprefix("و") in PREPOSITIONS.keys() | {"خلال", "بعد", "قبل", "عقب", "حول"}
    first = opened and not any(frame.words[j].upos == "VERB" for j in range(k))
    return first and hit is not None and before not in RELATIVE  # في حديث مع الموقع وصف سامي حداد …


def _doer(frame: Frame, k: int, last: int) -> Phrase | None:
    """The subject right behind the verb at word k, of its gender; None where an object or nothing stands there."""
    stop = next((j for j in range(k + 1, last) if j in frame.hit_at and j > k + 1), last)
    phrase = speakers.after(frame, k + 1, stop, 1)
    phrase = _without_object(frame, phrase) if phrase is not None else None
    if phrase is not None:
        own = (
            j
            for j in range(phrase.first + 1, phrase.last)
            if _of_its_own(frame, j) or (frame.words[j].upos == "VERB" and not frame.in_name(j))
        )
        phrase = Phrase(phrase.first, next(own, phrase.last))  # قدمت الأمانة [اعتذارها]
    if phrase is None or phrase.first > k + 3 or frame.quote(phrase.first) >= 0:
        return None
    verb = frame.key(k)
    verb = verb[1:] if verb[:1] in "وف" and len(verb) > 3 else verb
    head = nm.agreement(frame.text[frame.words[phrase.first].start : frame.words[phrase.last - 1].end])[0]
    if verb.endswith("ت") and len(verb) > 3:
        return phrase if head in {"fem", ""} else None
    if verb.startswith("ي"):
        return phrase if head in {"masc", ""} else None
    return phrase


def _of_its_own(frame: Frame, k: int) -> bool:
    """Whether word k is what the subject gives or asks: قدمت الأمانة [اعتذارها]."""
    key = frame.key(k)
    return claims_subjects.possessed(frame, k) or (
        key.endswith(("ه", "ها", "هم")) and is_event_noun(key, frame.raw(k))
    )


def _without_object(frame: Frame, phrase: Phrase) -> Phrase | None:
    """The subject without the object behind it, with its apposition where nothing stands between the two."""
    if any(frame.key(k) == ":" for k in range(phrase.first, phrase.last)):
        return phrase  # رئيس القسم والمدير التنفيذي للحملة: سامي حداد
    bounds = {"،", ",", "الجميع", "الحضور", "الحاضرين"}
    comma = next((j for j in range(phrase.first + 1, phrase.last) if frame.key(j) in bounds), phrase.last)
    head = Phrase(phrase.first, comma)
    if (behind := claims_subjects.object_behind(frame, head)) is not None:
        return Phrase(phrase.first, behind)
    cut = claims_subjects.without_target(frame, head)
    return phrase if cut == head else cut


def topic(frame: Frame, entry: Entry, earlier: Sequence[Frame], register: Register) -> Source | None:
    """The subject of one of the ``earlier`` sentences, where nobody has spoken yet: the first name that the form agrees
    with, in no genitive and behind no preposition (فازت ليلى حداد بالجائزة. وقالت إن …)."""
    for before in reversed(earlier):
        if before.section != frame.section:
            break
        for source in doers(before, len(before.words), register):
            if agrees(source, entry):
                return source
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
    if (
        before is None
        or before.section != frame.section
        or not before.words
        or before.words[0].upos != "VERB"
    ):
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


def _aside(frame: Frame, start: int) -> bool:
    """Whether the body that begins here only tells where or by whom: بحسب موقع [الأمل], في مقابلة على قناة "الأمل"."""
    k = frame.word_at(start)
    head = frame.key(k - 1) in OUTLETS
    return frame.key(k - 2 if head else k - 1) in PREPOSITIONS.keys() | {
        "بحسب",
        "حسب",
        "وفق",
        "وبحسب",
        "وفقا",
    }


def known(source: Source, history: History, register: Register) -> Source:
    """Fill in a definite phrase that names nobody by itself: البيان، المتحدث، الوزير، قائد المنتخب."""
    if source.name is not None or source.text is None:
        return source
    found = _taken_up(source, history, register)
    if (
        found.name is None
        and found.type == "PER"
        and (person := speakers_roles.meant(found, history, register))
    ):
        whole = register.whole(register.with_given_name(person) or person, person)
        return found._replace(name=whole, entity=person, gender=register.genders.get(person, ""))
    return found


def _taken_up(source: Source, history: History, register: Register) -> Source:
    """A source whose phrase takes up an earlier speaker or a text that somebody issued; else unchanged."""
    assert source.text is not None
    if " " in source.text.strip():
        return _issued_text(source, register)
    if not source.text.startswith(("ال", "لل")) and word_key(source.text) not in word_class("document_heads"):
        return source
    head = bare(word_key(source.text))
    for claim in reversed(history.claims[-4:]):
        speaker = claim.speaker
        if head in {"بيان", "تقرير"} and "بيان" in {bare(word_key(w)) for w in (speaker.text or "").split()}:
            return source._replace(name=speaker.name, type=speaker.type, entity=speaker.entity)
        if head == "بيان" and speaker.type == "ORG" and speaker.entity != speaker.text:
            return source._replace(name=speaker.name, type=speaker.type)
        if speaker.text and source.text in speaker.text.split():
            return source._replace(name=speaker.name, type=speaker.type)
    if head in word_class("document_heads") and source.start is not None:
        issued = speakers_documents.issuer(register, head, source.start)
        if issued is not None:
            return source._replace(
                name=issued.name, type=issued.type, entity=issued.entity, gender=issued.gender
            )
    return _of_last_body(source, history) if head == "بيان" else source


def _of_last_body(source: Source, history: History) -> Source:
    """A statement of which the text tells no issuer is that of the body or state that spoke last, not of a person:
    بحسب ما أعلنت الرئاسة، وجاء في [بيان] أن."""
    for claim in reversed(history.claims[-3:]):
        speaker = claim.speaker
        if speaker.type in {"ORG", "LOC"} and speaker.mention == "name":
            return source._replace(name=speaker.name, type=speaker.type, entity=speaker.entity)
    return source


def _issued_text(source: Source, register: Register) -> Source:
    """A text without an issuer in its own phrase: whoever the verb before says (وزعت الدولة [مسودة قرار]), else itself."""
    head = bare(word_key((source.text or "").split(maxsplit=1)[0]))
    if head not in word_class("document_heads") or source.start is None:
        return source
    issued = speakers_documents.issuer(register, head, source.start + 1, source.start)
    if issued is None:
        return source._replace(name=source.text, type="ORG")
    return source._replace(name=issued.name, type=issued.type, entity=issued.entity, gender=issued.gender)
