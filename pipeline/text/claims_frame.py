"""One sentence as the claim grammar sees it: words, quotations, cues, names, and where things end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.text import cues
from pipeline.text.claims_words import Word, word_class, word_key
from pipeline.text.cues import Hit
from pipeline.text.quotes import Quote


@dataclass(slots=True)
class Name:
    """A named entity in the text: half-open offsets, PER, ORG or LOC, canonical name in the document."""

    start: int
    end: int
    type: str
    canonical: str


@dataclass(slots=True)
class Frame:
    """A sentence. ``line`` numbers the block, ``quotes`` are those of the block, ``names`` those of the sentence."""

    sent_no: int
    section: str
    line: int
    start: int
    end: int
    text: str
    words: list[Word]
    quotes: Sequence[Quote]
    names: Sequence[Name] = ()
    hits: list[Hit] = field(default_factory=list)
    hit_at: dict[int, Hit] = field(default_factory=dict)
    relatives: list[Hit] = field(default_factory=list)
    quote_ends: dict[int, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)  # where each word ends

    def __post_init__(self) -> None:
        self.ends = [word.end for word in self.words]
        self.names = [n for n in self.names if not self._common(n)]
        for word in self.words:
            if word.key == "علي" and self.text[word.start : word.end] == "علي" and self._dotted():
                word.key += "ـ"  # a page that writes على means the name
            elif word.key == "ان" and self.text[word.start] == "آ":
                word.key += "ـ"  # Anne, not أن
        for name in self.names:
            for k in range(self.word_at(name.start), self.word_at(name.end - 1) + 1):
                if self.words[k].key in PREPOSITIONS:
                    self.words[k].key += "ـ"  # سامي علي: no preposition
        self.hits = [self._voice(hit) for hit in cues.find(self.words) if not self._unfit(hit)]
        self.relatives = [hit for hit in self.hits if hit.entry.relative]
        self.hit_at = {k: hit for hit in self.hits for k in range(hit.first, hit.last)}

    def _voice(self, hit: Hit) -> Hit:
        """صحافيين متهمين بأنهم are accused; ، متهما إياهم بـ accuses."""
        if hit.entry.kind != "hal" or hit.entry.lemma != "اتهم" or self.key(hit.first - 1) in {"،", ","}:
            return hit
        return hit._replace(entry=hit.entry._replace(kind="accused", stance="doubt"))

    def _dotted(self) -> bool:
        """Whether the page tells ي from ى at the end of a word: على stands somewhere in it."""
        return " على " in self.text

    def _common(self, name: Name) -> bool:
        """Whether a name found by the recogniser is a common noun: الوزارة alone, وسيط عقاري."""
        key = self.key(self.word_at(name.start))
        if name.type == "PER":
            return key in word_class("person_heads")
        single = " " not in self.text[name.start : name.end]
        return single and key.startswith("ال") and key[2:] in word_class("idafa_heads")

    def _unfit(self, hit: Hit) -> bool:
        """First person (أعتقد) and the formula of anonymity (طالبا عدم الكشف عن اسمه) are no reports."""
        if hit.entry.first_person and self.raw(hit.first).lstrip("وف").startswith("أ"):
            return True
        if hit.entry.lemma == "أمل" and self.raw(hit.first) == "آمل":
            return True
        if (
            hit.entry.lemma == "ادعى"
            and self.raw(hit.first)[-1:] == "ى"
            and self.key(hit.first)[hit.skip :][:1] in "يت"
        ):
            return True  # تُدعى: she is called
        if self.key(hit.last) == "عن" and self.key(hit.last + 1) in ANONYMITY:
            return True
        if hit.entry.lemma in {"رفض", "طلب"} and any(
            self.key(hit.last + j) in ANONYMITY for j in range(1, 4)
        ):
            return True  # مصدر رفض الكشف عن اسمه
        return self.key(hit.last) == "عدم" and self.key(hit.last + 1) in {
            "الكشف",
            "كشف",
            "ذكر",
            "نشر",
            "الافصاح",
        }

    def raw(self, k: int) -> str:
        """Word k as written."""
        return self.text[self.words[k].start : self.words[k].end]

    def key(self, k: int) -> str:
        """Folded word k; empty outside the sentence."""
        return self.words[k].key if 0 <= k < len(self.words) else ""

    def quote(self, k: int) -> int:
        """Quotation that covers word k, -1 for none or outside the sentence."""
        return self.words[k].quote if 0 <= k < len(self.words) else -1

    def quote_last(self, k: int) -> int:
        """First word after the quotation that covers word k."""
        if not self.quote_ends:
            self.quote_ends = {w.quote: i + 1 for i, w in enumerate(self.words)}
        return self.quote_ends[self.words[k].quote]

    def opens(self, k: int) -> bool:
        """Whether a quotation opens just before word k."""
        return self.quote(k) >= 0 and self.quote(k) != self.quote(k - 1)

    def name_like(self, k: int, cue: int = -1) -> bool:
        """Whether the quotation that opens at word k holds a name rather than speech.

        Short, without a colon and not right after the cue (whose first free word is ``cue``): وكالة "إرنا".
        """
        last = self.quote_last(k)
        size, before = last - k, self.key(k - 1)
        if before in {"بعنوان", "عنوان"}:
            return True
        if size <= 5 and before != ":" and self._named(k, last):
            return True
        if before == ":":
            return False
        if k == cue and before not in PREPOSITIONS:
            after = self.key(last)
            return size <= 3 and bool(after) and after not in PUNCTUATION
        return size <= 3 or (
            size <= 5 and (before in word_class("quoted_name_heads") or before in PREPOSITIONS)
        )

    def in_name(self, k: int) -> bool:
        """Whether word k lies in a name."""
        start = self.words[k].start
        return any(n.start <= start < n.end for n in self.names)

    def _named(self, k: int, last: int) -> bool:
        start, end = self.words[k].start, self.words[last - 1].end
        return any(n.start <= start and end <= n.end for n in self.names)

    def name_at(self, start: int) -> Name | None:
        """The name that begins at this character."""
        at = bisect_left(self.names, start, key=lambda n: n.start)
        return self.names[at] if at < len(self.names) and self.names[at].start == start else None

    def word_at(self, char: int) -> int:
        """The first word that ends after this character."""
        return bisect_right(self.ends, char)

    def phrase(self, k: int, phrases: frozenset[tuple[str, ...]]) -> int:
        """Length in words of the longest of ``phrases`` that stands at word k, 0 for none."""
        keys = tuple(w.key for w in self.words[k : k + 3])
        return next((size for size in (3, 2, 1) if size <= len(keys) and keys[:size] in phrases), 0)


def own_name(person: str) -> int | None:
    """Where the name begins in what was taken for a person; None where it is a common noun.

    >>> own_name("سامي حداد"), own_name("فريق سامي"), own_name("وسيط عقاري")
    (0, 5, None)
    """
    head = word_key(person.split(None, 1)[0])
    if head in word_class("person_heads"):
        return None
    return person.rindex(" ") + 1 if head in word_class("idafa_heads") and " " in person else 0


ANONYMITY = frozenset(["اسمه", "اسمها", "هويته", "هويتها", "هويتهم", "اسمايهم", "اسمهم"])
PUNCTUATION = frozenset("،,؛;:.!؟?…()[]{}-–—/|*#")
PREPOSITIONS = {"الي": "ila", "علي": "ala", "من": "min", "عن": "an_prep", "في": "fi"}
