"""Two versions of one document side by side, with what would replace one by the other."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape

from assistant import Difference, Document

from .incoming import Offer
from .moments import local_time
from .table import button
from .texts import Words

SHOWN = 5  # sentences that an offer shows; those whose figures differ come first
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*%?")
_TOKEN = re.compile(rf"{_FIGURE.pattern}|[A-Za-z]+|.", re.DOTALL)


def offer_html(offer: Offer, minutes: float, words: Words) -> str:
    """What differs, and the choice. `minutes`: how long a replacement can be undone."""
    count = len(offer.differences)
    said = words("offer_differ", count=count) if count else words("offer_same")
    rest = f'<p class="rest">{words("offer_more", count=count - SHOWN)}</p>' if count > SHOWN else ""
    choices = (
        button("replace", offer.upload.id, words("offer_replace"), words("offer_replace_label", title=offer.old.title))
        + button("keep", offer.upload.id, words("offer_keep"))
        + f'<span class="hint">{words("offer_hint", minutes=f"{minutes:g}")}</span>'
    )
    title = escape(words("offer_title", title=offer.new.title))
    return (
        f'<section class="offer" role="group" aria-label="{title}"><h3>{title}</h3><p>{said}</p>'
        f'{_table(offer, words)}{rest}<p class="choices">{choices}</p></section>'
    )


def marked(old: str, new: str) -> tuple[str, str]:
    """Both sentences as HTML, what only one of them says marked; a number counts as one."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces: tuple[list[str], list[str]] = ([], [])
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for piece, tag, tokens in ((pieces[0], "del", before[a:b]), (pieces[1], "ins", after[c:d])):
            text = escape("".join(tokens))
            piece.append(text if kind == "equal" or not text else f"<{tag}>{text}</{tag}>")
    return "".join(pieces[0]), "".join(pieces[1])


def most_telling(differences: Sequence[Difference]) -> list[Difference]:
    """Those to be shown: pairs whose figures differ before all others, else in order."""
    return sorted(differences, key=lambda one: not _figures_differ(one))[:SHOWN]


def _figures_differ(one: Difference) -> bool:
    return bool(one.old and one.new and _FIGURE.findall(one.old) != _FIGURE.findall(one.new))


def _table(offer: Offer, words: Words) -> str:
    head = "".join(
        f'<th scope="col"><span>{words(key)}</span><b>{escape(words("book_title", title=document.title))}</b>'
        f"<small>{escape(_about(document, words))}</small></th>"
        for key, document in (("offer_old", offer.old), ("offer_new", offer.new))
    )
    rows = "".join(_row(one, words) for one in most_telling(offer.differences))
    return f'<table class="versions"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _row(one: Difference, words: Words) -> str:
    if one.old and one.new:
        cells = marked(one.old, one.new)
    else:
        none = f'<span class="none">{words("offer_none")}</span>'
        cells = escape(one.old or "") or none, escape(one.new or "") or none
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _about(document: Document, words: Words) -> str:
    date = document.date or document.period or words("unknown")
    return words("offer_about", file=document.file_name, date=date, added=local_time(document.added_at))
