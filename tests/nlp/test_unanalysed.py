"""Words that nobody analysed get the clitics and tags that other words of the treebank show; names stay names."""

from __future__ import annotations

import pytest

from pipeline.nlp import treebank, unanalysed
from pipeline.nlp.conllu import Word

NOUN = {"upos": "NOUN", "xpos": "N------S1D"}


def word(form: str, upos: str = "X", xpos: str = "U---------", head: int = 0, **more: object) -> Word:
    feats: dict[str, str] = dict(more.get("feats", {}))  # type: ignore[call-overload]
    return Word(
        form, str(more.get("lemma", form)), upos, xpos, feats, head, str(more.get("deprel", "dep")), {}
    )


def analysed() -> list[Word]:
    once = [
        word("و", "CONJ", "C---------"), word("ب", "ADP", "P---------"), word("ل", "ADP", "P---------"),
        word("الزملاء", **NOUN), word("مدينة", **NOUN), word("المدينة", **NOUN), word("مشكلة", **NOUN),
        word("على", "ADP", "P---------"), word("يرفض", "VERB", "VIIA-3MS--", feats={"Aspect": "Imp"}),
        word("نا", "PRON", "SP---1-P2-", feats={"Case": "Gen"}), word("نا", "PRON", "SP---1-P4-", feats={"Case": "Acc"}),
    ]  # fmt: skip
    return once * 3


@pytest.fixture
def known() -> unanalysed.Knowledge:
    tagged = [[("باول", "X")] * 6, [("حافلات", "NOUN")] * 2, [("باريس", "X")]]
    return unanalysed.learn([analysed()], tagged)


@pytest.mark.parametrize(
    ("form", "pieces"),
    [
        ("والزملاء", ["و", "الزملاء"]),
        ("والنيوليبرالية", ["و", "النيوليبرالية"]),  # the article is enough after a conjunction
        ("بمشكلة", ["ب", "مشكلة"]),
        ("للمدينة", ["ل", "لمدينة"]),
        ("وبمشكلة", ["و", "ب", "مشكلة"]),
        ("مدينتنا", ["مدينت", "نا"]),
        ("علينا", ["علي", "نا"]),
        ("سنرفض", ["س", "نرفض"]),
        ("وارسو", ["وارسو"]),  # what is left is no known word
        ("باول", ["باول"]),  # left without analysis everywhere: a name
        ("مدينة", ["مدينة"]),
    ],
)
def test_clitics_that_a_word_plainly_holds(known: unanalysed.Knowledge, form: str, pieces: list[str]) -> None:
    assert unanalysed.cut(form, known) == pieces


def test_a_mended_tree(known: unanalysed.Knowledge) -> None:
    words = [
        word("رفض", "VERB", "VP-A-3MS--", 0, deprel="root"),
        word("والزملاء", head=1),
        word("علينا", head=2),
        word("غونزالس", head=3),
    ]
    pieces = [[w.form] for w in words]
    unanalysed.mend(words, pieces, known)
    assert pieces == [["رفض"], ["و", "الزملاء"], ["علي", "نا"], ["غونزالس"]]
    rows = [(w.form, w.upos, w.head, w.deprel) for w in words]
    assert rows == [
        ("رفض", "VERB", 0, "root"),
        ("و", "CONJ", 3, "cc"),
        ("الزملاء", "NOUN", 1, "dep"),
        ("على", "ADP", 5, "case"),
        ("نا", "PRON", 3, "dep"),
        ("غونزالس", "X", 5, "dep"),
    ]


def test_a_known_word_is_tagged_and_a_first_person_is_a_verb(known: unanalysed.Knowledge) -> None:
    words = [word("نرفض"), word("حافلات", head=1), word("باول", head=1)]
    unanalysed.mend(words, [["نرفض"], ["حافلات"], ["باول"]], known)
    assert [w.upos for w in words] == ["VERB", "NOUN", "X"]
    assert words[0].feats == {"Aspect": "Imp", "Number": "Plur", "Person": "1"}


def test_without_knowledge_the_tree_is_as_annotated() -> None:
    words = [word("ذهب", "VERB", "VP-A-3MS--", 0, deprel="root"), word("والزملاء", head=1)]
    treebank.padt_sentence(words, None, source_spelling=True)
    assert [(w.form, w.upos) for w in words] == [("ذهب", "VERB"), ("والزملاء", "PROPN")]
