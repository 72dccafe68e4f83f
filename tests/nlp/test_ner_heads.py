"""Names that a head noun announces, with the counter-examples that must stay no names."""

from __future__ import annotations

import pytest

from pipeline.nlp import ner


@pytest.fixture(scope="module")
def recogniser() -> ner.Recogniser:
    return ner.load()


def names(recogniser: ner.Recogniser, *sentences: str) -> list[list[tuple[str, str]]]:
    found = recogniser.mentions(sentences)
    return [[(s[m.start : m.end], m.type) for m in line] for s, line in zip(sentences, found, strict=True)]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("نقل المصابون إلى مستشفى قرطاج العام.", ("مستشفى قرطاج العام", "ORG")),
        ("أعلنت شرطة ميامي توقيف رجلين.", ("شرطة ميامي", "ORG")),
        ("يلعب في نادي الغرافة منذ عامين.", ("الغرافة", "ORG")),
        ("التقى محافظ القنفذة وفدا من المزارعين.", ("القنفذة", "LOC")),
        ("ونشر موقع «نبض الغد» صورة للوثيقة.", ("نبض الغد", "ORG")),
        ("وقال التاجر لـ«صدى الميناء» إن الأسعار ارتفعت.", ("صدى الميناء", "ORG")),
        ("وشكر الطلاب الدكتورة موضي على جهودها.", ("موضي", "PER")),
        ("وأفادت الدكتورة ليلى حداد بأن النتائج جيدة.", ("ليلى حداد", "PER")),
        ("وصل رئيس بنين باتريس تالون إلى باريس.", ("باتريس تالون", "PER")),
        ("وفازت حركة «سبع سنابل» بالمقاعد كلها.", ("سبع سنابل", "ORG")),
        ("وأحيلت القضية إلى النيابة العامة أمس.", ("النيابة العامة", "ORG")),
        ("وسيطرت القوات على وادي عقان بعد ساعات.", ("وادي عقان", "LOC")),
    ],
)
def test_heads_announce_names(recogniser: ner.Recogniser, sentence: str, wanted: tuple[str, str]) -> None:
    assert wanted in names(recogniser, sentence)[0]


@pytest.mark.parametrize(
    "sentence",
    [
        "نقل المصابون إلى مستشفى حكومي.",
        "قال سكان مؤقتون إنهم سيغادرون.",
        "أعلنت شركة تعمل في النقل أرباحها.",
        "ولم يفهم الطالب على الفور ما حدث.",
        "تعود ملكية الأرض إلى أهالي قريته.",
        "وصف الأمير الراحل بالحكمة.",
        "دعا البيان لـ«وقف القتال» فورا.",
        "وفتحت الشركة «فرعا» في السوق.",
        "وصل وزير الدفاع السعودي.",
    ],
)
def test_common_words_after_a_head_are_no_names(recogniser: ner.Recogniser, sentence: str) -> None:
    assert names(recogniser, sentence) == [[]]


def test_a_name_that_a_head_announced_is_known_in_the_rest_of_the_document(
    recogniser: ner.Recogniser,
) -> None:
    first, second = names(recogniser, "أعلنت شركة ديزني أرباحها.", "وتملك ديزني استوديوهات كثيرة.")
    assert ("ديزني", "ORG") in first
    assert ("ديزني", "ORG") in second
