"""Texts that share a frame: bulletins, instalments, notes of protocol; and what must stay one matter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pipeline.text.candidates import build
from pipeline.text.matters import Matters

FIRST, NEXT = dt.date(2024, 5, 1), dt.date(2024, 5, 2)
FILLER = [f"كلمة{n} مقال{n} آخر{n} تماما{n}" for n in range(40)]
"""Other articles, so that the words of the two are rare."""


def apart(
    one: tuple[str, str], two: tuple[str, str], days: tuple[dt.date, dt.date], names: Sequence[str] = ()
) -> bool:
    """Whether two articles (headline, text) are two matters; ``names``: words that a recogniser marks."""
    texts = [f"{head}\n\n{body}" for head, body in (one, two)] + FILLER
    corpus = build((t, [(0, len(t))]) for t in texts)

    def places(number: int) -> list[int]:
        first = int(corpus.first[number])
        words = [
            texts[number][int(corpus.start[n]) : int(corpus.end[n])]
            for n in range(first, int(corpus.first[number + 1]))
        ]
        return [at for at, word in enumerate(words) if word in names]

    heads = [len(one[0]), len(two[0]), *(0 for _ in FILLER)]
    matters = Matters(corpus, texts, places, heads, [*days, *(None for _ in FILLER)])
    return matters.apart(0, 1)


BULLETIN = (
    "توقع مركز الرصد في تقريره عن حالة الطقس رياحا شمالية معتدلة على السهول وغيوما متفرقة فوق المرتفعات الشرقية "
    "وموجا خفيفا على الساحل الغربي مع ضباب كثيف في الأودية"
)


def test_bulletins_of_two_days_are_two_matters() -> None:
    other = BULLETIN.replace("ضباب كثيف في الأودية", "أمطار رعدية على القرى الجنوبية")
    assert apart(("الطقس", BULLETIN), ("الطقس", other), (FIRST, NEXT))


def test_a_bulletin_and_its_reprint_are_one() -> None:
    assert not apart(("الطقس", BULLETIN), ("الطقس اليوم", BULLETIN), (FIRST, FIRST))


def test_two_reports_that_are_no_bulletins() -> None:
    report = BULLETIN.replace("حالة الطقس", "أحوال الأسواق")
    other = report.replace("ضباب كثيف في الأودية", "إقبال كبير من الزوار")
    assert not apart(("تقرير", report), ("تقرير", other), (FIRST, NEXT))


def test_instalments_of_a_series() -> None:
    second = "هبطت القافلة الثانية في الواحة محملة بالتمور وقال المشرف إن القافلة الثانية تحمل خيما"
    third = "هبطت القافلة الثالثة في الواحة محملة بالتمور وقال المشرف إن القافلة الثالثة تحمل خيما"
    assert apart(("وصول قافلة", second), ("وصول قافلة", third), (FIRST, FIRST))


def test_one_changed_rank_is_an_edit_and_no_other_instalment() -> None:
    second = "هبطت القافلة الثانية في الواحة محملة بالتمور وقال المشرف إن القافلة الثانية تحمل خيما"
    slip = "هبطت القافلة الثانية في الواحة محملة بالتمور وقال المشرف إن القافلة الثالثة تحمل خيما"
    assert not apart(("وصول قافلة", second), ("وصول قافلة", slip), (FIRST, FIRST))


def test_headlines_that_name_somebody_whom_the_other_text_does_not_know() -> None:
    frame = "بعث الحاكم برقية تهنئة إلى رئيس {} بمناسبة ذكرى الاستقلال متمنيا لشعبها الازدهار"
    one = ("الحاكم يهنئ رئيس بوليفيا", frame.format("بوليفيا"))
    two = ("الحاكم يهنئ رئيس منغوليا", frame.format("منغوليا"))
    assert apart(one, two, (FIRST, FIRST), ["بوليفيا", "منغوليا"])


def test_headlines_that_spell_one_name_in_two_ways() -> None:
    frame = "بعث الحاكم برقية تهنئة إلى {} بمناسبة ذكرى الاستقلال متمنيا لشعبه الازدهار"
    one = ("الحاكم يهنئ غوتيريش", frame.format("غوتيريش"))
    two = ("الحاكم يهنئ جوتيريس", frame.format("جوتيريس"))
    assert not apart(one, two, (FIRST, FIRST), ["غوتيريش", "جوتيريس"])


def test_a_headline_without_names_proves_nothing() -> None:
    frame = "بعث الحاكم برقية تهنئة إلى رئيس {} بمناسبة ذكرى الاستقلال متمنيا لشعبها الازدهار"
    one = ("الحاكم يهنئ رئيس بوليفيا", frame.format("بوليفيا"))
    two = ("برقية تهنئة من الحاكم", frame.format("بوليفيا"))
    assert not apart(one, two, (FIRST, FIRST), ["بوليفيا"])


def test_headlines_that_write_one_name_in_one_word_and_in_two() -> None:
    frame = "أوقف نادي {} خمسة مشجعين مدى الحياة بعد نزولهم أرض الملعب في الشوط الثاني"
    one = ("وستهام يوقف مشجعين", frame.format("وستهام"))
    two = ("وست هام يوقف مشجعين", frame.format("وست هام"))
    assert not apart(one, two, (FIRST, FIRST), ["وستهام", "وست", "هام"])


def test_headlines_that_name_a_state_by_its_capital() -> None:
    frame = "وقع وفد {} اتفاقا لتقاسم مياه النهر بعد مفاوضات طويلة حضرها وسطاء"
    one = ("اتفاق مع طهران", frame.format("طهران"))
    two = ("اتفاق مع إيران", frame.format("إيران"))
    assert not apart(one, two, (FIRST, FIRST), ["طهران", "إيران"])
