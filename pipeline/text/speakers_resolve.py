"""Say whom a speaker's noun phrase means: a name within it, a person or body of the document, or nobody by name."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text import names as nm
from pipeline.text import speakers_roles
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame, Name
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_nominal import ben
from pipeline.text.speakers_persons import (
    ABBREVIATED,
    given_head,
    given_run,
    leading_person,
    unseen_person,
    whole_person,
)
from pipeline.text.speakers_register import Register, Source, folded
from pipeline.text.speakers_trade import NAMED_BY_QUOTE, trade_name
from pipeline.text.speakers_words import RELATIVE, people, titles
from pipeline.text.states import by_nationality, is_capital, is_state

# Heads of phrases that name nobody: the canonical name stays empty.
ANONYMOUS = word_class("person_heads")
DOCUMENTS = word_class("document_heads") | {"ال" + w for w in word_class("document_heads")}
_THEY = frozenset(["هم", "وهم", "هما", "وهما", "هن", "وهن"])
_LAST = frozenset(word_key(w) for w in ["الأخير", "الأخيرة"])
_THESE = frozenset(["هذا", "هذه", "هولاء", "ذلك", "تلك"])
_SELF = frozenset(["نفسه", "نفسها", "ذاته", "ذاتها", "انفسهم"])
_SAME = frozenset(["نفس", "ذات"])
_SIDES = frozenset(word_key(w) for w in ["الجانب", "الطرف"])


def resolve(frame: Frame, phrase: Phrase, register: Register) -> Source:
    """Say whom a noun phrase of the text means."""
    first = frame.words[phrase.first]
    start, end = first.start, frame.words[phrase.last - 1].end
    if phrase.skip:
        from pipeline.text.normalise import strip_marks

        start += strip_marks(frame.raw(phrase.first))[1][phrase.skip]
    last = frame.words[phrase.last - 1]
    if last.quote >= 0 and first.quote != last.quote:
        end = max(end, frame.quotes[last.quote].end)
    text = frame.text[start:end]
    inside = [n for n in frame.names if n.start >= start and n.end <= end]
    if (joint := _coordinated(frame, inside, start, end)) is not None:
        return Source("name", joint, inside[0].type, text, start, end)
    found = _named(frame, phrase, inside)
    if found is not None:
        name: str | None
        if found.type == "PER":
            start_name = register.whole(whole_person(frame, phrase, found), found.canonical)
            if " " not in start_name:
                start_name = register.whole(
                    register.with_given_name(start_name) or start_name, found.canonical
                )
            return Source(
                "name",
                start_name,
                "PER",
                text,
                start,
                end,
                found.canonical,
                register.genders.get(found.canonical, ""),
            )
        if found.type == "LOC" and is_capital(found.canonical):
            name = nm.metonym(found.canonical) or found.canonical
        else:
            name = register.merged(found.canonical) if found.type == "ORG" else found.canonical
            register.lengthen(found)
        return Source(
            "name",
            name,
            found.type,
            text,
            start,
            end,
            found.canonical,
            register.genders.get(found.canonical, ""),
        )
    person = None if inside else _lone_person(frame, phrase, register)
    if person is not None:
        return Source("name", person, "PER", text, start, end, person, register.genders.get(person, ""))
    name, kind = _nominal(frame, phrase, inside, register, text, start)
    if kind == "PER" and name:
        return _by_title(frame, phrase, Source("nominal", name, kind, text, start, end, name), register)
    full = register.merged(name) if name and kind == "ORG" else name
    return Source("nominal", full, kind, text, start, end, name)


def _by_title(frame: Frame, phrase: Phrase, source: Source, register: Register) -> Source:
    """A person meant by a title, under the fullest name and of the title's gender: رئيس القسم: مدة حداد is a man."""
    name, head = source.name or "", frame.key(phrase.first)
    full = register.renamed.get(name, name)
    gender = register.genders.get(name, "")
    if not gender and bare(head) in titles():
        gender = "f" if head.endswith("ة") else "m"
    return source._replace(name=full, gender=gender)


def _coordinated(frame: Frame, inside: Sequence[Name], start: int, end: int) -> str | None:
    """The joint name of two speakers and nothing else: إثيوبيا وإريتريا; the second may be unknown to the recogniser."""
    if inside and inside[0].start == start and inside[0].type == "ORG" and inside[0].end < end:
        rest = frame.text[inside[0].end : end]
        if rest.startswith(" وال") and not any(mark in rest for mark in "،,(") and len(inside) == 1:
            return inside[0].canonical + rest
    if len(inside) != 2 or inside[0].start != start or inside[1].end != end:
        return None
    if frame.text[inside[0].end : inside[1].start].strip() != "و" or inside[0].type != inside[1].type:
        return None
    return f"{inside[0].canonical} و{inside[1].canonical}"


