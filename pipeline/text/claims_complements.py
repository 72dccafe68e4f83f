"""What a cue reports: the complement that makes it a report, and where the cue's own phrase ends.

Rules (names as in ``claims.rule``, each with an example and a counter-example):

* ``an``: أكد الوزير أن … — not: بعد أن، يمكن أن (an_blocked), nor أن that a nearer cue governs.
* ``quote``: وقال "…" — not: وكالة "إرنا" (a name).
* ``colon``: وقال الوزير: … — not in a list.
* ``prep``, ``object``, ``charge``, ``blame``, ``attack``: see ``claims_nouns``.
"""

from __future__ import annotations

from pipeline.text.claims_frame import ANONYMITY, PREPOSITIONS, Frame
from pipeline.text.claims_nouns import OWN, Complement, before_comma, phrase, with_quoted
from pipeline.text.claims_words import an_marker, is_event_noun, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers_nominal import waw_noun
from pipeline.text.speakers_words import RELATIVE

__all__ = ["REACH", "Complement", "find", "opens_clause", "stands"]

REACH = 45
"""Words between a cue and its complement at most; longer is nearly always another clause."""
_OWN_REACH, _OWN_NEAR = 14, 6
"""The same for other verbal nouns: بإعلان رئيس تحرير المجلة … أن; and for what is no clause with أنّ."""
_ACCUSING = 20
"""The same for the verbal noun اتهام."""
_BREAKS = frozenset(
    ["حيث", "فيما", "بينما", "وذلك", "مما", "لكن", "ولكن", "وفيما", "وبينما", "لكنه", "لكنها", "ولكنه"]
)
_CONCERNS = frozenset(["يخص", "يتعلق", "يلي"])  # فيما يخص: no clause of its own
_ABSORBED = frozenset(
    ["قايلا", "قايلة", "قايلين", "بالقول", "بقوله", "بقولها", "بقولهم", "القول", "يقول", "تقول"]
)


_BEFORE_COLON = frozenset(["quote", "ila", "ala"])
_GOVERNS_AN = frozenset(["an", "ila", "ala", "min", "an_prep", "bi", "fi"])  # bi_an: only بأنّ
_BARE_AN = _GOVERNS_AN - {"bi"}


def find(  # noqa: PLR0912
    frame: Frame, hit: Hit, owned: frozenset[int] | set[int] = frozenset()
) -> Complement | None:
    """The complement of a verb, circumstantial participle or verbal noun, or None where it reports nothing.

    ``owned``: first words of contents that other cues already took.
    """
    words, comp = frame.words, hit.entry.comp
    inside = frame.quote(hit.first)
    soft: Complement | None = None
    k = hit.last
    stop = min(len(words), k + _reach(hit))
    accusing = _reach(hit) == _ACCUSING
    while k < stop:
        word = words[k]
        if inside >= 0 and word.quote != inside:
            break
        if word.quote >= 0 and word.quote != inside:
            if an_marker(word.key) and comp & _GOVERNS_AN and k not in owned:
                return soft or _quotation(frame, k)  # اعتبر "أنها …"
            named = frame.key(k - 1) in word_class("quoted_name_heads") or frame.in_name(k)
            if "do" in comp and is_event_noun(word.key, frame.raw(k)) and soft is None and not named:
                return Complement("object", k, before_comma(frame, k, hit))
            if soft is None and frame.opens(k) and (named_with := with_quoted(frame, hit, k)):
                return named_with
            if frame.name_like(k, hit.last) or "quote" not in comp:
                k = frame.quote_last(k)
                continue
            return soft or (_quotation(frame, k) if k not in owned else None)
        if word.key == "(":
            k = _after_bracket(frame, k)
            continue
        if word.key in _UNNAMED and (beyond := _after_anonymity(frame, k)) > k:
            k = beyond
            continue
        if (word.key == "؛" and not an_marker(frame.key(k + 1))) or (
            word.key in "،," and frame.key(k + 1) in _BREAKS and frame.key(k + 2) not in _CONCERNS
        ):
            break
        if (
            word.key == ":"
            and k + 1 < len(words)
            and ("an" in comp or (comp & _BEFORE_COLON and frame.opens(k + 1)))
        ):
            return _after_colon(frame, k, soft) if k + 1 not in owned else soft
        if word.key == "قول" and frame.hit_at.get(k, hit).entry.kind == "masdar" and hit.first < k:
            break  # يرفض قول الوزير إن: its own report
        if word.key in SAYING and _leaves_to_saying(hit, soft):
            return soft
        if (k > hit.last - 1 and _blocks(frame, k, hit)) or (accusing and word.key in "،,"):
            break
        own = hit.entry.kind == "masdar" and not accusing
        far = own and k >= hit.last + _OWN_NEAR
        joined = own and word.key.startswith("و") and is_event_noun(word.key[1:], frame.raw(k)[1:])
        if joined or (far and (word.key in "،,:" or word.upos == "VERB")):
            break  # a verbal noun governs no more than its own phrase (not: تصريحات الوزيرة وترجيحها أن)
        found = _clause(frame, hit, k)
        if found and found.first not in owned:
            return soft if soft and _prefer_soft(frame, soft.first, k) else found
        if (
            soft is None and not far and hit.entry.act != "agree"
        ):  # اتفقوا على أن; what they agree to do is an action
            soft = phrase(frame, hit, k)
        k += 1
    return None if soft and soft.first in owned else soft


