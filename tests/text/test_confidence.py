"""The confidence of claims: traits, their sum, and that clear reports rank above doubtful ones."""

from __future__ import annotations

import pytest

from pipeline import resources
from pipeline.text import confidence
from pipeline.text.claims_document import read_text


def test_a_clear_report_ranks_above_a_doubtful_one() -> None:
    clear = read_text("وقالت وزارة الزراعة إن موسم الحصاد بدأ في الجنوب قبل أسبوع.")
    doubtful = read_text("وكانت اللجنة التي رأت في الخطة بداية جديدة: مرحلة لم تكتمل")
    assert len(clear) == 1
    assert all(clear[0].confidence > claim.confidence for claim in doubtful)


def test_values_are_probabilities_with_three_decimals() -> None:
    text = 'أكد الوزير أن الجسر سيفتح غدا. وأضاف: "لن نتأخر يوما واحدا عن الموعد". وفق البيان، انتهى العمل.'
    found = read_text(text)
    assert found
    for claim in found:
        assert 0.0 < claim.confidence < 1.0
        assert claim.confidence == round(claim.confidence, 3)
        assert claim.confidence == confidence.probability(claim.traits)


def test_order_of_traits_does_not_count() -> None:
    weights = sorted(resources.load("confidence.yaml")["weights"])
    assert confidence.probability(weights) == confidence.probability(weights[::-1])


def test_a_trait_without_weight_counts_nothing() -> None:
    assert confidence.probability(["lemma=لا وجود له"]) == confidence.probability([])


@pytest.mark.parametrize(
    ("text", "trait"),
    [
        ("وقال الوزير إن الجسر سيفتح غدا.", "joined"),
        ('قال الوزير: "لن نتأخر عن الموعد مهما حدث', "open_quote"),
        ("أعلنت الشركة إطلاق القمر في الربيع المقبل.", "object_noun=shaped"),
        ("قال الوزير إن العمل انتهى. وأضاف أن الجسر سيفتح.", "carried=1"),
        ("قال الوزير إن اللجنة أكدت أن الجسر آمن.", "nested"),
    ],
)
def test_traits(text: str, trait: str) -> None:
    assert any(trait in claim.traits for claim in read_text(text)), [c.traits for c in read_text(text)]


def test_weights_are_of_traits_that_exist() -> None:
    data = resources.load("confidence.yaml")
    assert "tuned" not in data["weights"]
    assert 0.5 < data["high"] < 1.0
    assert all(0.0 <= share <= 1.0 for share in data["yields"].values())
