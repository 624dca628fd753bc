"""The one route by which a saved conversation leaves as a file: its owner's only."""

from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from assistant import UnknownConversation, XietongError

from .access import AccessRefused
from .exporting import Export, cited, export, file_name
from .markdown import markdown
from .services import Services
from .shell import ASSETS, page_language
from .texts import Words

Kind = Literal["md", "docx"]
MEDIA_TYPES: dict[Kind, str] = {
    "md": "text/markdown; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def routes(services: Services) -> APIRouter:
    """GET /xietong/export/{talk_id}.md and .docx; ?turn=N for one answer, ?lang=zh or en for the words around it."""
    router = APIRouter()

    def answer(request: Request, talk_id: str, kind: Kind, turn: int | None) -> Response:
        words = Words(page_language(request.scope))
        try:
            return _file(services, request, talk_id, kind, turn, words)
        except AccessRefused as error:
            return _refusal(words.error(error), error.status)
        except UnknownConversation as error:
            return _refusal(words.error(error), 404)
        except XietongError as error:
            return _refusal(words.error(error), 503)

    @router.get(f"{ASSETS}/export/{{talk_id}}.md")
    def as_markdown(request: Request, talk_id: str, turn: int | None = None) -> Response:
        return answer(request, talk_id, "md", turn)

    @router.get(f"{ASSETS}/export/{{talk_id}}.docx")
    def as_word(request: Request, talk_id: str, turn: int | None = None) -> Response:
        return answer(request, talk_id, "docx", turn)

    return router


def _file(services: Services, request: Request, talk_id: str, kind: Kind, turn: int | None, words: Words) -> Response:
    owner = services.access.reader(request).name
    talk = services.conversations.talk(owner, talk_id)
    turns = services.conversations.turns(owner, talk_id)
    if turn is not None:
        turns = tuple(one for one in turns if one.number == turn)
        if not turns:
            raise UnknownConversation
    fates = services.assistant.library.fate(cited(turns))
    content = _content(export(talk, turns, fates, words), kind, words)
    name = file_name(talk, kind)
    return Response(
        content,
        media_type=MEDIA_TYPES[kind],
        headers={
            "content-disposition": f"attachment; filename=\"xietong.{kind}\"; filename*=UTF-8''{quote(name, safe='')}",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
    )


def _content(made: Export, kind: Kind, words: Words) -> bytes:
    if kind == "md":
        return markdown(made, words).encode()
    from .word import word  # python-docx, which only this needs

    return word(made, words)


def _refusal(said: str, status: int) -> PlainTextResponse:
    return PlainTextResponse(f"{said}\n", status, headers={"cache-control": "no-store"})
