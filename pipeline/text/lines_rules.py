"""The cascade that types a line: named rules, tried in order, the first that holds decides.

Each rule is a small function of the page and the position of the line; its docstring gives an example and a
counter-example. What no rule claims is body: a doubtful line stays in the article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from rapidfuzz.fuzz import ratio

from pipeline.text.lines_marks import address, byline, caption, date_line, source_credit
from pipeline.text.lines_page import LISTED, Page, continues, resumes
from pipeline.text.lines_phrases import BULLETS, after_label, book
from pipeline.text.lines_split import Line
from pipeline.text.lines_tail import affinity, content_keys
from pipeline.text.normalise import key

Test = Callable[[Page, int], bool]


@dataclass(frozen=True)
class Rule:
    """A named rule. Two conditions are necessary for it and cheap to know, so that most lines ask few rules: cue, that the
    line is ``cued``; longest, the line's length in characters."""

    name: str
    kind: str
    score: float
    test: Test
    cue: bool = False
    longest: int | None = None


def ornament(page: Page, i: int) -> bool:
    """No letter and no digit. Example: -----, ***. Counter-example: 2011 (a heading)."""
    text = page.lines[i].text
    return not text[0].isalnum() and not any(c.isalnum() for c in text)


def embedded_post(page: Page, i: int) -> bool:
    """Cut out as a post, or a line that a post's frame leaves. Counter-example: وكتب على تويتر: «لن نغادر»."""
    line = page.lines[i]
    return line.post or book().embed.match(line.folded, line.length) is not None


def glued_piece(page: Page, i: int) -> bool:
    """Cut off a line as the page's own words. Example: رابط الخبر بصحيفة الوادي: … at the end of a paragraph."""
    return page.lines[i].glued is not None


def notice(page: Page, i: int) -> bool:
    """The page's own words. Example: تابعونا على فيسبوك. Counter-example: تابعونا بأعينهم حتى غادرنا القرية."""
    line = page.lines[i]
    how = book().boilerplate.match(line.folded, line.length)
    return how in ("any", "start") or (how == "whole" and page.title_at < i)


def invitation(page: Page, i: int) -> bool:
    """Asks readers to come to the outlet's accounts: a plural imperative first, a platform in the same short line.

    Example: تابعوا صدى الوادي على مواقع التواصل. Counter-example: تابعوا سيرهم رغم المطر; تابع الآلاف المباراة على يوتيوب."""
    line = page.lines[i]
    return page.title_at >= 0 and book().invites(line.folded, line.length)


def menu(page: Page, i: int) -> bool:
    """Nothing but share buttons or sections. Example: فيسبوك تويتر واتساب. Counter-example: فيسبوك تعتذر."""
    line = page.lines[i]
    if not line.folded or line.words > 25:
        return False
    found = [w for w in re.split(r"[\s/|>،,»•·:-]+", line.folded) if w]
    share = sum(w in book().share for w in found)
    if share + sum(w in book().section for w in found if w not in book().share) < len(found):
        return False
    if share == len(found):
        return len(found) >= 2 or page.edge(i)
    if not page.edge(i):
        return False
    below = page.lines[i + 1] if i + 1 < len(page.lines) else None
    if below is None and len(found) >= 3:
        return True  # nothing follows of which it could be the title
    return (
        page.title_at >= 0 or bool(page.title) or (below is not None and below.words >= 4 and not below.prose)
    )


def keywords(page: Page, i: int) -> bool:
    """Labelled keywords, or the tags under such a label. Example: كلمات دلالية: الميناء السفن.
    Counter-example: كلمات الوزير أثارت جدلاً."""
    line = page.lines[i]
    if page.title_at < 0:
        return False
    label = after_label(line.folded, book().keywords.label)
    if label is not None and (label or i > page.first_prose):
        line.opens = not label
        return True
    if page.under_heading(i, "keywords") and line.words <= 5 and not line.stops:
        line.opens = True
        return True
    first = line.folded.split(" ", 1)[0] if line.folded else ""
    tagged = first in book().tags and 2 <= line.words <= 40 and not line.stops
    hashtags = line.words >= 2 and all(w.startswith("#") for w in line.text.split())
    return (tagged or hashtags) and i > page.last_prose


