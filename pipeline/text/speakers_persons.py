"""Names of persons that the recogniser cut short or passed over: given names, titles and proper nouns beside them."""

from __future__ import annotations

from functools import cache

from pipeline.text import names as nm
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame, Name
from pipeline.text.claims_words import an_marker, bare, word_class, word_key
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_nominal import ben
from pipeline.text.speakers_words import TIME, titles

ABBREVIATED = frozenset(["د", "ا", "م", "ق"])
"""Titles cut to a letter and a full stop: د. سامي, أ.د. سامي."""


def whole_person(frame: Frame, phrase: Phrase, name: Name) -> str:
    """The person's name with the words beside it that the recogniser left out: مدير المستشفى ذعار [فرج السالم].

    Such a word is a proper noun or unknown to the tagger, one before the name (behind a title's last word with
    article) and up to two after it.
    """
    first, last = frame.word_at(name.start), frame.word_at(name.end - 1)
    written = frame.words[first].start
    if (
        written + 1 == name.start
        and frame.text[written] in "فكبل"
        and (
            (first == phrase.first and not phrase.skip)
            or word_key(frame.text[written : frame.words[first].end]) in given_keys()
        )
    ):
        name = Name(
            written, name.end, "PER", nm.surface(frame.text[written : name.end])
        )  # فيوري, not ف + يوري
    if nm.surface(frame.text[name.start : name.end]) != name.canonical:
        return _namesake(frame, phrase, name) or name.canonical
    if frame.opens(first) and first <= last < frame.quote_last(first) - 1 < first + 3:
        quote = frame.quotes[frame.quote(first)]  # رسام "سامي حداد", of which سامي is known
        return nm.surface(frame.text[quote.inner_start : quote.inner_end])
    k = first - 1
    if k > phrase.first and (
        (
            unnamed(frame, k, False)
            and (frame.key(k - 1).startswith(("ال", "لل")) or frame.key(k - 1) in {"،", ","})
        )
        or (unnamed(frame, k, True) and (" " not in name.canonical or _behind_a_place(frame, k)))
    ):
        first = k
    while (
        last + 1 < phrase.last and last - frame.word_at(name.end - 1) < 2 and unnamed(frame, last + 1, True)
    ):
        last += 1
    if k == phrase.first and ben(frame, k):
        first = k
    elif (head := given_head(frame, phrase, first)) is not None:
        first = head
    alone = last == first and (frame.key(first) in given_keys() or _servant(frame.key(first)))
    if alone and last + 2 == phrase.last and _family(frame, last + 1):
        last += 1  # [PER عبدالعزيز] المقبل: an adjective does not describe a name
    if alone and _before_title(frame, last + 1, phrase.last):
        last += 1  # [PER فهد] كفاين وزير الثروة
    if last + 2 == phrase.last and unnamed(frame, last + 1, False) and _common_title(frame, phrase):
        last += 1
    start = name.start if first == frame.word_at(name.start) else frame.words[first].start
    return nm.surface(frame.text[start : max(name.end, frame.words[last].end)])


def _behind_a_place(frame: Frame, k: int) -> bool:
    """Whether a place or body ends just before word k, so that a person's name begins there."""
    end = frame.words[k - 1].end
    return any(n.end == end and n.type != "PER" for n in frame.names)


def given_before(frame: Frame, key: str) -> str | None:
    for k, word in enumerate(frame.words):
        if word.key != key or not k:
            continue
        told = k - 1 in frame.hit_at or frame.words[k - 1].upos == "VERB"
        if word.quote == frame.quote(k - 1) and not told:
            known = frame.key(k - 1) in given_keys() or _servant(frame.key(k - 1)) or ben(frame, k - 1)
            behind = k > 2 and frame.key(k - 2) in {"،", ","} and frame.key(k - 3).startswith("ال")
            if key.startswith("ال") and not (known or behind):
                continue  # a word with article is a family name only behind a given one
            alone = known and _whole_name(frame, k - 1)  # [PER جون] كيري: the recogniser cut the surname off
            if alone or unnamed(frame, k - 1, not (known or behind)):
                return nm.surface(frame.text[frame.words[k - 1].start : word.end])
    return None