SAYING = frozenset(["قايلا", "قايلة", "قايلين"])


def _leaves_to_saying(hit: Hit, soft: Complement | None) -> bool:
    """Whether قائلا and not the verb before it is the cue of what follows: مضى قائلا، تحدث المدير قائلا، دعا الجميع إلى
    "الحوار"، قائلا — not: تابع قائلا."""
    return soft is not None or hit.entry.act == "talk" or hit.entry.lemma == "مضى"


def _reach(hit: Hit) -> int:
    """Words between this cue and its complement at most: accuser and accused stand behind اتهام."""
    if hit.entry.kind == "masdar":
        return _ACCUSING if hit.entry.act == "accuse" else _OWN_REACH
    return 6 if "adjacent" in hit.entry.gate else REACH


def _after_colon(frame: Frame, k: int, soft: Complement | None) -> Complement:
    """What follows a colon at word k: a quotation, or plain words (without a bare إنّ at their head)."""
    if frame.opens(k + 1):
        return _quotation(frame, k + 1, k)
    marker = an_marker(frame.key(k + 1))
    bare = marker is not None and not marker[1] and k + 2 < len(frame.words)
    return soft or Complement("colon", k + 2 if bare else k + 1, k)


def _after_anonymity(frame: Frame, k: int) -> int:
    """First word after the clause of a source who will not be named (رفض الكشف عن اسمه); ``k`` where none stands there."""
    for j in range(k + 1, min(k + 7, len(frame.words))):
        if frame.key(j) in ANONYMITY:
            return j + 1
        if an_marker(frame.key(j)) or frame.key(j) in "،,:":
            break
    return k


_UNNAMED = frozenset(
    ["رفض", "رفضت", "رفضوا", "طلب", "طلبت", "طلبوا", "فضل", "فضلت", "فضلوا", "اشترط", "اشترطت", "اثر", "اثرت"]
)


def _after_bracket(frame: Frame, k: int) -> int:
    for j in range(k + 1, min(k + 12, len(frame.words))):
        if frame.key(j) == ")":
            return j + 1
    return k + 1


def _quotation(frame: Frame, k: int, colon: int | None = None) -> Complement:
    end = k if colon is None else colon
    if end and frame.key(end - 1) in "،,":
        end -= 1
    if frame.key(end - 1) in PREPOSITIONS and colon is None:
        end -= 1
    return Complement("quote", k, end)


def _blocks(frame: Frame, k: int, hit: Hit) -> bool:  # noqa: PLR0911
    """Whether another report begins at word k."""
    other = frame.hit_at.get(k)
    if other is None or other is hit or other.first != k:
        return False
    entry = other.entry
    if entry.kind == "formula":
        return True
    if entry.relative or frame.key(k) in _ABSORBED:
        return False
    if entry.kind == "hal":
        apart = frame.key(k - 1) in {"،", ","}
        if ("comma" in entry.gate and not apart) or (
            frame.key(k + 1) in {"،", ","} and "an" not in entry.comp
        ):
            return False  # the second: قال معلقا، إن
        manner = "quote" not in entry.comp or (entry.act == "comment" and not apart)
        if entry.act == "comment" and not apart and hit.entry.act != "comment" and not _quotes_next(frame, k):
            return False  # قال المتحدث معقبا على الحادث: إن …
        if "quote" in hit.entry.comp and manner and _quotes_next(frame, k):
            return False  # وقال مدافعا عن الجمعية "…", قال حداد معلقا على الصورة "…"
        return apart or bool(entry.comp & hit.entry.comp) or "ila" in entry.comp or "ala" in entry.comp
    if entry.kind == "verb":
        return stands(frame, other) and not _inside_relative(frame, hit, other)
    return False


