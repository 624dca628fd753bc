"""The library and the outcome of uploads as HTML; every name and title goes through html.escape."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from assistant import Document

from .texts import Words
from .uploads import Upload


def removed_notice(document: Document, words: Words) -> str:
    """Says that a document was removed, with the button that takes it back."""
    said = escape(words("removed", title=document.title))
    return f'<p class="notice" role="status">{said} {_button("undo", "undo", document, words)}</p>'


def documents_table(documents: Sequence[Document], words: Words, asked: str | None = None) -> str:
    """All documents, newest first; the row whose id is `asked` asks back before it is removed."""
    if not documents:
        return f'<p class="empty">{words("documents_empty")}</p>'
    columns = ("title", "file", "paragraphs", "characters", "date", "added", "action")
    head = "".join(f'<th scope="col">{words(f"column_{name}")}</th>' for name in columns)
    newest_first = sorted(documents, key=lambda document: document.added_at, reverse=True)
    rows = "".join(_row(document, words, asked == document.id) for document in newest_first)
    heading = f"<h2>{words('documents_heading', count=len(documents))}</h2>"
    return f'{heading}<table class="documents"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def upload_list(uploads: Sequence[Upload], titles: Mapping[str, str], words: Words) -> str:
    """One line a file: its name and what has become of it. `titles`: document id → title."""
    if not uploads:
        return ""
    lines = "".join(
        f'<li class="{_tone(upload)}"><span class="name">{escape(upload.name)}</span>'
        f'<span class="outcome">{escape(_outcome(upload, titles, words))}</span></li>'
        for upload in uploads
    )
    return f'<ul class="uploads" role="status" aria-label="{words("upload_results")}">{lines}</ul>'


def size_text(size: int) -> str:
    """A size in bytes as people read it: 20 MB."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"


def _row(document: Document, words: Words, asked: bool) -> str:
    date = document.date or document.period or words("unknown")
    added = datetime.fromisoformat(document.added_at).astimezone().strftime("%Y-%m-%d %H:%M")
    cells = (
        ("title", f"<b>{escape(document.title)}</b>"),
        ("file", escape(document.file_name)),
        ("paragraphs", f"{document.paragraphs:,}"),
        ("characters", f"{document.characters:,}"),
        ("date", escape(date)),
        ("added", escape(added)),
        ("action", _confirm(document, words) if asked else _button("ask", "remove", document, words)),
    )
    shown = "".join(
        f'<td class="{name}" data-label="{words(f"column_{name}")}">{content}</td>' for name, content in cells
    )
    return f"<tr{' class=asked' if asked else ''}>{shown}</tr>"


def _confirm(document: Document, words: Words) -> str:
    """The question before a removal. Cancel stands where the first click was, so that a double click is harmless."""
    return (
        f"{_button('cancel', 'cancel', document, words)} {_button('confirm', 'remove_confirm', document, words)}"
        f'<p class="warning" role="alert">{words("remove_question")}</p>'
    )


def _button(action: str, text: str, document: Document, words: Words) -> str:
    label = f' aria-label="{escape(words("remove_label", title=document.title))}"' if action == "ask" else ""
    return (
        f'<button type="button" class="{action}" data-action="{action}" data-document="{escape(document.id)}"{label}>'
        f"{words(text)}</button>"
    )


def _tone(upload: Upload) -> str:
    if upload.stage in ("foreign", "fault", "error") or (upload.addition and upload.addition.status == "refused"):
        return "bad"
    return "good" if upload.stage == "done" else "open"


def _outcome(upload: Upload, titles: Mapping[str, str], words: Words) -> str:
    if upload.addition is not None:
        text = words(upload.addition.status, reason=words.half(upload.addition.reason or ""))
        similar = titles.get(upload.addition.similar_to or "")
        return f"{text}{words('semicolon')}{words('similar', title=similar)}" if similar else text
    if upload.error is not None:
        return words("refused", reason=words.error(upload.error))
    if upload.stage == "foreign":
        return words("upload_foreign", name=upload.name)
    done = upload.progress
    progress = f" {done.done}/{done.total}" if done and done.total else "……" if words.language == "zh" else " …"
    keys = {"waiting": "upload_waiting", "not_ready": "upload_not_ready", "fault": "upload_fault"}
    return words(keys.get(upload.stage, "upload_running"), progress=progress)