def _whole_name(frame: Frame, k: int) -> bool:
    """Whether word k is all of a person's name by the recogniser."""
    name = frame.name_at(frame.words[k].start)
    return (
        name is not None
        and name.type == "PER"
        and frame.word_at(name.end - 1) == frame.word_at(name.start) == k
    )


def _common_title(frame: Frame, phrase: Phrase) -> bool:
    return bare(frame.key(phrase.first)) in titles()


def unnamed(frame: Frame, k: int, proper: bool) -> bool:
    """Whether word k, in no name and no title, can belong to a name; ``proper``: where the tagger says so too."""
    key, word = frame.key(k), frame.words[k]
    classes = ("idafa_heads", "person_heads", "adjuncts", "quoted_name_heads")
    return (
        (not proper or word.upos in {"PROPN", "X"}) and key.isalpha() and len(key) > 2 and word.quote < 0 and not frame.in_name(k)
        and not key.startswith(("ال", "لل") if proper else ("ال", "لل", "ب", "ل", "و")) and not key.endswith("ية") and (proper or not key.endswith(("ون", "ين")))
        and "\u064b" not in frame.raw(k) and an_marker(key) is None and key not in PREPOSITIONS and bare(key) not in titles()
        and not any(key in word_class(c) for c in classes)
    )  # fmt: skip


def unseen_person(frame: Frame, phrase: Phrase) -> str | None:
    """The person at the end of a titled phrase without a name of its own: المفكر المحلي [سامي حداد].

    Two to four last words that are in no name and no title, behind a word with article or an adjective; the first
    is a given name or the tagger takes one of them for a proper noun.
    """
    if (run := given_run(frame, phrase)) is not None:
        return run
    first = phrase.last
    while (
        first > phrase.first + 1
        and phrase.last - first < 5
        and (unnamed(frame, first - 1, False) or unnamed(frame, first - 1, True))
    ):
        first -= 1
    size = phrase.last - first
    before = frame.key(first - 1)
    opened = before.startswith(("ال", "لل")) or before in {"،", ","} or bare(before) in titles()
    if not 2 <= size <= 4 or not opened:
        return None
    if not any(frame.words[k].upos in {"PROPN", "X"} for k in range(first, phrase.last)):
        return None
    return nm.surface(frame.text[frame.words[first].start : frame.words[phrase.last - 1].end])


@cache
def given_keys() -> frozenset[str]:
    """Given names of one word as word keys, and what opens a compound one; without باسم (in the name of)."""
    return (frozenset(word_key(n) for n in nm.given() if n and " " not in n) | {"ابو", "عبد", "عليـ"}) - {
        "باسم"
    }


def _namesake(frame: Frame, phrase: Phrase, name: Name) -> str | None:
    """Another bearer of a family name, whose own given name stands before it: جهاد [حداد] beside the سامي حداد of the text."""
    k = frame.word_at(name.start)
    given = frame.key(k - 1)
    if k - 1 < phrase.first or given not in given_keys() or frame.in_name(k - 1):
        return None
    family = " " not in frame.text[name.start : name.end]
    other = family and given not in {word_key(w) for w in name.canonical.split()}
    return nm.surface(frame.text[frame.words[k - 1].start : name.end]) if other else None


def given_head(frame: Frame, phrase: Phrase, first: int) -> int | None:
    """The given name that opens the phrase, one or two unknown words before the known end of the name: علي القرة [داغي]."""
    k = phrase.first
    if not 1 <= first - k <= 3 or not (frame.key(k) in given_keys() or _servant(frame.key(k))) or phrase.skip:
        return None
    between = range(k, first)
    plain = not any(
        bare(frame.key(j)) in titles() or frame.key(j) in PUNCTUATION or frame.quote(j) >= 0 for j in between
    )
    free = not any(frame.in_name(j) or j in frame.hit_at or frame.key(j) in PREPOSITIONS for j in between)
    return k if plain and free else None


def _before_title(frame: Frame, k: int, stop: int) -> bool:
    """Whether word k is unknown and stands between a given name and a title or a comma: فهد [كفاين] وزير."""
    if k + 1 >= stop or not unnamed(frame, k, False):
        return False
    return frame.key(k + 1) in {"،", ","} or bare(frame.key(k + 1)) in titles()


