"""The table of figures as HTML; every word of a document goes through html.escape."""

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from urllib.parse import urlencode

from assistant import Document, Figure, FigureTable, Selection, with_unit

from .texts import Words

PAGE = 50  # rows shown at a time
AROUND = 34  # characters of its sentence shown on either side of a figure
# (key of the column's words, what a click on its head sorts by)
COLUMNS = (
    ("value", "value"), ("indicator", "indicator"), ("period", "period"), ("change", ""), ("entity", "entity"),
    ("kind", "kind"), ("quote", ""), ("source", "place"), ("copying", ""),
)  # fmt: skip


def figure_place(figure: Figure) -> str:
    """Where it stands, as the reader of documents understands it."""
    return f"{figure.document_id}:{figure.start}:{figure.end}"


def figures_html(table: FigureTable, found: Sequence[Figure], selection: Selection, page: int, words: Words) -> str:
    """The rows of one page (from 0), how many there are in all, the pages before and after, and the downloads."""
    if not table.figures:
        return f'<p class="empty">{escape(words("figures_none"))}</p>'
    if not found:
        return f'<p class="empty">{escape(words("figures_no_match"))}</p>'
    rows = "".join(_row(f, table.documents[f.document_id], words) for f in found[page * PAGE : (page + 1) * PAGE])
    return (
        f'<div class="figures-head">{_pager(len(found), page, words)}{_downloads(selection, words)}</div>'
        f'<div class="figures-scroll" tabindex="0" role="region" aria-label="{escape(words("tab_figures"))}">'
        f'<table class="figures"><thead><tr>{_head(selection, words)}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<div class="figures-foot">{_pager(len(found), page, words) if len(found) > PAGE else ""}</div>'
    )


def copied(figure: Figure, document: Document, words: Words) -> str:
    """A figure for pasting: value, sentence, source."""
    where = [words("book_title", title=document.title), words("paragraph", number=figure.paragraph)]
    if figure.page:
        where.insert(1, words("page_number", number=figure.page))
    source = words("comma").join(where)
    return words("figure_copied", value=with_unit(figure), quote=figure.quote, source=source)


def _head(selection: Selection, words: Words) -> str:
    return "".join(_column(name, sort, selection, words) for name, sort in COLUMNS)


def _column(name: str, sort: str, selection: Selection, words: Words) -> str:
    text = escape(words(f"figure_{name}"))
    if not sort:
        return f'<th scope="col" class="{name}">{text}</th>'
    order, arrow = "none", ""
    if selection.sort == sort:
        order, arrow = ("descending", "↓") if selection.descending else ("ascending", "↑")
    return (
        f'<th scope="col" class="{name}" aria-sort="{order}"><button type="button" data-action="sort" '
        f'data-value="{sort}" data-key="sort-{sort}">{text}<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _row(figure: Figure, document: Document, words: Words) -> str:
    copy = (
        f'<button type="button" class="copy" data-copy="{escape(copied(figure, document, words))}" '
        f'data-done="{escape(words("copied"))}" data-failed="{escape(words("copy_failed"))}" '
        f'aria-label="{escape(words("figure_copy_label", value=figure.raw))}">{escape(words("figure_copy"))}</button>'
    )
    source = escape(words("book_title", title=document.title))
    cells = {
        "value": _value(figure),
        "indicator": escape(figure.indicator),
        "period": escape(figure.period),
        "change": escape(figure.change),
        "entity": escape(figure.entity),
        "kind": escape(words(f"kind_{figure.kind}")),
        "quote": _quote(figure),
        "source": f"{source}<small>{escape(words('paragraph', number=figure.paragraph))}</small>",
        "copying": copy,
    }
    return f"<tr>{''.join(_cell(name, cells[name], words) for name, _ in COLUMNS)}</tr>"


def _cell(name: str, content: str, words: Words) -> str:
    return f'<td class="{name}" data-label="{escape(words(f"figure_{name}"))}">{content}</td>'


def _value(figure: Figure) -> str:
    unit = with_unit(figure).removeprefix(figure.raw).strip()
    return (
        f'<button type="button" class="figure" data-place="{escape(figure_place(figure))}">'
        f"{escape(figure.raw)}</button>{f'<small>{escape(unit)}</small>' if unit else ''}"
    )


def _quote(figure: Figure) -> str:
    """The sentence around the figure, which is marked; … stands where it goes on."""
    start = figure.start - figure.quote_start
    end = start + len(figure.raw)
    before, after = figure.quote[:start], figure.quote[end:]
    head = f"…{before[-AROUND:]}" if len(before) > AROUND else before
    tail = f"{after[:AROUND]}…" if len(after) > AROUND else after
    return f"{escape(head)}<mark>{escape(figure.raw)}</mark>{escape(tail)}"


def _pager(count: int, page: int, words: Words) -> str:
    first, last = page * PAGE + 1, min(count, (page + 1) * PAGE)
    said = escape(words("figures_shown", first=f"{first:,}", last=f"{last:,}", count=f"{count:,}"))
    return (
        f'<nav class="pager" aria-label="{escape(words("figures_pages"))}">'
        f'{_step("previous", page - 1, page > 0, words)}<span role="status">{said}</span>'
        f"{_step('next', page + 1, last < count, words)}</nav>"
    )


def _step(name: str, page: int, possible: bool, words: Words) -> str:
    disabled = "" if possible else " disabled"
    return (
        f'<button type="button" data-action="page" data-value="{page}" data-key="{name}"{disabled}>'
        f"{escape(words(f'figures_{name}'))}</button>"
    )


def _downloads(selection: Selection, words: Words) -> str:
    asked = {name: str(value) for name, value in asdict(selection).items() if value}
    query = escape(urlencode({**asked, "lang": words.language}))
    links = "".join(
        f'<a href="/xietong/figures.{form}?{query}" download>{escape(words(f"download_{form}"))}</a>'
        for form in ("csv", "xlsx")
    )
    return f'<span class="downloads">{links}</span>'
