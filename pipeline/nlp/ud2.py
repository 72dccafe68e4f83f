"""From UD version 1 of 2016 to version 2, and one annotation habit for two treebanks.

Every function takes a list of words (a tree with 1-based heads) and changes it in place. The Prague trees and PUD
are brought together where they differ by habit alone (numerals, particles, complex prepositions), because a parser
trained on both would otherwise learn to guess the corpus.
"""

from __future__ import annotations

from pipeline.nlp.conllu import Word
from pipeline.nlp.surface import unvocalise

NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM", "X", "SYM", "DET"})
COORDINATING = frozenset({"و", "ف", "أو", "ثم", "أم", "إما", "بل", "لكن", "ولكن", "كذلك", "أي", "سواء"})
FUTURE = frozenset({"س", "سوف"})
NEGATIONS = frozenset({"لم", "لا", "لن", "ليس", "غير"})
KEPT_FEATURES = (
    "Aspect", "Definite", "Gender", "Number", "Person", "Polarity", "PronType",
    "Voice",
)  # fmt: skip
_NOMINAL_FEATURES = ("Definite", "Number")
FEATURES_OF: dict[str, tuple[str, ...]] = {
    "NOUN": _NOMINAL_FEATURES, "ADJ": (*_NOMINAL_FEATURES, "Gender"), "PROPN": (), "NUM": (), "ADP": (), "ADV": (),
    "AUX": tuple(name for name in KEPT_FEATURES if name != "Definite"),
    "VERB": tuple(name for name in KEPT_FEATURES if name != "Definite"),
}  # fmt: skip
PRONOUN_TYPES = {
    "هذا": "Dem", "هذه": "Dem", "هذان": "Dem", "ذلك": "Dem", "تلك": "Dem", "هؤلاء": "Dem", "أولئك": "Dem",
    "الذي": "Rel", "التي": "Rel", "الذين": "Rel", "ما": "Rel", "من": "Rel",
}  # fmt: skip
_RENAMED = {
    "dobj": "obj", "nsubjpass": "nsubj:pass", "csubjpass": "csubj:pass", "auxpass": "aux:pass", "mwe": "fixed",
    "name": "flat", "neg": "advmod", "foreign": "flat", "advmod:emph": "advmod", "obl:tmod": "obl",
    "cc:preconj": "cc",
}  # fmt: skip


def children(words: list[Word], number: int) -> list[int]:
    """Return the numbers of the words whose head is ``number``."""
    return [i for i, word in enumerate(words, 1) if word.head == number]


def has_case(words: list[Word], number: int) -> bool:
    return any(words[i - 1].deprel == "case" and words[i - 1].upos == "ADP" for i in children(words, number))


def swap(words: list[Word], child: int, deprel: str, *, keep_left: bool = False) -> None:
    """Make ``child`` the head of its head, which becomes its ``deprel``; other dependents move to the new head.

    With ``keep_left`` the old head keeps nothing at all; otherwise it keeps dependents of the kind flat or fixed.
    """
    old = words[child - 1].head
    words[child - 1].head, words[child - 1].deprel = words[old - 1].head, words[old - 1].deprel
    for i in children(words, old):
        if i != child and (keep_left or words[i - 1].deprel not in ("flat", "fixed")):
            words[i - 1].head = child
    words[old - 1].head, words[old - 1].deprel = child, deprel


def tags_padt(words: list[Word]) -> None:
    """Give Prague words version 2 tags: CCONJ and SCONJ, PROPN, AUX, and Polarity on negation."""
    for word in words:
        lemma = unvocalise(word.lemma)
        gloss = word.misc.get("Gloss", "")
        if word.deprel == "neg":
            word.feats["Polarity"] = "Neg"
        if word.upos == "CONJ":
            word.upos = "CCONJ" if lemma in COORDINATING else "SCONJ"
        elif _is_name(word, lemma, gloss):
            word.upos = "PROPN"
        elif word.upos == "PART" and lemma in FUTURE | {"قد"}:
            word.upos = "AUX"
        elif word.upos == "PART" and lemma in ("إن", "أن"):
            word.upos = "SCONJ"
        elif word.upos == "VERB" and word.deprel == "cop":
            word.upos = "AUX"
        if word.xpos.startswith("Z"):
            word.upos = "PROPN"


def _is_name(word: Word, lemma: str, gloss: str) -> bool:
    """A word without dictionary entry, or a noun whose first gloss is capitalised (not الأميركيون: lemma in ي)."""
    if word.upos == "X":
        return word.xpos[:1] in ("U", "X") and unvocalise(word.form).isalpha()
    return word.upos == "NOUN" and gloss[:1].isupper() and not lemma.endswith("ي")


