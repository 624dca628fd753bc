"""A conversation as Markdown with footnotes. Nothing that a document or a person wrote becomes markup."""

import re

from .exporting import Export, Note, Piece, Section
from .texts import Words

# What CommonMark, its extensions or a renderer of them may take for markup anywhere in a line: marks, addresses that
# become links by themselves, and emoji by name.
_SPECIAL = re.compile(
    r"[\\`*_{}\[\]<>#|~&$^@]|:(?=//|[\w+-]+:)|(?<=mailto):|(?<=xmpp):|(?<=www)\.", re.IGNORECASE | re.ASCII
)
_AT_START = re.compile(r"^(\s*)([-+=:%]|\d+(?=[.)](?:\s|$)))(.?)", re.DOTALL)
_BREAKS = re.compile(r"[\r\n\t\v\f\u2028\u2029]+")
_BLANKS = " \t"


def markdown(export: Export, words: Words) -> str:
    """The file's text, in UTF-8 without a mark before it."""
    blocks = [f"# {plain(export.title)}", plain(export.about)]
    for section in export.sections:
        blocks += _section(section, words)
    if export.sources:
        blocks.append(f"## {words('sources')}")
        blocks.append("\n".join(f"{number}. {plain(source)}" for number, source in enumerate(export.sources, 1)))
    blocks += [f"[^{number}]: {_note(note, words)}" for number, note in enumerate(export.notes, 1)]
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """Text as one line of Markdown that shows exactly its characters."""
    line = _SPECIAL.sub(lambda found: f"\\{found[0]}", _BREAKS.sub(" ", text).strip(_BLANKS))
    return _AT_START.sub(_unlisted, line)


def _unlisted(found: re.Match[str]) -> str:
    """What would begin a list, a rule or a definition does not: 1. → 1\\."""
    blank, mark, after = found.groups()
    return f"{blank}{mark}\\{after}" if mark.isdigit() else f"{blank}\\{mark}{after}"


def _section(section: Section, words: Words) -> list[str]:
    blocks = [f"## {plain(section.question)}"]
    blocks += [f"*{plain(section.about)}*"] if section.about else []
    blocks += [f"**{plain(section.short)}**"] if section.short else []
    blocks += _paragraphs(section.pieces)
    blocks += [plain(remark) for remark in section.remarks]
    if section.nearest:
        blocks.append(plain(words("nearest")))
        blocks.append("\n".join(f"- {plain(near.text)}{_marks(near)}" for near in section.nearest))
    return blocks


def _paragraphs(pieces: tuple[Piece, ...]) -> list[str]:
    """The lines of an answer, each a paragraph of its own."""
    lines = [""]
    for piece in pieces:
        first, *rest = f"{piece.before}{piece.text}".split("\n")
        lines[-1] += f" {plain(first)}" if lines[-1] and first.startswith(" ") else plain(first)
        lines += map(plain, rest)
        lines[-1] += _marks(piece)
    return [line for line in lines if line]


def _marks(piece: Piece) -> str:
    return "".join(f"[^{number}]" for number in piece.notes)


def _note(note: Note, words: Words) -> str:
    mark = f" **{plain(note.mark)}**" if note.mark else ""
    return f"{plain(note.source)}{words('colon')}{words('quoted', quote=plain(note.quote))}{mark}"