def _named(frame: Frame, phrase: Phrase, inside: Sequence[Name]) -> Name | None:
    """The name that the whole phrase stands for, if it does."""
    head = frame.key(phrase.first)
    trading = head in NAMED_BY_QUOTE or (phrase.skip and head[1:] in NAMED_BY_QUOTE)  # وفقا لشركة … «جي إل»
    if trading and (trade := trade_name(frame, phrase)):
        return trade
    if not inside:
        return None
    relative = next((k for k in range(phrase.first, phrase.last) if frame.key(k) in RELATIVE), phrase.last)
    for name in inside:
        k = frame.word_at(name.start)
        if name.type != "PER" or k > relative:
            continue
        if k == phrase.first or _apposed(frame, phrase, k):
            return name
    lead = inside[0]
    k = frame.word_at(lead.start)
    if k == phrase.first and lead.type in {"ORG", "LOC"}:
        last = frame.word_at(lead.end - 1)
        alone = last >= phrase.last - 1 or frame.key(last + 1) in _DESCRIBING
        return lead if lead.type == "ORG" or alone else None
    if head in ANONYMOUS or head in DOCUMENTS:
        return None
    named = word_class("quoted_name_heads")
    for name in inside:
        k = frame.word_at(name.start)
        if (
            name.type == "ORG"
            and (frame.key(k - 1) in named or frame.opens(k))
            and head in named | {frame.key(k - 1)}
        ):
            return name
    return None


# Behind a place they only describe it: السعودية أكبر مصدر للنفط.
_DESCRIBING = RELATIVE | {"احدي", "اكبر", "اول", "اكثر", "،", ",", "("}
# Kin and counsel of somebody; a person's name after these and the others is somebody else's.
_KIN = frozenset(
    [
        "محامي",
        "محامية",
        "شقيق",
        "شقيقة",
        "والد",
        "والدة",
        "نجل",
        "زوجة",
        "زوج",
        "ابن",
        "ابنة",
        "ارملة",
        "صديق",
        "جد",
        "عم",
        "خال",
    ]
)
_OF_PERSONS = _KIN | {
    "فريق",
    "منتقدو",
    "معارضو",
    "انصار",
    "مويدو",
    "مكتب",
    "حملة",
    "اسرة",
    "عايلة",
    "محامو",
    "ذوو",
}
_OF_TITLED = frozenset(["مستشار", "مستشارة", "مبعوث", "مبعوثة", "معاون", "سكرتير", "حليف", "سلف", "خلف"])


def _of_another(frame: Frame, phrase: Phrase) -> bool:
    """Whether the phrase opens with a word whose genitive is another person: محامي …، مستشار الرئيس …"""
    head, second = frame.key(phrase.first), frame.key(phrase.first + 1)
    return head in _OF_PERSONS or (
        head in _OF_TITLED and second.startswith("ال") and bare(second) in titles()
    )


def _apposed(frame: Frame, phrase: Phrase, k: int) -> bool:
    """Whether the person's name at word k stands beside a title rather than in a genitive (محامي ترامب)."""
    before = frame.key(k - 1)
    if (k - phrase.first == 1 and ben(frame, phrase.first)) or given_head(frame, phrase, k) is not None:
        return True
    if (
        any(frame.key(j) == "من" for j in range(phrase.first + 1, k - 1))
        and frame.key(phrase.first) in ANONYMOUS
    ):
        return False  # مصادر مقربة من الرئيس …
    if (
        before in {"،", ",", ")", "-"}
        or before.startswith(("ال", "بال"))
        or frame.key(phrase.first) in {"السيد", "السيدة"}
    ):
        return not _of_another(frame, phrase)
    if before.endswith(("ه", "ها", "هم")) and len(before) > 4 and k - phrase.first == 1:
        return True  # محاميه نبيل سالم
    end = frame.words[k - 1].end
    if any(n.end == end and n.type in {"LOC", "ORG"} for n in frame.names):
        return True
    if bare(frame.key(phrase.first)) in titles() and k - phrase.first > 1 and not _of_another(frame, phrase):
        person = next(n for n in frame.names if n.start == frame.words[k].start)
        plain = bare(before) not in titles() and before not in word_class("idafa_heads")
        if plain and before not in PREPOSITIONS and frame.word_at(person.end - 1) >= phrase.last - 1:
            return True  # مدرب النادي سامي حداد: the name closes the phrase that a title opens
    return before.endswith(("ية", "ي")) and k - phrase.first > 1 and before not in word_class("idafa_heads")