def _inside_relative(frame: Frame, hit: Hit, other: Hit) -> bool:
    """Whether a verb in a relative clause of the speaker leaves the complement behind it to قال: قال الناشط الذي تابع
    الملف إن — by its إنّ, which only قال governs; or to a verb that takes other complements (نقل، حمل: no أنّ)."""
    if not other.entry.comp & (_GOVERNS_AN | {"quote"}) and "about" not in other.entry.comp:
        return True
    if other.entry.act == "talk":
        return frame.key(other.last) != "عن"  # وصف سكان تحدثوا للصحيفة الوضع بأنه
    if frame.key(other.first - 1) in RELATIVE and _comma_before_an(frame, other):
        return True  # أوضح المدرب، الذي أصر على البقاء، أن
    if "about" in other.entry.comp:
        return not any(frame.key(k) == "عن" for k in range(other.last, other.last + 12))
    if hit.entry.lemma != "قال" or other.entry.lemma == "قال":
        return False
    for k in range(other.last, min(other.last + REACH, len(frame.words))):
        if an_marker(frame.key(k)):
            return frame.raw(k).startswith("إ")
    return False


def _comma_before_an(frame: Frame, other: Hit) -> bool:
    """Whether a comma closes the relative clause of this verb before the next أنّ."""
    for k in range(other.last + 1, min(other.last + REACH, len(frame.words))):
        if an_marker(frame.key(k)):
            return frame.key(k - 1) in {"،", ","}
    return False


def _quotes_next(frame: Frame, k: int) -> bool:
    """Whether a quotation opens within six words of word k, before any أنّ."""
    for j in range(k + 1, min(k + 7, len(frame.words))):
        if frame.opens(j):
            return True
        if an_marker(frame.key(j)) or frame.key(j) in "،,؛":
            return False
    return False


def stands(frame: Frame, hit: Hit) -> bool:
    """Whether a verb stands where its gate allows it: ``initial`` at the head of a clause, ``first`` at that of the
    sentence, joined by و (وبيّن, where بين alone is 'between')."""
    if "noun" in hit.entry.gate and _is_noun(frame, hit):
        return False
    if "first" in hit.entry.gate:
        return hit.joined and _explains(frame, hit)
    if "joined" in hit.entry.gate:
        return hit.joined
    return "initial" not in hit.entry.gate or opens_clause(frame, hit)


def _explains(frame: Frame, hit: Hit) -> bool:
    """Whether وبين is 'and he explained': before أنّ, or first in its sentence with one short noun phrase before أنّ
    (وبين الوزير أن — not: وبين الرياض وجدة أن …, وتبين أن: it turned out)."""
    finite = frame.key(hit.first)[hit.skip :][:1] not in "يت"
    if finite and (an_marker(frame.key(hit.last)) is not None or "ي\u0651" in frame.raw(hit.first)):
        return True
    if hit.first:
        return False
    if frame.words[0].upos == "VERB":
        return True
    for k in range(hit.last, min(hit.last + 12, len(frame.words))):
        key = frame.key(k)
        if an_marker(key):
            return finite and key[:1] not in "ول"
        if key.startswith("و") and not waw_noun(key) and not frame.in_name(k):
            return False
    return False


def _is_noun(frame: Frame, hit: Hit) -> bool:
    """Whether a bare form that is also a noun stands as one: ألف طالب, في نص, قرار طلب, كشف الوزارة عن."""
    entry, key, before = hit.entry, frame.key(hit.first), frame.key(hit.first - 1)
    if (entry.gender, entry.number) != ("m", "s") or key[:1] in "يت" or hit.last - hit.first > 1:
        return False
    if (
        before[:1].isdigit()
        or before in PREPOSITIONS
        or before in _COUNTED
        or frame.key(hit.last) == f"و{key}ة"
    ):
        return True
    after = frame.key(hit.last)
    feminine = after.startswith("ال") and after.endswith("ة") and not frame.in_name(hit.last)
    return feminine and frame.quote(hit.last) == frame.quote(hit.first)


_COUNTED = frozenset(
    ["عدم", "الف", "مية", "مليون", "الاف", "ملايين", "كل", "اي", "عن", "بعد", "قبل", "عدد", "يلي", "مايلي"]
)


