"""The entity recogniser: offsets, edges, document rules, model file."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import resources
from pipeline.errors import ModelError
from pipeline.nlp import ner, ner_crf, ner_data, ner_features, ner_lexicon, ner_patterns, ner_rules
from pipeline.nlp.ner_tokens import fold, proclitics, tokenise

COUNTS = {
    "باريس": 50,
    "مصر": 90,
    "بمصر": 5,
    "وليد": 9,
    "كوريا": 30,
    "لبنان": 40,
    "بوتين": 8,
    "فلسطين": 60,
    "وزير": 70,
    "حلب": 30,
    "لندن": 44,
    "بورتو": 3,
}


@pytest.fixture(scope="module")
def recogniser() -> ner.Recogniser:
    return ner.load()


def texts(recogniser: ner.Recogniser, *sentences: str) -> list[list[tuple[str, str]]]:
    found = recogniser.mentions(sentences)
    return [[(s[m.start : m.end], m.type) for m in line] for s, line in zip(sentences, found, strict=True)]


@given(st.text(max_size=80))
def test_tokens_reproduce_the_sentence(sentence: str) -> None:
    tokens = tokenise(sentence)
    assert all(sentence[t.start : t.end] == t.text for t in tokens)
    assert all(a.end <= b.start for a, b in pairwise(tokens))


@pytest.mark.parametrize(
    ("word", "cut"),
    [
        ("باريس", 0),
        ("وباريس", 1),
        ("بمصر", 1),
        ("وبمصر", 2),
        ("وليد", 0),
        ("كوريا", 0),
        ("لبنان", 0),
        ("والقاهرة", 1),
        ("للقاهرة", 0),
        ("لالانا", 0),
        ("وزير", 0),
        ("بحلب", 1),
    ],
)
def test_proclitics(word: str, cut: int) -> None:
    assert proclitics(fold(word), COUNTS) == cut


def test_a_word_of_the_document_decides_about_an_unknown_proclitic() -> None:
    assert proclitics(fold("بكرنوف"), COUNTS) == 0
    assert proclitics(fold("بكرنوف"), COUNTS, known={"كرنوف": 1}) == 1


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("أعلنت الحكومة الأوكرانية أمس", ["الحكومة الأوكرانية"]),
        ("أعلنت الحكومة أمس", []),
        ("قال الجيش اليمني", ["الجيش اليمني"]),
        ("الجيش اليمنية", []),
        ("الفصائل الفلسطينية", []),
        ("بيان لوزارة الدفاع الروسية", ["وزارة الدفاع الروسية"]),
        ("نقلت رويترز عن فارس", ["رويترز"]),
        ("صندوق مالي", []),
    ],
)
def test_patterns(sentence: str, wanted: list[str]) -> None:
    words = [fold(t.text) for t in tokenise(sentence)]
    words = [w[proclitics(w, {"وزاره": 9}) :] for w in words]
    got = [" ".join(words[a:b]) for a, b, _ in ner_patterns.found(words)]
    assert got == [" ".join(fold(t.text) for t in tokenise(name)) for name in wanted]


@pytest.mark.parametrize(
    ("span", "sentence", "wanted"),
    [
        ("PER", "الوزير المصري سامي حداد", "سامي حداد"),
        ("PER", "علي المصري", "علي المصري"),
        ("ORG", "وكالة رويترز", "رويترز"),
        ("ORG", "وكالة الصحافة الفرنسية", "وكالة الصحافة الفرنسية"),
        ("ORG", "ريال مدريد الإسباني", "ريال مدريد"),
        ("LOC", "مدينة حلب السورية", "حلب"),
        ("LOC", "الولايات المتحدة الأميركية", "الولايات المتحدة الأميركية"),
        ("LOC", "دولة فلسطين", "دولة فلسطين"),
    ],
)
def test_edges(span: str, sentence: str, wanted: str) -> None:
    words = [fold(t.text) for t in tokenise(sentence)]
    flags = ner_lexicon.flags([ner_lexicon.key(w) for w in words])
    a, b, kind = ner_patterns.trim((0, len(words), span), words, flags)
    assert (" ".join(words[a:b]), kind) == (" ".join(fold(t.text) for t in tokenise(wanted)), span)


def test_the_seat_of_a_government_is_an_organisation() -> None:
    assert ner_patterns.trim((0, 2, "LOC"), ["البيت", "الابيض"], ["", ""]) == (0, 2, "ORG")


def test_spelling_of_an_entity_is_kept_as_it_stands(recogniser: ner.Recogniser) -> None:
    sentence = "وصل الوزير إلى القاهـرة، ومنها إلى بيروت."
    assert texts(recogniser, sentence) == [[("القاهـرة", "LOC"), ("بيروت", "LOC")]]


def test_proclitics_stay_outside_and_articles_inside(recogniser: ner.Recogniser) -> None:
    (found,) = texts(recogniser, "سافر الوفد من بيروت وباريس إلى السعودية وبالقاهرة للأمم المتحدة مكتب.")
    assert found == [
        ("بيروت", "LOC"),
        ("باريس", "LOC"),
        ("السعودية", "LOC"),
        ("القاهرة", "LOC"),
        ("للأمم المتحدة", "ORG"),
    ]


def test_titles_stay_outside(recogniser: ner.Recogniser) -> None:
    (found,) = texts(recogniser, "قال وزير الخارجية المصري محمد حداد إن الاجتماع ناجح.")
    assert ("محمد حداد", "PER") in found


def test_a_surname_follows_the_full_name(recogniser: ner.Recogniser) -> None:
    _, second = texts(recogniser, "قال الرئيس محمد كرنوف إن القرار نهائي.", "ورأى كرنوف أن الوقت مناسب.")
    assert second == [("كرنوف", "PER")]


def test_same_input_same_output(recogniser: ner.Recogniser) -> None:
    sentences = [
        "التقى محمود حداد في عمان وفدا من منظمة الصحة العالمية.",
        "وقال حداد إن المنظمة وعدت بالدعم.",
    ]
    assert recogniser.mentions(sentences) == recogniser.mentions(list(sentences))


@pytest.mark.parametrize("sentence", ["", " ", "\u200f", "«»", "ـ", "و", "لل", "\ud800", "\x00", "a" * 5000])
def test_odd_sentences_do_no_harm(recogniser: ner.Recogniser, sentence: str) -> None:
    for m in recogniser.mentions([sentence, "بيروت"])[0]:
        assert 0 <= m.start < m.end <= len(sentence)


@settings(deadline=None)
@given(st.lists(st.text(alphabet='ابتجحدرسشعفقكلمنهويةىءأإ ـَّ،."«»()_#0١aZ', max_size=60), max_size=4))
def test_mentions_are_ordered_and_disjoint(sentences: list[str]) -> None:
    for sentence, line in zip(sentences, ner.load().mentions(sentences), strict=True):
        assert all(0 <= m.start < m.end <= len(sentence) for m in line)
        assert all(a.end <= b.start for a, b in pairwise(line))
        assert {m.type for m in line} <= {"PER", "ORG", "LOC"}


def test_minor_labels_of_one_word_do_not_spread() -> None:
    spans = [[(0, 1, "PER")], [], []]
    words = [["منزل", "جديد"], ["منزل", "قديم"], ["منزل"]]
    assert ner_rules._document(spans, words, lambda word: False)[1:] == [[], []]


def test_retokenise_keeps_the_number_of_names() -> None:
    words, labels = ner_data.retokenise((["(د", "ب", "أ)"], ["B-ORG", "I-ORG", "I-ORG"]))
    assert words == ["(", "د", "ب", "أ", ")"]
    assert labels == ["O", "B-ORG", "I-ORG", "I-ORG", "O"]


def test_unique_leaves_out_the_test_part() -> None:
    a, b = (["قال", "سامي"], ["O", "B-PER"]), (["قَال", "سامى", "."], ["O", "B-PER", "O"])
    assert ner_data.unique([a, b, a]) == [a]
    assert ner_data.unique([a], without=[b]) == []


def test_the_shipped_model_is_the_one_of_its_card() -> None:
    packed = resources.read_bytes(ner.SHIPPED)
    assert hashlib.sha256(packed).hexdigest() == ner.shipped_sha256()
    assert len(packed) <= 20_000_000


def test_a_model_with_another_sha256_is_refused() -> None:
    with pytest.raises(ModelError, match="SHA-256") as refusal:
        ner.load(None, "0" * 64)
    assert refusal.value.exit_code == 2
    assert refusal.value.place
    assert refusal.value.next_action


def test_a_model_file_that_is_missing_or_damaged_within_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.crf"):
        ner.load(str(tmp_path / "nothing.crf"))
    whole = ner.unpack(resources.read_bytes(ner.SHIPPED))
    for parts in (
        whole._replace(words=whole.words[:-9]),
        whole._replace(letters=b""),
        whole._replace(crf=whole.crf[:-1]),
        whole._replace(crf=b"x" * 99),
        whole._replace(net=whole.net[:-1]),
        whole._replace(net=b"x" * 99),
        whole._replace(net=b"[]\n"),
    ):
        with pytest.raises(ModelError, match="damaged"):
            ner.Recogniser(ner.pack(parts))


@pytest.mark.parametrize(
    "packed", [b"", b"{}", b"\n", b'{"format": "isnad-ner-3", "sizes": [1, 2, 3, 4]}\nab', b"\x80\x04."]
)
def test_a_file_that_is_no_model_is_refused(packed: bytes) -> None:
    with pytest.raises(ModelError):
        ner.unpack(packed)


WORDS = [
    *[
        "قال",
        "الرئيس",
        "المصري",
        "سامي",
        "حداد",
        "وزارة",
        "الدفاع",
        "في",
        "باريس",
        "ولندن",
        "بالقاهرة",
        "كورنيافكا",
        "رويترز",
        "إسـلاميّة",
        "شكراً",
        "ب",
        "2018",
    ],
    *["3.5", '"', "«", "»", "(", ".", "|", "'", "CNN", "Reuters", "iPhone", "x", "日", "q", "first"],
]


@pytest.fixture(scope="module")
def crf() -> bytes:
    return ner.unpack(resources.read_bytes(ner.SHIPPED)).crf


@pytest.fixture(scope="module")
def labeller(recogniser: ner.Recogniser, crf: bytes) -> ner_crf.Labeller:
    """The CRF by itself, without the network."""
    return ner_crf.Labeller(ner_crf.parse(crf), recogniser.analyser)


@settings(deadline=None)
@given(
    sentences=st.lists(
        st.lists(st.sampled_from(WORDS) | st.text(min_size=1, max_size=6), max_size=12), max_size=5
    )
)
def test_labels_are_those_of_crfsuite(
    recogniser: ner.Recogniser, labeller: ner_crf.Labeller, crf: bytes, sentences: list[list[str]]
) -> None:
    import pycrfsuite

    tagger = pycrfsuite.Tagger()
    tagger.open_inmemory(crf)
    wanted = [tagger.tag(recogniser.analyser.features(s)) if s else [] for s in sentences]
    assert labeller.labels(sentences) == wanted


def test_features_see_the_stem(recogniser: ner.Recogniser) -> None:
    analyser: ner_features.Analyser = recogniser.analyser
    assert analyser.word("وبيروت").stem == analyser.word("بيروت").stem
