"""Whether a subject can begin at a word: nouns and names, told from particles, adverbs, addressees and verbs."""

from __future__ import annotations

from pipeline.text.claims_frame import PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, is_event_noun, word_class
from pipeline.text.speakers_words import NOT_NOMINAL, WITH_PRONOUN


def nominal(frame: Frame, k: int) -> bool:
    """Whether a noun phrase that can be a subject may begin at word k: no particle, adverb, addressee or finite verb."""
    key = frame.key(k)
    name = frame.name_at(frame.words[k].start)
    whole = name is not None and name.type == "PER" and frame.words[k].end < name.end
    told = key.startswith("ل") and _addressee(frame, k)  # قال لبي بي سي
    if ben(frame, k) or (whole and not told and not an_marker(key)):
        return True
    if _particle(frame, k):
        return False
    if frame.words[k].upos == "VERB" and key[:1] in "يتسن" and not key.startswith("ال"):
        return frame.in_name(k)
    if (
        key.startswith("ب")
        and not frame.in_name(k)
        and (key.startswith("بال") or is_event_noun(key[1:], key[1:]))
    ):
        return False  # علق بامتعاض: manner, no subject
    hit = frame.hit_at.get(k)
    if "\u064b" in frame.raw(k) or (hit is not None and hit.entry.kind == "hal") or _adverb(frame, k):
        return False  # an accusative with tanwin is no subject: مسبقًا، حاليًا
    return key[0].isalpha() or key[0].isdigit()


def _particle(frame: Frame, k: int) -> bool:
    """Whether word k is or opens with a particle: an addressee with لـ, وكأن, فالأمر, ذلك alone (ويوضح ذلك قائلا)."""
    key = frame.key(k)
    if key.startswith("ل") and _addressee(frame, k):
        return True
    own = key.startswith("ل") and len(key) > 5 and key.endswith(("ته", "تها", "تهم", "يه", "يها"))
    if own and not key.startswith(("لجن", "لاعب", "لغت", "لوح")) and not frame.in_name(k):
        return True  # قال لصديقته
    joined = (key.startswith("و") and len(key) > 3 and not waw_noun(key)) or key.startswith("فال")
    if joined and not frame.in_name(k):
        return True
    if key in _DEMONSTRATIVES and not frame.key(k + 1).startswith("ال"):
        return True
    closed = key in PUNCTUATION or key in NOT_NOMINAL or key in WITH_PRONOUN
    return closed or key in word_class("adjuncts") or an_marker(key) is not None


_DEMONSTRATIVES = frozenset(["هذا", "هذه", "ذلك", "تلك"])


def ben(frame: Frame, k: int) -> bool:
    """Whether بين is the given name Ben: right behind a reporting verb, before an unknown name and a comma or أن, with no
    second term (قال بين حداد، المدوّن — not: قال بين سطوره وكلماته)."""
    hit = frame.hit_at.get(k - 1)
    if frame.key(k) != "بين" or hit is None or hit.entry.kind != "verb":
        return False
    proper = frame.words[k + 1].upos in {"PROPN", "X"} if k + 1 < len(frame.words) else False
    return (proper or frame.in_name(k + 1)) and (
        frame.key(k + 2) in "،,(:" or an_marker(frame.key(k + 2)) is not None
    )


def _adverb(frame: Frame, k: int) -> bool:
    """Whether word k is an adverb made of an adjective, written without its tanwin: تؤكد جليا أن، رأت مبدئيا أن."""
    key = frame.key(k)
    plain = key.endswith("يا") and len(key) > 4 and not key.startswith("ال") and not frame.in_name(k)
    return plain and key[:-1] not in word_class("person_heads") and frame.words[k].upos in {"ADJ", "ADV"}


def _addressee(frame: Frame, k: int) -> bool:
    """Whether لـ at the head of word k is the preposition of speaking (لصحيفة، للصحفيين، لـCNN)."""
    key = frame.key(k)
    if key.startswith("لل"):
        return "ال" + key[2:] in word_class("addressees")
    return key[1:] in word_class("addressees") or key == "لفكرة" or frame.raw(k).startswith("لـ")


def waw_noun(key: str) -> bool:
    """Whether the و of a word is its own (وزير) and not the conjunction (وظلوا).

    >>> waw_noun("وزير"), waw_noun("وظلوا"), waw_noun("وكالات")
    (True, False, True)
    """
    return key.startswith(tuple(word_class("waw_nouns")))
