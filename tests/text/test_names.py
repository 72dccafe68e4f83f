"""Names within one document and across the night."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import coreference, names
from tests.timing import growth

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
    assert set(coreference.canonical(mentions)) == set(mentions)


def test_surname_before_and_after_the_full_name() -> None:
    seen = [("حداد", "PER"), ("ليلى حداد", "PER"), ("حداد", "PER"), ("سامي نجار", "PER"), ("نجار", "PER")]
    found = coreference.canonical(seen)
    assert found["حداد", "PER"] == "ليلى حداد"
    assert found["نجار", "PER"] == "سامي نجار"


def test_two_of_one_family_are_not_merged() -> None:
    found = coreference.canonical([("ليلى حداد", "PER"), ("سامي حداد", "PER")])
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
    found = coreference.canonical(seen)
    assert found["المرصد", "ORG"] == "المرصد الوطني للمياه"
    assert found["الزراعة", "ORG"] == "وزارة الزراعة"
    assert found["وزارة النقل", "ORG"] == "وزارة النقل"
    assert found["داعش", "ORG"] == "تنظيم الدولة الإسلامية"


def test_a_short_form_alone_keeps_its_own_name() -> None:
    assert coreference.canonical([("داعش", "ORG")]) == {("داعش", "ORG"): "داعش"}


def test_places_are_joined_only_by_words_that_add_nothing() -> None:
    found = coreference.canonical(
        [("قطاع غزة", "LOC"), ("غزة", "LOC"), ("جنوب لبنان", "LOC"), ("لبنان", "LOC")]
    )
    assert found["غزة", "LOC"] == "قطاع غزة"
    assert found["لبنان", "LOC"] == "لبنان"


def test_brackets_equate_two_names() -> None:
    text = "منظمة حماية الأنهار (مدار)"
    seen = [("منظمة حماية الأنهار", "ORG"), ("مدار", "ORG")]
    pairs = coreference.glosses(text, [(0, 19), (21, 25)])
    assert coreference.canonical(seen, pairs)["مدار", "ORG"] == "منظمة حماية الأنهار"


@pytest.mark.parametrize(
    ("seat", "state"),
    [("موسكو", "روسيا"), ("طهران", "إيران"), ("واشنطن", "الولايات المتحدة"), ("تونس", None), ("عمان", None)],
)
def test_metonymy(seat: str, state: str | None) -> None:
    assert names.metonym(seat) == state


def test_two_people_in_one_span_are_cut() -> None:
    seen = [("سامي حداد", "PER"), ("حداد ليلى نجار", "PER"), ("ليلى نجار", "PER")]
    assert coreference.cuts(seen) == {1: (4, 5)}


@pytest.mark.parametrize(
    "seen",
    [
        [("سامي حداد", "PER"), ("ليلى نجار حداد", "PER"), ("حداد", "PER")],  # ends in the family name
        [("فارس سامي", "PER"), ("سامي نبيل نجار", "PER"), ("نجار", "PER")],  # begins with a given name
        [("سامي حداد", "PER"), ("حداد ليلى نجار", "PER")],  # nobody else of that name
        [("بنك حداد", "ORG"), ("حداد ليلى نجار", "PER"), ("نجار", "PER")],
    ],
)
def test_whole_names_are_not_cut(seen: list[tuple[str, str]]) -> None:
    assert coreference.cuts(seen) == {}


def test_spellings_of_one_document_belong_together() -> None:
    found = coreference.canonical([("سامي غوردون", "PER"), ("سامي جوردون", "PER"), ("جوردون", "PER")])
    assert len(set(found.values())) == 1


def test_resolution_grows_with_the_mentions_not_with_their_square() -> None:
    def resolve(text: str) -> object:
        return coreference.canonical([(f"{word}ون نجار", "PER") for word in text.split()])

    words = " ".join(f"{a}{b}{c}" for a in "سلمنه" for b in "بتدرف" for c in "كعطشق" for _ in range(6))
    assert growth(resolve, words + " ") < 3.2


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
    [
        ("القاهرة", "Cairo"),
        ("محمد بن سلمان", "Muhammad bin Salman"),
        ("دبي", "Dubai"),
        ("CNN", "CNN"),
        ("هند نجار", "Hind Najjar"),
        ("الهند", "India"),
        ("رياض حداد", "Riyad Haddad"),
        ("الرياض", "Riyadh"),
        ("بشار الأسد", "Bashar Al-Assad"),
        ("عبدالله النجار", "Abdullah Al-Najjar"),
        ("#ليلى_حداد", "Layla Haddad"),
        ("أوكتافيو", "Uktafiu"),
        ("الولايات المتحدة", "United States"),
    ],
)
def test_transliteration(name: str, latin: str) -> None:
    assert names.transliterate(name) == latin