def _family(frame: Frame, k: int) -> bool:
    """Whether word k, with article, can be the family name behind a given name: no title, no time, no state's adjective."""
    key = frame.key(k)
    plain = key.startswith("ال") and len(key) > 4 and bare(key) not in titles() and key not in TIME
    return plain and not key.endswith(("ون", "ين")) and frame.quote(k) < 0 and not frame.in_name(k)


def _servant(key: str) -> bool:
    """Whether a folded word is a name of the pattern عبد الـ… written as one word."""
    return key.startswith("عبدال") and len(key) > 7


def given_run(frame: Frame, phrase: Phrase) -> str | None:
    """A person's name that the recogniser missed in a phrase: from a given name of the lexicon (or أبو) on, up to five
    words, to the end of the phrase, a comma or a title behind the name; two words at least.

    >>> # المتحدثة باسم البرنامج أمينة الكردي → أمينة الكردي; د. توفيق بن سعيد حداد وكيل الوزارة → توفيق بن سعيد حداد
    """
    for at in range(phrase.first, phrase.last - 1):
        k, key = at, frame.key(at)
        if not (key in given_keys() or _servant(key) or ben(frame, k)) or frame.in_name(k):
            continue
        if frame.key(k - 1) in PREPOSITIONS and k > phrase.first:
            return None
        last = k + 1
        while last < min(phrase.last, k + 5) and _name_word(frame, last):
            last += 1
        if last - k < 2 or (last < phrase.last and not _closes_name(frame, last)):
            return None
        if frame.key(k - 1) == "بن" and k - 2 > phrase.first and frame.key(k - 2).isalpha():
            k -= 2  # مدة بن [علي حداد]
        return nm.surface(frame.text[frame.words[k].start : frame.words[last - 1].end])
    return None


def leading_person(frame: Frame, phrase: Phrase) -> str | None:
    """The person at the head of a phrase whose title stands behind the name: [أمي بارتليت] المتحدثة باسم المتنزه.

    Two to four words in no name and no title, of which the tagger takes one for a proper noun, before a definite title.
    """
    if (one := _one_of(frame, phrase)) is not None:
        return one
    last = phrase.first
    while last < min(phrase.last, phrase.first + 4) and unnamed(frame, last, False):
        last += 1
    if last - phrase.first < 2 or last >= phrase.last:
        return None
    behind = frame.key(last + 1 if frame.key(last) in {"،", ","} else last)
    if not behind.startswith("ال") or bare(behind) not in titles() | word_class("person_heads"):
        return None
    if not any(frame.words[k].upos in {"PROPN", "X"} for k in range(phrase.first, last)):
        return None
    return nm.surface(frame.text[frame.words[phrase.first].start : frame.words[last - 1].end])


def _tells_who(frame: Frame, k: int) -> bool:
    dash = frame.key(k) in {"-", "–"} and bare(frame.key(k + 1)) in titles()
    glued = (
        "-" in frame.text[frame.words[k - 1].end : frame.words[k].start] and bare(frame.key(k)) in titles()
    )
    return dash or glued or frame.key(k) in {"احد", "احدي"}


def _one_of(frame: Frame, phrase: Phrase) -> str | None:
    """The person at the head of a phrase who is one of a group, or whose title stands behind a dash: [مصلح الحداد] أحد
    البائعين, [خيرية الحداد] -مستشارة- — not: البائع سامي أحد …"""
    stop = min(phrase.last, phrase.first + 5)
    last = next((k for k in range(phrase.first + 2, stop) if _tells_who(frame, k)), None)
    if last is None or frame.key(phrase.first).startswith("ال"):
        return None
    if frame.in_name(phrase.first) or not all(_name_word(frame, k) for k in range(phrase.first, last)):
        return None
    return nm.surface(frame.text[frame.words[phrase.first].start : frame.words[last - 1].end])


def _name_word(frame: Frame, k: int) -> bool:
    """Whether word k can go on a person's name: no title, preposition or punctuation; an article only on an unknown word."""
    key = frame.key(k)
    if key in PUNCTUATION or key in PREPOSITIONS or frame.quote(k) >= 0 or bare(key) in titles():
        return False
    return key.isalpha() and not key.startswith(("لل", "بال")) and key not in word_class("adjuncts") and (
        not any(key in word_class(c) for c in ("idafa_heads", "person_heads"))
    )  # fmt: skip


def _closes_name(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    return key in {"،", ",", "-", "–", "("} or bare(key) in titles() or key.startswith("ال")