def related_heading(page: Page, i: int) -> bool:
    """Heads a list of other articles. Example: اقرأ المزيد. Counter-example: اقرأ ما كتبه الوزير قبل أن تحكم."""
    line = page.lines[i]
    if page.title_at < 0 or book().related.match(line.folded, line.length) != "whole":
        return False
    line.opens = True
    return True


def related_link(page: Page, i: int) -> bool:
    """One link to another article, labelled. Example: للمزيد: ميناء الوادي يستقبل أول سفينة.
    Counter-example: شاهد المتظاهرون ما حدث."""
    line = page.lines[i]
    if page.title_at < 0 or line.length > 230:
        return False
    how = book().related.match(line.folded, line.length)
    if how == "label":
        return not (line.text.endswith(".") and line.length > 150)
    return how == "start" and not line.text.rstrip().endswith((".", ":"))


def related_item(page: Page, i: int) -> bool:
    """A headline in the list under such a heading. Counter-examples: the article's next paragraph; a heading inside
    the article that the paragraph under it takes up."""
    line = page.lines[i]
    if not page.under_heading(i, "related"):
        return False
    first = page.lines[i - 1].reason == "related_heading"
    talk = line.text.endswith("؟") and page.questions() > 1
    if not first and (talk or LISTED.match(line.text) or resumes(line.folded)):
        return False  # the article goes on, or a conversation or list in it
    asks = line.text.endswith(("؟", "?", "!")) and not _INNER_STOP.search(line.text)
    brief = first and not line.stops and line.words <= 3 and line.text[-1:] not in ".:،؛"
    trails = first and line.text.endswith(("..", "…"))
    if line.length > 140 or not (asks or brief or trails or (line.headline and not line.prose)):
        return False
    after = page.lines[i + 1] if i + 1 < len(page.lines) else None
    if not first and after is not None and after.prose and page.near(i) >= TAKEN_UP:
        return False
    line.opens = True
    return True


_INNER_STOP = re.compile(r"[^.]\.\s")
TAKEN_UP = 0.3
"""Share of a heading's content words (by weight) that the two lines under it take up; a link's words they do not."""


def related_headline(page: Page, i: int) -> bool:
    """Another article's headline between two paragraphs, with no cue at all.

    It has the length of a headline and no full stop, stands between paragraphs that do have one, and neither the
    next paragraphs nor the page as a whole take up its words, as they would those of a heading.
    Two or three headlines in a row are links all the same, whatever their words.
    Example: a headline on another city between two paragraphs on a storm. Counter-example: خسائر كبيرة في الميناء."""
    if not page.first_prose < i < page.last_prose:
        return False
    if i in page.runs():
        return True
    found = page.links()
    line = page.lines[i]
    if line.text.endswith("؟") and (not page.linking() or page.questions() > 1):
        return False  # a question is a heading, or one of a conversation, unless the page is seen to link so
    strong = found.get(i)
    return strong is not None and (strong or (page.linking() and page.near(i) < LINKED_SHARE))


LINKED_SHARE = 0.3
"""The same with the two paragraphs, on a page that has shown such links."""


def summary_heading(page: Page, i: int) -> bool:
    """Heads a summary. Example: ملخص. Counter-example: ملخص المباراة في دقائق (a title)."""
    line = page.lines[i]
    return page.title_at >= 0 and line.folded.strip(BULLETS) in book().summary


def repeated_lead(page: Page, i: int) -> bool:
    """Says again, almost word for word, what the title, the standfirst or the first paragraph said.

    Example: the standfirst as last line. Counter-example: a refrain in a poem; a short heading."""
    line = page.lines[i]
    if page.title_at < 0 or not 50 <= line.length <= 1500 or not (line.prose or i > page.last_prose):
        return False
    own = line.folded.strip(BULLETS) or key(line.text).strip(BULLETS)
    for other in page.openings:
        longer = max(len(own), len(other))
        if abs(len(own) - len(other)) <= longer * 0.15 and ratio(own, other, score_cutoff=92) >= 92:
            return True
        if i > page.first_prose and other.endswith(("...", "…")) and own.startswith(other.rstrip(".… ")[:60]):
            return False
    return False


