"""Operations of a rewriting desk: planted edits of a known kind, and the unjudged rewording around them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cache

from night_text import Sentence, find, free, put, words

VERBS = "قال|قالت|ذكر|ذكرت|أعلن|أعلنت|أوضح|أوضحت|أكد|أكدت|أفاد|أفادت|كشف|كشفت|صرح|صرحت|أضاف|أضافت|بين|بينت"
HEAD = re.compile(rf"[وف]?(?:{VERBS})(?: [^\s،.:\"«»()]+){{1,6}}? (?:أن|إن|بأن) (?=\S)")
PLANTED_HEAD = re.compile(
    r"(?:وبحسب|ووفقا لـ) ?[^،.\n]{3,60}، |وذكرت [^،.\n]{3,60}? أن |وأفادت [^،.\n]{3,60}? بأن |ونقلت الإذاعة عن [^،.\n]{3,60}? أن "
)
TAIL = re.compile(r"[،,]? (?:بحسب|نقلا عن|وفقا لما|على حد قول|كما أفادت) [^،.,:\n\"«»()]{3,60}(?=[،.,\n]|$)")
ORDINALS = re.compile(
    "(?:و|ب|ل|ف)?ال(?:أول|أولى|ثاني|ثانية|ثالث|ثالثة|رابع|رابعة|خامس|خامسة|سادس|سادسة|سابع|سابعة|ثامن|ثامنة|تاسع|تاسعة|عاشر|عاشرة)$"
)
OPENERS = ("بحسب", "وفق", "وفقا", "حسب", "نقلا", "قول", "أفادت", "وبحسب", "ووفقا")


@cache
def _table(name: str) -> dict[str, list[tuple[list[str], str]]]:
    """First word → (the words that are replaced, what replaces them), in both directions."""
    table: dict[str, list[tuple[list[str], str]]] = {}
    for row in words("night_words")[name]:
        for one in row:
            for other in row:
                if one != other:
                    table.setdefault(one.split()[0], []).append((one.split(), other))
    return table


@cache
def _protected() -> frozenset[str]:
    """Words that only a planted edit may touch."""
    data = words("night_words")
    flat = [*data["dates"]["weekdays"], *data["dates"]["relative"], *data["negations"], *OPENERS]
    flat += [w for row in data["dates"]["months"] for name in row for w in name.split()]
    flat += [w for row in data["number_words"] for w in row]
    flat += [w for row in (*data["polarity"], *data["loaded"]) for name in row for w in name.split()]
    flat += [
        "غدا",
        "غير",
        "عام",
        "سنة",
        "مئة",
        "ألف",
        "مليون",
        "مليار",
        "اثنين",
        "اثنان",
        "واحد",
        "واحدة",
        "أحد",
    ]
    return frozenset(f"{c}{w}" for w in flat for c in ("", "و", "ف", "ب", "ل"))


def protected(word: str) -> bool:
    return word[0].isdigit() or word in _protected() or bool(ORDINALS.match(word))


Planter = Callable[[Sentence, random.Random, int], bool]


def _hits(sentence: Sentence, table: dict[str, list[tuple[list[str], str]]]) -> list[tuple[int, int, str]]:
    found = []
    for i, tok in enumerate(sentence):
        for phrase, new in table.get(tok.s, ()) if tok.edit == -1 else ():
            end = find(sentence, phrase, i)
            if end:
                found.append((i, end, new))
    return found


def _swap(name: str) -> Planter:
    def plant(sentence: Sentence, rng: random.Random, edit: int) -> bool:
        hits = _hits(sentence, _table(name))
        if not hits:
            return False
        put(sentence, *rng.choice(hits), edit)
        return True

    return plant


def number(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """A figure or number word gets another value; years, dates, scores and parts of longer numbers are left alone."""
    months = {w for row in words("night_words")["dates"]["months"] for name in row for w in name.split()}
    hits: list[tuple[int, str]] = []
    for i, tok in enumerate(sentence):
        if tok.edit != -1 or not tok.is_word:
            continue
        around = [t.s for t in sentence[max(0, i - 2) : i] + sentence[i + 1 : i + 5]]
        if tok.s[0].isdigit():
            close = "".join(t.s for t in sentence[max(0, i - 1) : i] + sentence[i + 1 : i + 2])
            if re.search(r"[^\s()،.]", close) and close.strip() not in ("%",):
                continue
            digits = [n for n, c in enumerate(tok.s) if "0" <= c <= "9"]
            if not digits or len(digits) < len(tok.s) - 1 or len(digits) > 5 or months & set(around):
                continue
            if len(digits) == 4 and "1300" <= tok.s <= "2100":
                continue
            place = rng.choice(digits)
            low = 1 if place == 0 else 0
            new = rng.choice([d for d in range(low, 10) if str(d) != tok.s[place]])
            hits.append((i, f"{tok.s[:place]}{new}{tok.s[place + 1 :]}"))
        elif not months & set(around):
            for row in words("night_words")["number_words"]:
                if tok.s in row:
                    hits.append((i, rng.choice([w for w in row if w != tok.s])))
    if not hits:
        return False
    i, new_word = rng.choice(hits)
    put(sentence, i, i + 1, new_word, edit)
    return True


def date(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """Another weekday, month, day of the month, or yesterday for today."""
    data = words("night_words")["dates"]
    names = [row[0] for row in data["months"]]
    hits: list[tuple[int, str]] = []
    for i, tok in enumerate(sentence):
        if tok.edit != -1:
            continue
        if tok.s in data["weekdays"] and not (tok.s == "الجمعة" and i >= 2 and sentence[i - 2].s == "صلاة"):
            hits.append((i, rng.choice([w for w in data["weekdays"] if w != tok.s])))
        elif tok.s in data["relative"]:
            after = sentence[i + 2].s if i + 2 < len(sentence) else ""
            if tok.s == "أمس" or after in data["weekdays"]:
                hits.append((i, "أمس" if tok.s == "اليوم" else "اليوم"))
        elif tok.s in names:
            hits.append((i, rng.choice([w for w in names if w != tok.s])))
            day = sentence[i - 2] if i >= 2 else None
            if (
                day
                and day.edit == -1
                and re.fullmatch("[0-9]{1,2}", day.s)
                and (i < 3 or sentence[i - 3].s in " (")
            ):
                hits.append((i - 2, str(rng.choice([d for d in range(1, 29) if str(d) != day.s]))))
    if not hits:
        return False
    i, new = rng.choice(hits)
    put(sentence, i, i + 1, new, edit)
    return True


def polarity(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """An opposite verb, a negation put in, or one left out."""
    data = words("night_words")
    hits = [
        (i, j, new)
        for i, j, new in _hits(sentence, _table("polarity"))
        if not (i >= 2 and sentence[i - 2].s in (*data["negations"], "ألا", "هل"))
    ]
    for i, tok in enumerate(sentence[:-2]):
        after = sentence[i + 2]
        if (
            tok.s in data["negations"]
            and free(sentence, i, i + 3)
            and after.s[0] in "يتن"
            and len(after.s) > 3
        ) and after.s not in data["keep_after_negation"]:
            hits.append((i, i + 2, ""))
    if not hits:
        return False
    i, j, new = rng.choice(hits)
    if sentence[i].s in data["negations"] and new and find(sentence, [sentence[i].s], i) == j:
        return False
    put(sentence, i, j, new, edit)
    return True


def _text(sentence: Sentence) -> tuple[str, dict[int, int]]:
    at, place = 0, {}
    for i, tok in enumerate(sentence):
        place.setdefault(at, i)
        at += len(tok.s)
    place[at] = len(sentence)
    return "".join(t.s for t in sentence), place


def attribution_dropped(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """The naming of a source goes: an opening up to "that", or a closing "according to"."""
    text, place = _text(sentence)
    spans = []
    for pattern in (HEAD, PLANTED_HEAD):
        if m := pattern.match(text):
            spans.append(m.span())
    spans += [m.span() for m in TAIL.finditer(text)]
    spans = [
        s for s in spans
        if s[0] in place and s[1] in place and free(sentence, place[s[0]], place[s[1]]) and len(text) - (s[1] - s[0]) > 40
    ]  # fmt: skip
    if not spans:
        return False
    lo, hi = rng.choice(sorted(spans))
    put(sentence, place[lo], place[hi], "", edit)
    return True


def attribution_added(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """A source is named that the parent does not name."""
    data = words("night_words")
    last = next((i for i in range(len(sentence) - 1, -1, -1) if sentence[i].is_word), None)
    if (
        last is None
        or sum(t.is_word for t in sentence) < 8
        or not free(sentence, 0, 1)
        or not free(sentence, last, last + 1)
    ):
        return False
    source = rng.choice(data["sources"])
    if rng.random() < 0.5:
        put(sentence, last + 1, last + 1, rng.choice(data["source_tails"]).format(source), edit)
    else:
        put(sentence, 0, 0, rng.choice(data["source_heads"]).format(source), edit)
    return True


def name(sentence: Sentence, rng: random.Random, edit: int) -> bool:
    """Another place."""
    places = words("night_words")["places"]
    hits = [i for i, t in enumerate(sentence) if t.edit == -1 and t.s in places]
    if not hits:
        return False
    i = rng.choice(hits)
    put(sentence, i, i + 1, rng.choice([p for p in places if p != sentence[i].s]), edit)
    return True


PLANTERS: dict[str, Planter] = {
    "number": number, "date": date, "polarity": polarity, "attribution_dropped": attribution_dropped,
    "attribution_added": attribution_added, "loaded_word": _swap("loaded"), "name": name,
}  # fmt: skip


def reword(
    sentence: Sentence, rng: random.Random, synonyms: float, swaps: float, drops: float, fills: float
) -> None:
    """Synonyms, neighbours exchanged, adjectives left out, fillers put in; each at its rate."""
    taken: set[int] = set()
    for i, j, new in sorted(_hits(sentence, _table("synonyms")), key=lambda h: (-h[0], rng.random())):
        if (
            (
                rng.random() < synonyms
                and free(sentence, i, j)
                and not any(protected(t.s) for t in sentence[i:j] if t.is_word)
            )
            and i not in taken
            and i + 1 not in taken
        ):
            taken.add(i)
            put(sentence, i, j, new, -2)
    i = len(sentence) - 3
    while i >= 2:
        one, gap, two = sentence[i : i + 3]
        loose = one.is_word and two.is_word and gap.s == " " and one.edit == two.edit == -1
        if loose and not protected(one.s) and not protected(two.s):
            if rng.random() < swaps:
                sentence[i], sentence[i + 2] = two, one
                one.edit = two.edit = -2
            elif two.s.startswith("ال") and one.s.startswith("ال") and rng.random() < drops:
                put(sentence, i + 1, i + 3, "", -2)
            elif rng.random() < fills:
                put(sentence, i + 1, i + 1, " " + rng.choice(words("night_words")["fillers"]), -2)
        i -= 2


def turn(sentence: Sentence, rng: random.Random) -> None:
    """Exchange two clauses around a comma where both are long enough and nothing was planted in them."""
    commas = [
        i
        for i, t in enumerate(sentence)
        if t.s in "،," and i + 1 < len(sentence) and sentence[i + 1].s == " "
    ]
    last = next((i for i in range(len(sentence) - 1, -1, -1) if sentence[i].is_word), None)
    if last is None or any(t.edit >= 0 for t in sentence):
        return
    commas = [i for i in commas if i >= 7 and last - i >= 7]
    if commas:
        at = rng.choice(commas)
        sentence[: last + 1] = [*sentence[at + 2 : last + 1], sentence[at], sentence[at + 1], *sentence[:at]]


def house_style(sentences: Sequence[Sentence], rng: random.Random) -> None:
    """One spelling habit over a whole text: bare alef, ha for ta marbuta, words for small figures, Arabic digits."""
    habit = rng.choice(("alef", "ha", "ya", "digits", "eastern"))
    small = dict(zip("345678", words("night_words")["number_words"][0], strict=False))
    for sentence in sentences:
        for n, tok in enumerate(sentence):
            if not tok.is_word or tok.edit >= 0:
                continue
            if habit == "alef":
                tok.s = re.sub("[أإآ]", "ا", tok.s)
            elif habit == "ha":
                tok.s = re.sub("ة$", "ه", tok.s)
            elif habit == "ya":
                tok.s = re.sub("ى$", "ي", tok.s)
            elif habit == "digits" and tok.s in small and 0 < n < len(sentence) - 1:
                after = sentence[n + 2].s if n + 2 < len(sentence) else ""
                if sentence[n - 1].s == " " == sentence[n + 1].s and after.endswith(("ين", "ات", "ال", "ام")):
                    tok.s, tok.edit = small[tok.s], -2
            elif habit == "eastern" and tok.s.isascii() and tok.s.isdigit():
                tok.s = tok.s.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
