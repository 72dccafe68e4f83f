"""The parser's promise: every word points at exact characters, whatever the model and the text."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.nlp import cards, model_file, udpipe
from pipeline.nlp.chunks import LIMIT, chunks, clean
from pipeline.nlp.udpipe import Parsed, Parser
from pipeline.text.sentences import split


@pytest.fixture(scope="session")
def shipped() -> Parser:
    return udpipe.load(*cards.resolve(cards.DEFAULT))


def check(sentence: str, parsed: Parsed, *, surface: bool) -> None:
    """Spans in order, all visible characters covered, one root, and forms that are slices without multiwords."""
    at = 0
    for start, end, form in zip(parsed.start, parsed.end, parsed.form, strict=True):
        assert 0 <= start < end <= len(sentence)
        assert not sentence[at:start].strip()
        assert form == sentence[start:end] or not surface
        assert form
        at = max(at, end)
    assert not sentence[at:].strip()
    assert parsed.start == sorted(parsed.start)
    if len(parsed):
        assert parsed.head.count(0) == 1
        assert parsed.deprel[parsed.head.index(0)] == "root"
        assert all(0 <= head <= len(parsed) and head != i for i, head in enumerate(parsed.head, 1))


def test_sanity_sentence_of_the_card(shipped: Parser) -> None:
    path, sha256 = cards.resolve(cards.DEFAULT)
    card = json.loads(cards.card_path(Path(path)).read_text("utf-8"))
    parsed = shipped.parse([card["sanity"]["text"]])[0]
    assert parsed.form == card["sanity"]["forms"]
    assert parsed.upos == card["sanity"]["upos"]
    assert shipped.sha256 == sha256 == card["sha256"]


ODD = st.text(
    st.sampled_from(
        list(
            'وقالبسكته ابنمعدرش لله.،:«»"()[]0123 \t\n\u00a0\u0640\u064b\u0651\u200f\u200b\u2028\x00\x1c😀ﷲﻻ\ufeff\ud800'
        )
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ODD, max_size=4))
def test_any_text_shipped_model(shipped: Parser, sentences: list[str]) -> None:
    parsed = shipped.parse(sentences)
    assert len(parsed) == len(sentences)
    for sentence, words in zip(sentences, parsed, strict=True):
        check(sentence, words, surface=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(ODD, max_size=3))
def test_any_text_multiword_model(multiword_model: Path, sentences: list[str]) -> None:
    parsed = udpipe.load(str(multiword_model)).parse(sentences)
    for sentence, words in zip(sentences, parsed, strict=True):
        check(sentence, words, surface=False)


def test_multiword_words_point_at_their_token(multiword_model: Path) -> None:
    sentence = "وذهب الولدُ للسوق"
    parsed = udpipe.load(str(multiword_model)).parse([sentence])[0]
    assert parsed.form == ["و", "ذهب", "الولدُ", "ل", "السوق"]
    slices = [sentence[a:b] for a, b in zip(parsed.start, parsed.end, strict=True)]
    assert slices == ["و", "ذهب", "الولدُ", "للسوق", "للسوق"]


def test_result_does_not_depend_on_the_company(shipped: Parser) -> None:
    sentences = ["وقال الوزير إن الحكومة ستعلن القرار.", "", "(" * 300, "وصل الوفد إلى المدينة " * 40]
    together = shipped.parse(sentences)
    assert together == [shipped.parse([sentence])[0] for sentence in sentences]


def test_real_articles(shipped: Parser, shared: Path) -> None:
    with gzip.open(shared / "data/news/ant_2018-02_03.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(60), strict=False)]
    sentences = [text[a:b] for text in texts for a, b in split(text, 0, len(text))]
    for sentence, parsed in zip(sentences, shipped.parse(sentences), strict=True):
        check(sentence, parsed, surface=True)


@pytest.mark.parametrize(
    "piece", ["(", "كلمة ", "ك", "\u064b", "وقال، ", "!؟، ", "\x00", '"', "\u200f", "« "]
)
def test_no_sentence_costs_more_than_seconds(shipped: Parser, piece: str) -> None:
    sentence = piece * (3000 // len(piece))
    began = time.process_time()
    check(sentence, shipped.parse([sentence])[0], surface=True)
    assert time.process_time() - began < 5


def test_long_sentences_are_cut_where_one_may_pause() -> None:
    sentence = " ".join(["كلمة"] * 100 + ["،"] + ["كلمة"] * 100)
    first, *_ = chunks(sentence)
    assert first.text.endswith("،")
    assert all(len(chunk.text.split()) <= LIMIT for chunk in chunks(sentence))


@given(ODD)
def test_clean_text_leads_back(text: str) -> None:
    cleaned, offsets = clean(text)
    assert len(offsets) == len(cleaned) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)


def test_spacy_document(shipped: Parser) -> None:
    text = "وقال الوزير للصحفيين: «نعم»."
    doc = shipped.doc(text)
    assert doc.text == text
    assert [text[a:b] for a, b in doc.user_data["spans"]] == [token.text for token in doc]
    assert doc.has_annotation("DEP")
    assert len(list(doc.sents)) == 1
    assert [token.lemma_ for token in doc][1] == "قال"
    nlp = udpipe.language(*cards.resolve(cards.DEFAULT))
    assert nlp(text).to_json() == doc.to_json()


REFUSED = {
    "empty": (b"", "empty"),
    "page": (b"<!DOCTYPE html><html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
    "garbage": (b"\x00" * 100, "does not begin"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_files_that_are_no_models_are_refused_by_name(tmp_path: Path, name: str) -> None:
    content, expected = REFUSED[name]
    path = tmp_path / "x.udpipe"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=expected) as refusal:
        udpipe.load(str(path), "ab" * 32)
    assert str(path) in str(refusal.value)
    assert "ab" * 32 in str(refusal.value)


def test_folder_absent_file_and_wrong_checksum_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="folder"):
        udpipe.load(str(tmp_path))
    with pytest.raises(ModelError, match="no such file"):
        udpipe.load(str(tmp_path / "absent.udpipe"))
    path, _ = cards.resolve(cards.DEFAULT)
    with pytest.raises(ModelError, match="expected " + "0" * 64):
        udpipe.load(path, "0" * 64)


@pytest.mark.parametrize("kept", [40, 5000])
def test_a_damaged_model_without_a_checksum_does_not_take_the_process_down(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.udpipe"
    path.write_bytes(Path(cards.resolve(cards.DEFAULT)[0]).read_bytes()[:kept])
    with pytest.raises(ModelError, match="UDPipe cannot use it"):
        model_file.check(str(path))


def test_names_that_resolve_to_nothing_are_refused() -> None:
    with pytest.raises(ModelError, match="no such model"):
        cards.resolve("ar-nothing")
