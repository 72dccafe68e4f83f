"""The cue tier: claims from text and boundaries alone, without parse and without recognised names."""

from __future__ import annotations

import pytest

from pipeline.text.claims_document import Block, Sentence, read, read_text
from pipeline.text.claims_frame import Name
from pipeline.text.claims_words import Tags, words_of

TEXT = "وقالت وزارة الزراعة إن الموسم بدأ. وأضافت أن الأسعار مستقرة."
STOP = TEXT.index(".") + 1


def test_claims_of_plain_text() -> None:
    first, second = read_text(TEXT)
    assert TEXT[slice(*first.cue)] == "قالت"
    assert [TEXT[s:e] for s, e in first.content] == ["الموسم بدأ"]
    assert first.speaker.text == "وزارة الزراعة"
    assert second.speaker.mention == "elided"
    assert second.speaker.name == first.speaker.name


def test_sections_and_names_are_taken_into_account() -> None:
    blocks = {0: Block("body", 0, STOP), 1: Block("tail", STOP, len(TEXT))}
    sentences = [Sentence(0, 0, 0, STOP), Sentence(1, 1, STOP + 1, len(TEXT))]
    name = Name(6, 19, "ORG", "وزارة الزراعة والري")
    (claim,) = read(TEXT, blocks, sentences, names={0: [name]})
    assert claim.speaker.name == "وزارة الزراعة والري"
    assert len(read(TEXT, blocks, sentences, sections=("body", "tail"))) == 2


def test_a_sentence_without_its_block_is_refused() -> None:
    with pytest.raises(KeyError):
        read(TEXT, {}, [Sentence(0, 7, 0, STOP)])


def test_parts_of_speech_are_found_in_any_order() -> None:
    tags = Tags([6, 0, 1], [11, 1, 5], ["NOUN", "CCONJ", "VERB"])
    words = words_of("وقالت وزارة", 0, 11, [], tags)
    assert [w.upos for w in words] == ["VERB", "NOUN"]
    assert [w.upos for w in words_of("وقالت وزارة", 0, 11, [])] == ["", ""]
