"""The library and the outcome of uploads as HTML; every name and title goes through html.escape."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from assistant import Document, Opened, Removed

from .moments import local_time
from .texts import Words
from .uploads import Upload

COLUMNS = ("title", "file", "size", "date", "added", "action")
MAX_HEADINGS = 300  # of an outline that the list shows; the reader shows all


def documents_table(
    documents: Sequence[Document],
    removed: Sequence[Removed],
    words: Words,
    sizes: Mapping[str, int] | None = None,
    asked: str | None = None,
    outline: Opened | None = None,
) -> str:
    """All documents, newest first; the row whose id is `asked` asks back before it is removed.

    A removed one keeps its place, struck through, for as long as its removal can be undone. `sizes`: document id →
    bytes of its original; `outline`: the document whose headings are shown below its row.
    """
    sizes = sizes or {}
    if not documents and not removed:
        return f'<p class="empty">{words("documents_empty")}</p>'
    head = "".join(f'<th scope="col" class="{name}">{words(f"column_{name}")}</th>' for name in COLUMNS)
    shown = [(one.document.added_at, _row(one.document, None, _undo(one, words), "removed", words)) for one in removed]
    for document in documents:
        opened = outline if outline and outline.document.id == document.id else None
        action = _action(document, words, asked == document.id, bool(opened))
        row = _row(document, sizes.get(document.id), action, "asked" if asked == document.id else "", words)
        shown.append((document.added_at, row + (_outline(opened, words) if opened else "")))
    body = "".join(row for _, row in sorted(shown, key=lambda each: each[0], reverse=True))
    heading = f"<h2>{words('documents_heading', count=len(documents))}</h2>"
    return f'{heading}<table class="documents"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def upload_list(uploads: Sequence[Upload], titles: Mapping[str, str], waiting: bool, words: Words) -> str:
    """One line a file: its name and what has become of it. `titles`: document id → title.

    `waiting`: another process has the writer's turn.
    """
    if not uploads:
        return ""
    done = sum(upload.finished for upload in uploads)
    going_on = done < len(uploads)
    heading = words("upload_count" if going_on else "upload_done", done=done, total=len(uploads))
    aside = (
        f'<span class="hint">{words("upload_goes_on")}</span>'
        if going_on
        else button("clear", "", words("upload_clear"))
    )
    lines = "".join(_line(upload, titles, waiting, words) for upload in uploads)
    return (
        f'<div class="uploads-head"><h2>{heading}</h2>{aside}</div>'
        f'<ul class="uploads" role="status" aria-label="{words("upload_results")}">{lines}</ul>'
    )


def button(action: str, target: str, text: str, label: str = "", pressed: bool | None = None) -> str:
    """A button whose click reaches Python as its action and what it is about."""
    named = f' aria-label="{escape(label)}"' if label else ""
    named += f' aria-expanded="{"true" if pressed else "false"}"' if pressed is not None else ""
    return (
        f'<button type="button" class="{action}" data-action="{action}" data-document="{escape(target)}"{named}>'
        f"{escape(text)}</button> "
    )


def size_text(size: int) -> str:
    """A size in bytes as people read it: 20 MB."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"


def _row(document: Document, size: int | None, action: str, style: str, words: Words) -> str:
    cells = (
        f"<b>{escape(document.title)}</b>",
        escape(document.file_name),
        escape(_size(document, size, words)),
        escape(document.date or document.period or words("unknown")),
        escape(local_time(document.added_at)),
        action,
    )
    shown = "".join(
        f'<td class="{name}" data-label="{words(f"column_{name}")}">{content}</td>'
        for name, content in zip(COLUMNS, cells, strict=True)
    )
    return f'<tr class="{style}">{shown}</tr>'


def _size(document: Document, size: int | None, words: Words) -> str:
    """Pages where there are any, paragraphs, characters, bytes of the original where they are known."""
    parts = [words("count_pages", count=f"{document.pages:,}")] if document.pages else []
    parts.append(words("count_paragraphs", count=f"{document.paragraphs:,}"))
    parts.append(words("count_characters", count=f"{document.characters:,}"))
    return " · ".join(parts + ([size_text(size)] if size is not None else []))


