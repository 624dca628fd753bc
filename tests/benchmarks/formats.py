"""What a library holds, by format: `python -m tests.benchmarks.formats DATA_FOLDER`, after `xietong add`.

Prints for each kind of file how many documents, pages, paragraphs, headings, passages, sentences, tables and rows
of tables (those that carry the names of their columns) there are.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from index import Document, Embedder, Library, ModelUnavailable, model_name
from index.outline import paragraphs
from index.store import layout_of, text_of

COLUMNS = ("documents", "pages", "paragraphs", "headings", "passages", "sentences", "tables", "rows", "characters")
SHORT = {"vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
         "vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
         "vnd.openxmlformats-officedocument.presentationml.presentation": "pptx"}  # fmt: skip


def no_model() -> Embedder:
    raise ModelUnavailable("这里不用模型。", "no model is used here.")


def counts(library: Library, document: Document) -> Counter[str]:
    """Of one document."""
    with library.catalogue.read() as db:
        text, layout = text_of(db, document.id) or "", layout_of(db, document.id)
        join = "FROM passages p LEFT JOIN sentences s ON s.passage = p.row WHERE p.document_id = ?"
        passages, sentences = db.execute(
            f"SELECT count(DISTINCT p.row), count(s.row) {join}", (document.id,)
        ).fetchone()
    found = paragraphs(text, layout)
    headers = [p.header for p in found if p.header]
    return Counter(
        documents=1,
        pages=document.pages or 0,
        paragraphs=document.paragraphs,
        headings=sum(p.heading_level > 0 for p in found),
        passages=passages,
        sentences=sentences,
        tables=len(set(headers)),
        rows=len(headers),
        characters=document.characters,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="a data folder (XIETONG_DATA)")
    library = Library(parser.parse_args(arguments).data, model_name("bundled"), no_model)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for document in library.documents():
        kind = document.media_type.rpartition("/")[2]
        table[SHORT.get(kind, kind)] += counts(library, document)
    if not table:
        raise SystemExit(f"{library.folder}: an empty library")
    table["total"] = sum(table.values(), Counter())
    sys.stdout.write("".join(f"{name:>11}" for name in ("format", *COLUMNS)) + "\n")
    for kind, found in table.items():
        sys.stdout.write(f"{kind:>11}" + "".join(f"{found[name]:>11}" for name in COLUMNS) + "\n")


if __name__ == "__main__":
    main()
