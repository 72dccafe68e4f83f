"""The generated night: what is planted is where the truth says, and the scorer counts what it should."""

from __future__ import annotations

import random
from types import ModuleType

import pytest

from tests.conftest import bench_script

TITLE = "بلدية المرسى توسع الميناء القديم"
BODY = (
    "أعلن رئيس البلدية نبيل الصافي اليوم الثلاثاء أن 48 سفينة سترسو في الميناء خلال شهر يوليو المقبل.\n"
    "وقال مدير الميناء إن ثلاثة أرصفة جديدة ستفتح أمام الصيادين، بحسب مصادر مطلعة.\n"
    "وأكد المهندس المشرف أن الحفر لم يتوقف رغم العاصفة، وأن 15 عاملا يتناوبون على الموقع كل ليلة.\n"
    "ويذكر أن المشروع بدأ قبل عامين بتمويل من صندوق التنمية المحلي وشركة هندسية من بيروت.\n"
)
CORE = f"{TITLE}\n\n{BODY}"


@pytest.fixture
def night() -> ModuleType:
    return bench_script("night")


@pytest.fixture
def score() -> ModuleType:
    return bench_script("night_score")


def test_a_text_survives_parsing(night: ModuleType) -> None:
    assert night.render(night.parse(CORE), []) == (CORE, [])


def test_the_same_seed_gives_the_same_copy(night: ModuleType) -> None:
    copies = [night.rewrite(CORE, night.LEVELS["paraphrase"], random.Random(7)) for _ in range(2)]
    assert copies[0] == copies[1]
    assert copies[0][0] != CORE


def test_planted_edits_are_where_the_truth_says(night: ModuleType) -> None:
    seen = set()
    for seed in range(80):
        text, edits = night.rewrite(CORE, night.LEVELS["heavy"], random.Random(seed))
        for e in edits:
            before, after = CORE[e.a0 : e.a1], text[e.b0 : e.b1]
            assert before != after
            if e.kind == "number":
                assert before in ("48", "15", "ثلاثة"), before
            if e.kind == "date":
                assert before in ("اليوم", "الثلاثاء", "يوليو"), before
            if e.kind == "attribution_dropped":
                assert not after
            if e.kind == "attribution_added":
                assert not before
            seen.add(e.kind)
    assert {"number", "date", "polarity", "attribution_dropped", "attribution_added", "name"} <= seen


def test_siblings_share_the_frame_alone(night: ModuleType) -> None:
    frame = night.words("night_frames")["frames"]["tune"][0]
    one, two = (night.fill(frame, random.Random(seed)) for seed in (1, 2))
    assert one != two
    assert "{" not in one
    assert one.count("\n") == two.count("\n") == len(frame)


def test_figures_of_a_small_night(score: ModuleType) -> None:
    wanted = {"kind": "number", "a": [10, 12], "b": [10, 12]}
    truth = {
        "stories": [["a", "b", "c"]], "siblings": [["s", "t"]], "apart": [("tail", "h", "i")],
        "copies": [{"parent": "a", "child": "b", "level": "light", "edits": [wanted]}],
        "origins": {"b": ("document", "document", "a")},
    }  # fmt: skip
    edit = {"kind": "number", "a_start": 10, "a_end": 12, "b_start": 11, "b_end": 13}
    link = {"scope": "story", "edits": []}
    reuse = [
        {"a_doc_id": "a", "b_doc_id": "b", **link, "edits": [edit, {**edit, "a_start": 40, "a_end": 42}]},
        {"a_doc_id": "a", "b_doc_id": "x", **link},
        {"a_doc_id": "y", "b_doc_id": "z", **link},
        {"a_doc_id": "h", "b_doc_id": "i", "scope": "background", "edits": []},
    ]
    pairs = score.pairs(truth, reuse)
    assert (pairs["P"], pairs["R"]) == (0.5, 0.3333), "the pair of two real articles is not judged"
    found = score.edits(truth, reuse)["number"]
    assert (found["P"], found["R"]) == (0.5, 1.0)
    story_of = {"a": "1", "b": "1", "c": "2", "s": "3", "t": "3", "h": "4", "i": "5"}
    stories = score.stories(truth, story_of)
    assert stories["bcubed_p"] == 1.0
    assert stories["bcubed_r"] == 0.5556
    assert (stories["siblings_merged"], stories["tail_merged"]) == (1.0, 0.0)
    origins = score.origins(truth, {"b": {"kind": "document", "origin": "a", "evidence": "copy-of:a"}})
    assert origins["accuracy"] == 1.0