def _outline(opened: Opened, words: Words) -> str:
    """The headings of a document below its row, each with the way to its place."""
    headings = [p for p in opened.paragraphs if p.heading_level and not p.in_contents][:MAX_HEADINGS]
    items = "".join(
        f'<li class="level-{min(p.heading_level, 4)}"><button type="button" class="to-place" '
        f'data-place="{escape(opened.document.id)}:{p.start}:{p.end}">{escape(opened.text[p.start : p.end].strip())}'
        f"</button></li>"
        for p in headings
    )
    shown = f'<ol class="row-outline">{items}</ol>' if items else f'<p class="hint">{words("outline_none")}</p>'
    return f'<tr class="outlined"><td colspan="{len(COLUMNS)}">{shown}</td></tr>'


def _action(document: Document, words: Words, asked: bool, outlined: bool) -> str:
    """Cancel stands where the first click was, so that a double click is harmless."""
    preview = _preview(document, words)
    if not asked:
        named = {"title": document.title}
        return (
            preview
            + button("contents", document.id, words("outline"), words("outline_label", **named), pressed=outlined)
            + button("renew", document.id, words("renew"), words("renew_label", **named))
            + button("ask", document.id, words("remove"), words("remove_label", **named))
        )
    return (
        preview
        + button("cancel", document.id, words("cancel"))
        + button("confirm", document.id, words("remove_confirm"))
        + f'<p class="warning" role="alert">{words("remove_question")}</p>'
    )


def _preview(document: Document, words: Words) -> str:
    label = escape(words("preview_label", title=document.title))
    return (
        f'<button type="button" class="preview" data-place="{escape(document.id)}:0:0" aria-label="{label}">'
        f"{words('preview')}</button> "
    )


def _undo(one: Removed, words: Words) -> str:
    removed, until = (datetime.fromtimestamp(moment).strftime("%H:%M") for moment in (one.removed_at, one.until))
    label = words("undo_label", title=one.document.title)
    when = words("removed_when", removed=removed, until=until)
    return button("undo", one.document.id, words("undo"), label) + f'<p class="when">{when}</p>'


def _line(upload: Upload, titles: Mapping[str, str], waiting: bool, words: Words) -> str:
    step = upload.progress
    bar = f'<progress max="{step.total}" value="{step.done}"></progress>' if step and step.total else ""
    return (
        f'<li class="{_tone(upload)}"><span class="name">{escape(upload.name)}</span>'
        f'<span class="outcome">{escape(_outcome(upload, titles, waiting, words))}</span>'
        f"{bar if upload.stage == 'running' else ''}</li>"
    )


def _tone(upload: Upload) -> str:
    if not upload.finished:
        return "open"
    refused = upload.addition is None or upload.addition.status == "refused"
    return "bad" if refused else "good"


def _outcome(upload: Upload, titles: Mapping[str, str], waiting: bool, words: Words) -> str:
    if upload.addition is not None:
        said = [words(upload.addition.status, reason=words.half(upload.addition.reason or ""))]
        if pages := upload.addition.unread_pages:
            said.append(words("unread_pages", pages=words("enumeration").join(map(str, pages))))
        if upload.decision:
            said.append(words(f"similar_{upload.decision}"))
        elif similar := titles.get(upload.addition.similar_to or ""):
            said.append(words("similar", title=similar))
        return words("semicolon").join(said)
    if upload.error is not None:
        chinese, english = upload.error
        return words("refused", reason=words.of({"zh": chinese, "en": english}))
    if upload.stage != "running":
        return words(f"upload_{upload.stage}", name=upload.name)
    if waiting:
        return words("turn")
    return (
        f"{words('upload_running')} · {words.progress(upload.progress)}" if upload.progress else words("upload_running")
    )