def opens_clause(frame: Frame, hit: Hit) -> bool:
    """Whether a cue stands where a clause can begin: first, after punctuation or a conjunction, or joined by و."""
    before = frame.key(hit.first - 1)
    after = hit.skip and frame.key(hit.first)[0] == "ل"  # ليقول
    return hit.first == 0 or hit.joined or after or before in "،,:.؛-–—()" or before in _OPENING


_OPENING = frozenset(
    [
        *(
            "كما",
            "فيما",
            "وقد",
            "قد",
            "ثم",
            "حيث",
            "كان",
            "كانت",
            "فقد",
            "لقد",
            "ولقد",
            "وكان",
            "وكانت",
            "بينما",
        ),
        *("جهته", "جهتها", "جانبه", "جانبها", "ناحيته", "بدوره", "بدورها", "اذ", "لكن", "ولكن", "حين"),
        *("لكنه", "لكنها", "لكنهم", "ولكنه", "ولكنها"),
        *("بعدما", "عندما", "حينما", "انذاك", "وانذاك", "حينها", "وحينها", "لاحقا", "ولاحقا"),
    ]
)


def _clause(frame: Frame, hit: Hit, k: int) -> Complement | None:  # noqa: PLR0911
    """An أنّ clause at word k that this cue can govern."""
    comp = hit.entry.comp
    marker = an_marker(frame.key(k))
    if marker is None and frame.key(k) != "هل":
        return None
    near = frame.hit_at.get(k - 1)
    own = near is not None and near is not hit and near.entry.kind == "masdar" and frame.key(k - 1) in OWN
    if own and PREPOSITIONS.get(frame.key(k - 2)) not in comp:
        return None  # لاعتقادها بأن: the verbal noun governs the clause
    if marker is None:
        return Complement("an", k, k) if hit.entry.stance == "ask" else None
    proclitic, pronoun = marker
    if proclitic in ("و", "ف", "ل") or k + 1 >= len(frame.words):
        return None
    before, end = frame.key(k - 1), k
    if frame.key(k + 1 if before == "سي" else k - 1) == "ان" and "سي" in {before, frame.key(k - 2)}:
        return None  # سي إن إن
    if _subjunctive(frame, hit, k):
        return None
    if proclitic == "ب":
        if not comp & {"an", "bi", "bi_an", "ila"}:
            return None
    elif before in PREPOSITIONS and k > hit.last:
        if PREPOSITIONS[before] not in comp:
            return None
        end = k - 1
    elif not comp & _BARE_AN or _bars_an(frame, k) or hit.entry.act == "talk":
        return None
    if end and frame.key(end - 1) in "،,؛" and end > hit.last:
        end -= 1
    return Complement("an", k if pronoun else k + 1, end, 1 if pronoun and proclitic else 0)


def _bars_an(frame: Frame, k: int) -> bool:
    """Whether أنّ at word k belongs to the word before it (بعد أن); not behind من قبل، nor behind a quotation."""
    before = frame.key(k - 1)
    if before not in word_class("an_blocked") or frame.quote(k - 1) != frame.quote(k) or frame.in_name(k - 1):
        return False
    return not (before == "قبل" and frame.key(k - 2) == "من")


def _subjunctive(frame: Frame, hit: Hit, k: int) -> bool:
    """Whether أن with a verb belongs to another word: what is told takes أنّ with a noun, so that أن + imperfect far
    from its cue hangs on a nearer word (تحكي القصة كيف أراد الرجل أن يرحل)."""
    if frame.key(k) != "ان" or k - hit.last < 2 or hit.entry.act not in _TELLING:
        return False
    if frame.in_name(k + 1) or frame.key(k + 2) in _FINITE:
        return False  # أن تيسير لم يحضر: a name with the letters of a verb
    return frame.key(k + 1)[:1] in "يت" and frame.words[k + 1].upos == "VERB"


_FINITE = frozenset(["لم", "لن", "قد", "سوف", "كان", "كانت", "ليس", "ليست", "هو", "هي"])
_TELLING = frozenset(
    ["say", "report", "explain", "narrate", "write", "disclose", "reply", "comment", "stress"]
)


def _prefer_soft(frame: Frame, first: int, k: int) -> bool:
    """Whether an event noun at ``first`` is the object, although أنّ follows at ``k``: a clause lies between."""
    between = range(first, k)
    return k - first > 14 or any(
        frame.words[j].upos == "VERB" or frame.key(j) in {"الذي", "التي", "الذين"} for j in between
    )