def title(page: Page, i: int) -> bool:
    """The first line that no rule above claims, if the record has no title of its own; else the record's title.

    Counter-example: the paragraph of a page that has no title."""
    if page.title_at >= 0:
        return False
    line = page.lines[i]
    if page.title:
        return (line.folded or key(line.text)).strip(BULLETS) == page.title
    alone = len(page.lines) == 1
    return (
        not alone
        and line.length <= 250
        and (not line.stops or line.length <= 110 or line.text.endswith(("؟", "!")))
    )


def standfirst(page: Page, i: int) -> bool:
    """Stands between title and first paragraph and tells the story once: short, without full stop, repeated at the
    end, told anew by the next paragraph, or headed ملخص.

    Counter-example: a first paragraph that the next one goes on from (وأضاف …)."""
    line, before = page.lines[i], page.before(i)
    summary = before is not None and before.reason == "summary_heading"
    if page.title_at < 0 or line.words < 4 or page.in_body or summary:
        return summary and page.title_at >= 0
    after = _next_text(page, i)
    if after is None or line.lang != after.lang or LISTED.match(line.text) or line.text.endswith(":"):
        return False
    if not line.stops and line.length <= 200 and page.first_prose > i and line.words >= 5:
        return True
    if (
        line.length > 500
        or "lead" in (x.kind for x in page.lines[max(0, i - 6) : i])
        or continues(key(after.text[:40]))
    ):
        return False
    return affinity(page.keys(i), content_keys([after.text])) >= RETOLD or _said_again(page, i)


RETOLD = 0.45
"""Share of a standfirst's content words (by weight) that the first paragraph tells again."""


def _said_again(page: Page, i: int) -> bool:
    own = page.lines[i].folded
    last = page.lines[-4:] if i + 4 < len(page.lines) else page.lines[i + 1 :]
    return bool(own) and any(x.folded and ratio(own, x.folded, score_cutoff=92) >= 92 for x in last)


def _next_text(page: Page, i: int) -> Line | None:
    """The next paragraph within reach; captions and headings in between are passed over."""
    return next((x for x in page.lines[i + 1 : i + 6] if x.prose and not x.post), None)


RULES: tuple[Rule, ...] = (
    Rule("ornament", "boilerplate", 0.99, ornament),
    Rule("embedded_post", "embed", 0.97, embedded_post, cue=True),
    Rule("glued_piece", "", 0.95, glued_piece),
    Rule("record_title", "title", 0.99, lambda page, i: bool(page.title) and title(page, i)),
    Rule("summary_heading", "boilerplate", 0.97, summary_heading, cue=True),
    Rule("related_heading", "related", 0.97, related_heading, cue=True),
    Rule("notice", "boilerplate", 0.95, notice, cue=True),
    Rule("invitation", "boilerplate", 0.93, invitation, cue=True),
    Rule("menu", "boilerplate", 0.9, menu, cue=True),
    Rule("keywords", "keywords", 0.95, keywords, cue=True),
    Rule("date_line", "date", 0.95, date_line, longest=160),
    Rule("repeated_lead", "duplicate_lead", 0.93, repeated_lead, longest=1500),
    Rule("source_credit", "credit", 0.93, source_credit, longest=130),
    Rule("byline", "credit", 0.85, byline, longest=110),
    Rule("address", "boilerplate", 0.9, address),
    Rule("caption", "caption", 0.9, caption, longest=260),
    Rule("related_link", "related", 0.9, related_link, cue=True, longest=230),
    Rule("related_item", "related", 0.8, related_item, cue=True),
    Rule("first_line", "title", 0.9, title),
    Rule("standfirst", "lead", 0.8, standfirst),
    Rule("related_headline", "related", 0.65, related_headline, longest=110),
)
"""In the order in which they are tried."""
_LENGTHS = tuple(sorted({r.longest for r in RULES if r.longest is not None}))
_TABLE = tuple(
    tuple(
        tuple(r for r in RULES if (cued or not r.cue) and (r.longest is None or length <= r.longest))
        for length in (*_LENGTHS, _LENGTHS[-1] + 1)
    )
    for cued in (False, True)
)


def applicable(page: Page, i: int) -> tuple[Rule, ...]:
    """The rules whose necessary conditions line i meets, in order; notes on the line whether it is cued."""
    line = page.lines[i]
    line.cued = (
        line.post
        or line.text[0] == "#"
        or (i > 0 and page.lines[i - 1].opens)
        or book().cued(line.folded, line.length)
    )
    return _TABLE[line.cued][bisect_left(_LENGTHS, line.length)]
