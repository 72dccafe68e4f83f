"""The fit and the measures of confidence (bench/calibrate.py) on examples whose answer is known."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.text.claims_document import read_text
from tests.conftest import bench_script


@pytest.fixture(scope="module")
def calibrate() -> ModuleType:
    return bench_script("calibrate")


def _examples(calibrate: ModuleType) -> list[Any]:
    """Ten articles in which claims with the trait ``sure`` are right in 9 of 10 cases, the others in 5 of 10."""
    made = []
    for article in range(10):
        for i in range(10):
            made.append(calibrate.Example(str(article), ("sure",), i != article, True))
            made.append(calibrate.Example(str(article), ("doubtful",), i % 2 == 0, True))
    return made


def test_the_fit_finds_the_shares(calibrate: ModuleType) -> None:
    data = _examples(calibrate)
    weights = calibrate.fit(data, 0.01)
    sure, doubtful = calibrate.predict(weights, data)[:2]
    assert sure == pytest.approx(0.9, abs=0.02)
    assert doubtful == pytest.approx(0.5, abs=0.02)


def test_out_of_fold_values_are_calibrated(calibrate: ModuleType) -> None:
    data = _examples(calibrate)
    assert calibrate.calibration_error(calibrate.out_of_fold(data, 1.0), data) < 0.03


def test_calibration_error_of_certain_and_wrong_values(calibrate: ModuleType) -> None:
    data = _examples(calibrate)
    right = np.array([float(e.right) for e in data])
    assert calibrate.calibration_error(right, data) == 0.0
    assert calibrate.calibration_error(1 - right, data) == 1.0


def test_the_threshold_is_the_lowest_that_holds(calibrate: ModuleType) -> None:
    found = [calibrate.Example("a", (), right, True) for right in (True, True, True, False, True)]
    part = calibrate.Part(found, 5)
    p = np.array([0.9, 0.8, 0.8, 0.7, 0.6])
    assert calibrate.threshold_of(p, part) == 0.8
    assert calibrate.precision_at(p, part, 0.8) == 0.8
    assert calibrate.precision_at(p, part, 1.0) is None


def test_claims_are_compared_as_the_scorer_does(calibrate: ModuleType) -> None:
    text = "قالت الوزارة إن الموسم بدأ مبكرا. وأضافت أن الأسعار مستقرة."
    first, second = read_text(text)

    def gold(claim: Any, start: int, end: int) -> dict[str, Any]:
        cue = {"start": claim.cue[0], "end": claim.cue[1]}
        return {"cue": [cue], "content": [{"start": start, "end": end}], "sentence": cue, "speaker": None}

    (start, end), (begin, _) = first.content[0], second.content[0]
    annotation = {"claims": [gold(first, start, end - 2), gold(second, begin, begin + 2)]}
    found, wanted = calibrate.compare("a", annotation, [first, second])
    assert [e.right for e in found] == [True, False]
    assert wanted == 2
