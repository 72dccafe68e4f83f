"""Words of the Prague treebank that nobody analysed: cut their clitics off and give them a known analysis.

One word in sixteen carries the tag ``U---------``: the dictionary that helped the annotators had no entry in the
spelling at hand, so the word stands there whole and untagged. Most are names; but والزملاء, بيننا and والتي are no
names. A tokeniser that learns from them learns that وال is sometimes left whole, a tagger that they are names. What
other words of the same treebanks show without doubt is mended here: a clitic is cut off where the rest is a known
word and the whole is none, and a known word gets its commonest analysis. All else stays as it is (mostly a name).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.nlp.conllu import Word
from pipeline.nlp.surface import drop_hamza, is_enclitic, unvocalise

# Longest first, so that هما is not taken for ما after ه. The first person ي and ك end too many words to be told.
ENCLITICS = ("هما", "ها", "هم", "هن", "نا", "كم", "ه")
CONJUNCTIONS = ("و", "ف")
PREPOSITIONS = ("ب", "ل", "ك")
FUTURE = "س"
# A known word is one analysed twice; a preposition needs a rest that is this much commoner than the whole.
_KNOWN = 2
_COMMONER = 3
# A whole token seen this often, and more often than not without analysis elsewhere too, is a name (باول).
_NAME_SEEN = 5
_NAME_SHARE = 0.6
_SHORTEST_REST = 2
# Tags of open classes and the letter that Prague tags of the class begin with.
OPEN_TAGS = {"NOUN": "N", "ADJ": "A", "VERB": "V", "ADV": "D", "NUM": "Q"}

Analysis = tuple[str, str, str, str, str]


def plain(form: str) -> str:
    """Return the spelling that words are compared in: no vowels, no hamza on alif."""
    return drop_hamza(unvocalise(form))


def is_unanalysed(word: Word) -> bool:
    """Tell a word without dictionary entry: version 1 tags it X, the Prague tag begins with U."""
    return word.upos == "X" and word.xpos.startswith("U") and unvocalise(word.form).isalpha()


@dataclass
class Knowledge:
    """What the analysed words show: analyses by spelling, enclitics by (form, case), and whole tokens elsewhere."""

    words: dict[str, Counter[Analysis]] = field(default_factory=lambda: defaultdict(Counter))
    enclitics: dict[tuple[str, str], Counter[Analysis]] = field(default_factory=lambda: defaultdict(Counter))
    wholes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def seen(self, form: str) -> int:
        return self.words[form].total() if form in self.words else 0

    def is_certain(self, form: str) -> bool:
        """Tell an analysed word, alone or with a pronoun after it."""
        ends = (
            form[: -len(p)] for p in ENCLITICS if form.endswith(p) and len(form) > len(p) + _SHORTEST_REST
        )
        return self.seen(form) >= _KNOWN or any(self.seen(b) >= _KNOWN for e in ends for b in _bases(e))

    def exists(self, form: str) -> int:
        """Return how often the form is met as a word of its own, analysed or not."""
        return self.seen(form) + self.wholes.get(form, Counter()).total()

    def analyses(self, form: str) -> Counter[Analysis]:
        """Return the analyses of a form: its own; that of the third person for نرفض; a mere tag from elsewhere."""
        if self.seen(form) >= _KNOWN:
            return self.words[form]
        third = (
            self.words.get("ي" + form[1:], Counter()) if form.startswith("ن") and len(form) > 3 else Counter()
        )
        verbs = Counter({a: n for a, n in third.items() if a[0] == "VERB"})
        if verbs.total() >= _KNOWN and verbs.total() > third.total() / 2:
            return Counter(
                {("VERB", "VIIA-1-P--", form, "Aspect=Imp|Number=Plur|Person=1", ""): verbs.total()}
            )
        tags = Counter({t: n for t, n in self.wholes.get(form, Counter()).items() if t in OPEN_TAGS})
        holds_clitic = form[:1] in (*CONJUNCTIONS, *PREPOSITIONS) and self.is_certain(form[1:])
        if not tags or tags.total() < self.wholes[form].total() / 2 or holds_clitic:
            return Counter()
        upos = min(tags, key=lambda t: (-tags[t], t))
        feats = "Definite=Def" if form.startswith("ال") and upos in ("NOUN", "ADJ") else ""
        return Counter({(upos, OPEN_TAGS[upos] + "---------", form, feats, ""): tags.total()})

    def is_name(self, form: str) -> bool:
        """Tell a token that the one-tag-per-token source leaves without analysis (X) again and again."""
        tags = self.wholes.get(form, Counter())
        return tags.total() >= _NAME_SEEN and tags["X"] >= _NAME_SHARE * tags.total()

    def base(self, stem: str) -> str | None:
        """Return the known word that is written ``stem`` before a pronoun: مدينت → مدينة, علي → على."""
        best = max(_bases(stem), key=lambda form: self.analyses(form).total())
        return best if self.analyses(best).total() >= _KNOWN else None


def _bases(stem: str) -> list[str]:
    """Return what may be written ``stem`` before a pronoun.

    >>> _bases("مدينت"), _bases("علي")
    (['مدينت', 'مدينة'], ['علي', 'على'])
    """
    ending = {"ت": "ة", "ا": "ى", "ي": "ى"}.get(stem[-1:])
    return [stem, stem[:-1] + ending] if ending else [stem]


def learn(trees: Iterable[Sequence[Word]], tagged: Iterable[Sequence[tuple[str, str]]]) -> Knowledge:
    """Return what version 1 ``trees`` and sentences with one tag per surface token show."""
    out = Knowledge()
    for words in trees:
        for word in words:
            if is_unanalysed(word):
                continue
            analysis = (word.upos, word.xpos, word.lemma, _column(word.feats), word.misc.get("Gloss", ""))
            if is_enclitic(word):
                out.enclitics[plain(word.form), word.feats["Case"]][analysis] += 1
            else:
                out.words[plain(word.form)][analysis] += 1
    for sentence in tagged:
        for form, tag in sentence:
            out.wholes[plain(form)][tag] += 1
    return out


def _column(feats: dict[str, str]) -> str:
    return "|".join(f"{k}={v}" for k, v in sorted(feats.items()))


def cut(form: str, known: Knowledge) -> list[str]:
    """Return ``form`` (in plain spelling) in pieces: clitics that it plainly holds, and the rest.

    A conjunction goes off before an article or a known word; a preposition where the rest is much commoner than the
    whole; a pronoun where what stands before it is a known word. A known word and a frequent name stay whole.
    """
    if known.seen(form):
        return [form]
    head, rest = _conjunction(form, known)
    if not known.seen(rest):
        more, rest = _preposition(rest, known)
        head += more
    if rest.startswith(FUTURE) and _is_verb(rest[1:], known):
        return [*head, FUTURE, *_pronoun(rest[1:], known)]
    if known.seen(rest) or known.is_name(rest):
        return [*head, rest]
    return [*head, *_pronoun(rest, known)]


def _conjunction(form: str, known: Knowledge) -> tuple[list[str], str]:
    rest = form[1:]
    if form[:1] in CONJUNCTIONS and len(rest) >= _SHORTEST_REST:
        article = rest.startswith("ال") and len(rest) > 4
        common = known.is_certain(rest) or known.exists(rest) > max(_KNOWN, known.exists(form))
        if article or (common and (form[0] == "و" or not known.is_name(form))):
            return [form[0]], rest
        if form[0] == "و" and rest[:1] in PREPOSITIONS and known.seen(rest[1:]) >= _KNOWN and len(rest) > 3:
            return [form[0]], rest
    return [], form


def _is_verb(form: str, known: Knowledge) -> bool:
    return form[:1] in "ينت" and any(
        a[0] == "VERB" and a[3].find("Aspect=Perf") < 0 for a in known.analyses(form)
    )


def _preposition(form: str, known: Knowledge) -> tuple[list[str], str]:
    rest = form[1:]
    if form[:1] in PREPOSITIONS and len(rest) > _SHORTEST_REST and not known.is_name(form):
        word = "ا" + rest if form.startswith("لل") else rest
        least = max(_KNOWN, _COMMONER * known.wholes.get(form, Counter())["X"])
        if known.seen(word) >= least or (not known.seen(word) and known.is_certain(word)):
            return [form[0]], rest
    return [], form


def _pronoun(form: str, known: Knowledge) -> list[str]:
    for pronoun in ENCLITICS:
        stem = form[: -len(pronoun)]
        if form.endswith(pronoun) and len(stem) >= _SHORTEST_REST:
            base = known.base(stem)
            if base is not None and not _name_alone(known.analyses(base)):
                return [stem, pronoun]
    return [form]


def _name_alone(analyses: Counter[Analysis]) -> bool:
    """A noun glossed with a capital takes no pronoun: مارينا is not ماري + نا."""
    return sum(n for a, n in analyses.items() if a[4][:1].isupper()) > analyses.total() / 2


def mend(words: list[Word], pieces: list[list[str]], known: Knowledge) -> None:
    """Cut and analyse the unanalysed words of a version 1 tree, in place; ``pieces`` spells the surface tokens.

    New words hang on the word they were cut from: a conjunction as cc, a preposition as case, a pronoun as nmod or
    dobj; a preposition that has a pronoun becomes the case of it.
    """
    if not any(is_unanalysed(word) for word in words):
        return
    out: list[Word] = []
    places: list[int] = []  # where the word that was number i + 1 stands now, 1-based
    added: list[tuple[int, int]] = []  # (position of a new word, position of the word that it was cut from)
    at = 0
    for token in pieces:
        spelt = list(token)
        token.clear()
        for piece, word in zip(spelt, words[at : at + len(spelt)], strict=True):
            parts = (
                cut(plain(piece), known)
                if is_unanalysed(word) and len(plain(piece)) == len(piece)
                else [piece]
            )
            made = _analysed(word, parts, known) if is_unanalysed(word) else [word]
            core = made.index(word)
            places.append(len(out) + core + 1)
            added += [(len(out) + i + 1, len(out) + core + 1) for i in range(len(made)) if i != core]
            out += made
            start = 0
            for part in parts:
                token.append(piece[start : start + len(part)])
                start += len(part)
        at += len(spelt)
    for word in words:
        word.head = places[word.head - 1] if word.head else 0
    for position, core in added:
        _attach(out, position, core)
    words[:] = out


def _analysed(word: Word, parts: Sequence[str], known: Knowledge) -> list[Word]:
    """Return a word for each part; ``word`` itself is the one that is no clitic, with a known analysis if any."""
    first = next(
        i
        for i, part in enumerate(parts)
        if part not in (*CONJUNCTIONS, *PREPOSITIONS, FUTURE) or i == len(parts) - 1
    )
    stem = parts[first]
    pronoun = parts[first + 1] if len(parts) > first + 1 else None
    lam = first > 0 and parts[first - 1] == "ل" and stem.startswith("ل") and known.seen("ا" + stem)
    name = known.base(stem) if pronoun else "ا" + stem if lam else stem
    analyses = known.analyses(name) if name is not None else Counter()
    if name is not None and analyses:
        _set(word, analyses, name)
    else:
        word.form = name or stem
    made = [_clitic(part, known.words[part]) for part in parts[:first]] + [word]
    if pronoun:
        case = "Acc" if word.upos == "VERB" else "Gen"
        made.append(_clitic(pronoun, known.enclitics[pronoun, case]))
    return made


def _set(word: Word, analyses: Counter[Analysis], form: str) -> None:
    upos, xpos, lemma, feats, gloss = min(analyses, key=lambda a: (-analyses[a], a))
    word.form, word.upos, word.xpos, word.lemma = form, upos, xpos, lemma
    word.feats = dict(item.partition("=")[::2] for item in feats.split("|") if item)
    word.misc = {**word.misc, **({"Gloss": gloss} if gloss else {})}


def _clitic(form: str, analyses: Counter[Analysis]) -> Word:
    word = replace(Word(form), deprel="dep")
    if analyses:
        _set(word, analyses, form)
    return word


def _attach(words: list[Word], position: int, core: int) -> None:
    new, stem = words[position - 1], words[core - 1]
    new.head = core
    if position < core:
        new.deprel = "cc" if new.upos == "CONJ" else "aux" if new.form == FUTURE else "case"
        return
    new.deprel = "dobj" if stem.upos == "VERB" else "nmod"
    if stem.upos == "ADP":
        new.head, new.deprel = stem.head, stem.deprel
        for other in words:
            if other is not new and other.head == core:
                other.head = position
        stem.head, stem.deprel = position, "case"
