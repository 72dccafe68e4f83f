"""Counting judged claims (bench/judge.py)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import bench_script

RIGHT = {"claim": True, "content": "exact", "speaker": True, "chain": True, "stance": True}


def _rows(*verdicts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"doc": f"d{i}", "verdict": verdict} for i, verdict in enumerate(verdicts)]


def test_what_hangs_on_a_claim_is_asked_of_right_claims_only() -> None:
    rows = _rows(RIGHT, {**RIGHT, "content": "overlap", "speaker": False}, {"claim": False})
    rows[1]["class"] = "antecedent"
    rows[2]["class"] = "no cue"
    found = bench_script("judge").tally(rows)
    counts = {what: (share["right"], share["of"]) for what, share in found["shares"].items()}
    assert counts["claim"] == (2, 3)
    assert counts["content overlaps"] == (2, 2)
    assert counts["content exact"] == (1, 2)
    assert counts["speaker"] == (1, 2)
    assert found["classes"] == {"antecedent": 1, "no cue": 1}


@pytest.mark.parametrize("verdict", [{}, {"claim": None}, {**RIGHT, "content": "fine"}])
def test_a_row_without_a_verdict_is_refused(verdict: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="row 1 of d0"):
        bench_script("judge").tally(_rows(verdict))
