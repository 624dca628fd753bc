"""The page where questions are asked: conversation, question box, reader."""

from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from assistant import Readiness

from . import conversation as talk
from .conversation import Conversation
from .render import progress_text, transcript
from .services import Services
from .texts import Words

POLL_SECONDS = 1.0  # how often the line about loading and indexing is brought up to date
PARALLEL = 4  # questions answered at a time; more wait
# A click on an element with data-ask reaches Python with its question.
_ON_LOAD = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-ask]');
  if (button) trigger('click', {ask: button.dataset.ask});
});
"""


class ChatPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.access, self.words = services.assistant, services.access, words
        with gr.Row(elem_id="chat"):
            with gr.Column(elem_id="talk"):
                self.transcript = gr.HTML(
                    transcript((), words), elem_id="transcript", js_on_load=_ON_LOAD, apply_default_css=False
                )
                self.composer(services.settings.max_question_chars)
            gr.HTML(reader(words), elem_id="side", js_on_load=None, apply_default_css=False)
        self.conversation = gr.State(())
        self.timer = gr.Timer(POLL_SECONDS)
        self.wire()

    def composer(self, max_question_chars: int) -> None:
        """The question box with the line about readiness above it."""
        with gr.Column(elem_id="composer"):
            self.status = gr.HTML("", elem_id="status", js_on_load=None, apply_default_css=False)
            self.box = gr.Textbox(
                label=self.words("question_label"),
                show_label=False,
                placeholder=self.words("question_placeholder"),
                lines=1,
                max_lines=6,
                max_length=2 * max_question_chars,
                submit_btn=self.words("send"),
                elem_id="question",
                container=False,
                autofocus=True,
            )
            with gr.Row(elem_id="foot"):
                self.fresh = gr.Button(self.words("new_conversation"), size="sm", elem_id="fresh")
                keys = f'<p class="keys">{self.words("keys")}</p>'
                gr.HTML(keys, elem_id="keys", js_on_load=None, apply_default_css=False)

    def wire(self) -> None:
        """Connects the events; none of them is a public API."""
        shown = [self.transcript, self.conversation, self.box]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        asking: dict[str, Any] = {**quiet, "concurrency_limit": PARALLEL, "concurrency_id": "ask"}
        typed = self.box.submit(self.ask, [self.box, self.conversation], shown, **asking)
        example = self.transcript.click(self.ask_example, [self.conversation], shown, **asking)
        running: list[Any] = [typed, example]
        self.box.stop(self.stop, [self.conversation], shown, cancels=running, **quiet)
        self.fresh.click(self.clear, None, shown, cancels=running, **quiet)
        self.timer.tick(self.poll, None, [self.status, self.timer], queue=False, **quiet)

    def ask(self, question: str, conversation: Conversation, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Puts the question and yields the page at each step of its answer."""
        self.access.reader(request)
        box = self.busy_box()
        for step in talk.ask(self.assistant, conversation, question):
            yield transcript(step, self.words), step, box
            box = gr.skip()
        yield gr.skip(), gr.skip(), self.ready_box()

    def ask_example(
        self, conversation: Conversation, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """The same for an example question that was clicked."""
        self.access.reader(request)
        yield from self.ask(str(event.ask), conversation, request)

    def stop(self, conversation: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Leaves the running answer as it is."""
        self.access.reader(request)
        conversation = talk.stop(conversation)
        return transcript(conversation, self.words), conversation, self.ready_box()

    def clear(self, request: gr.Request) -> tuple[Any, ...]:
        """Begins a new conversation."""
        self.access.reader(request)
        return transcript((), self.words), (), gr.Textbox(value="", submit_btn=self.words("send"), stop_btn=False)

    def poll(self, request: gr.Request) -> tuple[str, Any]:
        """The line about readiness; the timer stops once nothing will change any more."""
        self.access.watcher(request)
        readiness = self.assistant.readiness()
        pending = readiness.phase in ("loading", "indexing")
        return status_line(readiness, self.words), gr.skip() if pending else gr.Timer(active=False)

    def busy_box(self) -> Any:
        """The question box, empty, with a button that stops the answer."""
        return gr.Textbox(value="", submit_btn=False, stop_btn=self.words("stop"))

    def ready_box(self) -> Any:
        """The question box with its button to send; what was typed meanwhile stays."""
        return gr.Textbox(submit_btn=self.words("send"), stop_btn=False)


def reader(words: Words) -> str:
    """The empty panel in which page.js opens a source."""
    return (
        f'<aside id="reader" aria-label="{words("sources")}"><div class="reader-head"><b>{words("sources")}</b>'
        f'<button type="button" class="close" aria-label="{words("close")}">×</button></div>'
        f'<div id="reader-body" aria-live="polite"></div><p class="reader-empty">{words("reader_empty")}</p></aside>'
    )


def status_line(readiness: Readiness, words: Words) -> str:
    """What a visitor sees while questions must wait; nothing once they need not."""
    if readiness.phase == "ready":
        return ""
    if readiness.phase == "failed":
        text = words("failed", reason=words.of(readiness.error or {"zh": "", "en": ""}))
        return f'<p class="status error" role="alert">{escape(text)}</p>'
    text = (
        words("loading")
        if readiness.phase == "loading"
        else words("indexing", progress=progress_text(readiness, words))
    )
    step = readiness.progress
    bar = f'<progress max="{step.total}" value="{step.done}"></progress>' if step and step.total else ""
    return f'<p class="status" role="status">{escape(text)}{bar}</p>'
