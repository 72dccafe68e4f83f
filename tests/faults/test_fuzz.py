"""A small part of bench/fuzz.py: mutated documents are accounted for, each and every time."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import bench_script


@pytest.mark.parametrize("seed", range(3))
def test_mutants_are_accounted_for(seed: int) -> None:
    fuzz = bench_script("fuzz")
    tally, findings = fuzz.run(list(fuzz.PAGES), seed, seconds=60.0, most=320)
    assert findings == []
    assert tally["documents"] == 320
    assert tally["accepted"] > 100


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.lists(st.binary(max_size=200), max_size=2), st.text(max_size=80))
def test_any_bytes_beside_mutants(seed: int, payloads: list[bytes], text: str) -> None:
    fuzz = bench_script("fuzz")
    chance = random.Random(seed)
    rows = [fuzz.mutant(chance, [fuzz.PAGES[seed % len(fuzz.PAGES)] + text]) for _ in range(2)]
    fuzz.check([*rows, *(("text", data) for data in payloads), *(("json", data) for data in payloads)])
