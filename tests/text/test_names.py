"""Names within one document and across the night."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import names

ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ ـًَُِّْ_لل", max_size=40)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("إسلام آباد", "اسلام اباد"),
        ("الأمم المتّحدة", "الامم المتحده"),
        ("عبد الرحمن", "عبدالرحمن"),
        ("أبو ظبي", "ابوظبي"),
        ("سامي_حداد", "سامي حداد"),
        ("للجنة العليا", "اللجنة العليا"),
    ],
)
def test_spellings_of_one_name_fold_together(a: str, b: str) -> None:
    assert names.fold_name(a) == names.fold_name(b)


@pytest.mark.parametrize(("a", "b"), [("علي", "عالي"), ("الله", "له"), ("حسن", "حسين")])
def test_other_names_stay_apart(a: str, b: str) -> None:
    assert names.fold_name(a) != names.fold_name(b)


@given(ARABIC)
def test_folding_is_idempotent_on_words(text: str) -> None:
    folded = names.fold_name(text)
    assert names.fold_name(text.strip()) == folded


@given(st.lists(st.tuples(ARABIC, st.sampled_from(["PER", "ORG", "LOC"])), max_size=8))
def test_every_name_gets_a_canonical_name(mentions: list[tuple[str, str]]) -> None:
    assert set(names.canonical(mentions)) == set(mentions)


def test_surname_before_and_after_the_full_name() -> None:
    seen = [("حداد", "PER"), ("ليلى حداد", "PER"), ("حداد", "PER"), ("سامي نجار", "PER"), ("نجار", "PER")]
    found = names.canonical(seen)
    assert found["حداد", "PER"] == "ليلى حداد"
    assert found["نجار", "PER"] == "سامي نجار"


def test_two_of_one_family_are_not_merged() -> None:
    found = names.canonical([("ليلى حداد", "PER"), ("سامي حداد", "PER")])
    assert found == {("ليلى حداد", "PER"): "ليلى حداد", ("سامي حداد", "PER"): "سامي حداد"}


def test_short_forms_of_organisations() -> None:
    seen = [
        ("المرصد الوطني للمياه", "ORG"),
        ("المرصد", "ORG"),
        ("وزارة الزراعة", "ORG"),
        ("الزراعة", "ORG"),
        ("وزارة النقل", "ORG"),
        ("داعش", "ORG"),
        ("تنظيم الدولة الإسلامية", "ORG"),
    ]
    found = names.canonical(seen)
    assert found["المرصد", "ORG"] == "المرصد الوطني للمياه"
    assert found["الزراعة", "ORG"] == "وزارة الزراعة"
    assert found["وزارة النقل", "ORG"] == "وزارة النقل"
    assert found["داعش", "ORG"] == "تنظيم الدولة الإسلامية"


def test_a_short_form_alone_keeps_its_own_name() -> None:
    assert names.canonical([("داعش", "ORG")]) == {("داعش", "ORG"): "داعش"}


def test_places_are_joined_only_by_words_that_add_nothing() -> None:
    found = names.canonical([("قطاع غزة", "LOC"), ("غزة", "LOC"), ("جنوب لبنان", "LOC"), ("لبنان", "LOC")])
    assert found["غزة", "LOC"] == "قطاع غزة"
    assert found["لبنان", "LOC"] == "لبنان"


def test_brackets_equate_two_names() -> None:
    text = "منظمة حماية الأنهار (مدار)"
    seen = [("منظمة حماية الأنهار", "ORG"), ("مدار", "ORG")]
    pairs = names.glosses(text, [(0, 19), (21, 25)])
    assert names.canonical(seen, pairs)["مدار", "ORG"] == "منظمة حماية الأنهار"


@pytest.mark.parametrize(
    ("seat", "state"),
    [("موسكو", "روسيا"), ("طهران", "إيران"), ("واشنطن", "الولايات المتحدة"), ("تونس", None), ("عمان", None)],
)
def test_metonymy(seat: str, state: str | None) -> None:
    assert names.metonym(seat) == state


def test_entity_id_is_stable_across_nights_and_spellings() -> None:
    assert names.entity_id("PER", "ليلى حداد") == names.entity_id("PER", "ليلي حداد")
    assert names.entity_id("PER", "ليلى حداد") != names.entity_id("ORG", "ليلى حداد")
    assert names.entity_id("LOC", "القاهرة") == "ef643c8d2ba7983ea"


@pytest.mark.parametrize(
    ("phrase", "wanted"),
    [
        ("وزارة الخارجية", ("fem", "sing")),
        ("الرئيس", ("masc", "sing")),
        ("المتحدثة باسم البلدية", ("fem", "sing")),
        ("لبنان", ("masc", "sing")),
        ("ألمانيا", ("fem", "sing")),
        ("رويترز", ("fem", "sing")),
        ("مجلس الأمن", ("masc", "sing")),
        ("خبراء المناخ", ("masc", "plur")),
        ("وسائل إعلام محلية", ("fem", "sing")),
        ("مسؤولون", ("masc", "plur")),
        ("مريم حداد", ("fem", "sing")),
        ("أسامة نجار", ("masc", "sing")),
        ("البيان", ("masc", "sing")),
        ("", ("", "")),
    ],
)
def test_agreement(phrase: str, wanted: tuple[str, str]) -> None:
    assert names.agreement(phrase) == wanted


@pytest.mark.parametrize(
    ("name", "latin"),
    [("القاهرة", "Al-Qahira"), ("محمد بن سلمان", "Muhammad bin Salman"), ("دبي", "Dabi"), ("CNN", "CNN")],
)
def test_transliteration(name: str, latin: str) -> None:
    assert names.transliterate(name) == latin
