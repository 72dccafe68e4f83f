"""What ships stays small, and the measurement of it sees what is too large or too slow."""

from __future__ import annotations

from tests.conftest import bench_script


def test_every_shipped_model_is_small() -> None:
    models = bench_script("models")
    found = models.sizes()
    assert {"ar-news-ner.crf", "ar-news.udpipe"} <= found["models"].keys()
    assert models.missed(found) == []


def test_a_missed_limit_is_named() -> None:
    models = bench_script("models")
    assert models.missed({"ner_words_per_s": 30_000, "largest_mb": 19.9, "wheel_mb": 59.9}) == []
    slow, large, wheel = models.missed({"ner_words_per_s": 19_000, "largest_mb": 20.1, "wheel_mb": 61})
    assert (slow, large, wheel) == (
        "ner_words_per_s 19000, must be at least 20000",
        "largest_mb 20.1, must be at most 20",
        "wheel_mb 61, must be at most 60",
    )
