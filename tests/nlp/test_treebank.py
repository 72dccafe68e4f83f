"""Surface, labels and splits of the training treebank, on small trees written for these tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.nlp import conll18, conllu, surface, treebank, ud2
from pipeline.nlp.conllu import Sentence, Word


def tree(*rows: str) -> list[Word]:
    """Words from rows ``form lemma upos xpos head deprel [Feat=V|…] [Gloss]``."""
    words = []
    for row in rows:
        form, lemma, upos, xpos, head, deprel, *rest = row.split()
        feats = dict(f.split("=") for f in rest[0].split("|")) if rest and rest[0] != "_" else {}
        words.append(Word(form, lemma, upos, xpos, feats, int(head), deprel, {"Gloss": (rest + [""] * 2)[1]}))
    return words


def said() -> list[Word]:
    return tree(
        "وَ وَ CONJ C--------- 0 root",
        "قَالَ قَال VERB VP-A-3MS-- 1 parataxis",
        "وَزِيرُ وَزِير NOUN N------S1R 2 nsubj Case=Nom",
        "هَا هُوَ PRON SP---3FS2- 3 nmod Case=Gen",
        "لِ لِ ADP P--------- 6 case",
        "اَلصَّحِيفَةِ صَحِيفَة NOUN N------S2D 2 dobj Case=Gen",
        "إِنَّ إِنَّ CONJ C--------- 8 mark",
        "اَلأَمرَ أَمر NOUN N------S4D 9 nsubj Case=Acc",
        "قَرِيبٌ قَرِيب ADJ A-----MS1I 2 dobj Case=Nom",
        ". . PUNCT G--------- 1 punct",
    )


def test_surface_spells_clitics_as_exact_substrings() -> None:
    words = said()
    treebank.padt_sentence(words, None, source_spelling=False)
    assert Sentence(words).text == "وقال وزيرها للصحيفة إن الأمر قريب."
    assert [w.form for w in words] == ["و", "قال", "وزير", "ها", "ل", "لصحيفة", "إن", "الأمر", "قريب", "."]


def test_the_root_is_the_verb_and_clauses_are_ccomp() -> None:
    words = said()
    ud2.relabel_padt(words)
    assert [(w.head, w.deprel) for w in words[:3]] == [(2, "cc"), (0, "root"), (2, "nsubj")]
    assert (words[5].deprel, words[6].deprel) == ("obl", "mark")
    assert words[6].upos == "SCONJ"
    assert words[0].upos == "CCONJ"
    assert words[9].head == 2


def test_clauses_under_a_conjunction_are_ccomp() -> None:
    words = tree(
        "ذَكَرَ ذَكَر VERB VP-A-3MS-- 0 root",
        "أَنَّ أَنَّ CONJ C--------- 4 mark",
        "اَلأَمرَ أَمر NOUN N------S4D 4 nsubj",
        "قَرِيبٌ قَرِيب ADJ A-----MS1I 1 dobj",
    )
    ud2.relabel_padt(words)
    assert words[3].deprel == "ccomp"


@pytest.mark.parametrize(
    ("old", "new"),
    [("nsubjpass", "nsubj:pass"), ("csubjpass", "csubj:pass"), ("auxpass", "aux:pass"), ("mwe", "fixed")],
)
def test_renamed_relations(old: str, new: str) -> None:
    words = tree("كُتِبَ كَتَب VERB VP-P-3MS-- 0 root", f"نَصٌّ نَصّ NOUN N------S1I 1 {old}")
    ud2.relabel_padt(words)
    assert words[1].deprel == new


def test_names_and_numerals() -> None:
    words = tree(
        "زَارَ زَار VERB VP-A-3MS-- 0 root",
        "كريم كريم X U--------- 3 foreign",
        "سالمون سالمون X U--------- 1 nsubj",
        "ثَلَاثَ ثَلَاث NUM QV------4R 1 dobj",
        "مُدُنٍ مَدِينَة NOUN N------P2I 4 nmod",
        "بَغدَادَ بَغدَاد NOUN N------S4R 1 nmod _ Baghdad",
    )
    ud2.relabel_padt(words)
    assert [w.upos for w in words[1:3]] == ["PROPN", "PROPN"]
    assert [(w.head, w.deprel) for w in words[1:3]] == [(1, "nsubj"), (2, "flat")]
    assert [(w.head, w.deprel) for w in words[3:5]] == [(5, "nummod"), (1, "obj")]
    assert (words[5].upos, words[5].deprel) == ("PROPN", "obl")


def test_a_relative_pronoun_hangs_on_its_clause() -> None:
    words = tree(
        "رَجُلٌ رَجُل NOUN N------S1I 0 root",
        "اَلَّذِي اَلَّذِي PRON SR----MS-- 1 cc",
        "ذَهَبَ ذَهَب VERB VP-A-3MS-- 1 acl",
    )
    ud2.relabel_padt(words)
    assert [(w.head, w.deprel) for w in words[1:]] == [(3, "nsubj"), (1, "acl:relcl")]


def test_paragraphs_are_cut_into_trees() -> None:
    words = tree(
        "ذَهَبَ ذَهَب VERB VP-A-3MS-- 0 root",
        ". . PUNCT G--------- 1 punct",
        "وَ وَ CCONJ C--------- 4 cc",
        "عَادَ عَاد VERB VP-A-3MS-- 1 parataxis",
        ". . PUNCT G--------- 1 punct",
    )
    first, second = treebank.split_units(words)
    assert [w.head for w in first] == [0, 1]
    assert [(w.head, w.deprel) for w in second] == [(2, "cc"), (0, "root"), (2, "punct")]


def test_mend_makes_a_tree() -> None:
    words = [Word("a", head=2), Word("b", head=1), Word("c", head=0, deprel="root"), Word("d", head=0)]
    ud2.mend(words)
    assert [w.head for w in words].count(0) == 1
    assert words[3].head == 3


@pytest.mark.parametrize(
    ("token", "forms", "pieces"),
    [
        ("للبيت", ["ل", "البيت"], ["ل", "لبيت"]),
        ("واعلنها", ["و", "أعلن", "ها"], ["و", "اعلن", "ها"]),
        ("عما", ["عن", "ما"], ["ع", "ما"]),
        ("و", ["و", "قال"], None),
    ],
)
def test_cut(token: str, forms: list[str], pieces: list[str] | None) -> None:
    assert surface.cut(token, forms) == pieces


def test_spaces_around_marks() -> None:
    tokens = ["قال", ":", '"', "نعم", '"', "(", "أمس", ")", "."]
    after = surface.spaces(tokens)
    text = "".join(t + (" " if s else "") for t, s in zip(tokens, after, strict=True))
    assert text.strip() == 'قال: "نعم" (أمس).'


def test_conllu_round_trip() -> None:
    block = (
        "# sent_id = 1\n# text = للبيت.\n1-2\tللبيت\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
        "1\tل\tل\tADP\t_\t_\t2\tcase\t_\t_\n2\tالبيت\tبيت\tNOUN\t_\tDefinite=Def|Number=Sing\t0\troot\t_\t_\n"
        "3\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_\n\n"
    )
    (sentence,) = conllu.parse(block.split("\n"))
    assert conllu.render(sentence) == block
    with pytest.raises(ValueError, match="line 1"):
        list(conllu.parse(["1\tx"]))


def test_measures_count_as_the_shared_task_does() -> None:
    def sentence(*rows: tuple[str, str, int, str]) -> Sentence:
        return Sentence([Word(f, f, u, "_", {}, h, d) for f, u, h, d in rows])

    gold = [sentence(("و", "CCONJ", 2, "cc"), ("قال", "VERB", 0, "root"), ("سالم", "PROPN", 2, "nsubj"))]
    system = [sentence(("وقال", "VERB", 0, "root"), ("سالم", "PROPN", 1, "nsubj"))]
    scores = conll18.evaluate(gold, system)
    assert scores["Words"] == conll18.Score(3, 2, 1)
    assert scores["UPOS"].correct == 1
    assert scores["LAS"].correct == 0
    assert conll18.evaluate(gold, gold)["LAS"].f1 == 100
    with pytest.raises(ValueError, match="texts differ"):
        conll18.evaluate(gold, [sentence(("لا", "PART", 0, "root"))])


def test_multiword_tokens_are_aligned_by_their_words() -> None:
    gold = Sentence([Word("ل", head=2), Word("البيت", head=0)], {}, {(1, 2): Word("للبيت")})
    system = Sentence([Word("ل", head=2), Word("لبيت", head=0)], {}, {(1, 2): Word("للبيت")})
    scores = conll18.evaluate([gold], [system])
    assert (scores["Tokens"].correct, scores["Words"].correct) == (1, 1)


def test_the_real_treebank(shared: Path) -> None:
    bank = treebank.build(shared / "data/treebank")
    parts = [set(bank.documents[name]) for name in treebank.PARTS]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]
    assert sum(len(s.words) for s in bank.test) > 5000
    for sentence in (*bank.train, *bank.dev, *bank.test):
        assert not sentence.ranges
        assert [w.head for w in sentence.words].count(0) == 1
        assert all(w.form and " " not in w.form for w in sentence.words)
