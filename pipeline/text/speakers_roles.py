"""Whom the title of one definite person means where nobody in the text bears it in these words: الوزيرة المقالة، قائد المنتخب.

In annotated articles such a phrase nearly always takes up somebody whom the text names. Whoever spoke last is a safe choice; the
person named most or nearest was tried and was wrong for every second title. متحدث، مصدر and the like name nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from pipeline import resources
from pipeline.text import names as nm
from pipeline.text.chains import History
from pipeline.text.claims_words import bare, word_class, word_key
from pipeline.text.speakers_register import Register, Source
from pipeline.text.speakers_words import people, titles
from pipeline.text.states import by_nationality

_NAMELESS = frozenset(
    word_key(w)
    for w in ["مندوب", "ممثل", "ممثلة", "مصور", "محرر", "كاتب", "عضو", "عضوة", "نائب", "أحد", "إحدى"]
)

_ADVOCATES = frozenset(["محامي", "محامية"])

_LEADERS = frozenset(["زعيم", "مرشد", "حاكم", "عاهل", "ملك"])
"""Offices that one person bears at a time: المرشد الأعلى may be the زعيم."""


def is_role(text: str) -> bool:
    """Whether a phrase is the title of one definite person: by its article, or by that of its genitive.

    >>> is_role("الوزيرة المقالة"), is_role("قائد المنتخب الوطني"), is_role("وزير سابق"), is_role("متحدث باسم الوزارة")
    (True, True, False, False)
    """
    keys = [word_key(w) for w in text.split()]
    keys = [k for k in keys if k]
    if not keys:
        return False
    head = bare(keys[0])
    nameless = (
        keys[0] in word_class("person_heads") or head in word_class("person_heads") or head in _NAMELESS
    )
    whose = (
        head in _ADVOCATES and len(keys) > 1 and keys[1].startswith("ال")
    )  # محامي النجم, whom the text names
    if (nameless and not whose) or head in people() or head not in titles():
        return False
    return keys[0].startswith("ال") or any(k.startswith("ال") for k in keys[1:3])


def meant(source: Source, history: History, register: Register) -> str | None:
    """The person whom the title ``source`` takes up: who spoke last, unless the text speaks against it; else None.

    قال سامي حداد إن …. وأكد [قائد المنتخب] أن … is سامي حداد; not so where he is known as a minister, or of another nation.
    """
    if source.text is None or not is_role(source.text) or history.silence > 1 or not history.claims:
        return None
    last = history.claims[-1].speaker
    name = last.entity or last.name
    if last.type != "PER" or name is None or not any(name == other for _, other, _ in register.persons):
        return None
    return name if _can_be(name, [word_key(w) for w in source.text.split()], register) else None


def _can_be(name: str, keys: Sequence[str], register: Register) -> bool:
    """Whether nothing that the text says of a person speaks against the title: gender, and with an office of state (وزير)
    another office or nation."""
    gender = _gender(name, register)
    if gender and (gender == "f") != keys[0].endswith("ة"):
        return False
    offices = {bare(keys[0])} & _offices()
    if not offices:
        return True
    held = {w for _, other, borne in register.persons if other == name for w in borne}
    other_office = bool(held & _offices()) and not held & offices and not offices <= _LEADERS
    nations = _nations(keys)
    return not other_office and (not nations or nations == _nations(held))


def _gender(name: str, register: Register) -> str:
    """m or f as the document shows it, else as the name itself does; empty where neither tells."""
    return register.genders.get(name) or {"masc": "m", "fem": "f"}.get(nm.agreement(name)[0], "")


@cache
def _offices() -> frozenset[str]:
    return frozenset(
        bare(word_key(w)) for w in resources.load("titles.yaml")["titles"]["state"] if " " not in w
    )


def _nations(keys: Iterable[str]) -> set[str]:
    states = by_nationality()
    found = (states.get(bare(k)) or states.get(bare(k).removesuffix("ة")) for k in keys)
    return {state for state in found if state}


def is_board(keys: Sequence[str]) -> bool:
    """Whether folded words mean holders of an office as one body: زعماء كنائس المدينة — not: زعماء محليون، خبراء البنك.

    >>> is_board(["زعماء", "كناءس", "المدينة"]), is_board(["زعماء", "محليون"]), is_board(["خبراء", "البنك"])
    (True, False, False)
    """
    return bare(keys[0]) in _boards() and any(k.startswith("ال") for k in keys[1:3])


@cache
def _boards() -> frozenset[str]:
    return frozenset(bare(word_key(w)) for w in resources.load("titles.yaml")["plurals"]["offices"])


def last_named(head: str, at: int, register: Register) -> tuple[str, str] | None:
    """Whom الأخير or الأخيرة takes up: the person named last before character ``at`` of that gender, else the body."""
    feminine = head.endswith("ة")
    for place, name, _ in reversed(register.persons):
        if place < at and (_gender(name, register) == "f") == feminine:
            return name, "PER"
    bodies = [(name, kind) for place, name, kind, _ in register.bodies if place < at]
    return bodies[-1] if bodies else None