def _core(keys: list[str], text: str) -> tuple[list[str], str]:
    """A phrase without its relative clause, the demonstrative before it and the نفسه behind it."""
    cut = next((i for i, k in enumerate(keys) if i and k in {"التي", "الذي", "الذين"}), len(keys))
    keys = keys[:cut]
    if keys[0].startswith("لل") and len(keys[0]) > 4:  # وفقا للبيان
        keys, text = ["ال" + keys[0][2:], *keys[1:]], nm.surface(text)
    elif keys[0].removesuffix("ا") in DOCUMENTS:
        keys = [keys[0].removesuffix("ا"), *keys[1:]]  # أصدرت تقريرا جاء فيه
    elif keys[0].startswith("ل") and keys[0][1:] in ANONYMOUS | DOCUMENTS and keys[0] not in titles():
        keys = [keys[0][1:], *keys[1:]]  # طبقا لمصدر مطلع
    if keys[0] in _THESE | _SAME and len(keys) > 1:
        keys, text = keys[1:], text.split(maxsplit=1)[1]
    if len(keys) > 1 and keys[-1] in _SELF:
        keys, text = keys[:-1], text.rsplit(maxsplit=1)[0]
    return keys, text


def _nominal(  # noqa: PLR0911
    frame: Frame, phrase: Phrase, inside: Sequence[Name], register: Register, text: str, at: int
) -> tuple[str | None, str | None]:
    """Canonical name and type of a phrase that is no name itself."""
    keys = [frame.key(k) for k in range(phrase.first, phrase.last) if frame.key(k) not in PUNCTUATION]
    keys, text = _core(keys, text)
    head = keys[0]
    if head in _THESE or head in _THEY or _nobody(head) or _part_of_people(keys):
        return None, "PER"
    if head in _SIDES and len(keys) > 1 and bare(keys[1]) in by_nationality():
        return by_nationality()[bare(keys[1])], "LOC"
    if head in DOCUMENTS or (head == "مشروع" and len(keys) > 1 and keys[1] in {"قرار", "قانون"}):
        return _issuer(keys, inside, register, at, text)
    if len(keys) == 1 and (person := register.surname(text) or register.honoured(head, at)):
        return (person if " " in person else register.with_given_name(text) or person), "PER"
    if len(keys) == 1 and (full := register.with_given_name(text)):
        return full, "PER"
    if head in _KIN and len(keys) > 1:
        return register.titled(keys[:4], at, False), "PER"
    if head in _OF_PERSONS and any(n.type == "PER" for n in inside):
        return register.fuller(text.split("،", maxsplit=1)[0].replace("#", ""), at), "ORG"
    if (found := _last_or_board(keys, register, text, at) or _taken_up(keys, register, at)) is not None:
        return found
    titled = (bare(head) in titles() or head in ANONYMOUS or _people(keys)) and not _collective(keys)
    if titled and len(keys) > 1 and (person := unseen_person(frame, phrase)):
        register.add_person(at, person, keys)
        return person, "PER"
    if titled:
        return None, "PER"  # مدير المهرجان: a person whom the text does not name
    return register.fuller(text.split("،", maxsplit=1)[0].replace("#", ""), at), "ORG"


_SOME = frozenset(word_key(w) for w in ["البعض", "بعضهم", "الكثيرون", "كثيرون", "آخرون", "الآخرون", "الجميع"])


_PARTS = frozenset(["بعض", "عدد", "عشرات", "معظم", "غالبية", "اغلب"])


def _part_of_people(keys: Sequence[str]) -> bool:
    """Whether a phrase means some of a group of people: بعض المراقبين, عدد من السكان — not: بعض الروايات."""
    rest = [k for k in keys[1:3] if k != "من"]
    return keys[0] in _PARTS and bool(rest) and _people(rest[:1])


def _nobody(head: str) -> bool:
    """Whether a head means people whom nobody names: البعض, a number of them, anonymous ones in the dual or accusative.

    >>> _nobody("البعض"), _nobody("39%"), _nobody("مصدران"), _nobody("خبيرا"), _nobody("الوزير")
    (True, True, True, True, False)
    """
    stem = next((head.removesuffix(e) for e in ("ان", "ين", "ا") if head.endswith(e)), "")
    return head in _SOME or head[:1].isdigit() or (len(stem) > 2 and stem in ANONYMOUS)


def _last_or_board(keys: Sequence[str], register: Register, text: str, at: int) -> tuple[str, str] | None:
    """Whom الأخير takes up, and the phrase itself where it names holders of an office: زعماء كنائس المدينة."""
    if keys[0] in _LAST:
        return speakers_roles.last_named(keys[0], at, register)
    return (
        (register.fuller(text.split("،", maxsplit=1)[0], at), "ORG")
        if speakers_roles.is_board(keys)
        else None
    )


