import inspect
from pathlib import Path
from typing import Any, get_type_hints

import gradio as gr
import pytest

from assistant import CONVERSATIONS, Assistant, Conversations, Settings, Users
from assistant.web.access import Access, AccessRefused
from assistant.web.incoming import Incoming
from assistant.web.page import blocks
from assistant.web.services import Services
from assistant.web.texts import Language, Words
from index import Library


@pytest.fixture
def services(library: Library, tmp_path: Path) -> Services:
    """With users, so that a request that names nobody is nobody's."""
    users = Users(tmp_path / "users.jsonl")
    users.change(lambda held: held.clear())
    assistant = Assistant(library, tmp_path / "sources", 100)
    incoming = Incoming(assistant, tmp_path / "incoming", tmp_path / "uploads")
    conversations = Conversations(tmp_path / CONVERSATIONS)
    return Services(assistant, incoming, Access(users), conversations, Settings.load(tmp_path, {}))


def handlers(services: Services, language: Language) -> dict[str, Any]:
    """The page's Python functions by the name of their endpoint."""
    page = blocks(services, Words(language))
    return {str(one.api_name): one.fn for one in page.fns.values() if one.fn is not None}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_handler_asks_first_who_is_there(services: Services, language: Language) -> None:
    found = handlers(services, language)
    assert len(found) >= 8
    for name, handler in found.items():
        assert gr.Request in get_type_hints(handler).values(), name
        values = dict.fromkeys(inspect.signature(handler).parameters)
        with pytest.raises(AccessRefused):
            result = handler(**values)
            if inspect.isgenerator(result):
                next(result)


def test_programs_have_their_calls_on_the_chinese_page_alone(services: Services) -> None:
    for language, wanted in (("zh", {"ask", "search", "passage", "documents"}), ("en", set())):
        page = blocks(services, Words(language))  # type: ignore[arg-type]
        assert {one.api_name for one in page.fns.values() if one.api_visibility == "public"} == wanted
