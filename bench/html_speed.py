"""Pages per second and exactness of HTML reading: python bench/html_speed.py [--shared ../shared] [--pages 300]

Real articles set into four page layouts with menus, scripts, related links and footers of some 60 KB, as outlets print
them. CPU time of one process. ``exact`` counts pages whose text is that of the article line by line; ``recall`` and
``foreign`` are shares of characters of article lines found, and of found lines that are not of the article.
"""

from __future__ import annotations

import argparse
import html
import sys
import time
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import news  # noqa: E402

from pipeline.pages import from_html  # noqa: E402

SCRIPT = "<script>" + "var x={a:[1,2,3],b:'<div>'};" * 900 + "</script>"
MENU = "".join(f'<li><a href="/s/{n}">قسم {n}</a></li>' for n in range(60))
RELATED = "".join(
    f'<div class="card"><a href="/a/{n}"><h3>خبر آخر رقم {n} لا صلة له بهذا المقال</h3></a></div>'
    for n in range(25)
)
FOOT = "<footer><p>جميع الحقوق محفوظة 2018</p><ul>" + MENU + "</ul></footer>"
STYLE = "<style>" + ".a{color:red} " * 900 + "</style>"


def page(title: str, lines: list[str], layout: int) -> str:
    """One article as a page in one of four layouts."""
    safe = [html.escape(line) for line in lines]
    head = f"<head><meta charset=utf-8><title>{html.escape(title)} | الصحيفة</title>{STYLE}{SCRIPT}</head>"
    top = f"<header><nav><ul>{MENU}</ul></nav></header>"
    if layout == 0:
        body = "".join(f"<p>{line}</p>" for line in safe)
        main = f"<main><article><h1>{html.escape(title)}</h1>{body}</article><aside>{RELATED}</aside></main>"
    elif layout == 1:
        body = "<br>".join(safe)
        main = f'<div id="content"><h1>{html.escape(title)}</h1><div class="article-body">{body}</div><div class="related">{RELATED}</div></div>'
    elif layout == 2:
        body = "".join(f"<div><span>{line}</span></div>" for line in safe)
        main = f'<table><tr><td class="side"><ul>{MENU}</ul></td><td><h2>{html.escape(title)}</h2>{body}</td></tr></table><section>{RELATED}</section>'
    else:
        body = "".join(f"<p dir=rtl>{line}</p>" for line in safe)
        main = f'<div class="wrap"><div class="post"><h1>{html.escape(title)}</h1>{body}</div><div class="share"><a href="#">شارك</a></div>{RELATED}</div>'
    return f"<!doctype html><html lang=ar dir=rtl>{head}<body>{top}{main}{FOOT}</body></html>"


def articles(shared: Path, count: int) -> list[tuple[str, list[str]]]:
    out = []
    for name in news.CORPORA:
        rows = list(islice(news.records(shared, name), 8 * count))
        for row in rows[:: max(1, len(rows) // (count // 2))][: count // 2]:
            lines = [" ".join(line.split()) for line in row["text"].split("\n") if line.strip()]
            out.append((" ".join((row["title"] or "خبر").split()), lines))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--pages", type=int, default=300)
    args = parser.parse_args()
    sample = articles(args.shared, args.pages)
    from_html(page(*sample[0], 0).encode(), None)  # imports and tables
    for layout in range(4):
        pages = [page(title, lines, layout).encode() for title, lines in sample]
        began = time.process_time()
        found = [from_html(data, None) for data in pages]
        spent = time.process_time() - began
        exact = hit = wanted = foreign = total = 0
        for (title, lines), got in zip(sample, found, strict=True):
            have = [" ".join(line.split()) for line in (got.text or "").split("\n") if line.strip()]
            exact += [x for x in have if x != title] == [x for x in lines if x != title]
            known = set(lines) | {title}
            wanted += sum(map(len, lines))
            hit += sum(len(x) for x in lines if x in set(have))
            total += sum(map(len, have))
            foreign += sum(len(x) for x in have if x not in known)
        size = sum(map(len, pages)) / len(pages) / 1000
        print(
            f"layout {layout}: {len(pages) / spent:6.0f} pages/s of {size:.0f} KB, exact {exact / len(pages):.3f},"
            f" recall {hit / wanted:.4f}, foreign {foreign / max(1, total):.4f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