def _taken_up(keys: Sequence[str], register: Register, at: int) -> tuple[str, str] | None:
    """The person whose title, or the body whose head, a phrase takes up: الوزير التركي، الوزارة."""
    head = keys[0]
    definite = head.startswith("ال")
    if not definite and len(keys) == 1:
        return None
    if bare(head) in titles() and not _collective(keys):
        if definite and len(keys) == 2 and (bearer := register.surname(keys[1])) is not None:
            return bearer, "PER"  # اللواء التركي is منصور التركي
        alone = definite and head not in ANONYMOUS and all(bare(k) in by_nationality() for k in keys[1:])
        person = register.titled(keys[:4], at, alone)
        if person is not None:
            return person, "PER"
    return register.body(keys, at) if definite and bare(head) not in titles() else None  # المدرب is no منتخب


def _collective(keys: Sequence[str]) -> bool:
    """Whether a phrase that opens like a person's title means a body or a thing: المعارضة المسلحة، إحدى الدراسات."""
    if keys[0] in _ONE and len(keys) > 1:
        one = keys[1].removesuffix("ات")
        return keys[1].endswith("ات") and not {bare(one), bare(one + "ة")} & titles()
    team = keys[0] == "فريق" and len(keys) > 1 and keys[1] not in {"اول", "ركن"}
    definite = keys[0] == "الفريق" and len(keys) > 1 and keys[1].startswith("ال")
    team = team or (definite and keys[1] not in {"الاول", "الركن"})  # الفريق القانوني, not the rank
    return team or keys[0] in _OPPOSITION


_TWO_SIDES = frozenset(["طرفين", "جانبين", "بلدين", "دولتين", "حزبين", "فريقين", "ناديين", "حركتين"])


def _people(keys: Sequence[str]) -> bool:
    """Whether a plural means people whom nobody names (الباحثون، الطلاب) rather than a nation or party (الحوثيون) or
    those in charge of something (القائمون على الدراسة)."""
    head, word = keys[0], bare(keys[0])
    if word in _TWO_SIDES or (len(keys) > 1 and keys[1] == "علي"):
        return False
    sound = len(word) > 4 and head.endswith("ون") and not head.endswith("يون")
    accusative = len(head) > 6 and head.startswith("ال") and head.endswith("ين") and not head.endswith("يين")
    return word in people() or word in ANONYMOUS or sound or accusative


_ONE = frozenset(["احد", "احدي"])
_OPPOSITION = frozenset(["المعارضة", "الدولة", "دولة"])


def _issuer(
    keys: Sequence[str], inside: Sequence[Name], register: Register, at: int, text: str
) -> tuple[str | None, str | None]:
    """Who issued the document that a phrase names; nobody where only the carry-over can tell."""
    issuer = next((n for n in inside if n.type in {"ORG", "PER"}), None)
    if issuer is None or keys[0] == "مشروع":
        issuer = next((n for n in inside if n.type == "LOC" and is_state(n.canonical)), issuer)
    if issuer is not None:
        return issuer.canonical, issuer.type
    own = len(keys) == 3 and keys[2].startswith("ال") and not keys[1].startswith(("ال", "لل", "ل"))
    bodies = (register.body([_definite(k)], at) for k in (() if own else keys[1:5]))
    found = next((found for found in bodies if found), None)
    if found is None and len(keys) > 1 and nm.is_head(nm.fold_name(keys[1])):
        second = nm.surface(text.split()[1])
        if second.startswith("ال"):
            return register.fuller(second, at), "ORG"  # بيان الشرطة
    if len(keys) == 3 and keys[2].startswith("ال") and nm.is_head(nm.fold_name(keys[1])) and not inside:
        return text.split(maxsplit=1)[1], "ORG"  # بيان قوات الشرعية
    return found or (None, None)


def _lone_person(frame: Frame, phrase: Phrase, register: Register) -> str | None:
    """A person whose name opens the phrase and whom the recogniser missed here; its fullest form in the document."""
    head = phrase.first
    while frame.key(head) in ABBREVIATED and frame.key(head + 1) in {".", "/"}:
        head += 2
    start, end = frame.words[head].start, frame.words[phrase.last - 1].end
    cut = frame.text[start:end].split("،", maxsplit=1)[0]
    name = given_run(frame, phrase._replace(first=head))
    if name is None and head == phrase.first:
        name = leading_person(frame, phrase)
    if name is not None and not cut.startswith(name):
        name = None
    if name is None and head == phrase.first:
        return None
    if name is None and " " not in cut:
        name = register.surname(cut) or register.with_given_name(cut)
    wanted = folded(name or cut)
    return next((other for _, other, _ in register.persons if folded(other) == wanted), name or cut)


def _definite(key: str) -> str:
    """لوزارة → وزارة, الوزارة stays."""
    return key[1:] if key.startswith("ل") and not key.startswith("لل") else key