def _coordination(words: list[Word]) -> None:
    """Attach a coordinating conjunction to the conjunct after it, as version 2 asks."""
    for number, word in enumerate(words, 1):
        if word.deprel != "cc" or not 0 < word.head < number:
            continue
        after = [
            i
            for i in children(words, word.head)
            if i > number and words[i - 1].deprel in ("conj", "parataxis")
        ]
        if after:
            word.head = after[0]
            if words[after[0] - 1].deprel == "parataxis" and word.upos == "CCONJ":
                words[after[0] - 1].deprel = "conj"


def _prepositions(words: list[Word]) -> None:
    """بالقرب من X: prepositions marked cc become case, the noun after one is fixed to it."""
    for number, word in enumerate(words, 1):
        if word.deprel != "cc":
            continue
        if word.upos == "ADP":
            word.deprel = "case"
        elif word.upos == "NOUN" and number > 1 and words[number - 2].deprel == "case":
            if words[number - 2].head == word.head:
                word.head, word.deprel = number - 1, "fixed"
        elif word.upos == "SCONJ":
            word.deprel = "mark"
        elif word.upos in ("PART", "ADV"):
            word.deprel = "advmod"


def _relatives(words: list[Word]) -> None:
    """الذي hangs on the relative clause as its subject, or as its object where the clause has a subject."""
    for number, word in enumerate(words, 1):
        clauses = [
            i for i in children(words, word.head) if i > number and words[i - 1].deprel.startswith("acl")
        ]
        if word.xpos.startswith("SR") and word.deprel == "cc" and clauses:
            taken = any(words[i - 1].deprel.startswith("nsubj") for i in children(words, clauses[0]))
            word.head, word.deprel = clauses[0], "obj" if taken else "nsubj"
            words[clauses[0] - 1].deprel = "acl:relcl"
    _bare_relatives(words)


def _bare_relatives(words: list[Word]) -> None:
    """A finite clause under a noun without a conjunction is a relative clause, with or without الذي."""
    for number, word in enumerate(words, 1):
        marked = any(words[i - 1].deprel == "mark" for i in children(words, number))
        if word.deprel == "acl" and word.upos == "VERB" and not marked:
            word.deprel = "acl:relcl"


def _arguments(words: list[Word]) -> None:
    """Objects with a preposition become obl or nmod, clauses under أن or إن ccomp, nmod of a verb obl."""
    for number, word in enumerate(words, 1):
        head = words[word.head - 1].upos if word.head else "ROOT"
        verbal = head in ("VERB", "ADJ", "ADV", "AUX")
        marked = any(words[i - 1].deprel == "mark" for i in children(words, number))
        if word.deprel in ("obj", "iobj"):
            if marked or (word.upos == "VERB" and word.deprel == "obj"):
                word.deprel = "ccomp"
            elif has_case(words, number):
                word.deprel = "obl" if verbal else "nmod"
            elif word.upos == "ADJ" and head == "NOUN" and _agrees(word, words[word.head - 1]):
                word.deprel = "amod"
        elif word.deprel == "nmod" and word.upos == "ADV":
            word.deprel = "advmod"
        elif word.deprel == "nmod" and verbal and word.upos in NOMINAL:
            word.deprel = "obl"


def _agrees(adjective: Word, noun: Word) -> bool:
    same = ("Case", "Definite")
    return all(adjective.feats.get(k) == noun.feats.get(k) for k in same)


def _numerals(words: list[Word]) -> None:
    """ثلاثة رجال: the counted noun is the head and the numeral its nummod (Prague: the other way round)."""
    for number in range(len(words), 0, -1):
        word = words[number - 1]
        if word.deprel != "nmod" or word.head != number - 1 or has_case(words, number):
            continue
        head = words[word.head - 1]
        if head.upos == "NUM" and word.upos in ("NOUN", "PROPN", "SYM", "X"):
            swap(words, number, "nummod", keep_left=True)


def _names(words: list[Word]) -> None:
    """Names of several parts: the first part is the head, the others are flat."""
    for number in range(1, len(words) + 1):
        word = words[number - 1]
        head = words[word.head - 1] if word.head else None
        if head is None or word.upos != "PROPN" or head.upos != "PROPN" or has_case(words, number):
            continue
        if word.deprel not in ("nmod", "flat") or word.xpos[:1] not in "UXZ" or head.xpos[:1] not in "UXZ":
            continue
        if word.head < number:
            word.deprel = "flat"
        elif word.head == number + 1:
            swap(words, number, "flat", keep_left=True)


