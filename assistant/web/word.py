"""A conversation as a Word document with real footnotes (ECMA-376 part 1, 17.11), with python-docx.

python-docx reads and writes no footnotes: their part is built here from XML elements.
"""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from .exporting import Export, Note, Piece, Section
from .texts import Words

# 宋体, 黑体: the fonts of Chinese office documents, by the names under which Word lists them.
BODY_FONT, HEADING_FONT, LATIN_FONT = "\u5b8b\u4f53", "\u9ed1\u4f53", "Times New Roman"
TITLE_SIZE, SHORT_SIZE, BODY_SIZE, NOTE_SIZE = Pt(18), Pt(14), Pt(12), Pt(9)  # 小二, 四号, 小四, 小五
A4 = Cm(21), Cm(29.7)
SEPARATORS = (("separator", -1), ("continuationSeparator", 0))  # Word's ids of the two lines above footnotes
NOTE_TEXT, NOTE_REFERENCE = "footnote text", "footnote reference"  # Word's built-in names
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, 2.2
_BREAKS = re.compile(r"[\r\n\t\v\f\u2028\u2029]+")


def word(export: Export, words: Words) -> bytes:
    """The file's bytes."""
    document = Document()
    document.sections[0].page_width, document.sections[0].page_height = A4
    _styles(document)
    _properties(document, export, words)
    notes = _Footnotes(document, export.notes, words)
    document.add_heading(_clean(export.title), 0)
    document.add_paragraph(_clean(export.about), "Subtitle")
    for section in export.sections:
        _section(document, section, notes, words)
    if export.sources:
        document.add_heading(words("sources"), 1)
        for source in export.sources:
            document.add_paragraph(_clean(source), "List Number")
    notes.close()
    out = BytesIO()
    document.save(out)
    return out.getvalue()


class _Footnotes:
    """The footnotes of a document, numbered by Word in the order of their references."""

    def __init__(self, document: Any, notes: tuple[Note, ...], words: Words) -> None:
        self.document, self.notes, self.words = document, notes, words
        self.root = parse_xml(f"<w:footnotes {nsdecls('w')}/>")
        self.made = 0
        for kind, number in SEPARATORS:
            self.root.append(_separator(kind, number))

    def refer(self, paragraph: Paragraph, number: int) -> None:
        """Puts a reference to a note, counted from 1, at the end of a paragraph."""
        self.made += 1  # Word wants a footnote of its own for each reference, also to the same note
        run = paragraph.add_run(style=NOTE_REFERENCE)._r
        reference = OxmlElement("w:footnoteReference")
        reference.set(qn("w:id"), str(self.made))
        run.append(reference)
        self.root.append(self._footnote(self.made, self.notes[number - 1]))

    def _footnote(self, number: int, note: Note) -> Any:
        footnote = OxmlElement("w:footnote")
        footnote.set(qn("w:id"), str(number))
        element: Any = OxmlElement("w:p")
        footnote.append(element)
        paragraph = Paragraph(element, self.document._body)
        paragraph.style = NOTE_TEXT
        paragraph.add_run(style=NOTE_REFERENCE)._r.append(OxmlElement("w:footnoteRef"))
        quoted = self.words("quoted", quote=_clean(note.quote))
        paragraph.add_run(f" {_clean(note.source)}{self.words('colon')}{quoted}")
        if note.mark:
            paragraph.add_run(f" {note.mark}").bold = True
        return footnote

    def close(self) -> None:
        """Adds the part with all of them to the package, and names its separators in the settings."""
        main = self.document.part
        part = Part(
            PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, serialize_part_xml(self.root), main.package
        )
        main.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        properties = OxmlElement("w:footnotePr")
        for _, number in SEPARATORS:
            named = OxmlElement("w:footnote")
            named.set(qn("w:id"), str(number))
            properties.append(named)
        settings = self.document.settings.element
        before = settings.find(qn("w:compat"))  # the schema's order: footnotePr, endnotePr, compat
        settings.append(properties) if before is None else before.addprevious(properties)


def _separator(kind: str, number: int) -> Any:
    return parse_xml(
        f'<w:footnote {nsdecls("w")} w:type="{kind}" w:id="{number}"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
        f'w:lineRule="auto"/></w:pPr><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    )


def _section(document: Any, section: Section, notes: _Footnotes, words: Words) -> None:
    document.add_heading(_clean(section.question), 1)
    if section.about:
        document.add_paragraph(style="Normal").add_run(_clean(section.about)).italic = True
    if section.short:
        run = document.add_paragraph(style="Normal").add_run(_clean(section.short))
        run.bold, run.font.size = True, SHORT_SIZE
    if section.pieces:
        _pieces(document, section.pieces, notes)
    for remark in section.remarks:
        document.add_paragraph(_clean(remark))
    if section.nearest:
        document.add_paragraph(words("nearest"))
    for near in section.nearest:
        paragraph = document.add_paragraph(_clean(near.text), "List Bullet")
        for number in near.notes:
            notes.refer(paragraph, number)


def _pieces(document: Any, pieces: tuple[Piece, ...], notes: _Footnotes) -> None:
    """The lines of an answer, each a paragraph, each sentence followed by its references."""
    paragraph = document.add_paragraph()
    for piece in pieces:
        first, *rest = f"{piece.before}{piece.text}".split("\n")
        for place, line in enumerate((first, *rest)):
            if place and paragraph.text:
                paragraph = document.add_paragraph()
            paragraph.add_run(_clean(line))
        for number in piece.notes:
            notes.refer(paragraph, number)


def _styles(document: Any) -> None:
    styles = document.styles
    text = styles.add_style(NOTE_TEXT, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
    text.base_style, text.font.size = styles["Normal"], NOTE_SIZE
    text.paragraph_format.space_after, text.paragraph_format.line_spacing = Pt(0), 1.0
    styles.add_style(NOTE_REFERENCE, WD_STYLE_TYPE.CHARACTER, builtin=True).font.superscript = True
    styles["Normal"].font.size, styles["Title"].font.size = BODY_SIZE, TITLE_SIZE
    styles["Heading 1"].paragraph_format.space_after = styles["Normal"].paragraph_format.space_after = Pt(6)
    for name in ("Normal", "Title", "Subtitle", "Heading 1"):
        heading = name in ("Title", "Heading 1")
        _fonts(styles[name], HEADING_FONT if heading else BODY_FONT)
        styles[name].font.color.rgb = RGBColor(0, 0, 0)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    styles["Normal"].element.get_or_add_rPr().append(language)


def _fonts(style: Any, chinese: str) -> None:
    """One font for Chinese, one for the rest; the theme's, which the template names, give way."""
    style.font.name = LATIN_FONT
    fonts = style.element.rPr.rFonts
    for name in [name for name in fonts.attrib if name.endswith("Theme")]:
        del fonts.attrib[name]
    for script in ("eastAsia", "hAnsi", "cs"):
        fonts.set(qn(f"w:{script}"), chinese if script == "eastAsia" else LATIN_FONT)


def _properties(document: Any, export: Export, words: Words) -> None:
    core = document.core_properties
    core.title, core.author, core.comments = _clean(export.title), words("title"), ""
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)
    core.language = "zh-CN"


def _clean(text: str) -> str:
    """Text as one line that XML can hold."""
    return _NOT_XML.sub("", _BREAKS.sub(" ", text))
