"""Pages of PDF files as pictures, with PDFium: drawn, and the cited words marked as with a highlighter."""

import unicodedata
from base64 import b64encode
from bisect import bisect_left
from io import BytesIO
from typing import Any

import pypdfium2

from index.errors import InputRefused
from index.reading.types import Box, PageRequest

SCALE = 2.0  # pixels a point: 144 dots an inch, sharp on screens of double density in a column of 600 pixels
MAX_SIDE = 2_400  # pixels: a larger page is drawn smaller
MARKER = (255, 228, 110)  # red, green, blue: the paper under the cited words is multiplied by it
EDGE = (178, 120, 0)  # the line around them, 3:1 against white paper
MARGIN = 3  # pixels around the characters
LINE = 2  # pixels, the width of that line
MIN_PIECE = 6  # characters: a shorter piece of a quote stands on a page by chance
SKIPPED = "|"  # between the cells of a stored table row, not on the page
SAME_LINE = 0.5  # of the lower character's height: boxes that overlap so far stand on one line


def draw_page(data: bytes, name: str, asked: PageRequest) -> dict[str, Any]:
    """One page as JSON: "png" in base64, "width" and "height" in pixels, "boxes" around the quote's lines.

    Raises InputRefused for a page that the file does not have.
    """
    with pypdfium2.PdfDocument(data) as pdf:
        if not 1 <= asked.page <= len(pdf):
            raise _no_page(name, asked.page, len(pdf))
        page = pdf[asked.page - 1]
        bitmap = page.render(scale=min(SCALE, MAX_SIDE / max(page.get_size())))
        to_pixels = bitmap.get_posconv(page).to_bitmap
        boxes = [_in_pixels(box, to_pixels) for box in _boxes(page.get_textpage(), asked)] if asked.quote else []
        for box in boxes:
            _mark(bitmap.to_numpy(), box)
        out = BytesIO()
        bitmap.to_pil().save(out, "PNG")
        width, height = bitmap.width, bitmap.height
    return {"png": b64encode(out.getvalue()).decode(), "width": width, "height": height, "boxes": boxes}


def drawn(page: Any, scale: float) -> Any:
    """A page as a picture of Pillow's, `scale` pixels a point."""
    return page.render(scale=scale).to_pil()


def open_pdf(data: bytes) -> Any:
    """The file as PDFium reads it; a context manager."""
    return pypdfium2.PdfDocument(data)


def place_in(letters: str, quote: str, before: str) -> tuple[int, int] | None:
    """[start, end) in a page's `letters` of a quote; `before` is what stands on the page before it.

    All three are bare. Of several equal places the one with as many before it. A quote that goes over the page's
    edge is found by its beginning or its end; None where neither stands there.
    """
    places = _all_places(letters, quote)
    if places:
        start = places[min(before.count(quote), len(places) - 1)]
        return start, start + len(quote)
    head = _longest(lambda size: quote[:size] in letters, len(quote))
    tail = _longest(lambda size: quote[len(quote) - size :] in letters, len(quote))
    if max(head, tail) < min(MIN_PIECE, len(quote)):
        return None
    start = letters.rindex(quote[:head]) if head >= tail else letters.index(quote[len(quote) - tail :])
    return start, start + max(head, tail)


def bare(text: str) -> str:
    """A text as it is looked for: one width, no blanks, no lines between cells."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and c not in SKIPPED)


def _all_places(letters: str, quote: str) -> list[int]:
    found, at = [], letters.find(quote)
    while at >= 0:
        found.append(at)
        at = letters.find(quote, at + 1)
    return found


def _longest(holds: Any, limit: int) -> int:
    """The largest size from 0 to `limit` for which it holds; it holds for all smaller ones."""
    return bisect_left(range(1, limit + 1), True, key=lambda size: not holds(size))


def _boxes(words: Any, asked: PageRequest) -> list[tuple[float, float, float, float]]:
    """(left, bottom, right, top) in points of each line of the quote; empty where the text layer lacks it."""
    letters, owners = "", []
    for index in range(words.count_chars()):
        form = bare(chr(pypdfium2.raw.FPDFText_GetUnicode(words, index)))
        letters += form
        owners += [index] * len(form)
    quote = bare(asked.quote)
    place = place_in(letters, quote, bare(asked.before)) if quote else None
    if place is None:
        return []
    lines: list[tuple[float, float, float, float]] = []
    for index in dict.fromkeys(owners[place[0] : place[1]]):
        left, bottom, right, top = words.get_charbox(index, loose=True)
        if lines and _beside(lines[-1], bottom, top):
            a, b, c, d = lines[-1]
            lines[-1] = (min(a, left), min(b, bottom), max(c, right), max(d, top))
        else:
            lines.append((left, bottom, right, top))
    return lines


def _beside(line: tuple[float, float, float, float], bottom: float, top: float) -> bool:
    shared = min(line[3], top) - max(line[1], bottom)
    return shared > SAME_LINE * min(line[3] - line[1], top - bottom)


def _in_pixels(box: tuple[float, float, float, float], to_pixels: Any) -> Box:
    corners = [to_pixels(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs) - MARGIN, min(ys) - MARGIN, max(xs) + MARGIN, max(ys) + MARGIN


def _mark(pixels: Any, box: Box) -> None:
    """Tints a box of a (height, width, 3) BGR picture and draws a line around it."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3])
    inside = pixels[top:bottom, left:right]
    for channel, share in enumerate(reversed(MARKER)):
        inside[:, :, channel] = (inside[:, :, channel].astype("uint16") * share // 255).astype("uint8")
    for edge in (inside[:LINE], inside[-LINE:], inside[:, :LINE], inside[:, -LINE:]):
        edge[:, :, :3] = tuple(reversed(EDGE))


def _no_page(name: str, page: int, pages: int) -> InputRefused:
    return InputRefused(
        f"“{name}”没有第 {page} 页:它有 {pages} 页,请给 1 到 {pages} 之间的页码。",
        f'"{name}" has no page {page}: it has {pages}; give a number from 1 to {pages}.',
    )