def _root(words: list[Word]) -> None:
    """The root is the main verb, not the و before it nor the dateline in front of it."""
    roots = children(words, 0)
    root = words[roots[0] - 1]
    below = [i for i in children(words, roots[0]) if words[i - 1].deprel in ("parataxis", "conj")]
    if root.upos in ("CCONJ", "SCONJ", "PART", "PUNCT", "AUX") and children(words, roots[0]):
        content = [
            i for i in children(words, roots[0]) if words[i - 1].deprel not in ("punct", "cc", "case", "mark")
        ]
        heirs = [i for i in below if words[i - 1].upos == "VERB"] or below or content
        if heirs:
            relation = {"CCONJ": "cc", "SCONJ": "mark", "AUX": "aux", "PUNCT": "punct"}.get(
                root.upos, "advmod"
            )
            swap(words, heirs[0], relation, keep_left=True)
    elif root.upos in NOMINAL:
        verbs = [i for i in below if words[i - 1].upos == "VERB" and words[i - 1].deprel == "parataxis"]
        if verbs and verbs[0] > roots[0]:
            words[verbs[0] - 1].head, words[verbs[0] - 1].deprel = 0, "root"
            root.head, root.deprel = verbs[0], "parataxis"
            for i in children(words, roots[0]):
                if i > verbs[0] or words[i - 1].deprel == "parataxis":
                    words[i - 1].head = verbs[0]


def relabel_padt(words: list[Word]) -> None:
    """Turn a Prague tree of UD version 1 into version 2."""
    tags_padt(words)
    for word in words:
        word.deprel = _RENAMED.get(word.deprel, word.deprel)
    _root(words)
    _coordination(words)
    _prepositions(words)
    _relatives(words)
    _arguments(words)
    _numerals(words)
    _names(words)


def relabel_pud(words: list[Word]) -> None:
    """Bring a PUD tree to the habits of the Prague trees."""
    for word in words:
        lemma = unvocalise(word.lemma)
        word.deprel = _RENAMED.get(word.deprel, word.deprel)
        if word.upos in ("NOUN", "PROPN"):
            word.feats.pop("Gender", None)
        if word.deprel == "compound:prt" or word.upos in ("PART", "ADP", "SCONJ"):
            _particle(word, lemma)
        if word.upos == "PRON" and word.deprel == "det":
            word.upos = "DET"
        if word.upos == "ADV" and word.deprel == "obl":
            word.upos = "NOUN"
        if word.deprel == "fixed" and word.upos == "ADP" and words[word.head - 1].deprel == "case":
            word.head, word.deprel = words[word.head - 1].head, "case"
    _bare_relatives(words)
    for number in range(1, len(words) + 1):
        word = words[number - 1]
        if word.deprel == "det" and word.xpos == "PDT" and word.head == number + 1:
            swap(words, number, "nmod", keep_left=False)
            word.upos = "NOUN"


def _particle(word: Word, lemma: str) -> None:
    if lemma in FUTURE | {"قد", "لقد"}:
        word.upos, word.deprel = "AUX", "aux"
    elif lemma in COORDINATING and word.deprel in ("compound:prt", "mark", "cc"):
        word.upos, word.deprel = "CCONJ", "cc"
    elif word.deprel in ("mark", "compound:prt") and (word.upos != "PART" or lemma in ("إن", "أن", "كما")):
        word.upos, word.deprel = "SCONJ", "mark"
    elif word.deprel == "compound:prt":
        word.deprel = "advmod"
    if lemma in NEGATIONS and word.deprel == "advmod":
        word.feats["Polarity"] = "Neg"


def _features(word: Word) -> dict[str, str]:
    """Return the features that both treebanks give to words of this kind, in one notation.

    Names and numerals keep none: the Prague trees have them for names with a dictionary entry alone. Construct
    state (Reduced in the Prague tags, in PUD definite like its last noun) is Cons, as in version 2.
    """
    kinds = FEATURES_OF.get(word.upos, KEPT_FEATURES)
    feats = {k: v for k, v in word.feats.items() if k in KEPT_FEATURES and k in kinds}
    definite = feats.get("Definite")
    if definite in ("Red", "Com") or (definite == "Def" and not word.form.startswith(("ال", "لل", "ل"))):
        feats["Definite"] = "Cons"
    if word.upos == "PRON" and "Person" in feats:
        feats["PronType"] = "Prs"
    elif word.upos in ("PRON", "DET") and unvocalise(word.lemma) in PRONOUN_TYPES:
        feats["PronType"] = PRONOUN_TYPES[unvocalise(word.lemma)]
    return feats


def tidy(words: list[Word]) -> None:
    """Keep the shared features, drop the language-specific tag, and break any cycle or second root."""
    for word in words:
        word.feats = _features(word)
        word.xpos = "_"
        word.misc = {k: v for k, v in word.misc.items() if k == "SpaceAfter"}
        word.lemma = unvocalise(word.lemma) or word.form
    mend(words)


def mend(words: list[Word]) -> None:
    """Make the graph a tree: one root, every word reaching it. Words on a cycle are attached to the root."""
    roots = children(words, 0)
    root = roots[0] if roots else 1
    words[root - 1].head, words[root - 1].deprel = 0, "root"
    for extra in roots[1:]:
        words[extra - 1].head, words[extra - 1].deprel = root, "parataxis"
    for number, word in enumerate(words, 1):
        if word.deprel == "root" and number != root:
            word.deprel = "parataxis"
        seen: set[int] = set()
        at = number
        while at and at not in seen:
            seen.add(at)
            at = words[at - 1].head
        if at:
            word.head, word.deprel = root, "dep"
