"""The whole page in one language, and the application that serves it in both."""

from html import escape
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from assistant import CONVERSATIONS, Assistant, Conversations, Settings

from . import downloads, exports, plans, reading
from .access import Access, AccessRefused
from .api import endpoints
from .chat import ChatPage
from .documents import DocumentsPage
from .figures import FiguresPage
from .gate import Gate, refused
from .guard import Guard
from .incoming import Incoming
from .metrics import Metrics, MetricsPath
from .observed import Observed
from .owners import OwnPagesOnly
from .payloads import OwnFilesOnly
from .plans import PlansPage
from .reader import panel
from .services import Services
from .shell import ACCOUNT, ASSETS, ASSETS_FOLDER, MOUNTS, Shell
from .texts import Language, Words
from .theme import theme

# Gradio drops all files of an upload for one that is too big, and says so in English only. Up to this
# many times the bound, the library refuses the one file in words and the others are kept.
UPLOAD_HEADROOM = 4
UPLOAD_FILES = 40  # of the largest size in one upload; more are chosen in two goes
KEEP_SECONDS = 3600  # an upload that never reached the library is deleted after this time


def application(assistant: Assistant, settings: Settings, uploads: Path) -> ASGIApp:
    """Both languages behind the guard. `uploads` is the folder in which Gradio stores uploaded files."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    conversations = Conversations(settings.data / CONVERSATIONS, settings.undo_seconds)
    incoming = Incoming(assistant, settings.data / "incoming", uploads, conversations.expire)
    incoming.start()
    access = Access.of(settings)
    services = Services(assistant, incoming, access, conversations, settings)
    app.add_exception_handler(AccessRefused, refused)
    for routes in (exports.routes, reading.routes, downloads.routes, plans.routes):
        app.include_router(routes(services))
    app.mount(ASSETS, StaticFiles(directory=ASSETS_FOLDER))  # after the routes below the same path
    for language in ("en", "zh"):  # zh lies at "/", which would catch everything, so it comes last
        page = blocks(services, Words(language))
        app = gr.mount_gradio_app(
            app,
            page,
            path=MOUNTS[language] or "/",
            footer_links=[],
            run_history=False,
            show_error=False,
            max_file_size=UPLOAD_HEADROOM * settings.max_file_bytes,
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            mcp_server=language == "zh",  # which lies at the root,
            theme=theme(),
        )
        page.has_launched = True  # Gradio checks the paths in requests only where this is set; mounting does not
    inner = OwnFilesOnly(OwnPagesOnly(Shell(app)), uploads)
    gate = Gate(inner, access, UPLOAD_FILES * settings.max_file_bytes)
    metrics = Metrics(services) if settings.metrics else None
    if metrics:
        metrics.listen()
    measured = MetricsPath(gate, metrics, services)
    guard = Guard(measured, MOUNTS.values(), settings.public_urls, settings.host, settings.proxies)
    return Observed(guard, assistant)


def blocks(services: Services, words: Words) -> gr.Blocks:
    """The page in one language."""
    page = gr.Blocks(
        title=words("title"), analytics_enabled=False, fill_width=True, delete_cache=(KEEP_SECONDS, KEEP_SECONDS)
    )
    with page:
        if words.language == "zh":  # first, so that the API has its names for itself
            endpoints(services)
        gr.HTML(header(words), elem_id="masthead", js_on_load=None, apply_default_css=False)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab(words("tab_chat"), id="chat", render_children=True):
                chat = ChatPage(services, words)
            with gr.Tab(words("tab_documents"), id="documents", render_children=True):
                DocumentsPage(services, words)
            with gr.Tab(words("tab_figures"), id="figures", render_children=True):
                FiguresPage(services, words)
            with gr.Tab(words("tab_plans"), id="plans", render_children=True) as tab:
                PlansPage(services, words).on_select(tab)
        chat.on_load(page)
        gr.HTML(panel(words), elem_id="side", js_on_load=None, apply_default_css=False)
    page.api_open = False  # what waits in a queue is not called past it
    return page


def header(words: Words) -> str:
    """The name of the page, what it promises, and the way to the other language."""
    other: Language = "zh" if words.language == "en" else "en"
    return (
        f"<header><h1>协同问答</h1><p>{escape(words('tagline'))}</p>"
        f'<span class="local">{escape(words("local_only"))}</span>{ACCOUNT}'
        f'<a href="/?lang={other}" hreflang="{other}" lang="{other}">{words("other_language")}</a></header>'
    )
