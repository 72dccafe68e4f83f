"""Keys of names, and the entities of a night."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import entities, name_keys
from pipeline.text.entities import Mention
from pipeline.text.name_keys import entity_id, key
from tests.timing import growth

ARABIC = st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآؤئ ـًَُِّْ_a1", max_size=40)


@pytest.mark.parametrize(
    "spellings",
    [
        ("بوريس يلتسين", "بوريس يلتسن"),
        ("يلتسين", "يلتسن"),
        ("جبر ميسكيل", "جبرميسقل"),
        ("غوتيريس", "غوتيريش", "جوتيريش"),
        ("أنطونيو غوتيريس", "انطونيو غوتيريش", "أنطونيو جوتيريس"),
        ("هند صبري", "هند صبرى"),
        ("إيمان حمزة", "ايمان حمزه"),
        ("محمد بن نبيل", "محمد ابن نبيل"),
        ("عبد الله نجار", "عبدالله النجار"),
        ("أبو بكر حداد", "ابوبكر حداد"),
        ("بطرس بطرس نجار", "بطرس نجار"),
        ("رؤوف نجار", "روؤف نجار"),
        ("سامي_حداد", "سامي حدّاد"),
        ("نائف حداد", "نايف حداد"),
    ],
)
def test_spellings_of_a_person_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({key("PER", name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("أحمد الأسد", "بشار الأسد"),
        ("سالم جابر", "سليم جابر"),
        ("سلمان نجار", "سليمان نجار"),
        ("حسن حسن", "حسن حسين"),
        ("جابر", "جبر"),
        ("رامي", "ريم"),
        ("عبدالله عبدالله", "عبدالله"),
        ("حسن الحسن", "حسن"),
        ("سليمان", "سليماني"),
        ("بورتون", "برايتون"),
        ("محمد سلمان", "محمد بن سلمان"),
        ("محمد محمد نجار", "محمد نجار"),
        ("صالح آل", "صالح"),
    ],
)
def test_other_people_have_another_key(a: str, b: str) -> None:
    assert key("PER", a) != key("PER", b)


@pytest.mark.parametrize(
    ("kind", "a", "b"),
    [
        ("LOC", "السعودية", "المملكة العربية السعودية"),
        ("LOC", "سوريا", "سورية"),
        ("LOC", "أمريكا الجنوبية", "أميركا الجنوبية"),
        ("ORG", "داعش", "تنظيم الدولة الإسلامية"),
        ("ORG", "الأمم المتحدة", "للأمم المتحده"),
        ("ORG", "الغارديان", "الجارديان"),
    ],
)
def test_places_and_organisations_have_the_key_of_their_entry_or_their_sound(
    kind: str, a: str, b: str
) -> None:
    assert key(kind, a) == key(kind, b)


def test_a_state_and_a_capital_of_one_name_are_apart() -> None:
    assert key("LOC", "عمان") != key("LOC", "سلطنة عمان")


def test_an_identifier_depends_on_type_and_name_alone() -> None:
    assert entity_id("LOC", "القاهرة") == "ec62e2631117f1f13"
    assert entity_id("PER", "القاهرة") != entity_id("LOC", "القاهرة")


@given(ARABIC, st.sampled_from(["PER", "ORG", "LOC"]))
def test_every_name_has_a_key_that_marks_and_spaces_do_not_change(name: str, kind: str) -> None:
    assert key(kind, name) == key(kind, f"  {name} ".replace("ـ", ""))
    assert name_keys.onset(name.strip()[:1] or "ا") is not None


class Texts:
    """Builds the mentions of a night from lists of names."""

    def __init__(self) -> None:
        self.mentions: list[Mention] = []

    def add(self, doc_id: str, *names: tuple[str, str], title: str = "") -> Texts:
        place = 0
        for name, kind in names:
            if kind == "PER" and title:
                self.mentions.append(Mention(doc_id, place, place + len(title), title, "TITLE", None))
                place += len(title) + 1
            self.mentions.append(Mention(doc_id, place, place + len(name), name, kind, entity_id(kind, name)))
            place += len(name) + 9
        return self

    def rows(self, **published: dt.datetime) -> dict[str, dict[str, object]]:
        return {str(row["name"]): row for row in entities.rows(self.mentions, published)}


def night(*extra: str) -> Texts:
    """Forty texts about other things, so that names can be rare."""
    texts = Texts()
    for number in range(40):
        texts.add(f"z{number}", (f"{'بتسشفكمنهل'[number % 10]}رقوم {number}", "ORG"))
    return texts


RIVER = (("نهر البط", "LOC"), ("جسر الوادي", "LOC"), ("بلدة التل", "LOC"), ("سهل القمح", "LOC"))


def test_counts_names_aliases_and_first_seen() -> None:
    texts = Texts()
    texts.add("a", ("بوريس يلتسين", "PER"), ("بوريس يلتسين", "PER")).add("b", ("بوريس يلتسن", "PER"))
    early, late = (dt.datetime(2026, 11, day, tzinfo=dt.UTC) for day in (1, 2))
    row = texts.rows(a=late, b=early)["بوريس يلتسين"]
    assert (row["n_docs"], row["n_mentions"], row["aliases"], row["first_seen"]) == (
        2,
        3,
        ["بوريس يلتسن"],
        early,
    )
    assert row["latin"] == "Boris Yeltsin"


def test_a_short_name_stands_for_the_full_one_of_a_text_about_the_same() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), *RIVER).add("b", ("حداد", "PER"), *RIVER[:3])
    rows = texts.rows()
    assert rows["حداد"]["same_as"] == rows["سامي حداد"]["entity_id"]
    assert rows["حداد"]["same_as_evidence"] == "names:3"


def test_a_short_name_stays_alone_without_evidence() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), *RIVER).add("b", ("حداد", "PER"), ("ميناء", "LOC"))
    assert texts.rows()["حداد"]["same_as"] is None


def test_a_short_name_of_two_people_stays_alone() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), *RIVER).add("b", ("ليلى حداد", "PER"), *RIVER)
    assert texts.add("c", ("حداد", "PER"), *RIVER).rows()["حداد"]["same_as"] is None


def test_a_short_name_means_the_one_whom_the_night_speaks_of_by_far_the_most() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), *RIVER).add("b", ("حداد", "PER"), *RIVER)
    texts.add("c", ("ليلى حداد", "PER"))
    assert texts.rows()["حداد"]["same_as"] is None
    for number in range(4):
        texts.add(f"d{number}", ("سامي حداد", "PER"))
    rows = texts.rows()
    assert rows["حداد"]["same_as"] == rows["سامي حداد"]["entity_id"]


def test_a_title_with_its_country_is_evidence_and_a_bare_title_is_none() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), title="وزير الصحة اللبناني")
    texts.add("b", ("حداد", "PER"), title="وزير الصحة اللبناني")
    assert str(texts.rows()["حداد"]["same_as_evidence"]).startswith("title:")
    texts = night().add("a", ("سامي حداد", "PER"), title="الوزير").add("b", ("حداد", "PER"), title="الوزير")
    assert texts.rows()["حداد"]["same_as"] is None


def test_a_given_name_alone_stands_for_nobody() -> None:
    texts = night().add("a", ("نبيل خالد", "PER"), *RIVER).add("b", ("خالد", "PER"), *RIVER)
    assert texts.rows()["خالد"]["same_as"] is None


def test_a_slip_of_spelling_is_linked_to_the_commoner_name_but_not_within_one_text() -> None:
    texts = night().add("a", ("سيرجيو راموس", "PER"), *RIVER).add("c", ("سيرجيو راموس", "PER"))
    rows = texts.add("b", ("سيرخيو راموس", "PER"), *RIVER).rows()
    assert rows["سيرخيو راموس"]["same_as"] == rows["سيرجيو راموس"]["entity_id"]
    assert str(rows["سيرخيو راموس"]["same_as_evidence"]).startswith("spelling, names:")
    rows = texts.add("b", ("سيرجيو راموس", "PER")).rows()
    assert rows["سيرخيو راموس"]["same_as"] is None


def test_identifiers_do_not_move_when_another_spelling_is_the_commoner() -> None:
    first = Texts().add("a", ("بوريس يلتسين", "PER")).rows()["بوريس يلتسين"]
    second = Texts().add("a", ("بوريس يلتسن", "PER")).rows()["بوريس يلتسن"]
    assert first["entity_id"] == second["entity_id"]


def test_order_of_the_mentions_does_not_matter() -> None:
    texts = night().add("a", ("سامي حداد", "PER"), *RIVER).add("b", ("حداد", "PER"), *RIVER[:3])
    assert entities.rows(texts.mentions, {}) == entities.rows(reversed(texts.mentions), {})


def test_a_night_grows_with_its_mentions() -> None:
    def count(text: str) -> object:
        texts = Texts()
        for number, word in enumerate(text.split()):
            pair = ((f"{word}{number % 7} نجار", "PER"), (f"بلدة {word}", "LOC"))
            texts.add(f"d{number}", *pair, ("نجار", "PER"))
        return entities.rows(texts.mentions, {})

    words = " ".join(f"{a}{b}{c}{d}" for a in "سلمنهر" for b in "بتدرف" for c in "كعطشق" for d in "بلمنو")
    assert growth(count, words + " ") < 3.2
