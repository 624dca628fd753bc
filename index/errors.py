"""What can go wrong in the library, in the reader's words.

XietongError
├── InputRefused        what the user gave cannot be taken (file, question, option)
│   └── UnknownDocument     no document has this id
├── ModelUnavailable    the embedding model cannot be loaded
├── ModelMismatch       the library was embedded with another model
├── VectorsUnavailable  the server that keeps the vectors cannot be used; the documents are safe
└── LibraryUnusable     the data folder or the database cannot be used
    └── LibraryTooNew       it was written by a newer version

Every message is one line that names the value, the rule and the repair, in Chinese (`zh`) and in
English (`en`). `str(error)` holds both.
"""


class XietongError(Exception):
    """The root of all errors that are meant for a user's eyes."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = " ".join(zh.split())
        self.en = " ".join(en.split())
        super().__init__(f"{self.zh} / {self.en}")


class InputRefused(XietongError):
    """What the user gave cannot be taken; nothing was changed."""


class UnknownDocument(InputRefused):
    """No document of the library has this id."""

    def __init__(self, document_id: str) -> None:
        shown = document_id[:40]
        super().__init__(
            f"没有编号为“{shown}”的文档:编号须与 xietong list 所列一致,请先运行 xietong list 查看。",
            f'no document has the id "{shown}": ids are those that `xietong list` prints; run it first.',
        )
        self.document_id = document_id


class ModelUnavailable(XietongError):
    """The embedding model cannot be loaded."""


class ModelMismatch(XietongError):
    """The library's vectors were made with another model; `xietong reindex` embeds it again."""


class VectorsUnavailable(XietongError):
    """The server that keeps the vectors is away, slow, too old or otherwise unusable; no document is affected."""


class LibraryUnusable(XietongError):
    """The data folder or the database in it cannot be read or written."""


class LibraryTooNew(LibraryUnusable):
    """The database was written by a newer version of the program."""
