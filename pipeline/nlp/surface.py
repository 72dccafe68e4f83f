"""Newswire surface for vocalised, split treebank words.

The Prague treebank of 2016 gives vocalised words with the clitics cut off and no surface text. Here the words get
back the characters they have in a newspaper, as substrings of the surface: clitics become words with
``SpaceAfter=No``, so that a tokeniser trained on them points at exact characters and needs no multiword tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.nlp.conllu import Sentence, Word

MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640`]")
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٪", "01234567890123456789%")
PROCLITICS = frozenset("وفبلكسأ")
# Prepositions that write a final alif maqsura as ya before a pronoun: إليه, عليها, لديهم.
_MAQSURA_TO_YA = frozenset({"على", "إلى", "الى", "لدى"})
_OPENING = frozenset("([{«“‹")
_CLOSING = frozenset(")]}»”›.,،;؛:؟?!…%")


def unvocalise(text: str) -> str:
    """Drop short vowels, other marks and tatweel; alif wasla becomes a plain alif.

    >>> unvocalise("اَلكِتَابُ")
    'الكتاب'
    """
    return MARKS.sub("", text).replace("ٱ", "ا")


def drop_hamza(text: str) -> str:
    """Write alif without hamza, the habit of several agencies.

    >>> drop_hamza("أعلن إلى")
    'اعلن الى'
    """
    return re.sub("[أإآ]", "ا", text)


def is_proclitic(word: Word) -> bool:
    """Tell a conjunction, preposition or particle of one letter, which is written together with what follows."""
    return unvocalise(word.form) in PROCLITICS and word.xpos[:1] in ("C", "P", "F")


def is_enclitic(word: Word) -> bool:
    """Tell an object or possessive pronoun, which is written together with what stands before it."""
    return word.xpos.startswith("SP") and word.feats.get("Case") in ("Gen", "Acc")


def groups(words: Sequence[Word]) -> list[list[int]]:
    """Return the indices of ``words`` grouped as surface tokens by the rules of Arabic spelling."""
    out: list[list[int]] = []
    glue = False
    for index, word in enumerate(words):
        joinable = word.form[:1].isalpha() or unvocalise(word.form)[:1].isalpha()
        after_word = bool(out) and unvocalise(words[index - 1].form)[-1:].isalpha()
        if out and joinable and (glue or (is_enclitic(word) and after_word)):
            out[-1].append(index)
        else:
            out.append([index])
        glue = is_proclitic(word)
    return out


def join(forms: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """Spell the parts of one surface token together; ``kinds`` has ``p`` proclitic, ``w`` word, ``e`` enclitic.

    >>> join(["ل", "السلطة"], "pw")
    ['ل', 'لسلطة']
    >>> join(["مدينة", "ه"], "we"), join(["على", "ها"], "we")
    (['مدينت', 'ه'], ['علي', 'ها'])
    """
    out = list(forms)
    for i in range(len(out) - 1):
        nxt = out[i + 1]
        if forms[i] == "ل" and kinds[i] == "p" and nxt.startswith("ال") and len(nxt) > 2:
            # ل + ال is written لل; a word that itself begins with lam keeps only one of the three: لليل.
            out[i + 1] = nxt[2:] if nxt.startswith("الل") else nxt[1:]
        if kinds[i + 1] == "e" and kinds[i] == "w":
            out[i] = _before_pronoun(out[i])
    return out


def _before_pronoun(form: str) -> str:
    if form.endswith("ة"):
        return form[:-1] + "ت"
    if form in _MAQSURA_TO_YA:
        return form[:-1] + "ي"
    if form.endswith("ى"):
        return form[:-1] + "ا"
    if form.endswith("وا") and len(form) > 3:
        return form[:-1]
    return form


def _cost(part: str, form: str) -> float:
    """Return how badly the surface piece ``part`` spells ``form`` (0 = letter by letter but for hamza)."""
    a, b = drop_hamza(part), drop_hamza(form)
    if a == b:
        return 0.0
    row = [float(j) for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], float(i)
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def cut(token: str, forms: Sequence[str]) -> list[str] | None:
    """Cut the surface ``token`` into ``len(forms)`` pieces that spell ``forms`` best; None if it cannot be.

    Exhaustive over cuts with dynamic programming: tokens have at most five parts and some twenty letters.

    >>> cut("لكتابه", ["ل", "كتاب", "ه"]), cut("مما", ["من", "ما"])
    (['ل', 'كتاب', 'ه'], ['م', 'ما'])
    """
    size, n = len(token), len(forms)
    if size < n or n > 6 or size > 40:
        return None
    best: dict[tuple[int, int], tuple[float, list[str]]] = {(0, 0): (0.0, [])}
    for k, form in enumerate(forms):
        for end in range(k + 1, size + 1):
            options = [
                (best[k, at][0] + _cost(token[at:end], form), best[k, at][1] + [token[at:end]])
                for at in range(k, end)
                if (k, at) in best
            ]
            if options:
                best[k + 1, end] = min(options, key=lambda option: option[0])
    found = best.get((n, size))
    return None if found is None or found[0] > max(2, size // 2) else found[1]


def rebuild(words: Sequence[Word]) -> list[list[str]]:
    """Return for each surface token its pieces, spelt by rule from the vocalised ``words``."""
    out: list[list[str]] = []
    for group in groups(words):
        kinds: list[str] = []
        for i in group:
            kinds.append("p" if is_proclitic(words[i]) else "e" if is_enclitic(words[i]) and kinds else "w")
        forms = [unvocalise(words[i].form).translate(DIGITS) or words[i].form for i in group]
        out.append(join(forms, kinds))
    return out


def pieces_of(surface: Sentence, words: Sequence[Word]) -> list[list[str]] | None:
    """Return the pieces of each surface token of ``surface``, a tree with multiword tokens over the same words.

    None where the surface does not cover the words (a token shorter than its parts).
    """
    if len(surface.words) != len(words):
        return None
    out: list[list[str]] = []
    number = 1
    starts = {first: (last, token.form) for (first, last), token in surface.ranges.items()}
    while number <= len(words):
        if number in starts:
            last, token = starts[number]
            forms = [unvocalise(w.form).translate(DIGITS) for w in words[number - 1 : last]]
            found = cut(token, forms)
            if found is None:
                return None
            out.append(found)
            number = last + 1
        else:
            out.append([surface.words[number - 1].form])
            number += 1
    return out


def spaces(tokens: Sequence[str], given: Sequence[bool] | None = None) -> list[bool]:
    """Return for each surface token whether a space follows: ``given``, mended by the rules of typesetting.

    Straight quotation marks alternate between opening and closing.
    """
    out = list(given) if given is not None else [True] * len(tokens)
    opened = False
    for i, token in enumerate(tokens):
        if token == '"':
            opened = not opened
            out[i] = not opened
            if i and not opened:
                out[i - 1] = False
            elif i and tokens[i - 1] not in _OPENING:
                out[i - 1] = True
        elif token in _OPENING:
            out[i] = False
            if i and tokens[i - 1] != '"' and tokens[i - 1] not in _OPENING:
                out[i - 1] = True
        elif token in _CLOSING:
            if i:
                out[i - 1] = False
            if token != ".":
                out[i] = True
    for i in range(len(tokens) - 1):
        if tokens[i + 1] in _CLOSING:
            out[i] = False
    return out


def apply(words: Sequence[Word], pieces: Sequence[Sequence[str]], given: Sequence[bool] | None) -> None:
    """Write the surface ``pieces`` into ``words``: forms that are substrings of the surface, spaces as SpaceAfter."""
    after = spaces(["".join(p) for p in pieces], given)
    index = 0
    for token, space in zip(pieces, after, strict=True):
        for position, piece in enumerate(token):
            words[index].form = piece
            words[index].space_after = space and position == len(token) - 1
            index += 1
