"""HTML pages to articles: the text, and what the markup says about it. The only place that imports HTML libraries.

lxml parses; one walk gives the lines, with blocks and ``<br>`` as line breaks; the choice of the article is our own: side
matter by markup out, then the smallest element that holds the prose. trafilatura is the second opinion where that loses
prose; the page's JSON-LD and all visible text (read without a parser) are the fallbacks, the latter also where the parser
gives up without an error. An empty result is never a success.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from pipeline.resources import load
from pipeline.text import html_blocks, html_text
from pipeline.text.decode import Decoded, decode_bytes, mend
from pipeline.text.html_text import arabic_letters, prose, tidy
from pipeline.text.record import Article, RecordError, checked

LEAST = 30  # letters without which a page holds no article
SUSPECT = 0.6  # share of the page's prose below which a second opinion is asked for
MAX_TWICE = 2_000_000  # characters of a page for which a second opinion is worth its time
VISIBLE = 200  # visible Arabic letters that may not end as an empty text
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE
)
_DATES = (
    "article:published_time", "datepublished", "og:published_time", "publishdate", "publish_date", "pubdate", "dc.date.issued",
    "dc.date", "date",
)  # fmt: skip
_SUBSET = re.compile(
    r"\A\s{0,99}<!DOCTYPE[^\[>]{0,300}\[[^\]]{0,65536}\]\s{0,99}>", re.IGNORECASE
)  # entities: never expanded
_SAME = {
    "utf8": "utf-8", "unicode": "utf-8", "cp1256": "windows-1256", "x-cp1256": "windows-1256", "arabic": "iso-8859-6",
    "utf-8-sig": "utf-8", "windows1256": "windows-1256", "iso8859-6": "iso-8859-6", "utf-16": "utf-16-le",
}  # fmt: skip


def available() -> bool:
    """True where the libraries of the extra ``html`` are installed."""
    try:
        import lxml.html  # type: ignore[import-untyped]  # noqa: F401
        import trafilatura  # noqa: F401
    except ImportError:
        return False
    return True


def decode_page(payload: bytes, declared: str) -> Decoded:
    """Bytes of a page to text: evidence beats what meta or the HTTP header declare; a conflict is a repair."""
    found = decode_bytes(payload)
    meta = _CHARSET.search(payload[:4096])
    said = [name for name in (declared, meta.group(1).decode("ascii") if meta else "") if name]
    names = [_SAME.get(name.lower(), name.lower()) for name in said]
    if found.problem == "undecodable":
        for name in names:
            try:
                return Decoded(payload.decode(name), name, (f"declared_encoding@{name}",))
            except (LookupError, UnicodeDecodeError):
                continue
    actual = _SAME.get(found.encoding.lower(), found.encoding.lower())
    conflicts = tuple(
        f"charset_conflict@declared {name}, is {actual}" for name in dict.fromkeys(names) if name != actual
    )
    if conflicts and payload.isascii():
        conflicts = ()
    return Decoded(found.text, found.encoding, found.repairs + conflicts, found.problem, found.detail)


def from_html(payload: bytes, context: bytes | None) -> Article:
    """Read a page. Raises RecordError: ``missing_extra``, ``no_article``, ``no_text``, and those of ``decode``."""
    said: dict[str, str] = json.loads(context) if context else {}
    source = checked(decode_page(payload, said.get("charset", "")))
    if not available():
        raise RecordError("missing_extra", "the libraries lxml and trafilatura are not installed")
    page, repairs = source.text.replace("\x00", ""), list(source.repairs)
    subset = _SUBSET.match(page)
    page = page[subset.end() :] if subset else page
    hostile = html_text.costly(page)
    if hostile:
        repairs.append(f"html_without_parser@{hostile}")
        meta = _metadata_by_hand(page)
        text = html_text.visible(page)
    else:
        meta, text, notes = _parsed(page)
        repairs += notes
    title = meta["title"]
    text = _without_title(text, title)
    if html_text.letters(text) < LEAST and not (meta["article"] and title):
        seen = arabic_letters(html_text.visible(page))
        if seen > VISIBLE:
            raise RecordError("no_text", f"no article is found, but {seen} Arabic letters are visible")
        raise RecordError("no_article", "nothing but menus, notices or scripts")
    if not text:
        repairs.append("no_body@text")
    found = checked(mend(Decoded(text or title or "", source.encoding)))
    headline = checked(mend(Decoded(title, ""))).text if title else None
    whole = f"{headline}\n\n{found.text}" if headline and text else found.text
    return Article(
        whole,
        source.encoding,
        repairs + list(found.repairs),
        url=meta["url"] or said.get("url") or None,
        title=headline,
        byline=meta["byline"],
        date_field=meta["date"],
        outlet_hint=meta["site"] or _host(meta["url"] or said.get("url")),
    )


def _host(url: str | None) -> str | None:
    match = re.match(r"https?://(?:www\.)?([^/:?#]+)", url or "")
    return match.group(1).lower() if match else None


def _without_title(text: str, title: str | None) -> str:
    """The text without the headline in its first lines, where it will stand anyway."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:6]):
        if title and " ".join(line.split()) == title:
            return "\n".join([*lines[:number], *lines[number + 1 :]]).strip("\n")
    return text


def _parsed(page: str) -> tuple[dict[str, Any], str, list[str]]:
    import lxml.etree  # type: ignore[import-untyped]
    import lxml.html

    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        tree = lxml.html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, lxml.etree.XMLSyntaxError, ValueError):
        return _metadata_by_hand(page), html_text.visible(page), ["html_without_parser@no element"]
    blocks = [node.text or "" for node in tree.iterfind(".//script[@type='application/ld+json']")]
    linked = html_text.json_ld(blocks)
    meta = _metadata(tree, linked)
    body = tree.find("body")
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return meta, html_text.visible(page), ["html_without_parser@nested too deep"]
    walk = lxml.etree.iterwalk(tree if body is None else body, events=("start", "end"))
    found = html_blocks.read(walk, _markup())
    notes = [f"hidden_text@{found.hidden} letters"] if found.hidden >= VISIBLE else []
    chosen = html_blocks.article(found)
    text = chosen.text if chosen.unlinked >= LEAST else ""  # a list of links is no article
    if chosen.held < SUSPECT * chosen.everything and len(page) < MAX_TWICE:
        text, notes = _second_opinion(page, text, notes)
    if html_text.letters(text) < LEAST:
        text, notes = _fallbacks(page, linked, text, notes)
    return meta, text, notes


@cache
def _markup() -> dict[str, Any]:
    found: dict[str, Any] = load("page_markup.yaml")
    return found


def _second_opinion(page: str, text: str, notes: list[str]) -> tuple[str, list[str]]:
    import trafilatura

    other = trafilatura.extract(
        page, fast=True, include_comments=False, favor_recall=True, include_formatting=False
    )
    other = tidy(other or "")
    if len(prose(other)) > len(prose(text)):
        return other, [*notes, "html_by@trafilatura"]
    return text, notes


def _fallbacks(page: str, linked: dict[str, Any], text: str, notes: list[str]) -> tuple[str, list[str]]:
    """What else there is where the page's own text is empty: the JSON-LD article, all visible text."""
    body = linked.get("articleBody")
    if isinstance(body, str) and html_text.letters(body) >= LEAST:
        return html_text.visible(body), [*notes, "html_by@json-ld"]
    whole = html_text.visible(page)
    if arabic_letters(whole) > VISIBLE and prose(whole):
        return whole, [*notes, "html_by@visible text"]
    return text, notes


def _metadata(tree: Any, linked: dict[str, Any]) -> dict[str, Any]:
    """Title, url, site, byline and date of a page, each from the first place that has it."""
    named: dict[str, str] = {}
    for node in tree.iter("meta"):
        key = (node.get("property") or node.get("name") or node.get("itemprop") or "").lower()
        if key and node.get("content"):
            named.setdefault(key, node.get("content").strip())
    h1 = next((" ".join("".join(node.itertext()).split()) for node in tree.iter("h1")), None)
    title = next((node.text for node in tree.iter("title")), None)
    canonical = next((n.get("href") for n in tree.iter("link") if n.get("rel") == "canonical"), None)
    og = named.get("og:title") or html_text.name_of(linked.get("headline")) or named.get("twitter:title")
    site = named.get("og:site_name") or html_text.name_of(linked.get("publisher"))
    date = next(((f"meta {key}", named[key]) for key in _DATES if named.get(key)), None)
    if date is None and isinstance(linked.get("datePublished"), str):
        date = ("json-ld datePublished", linked["datePublished"])
    if date is None:
        date = next(
            (("time datetime", n.get("datetime")) for n in tree.iter("time") if n.get("datetime")), None
        )
    url = next((u for u in (canonical, named.get("og:url")) if u and u.startswith("http")), None)
    author = html_text.name_of(linked.get("author")) or named.get("author") or named.get("article:author")
    return {
        "title": html_text.headline(h1, og, title, site),
        "url": url,
        "site": site,
        "byline": author if author and not author.startswith("http") else None,
        "date": date,
        "article": bool(linked) or named.get("og:type") == "article" or "article:published_time" in named,
    }


def _metadata_by_hand(page: str) -> dict[str, Any]:
    """The title alone, of a page that no parser is given."""
    match = re.search(r"<title[^>]{0,100}>([^<]{1,500})", page[: 1 << 20], re.IGNORECASE)
    title = html_text.headline(None, None, match.group(1), None) if match else None
    return {"title": title, "url": None, "site": None, "byline": None, "date": None, "article": False}
