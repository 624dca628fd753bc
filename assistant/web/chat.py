"""The page where questions are asked: conversations and question box."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from typing import Any, cast, get_args

import gradio as gr

from assistant import Fate, FeedbackKind, Readiness, Talk, UnknownConversation, XietongError, answer_context

from . import conversation as talk
from .answers import NOTE_CHARS
from .conversation import Chat, Exchange
from .journal import Facts, by, tell, tell_answer
from .render import progress_text, transcript
from .services import Services
from .talks import talk_head, talk_list, undo_line
from .texts import Words

POLL_SECONDS = 2.0  # how often the page looks for changes of the library and how far the start is
PARALLEL = 4  # questions answered at a time; more wait
FEEDBACK_KINDS = get_args(FeedbackKind)
# What page script reports of clicks inside a block reaches Python as an event with its particulars.
_ON_LOAD = "element.addEventListener('xietong', event => trigger('click', event.detail));"


@dataclass(frozen=True, slots=True)
class Seen:
    """Digests of what a page shows, so that nothing is sent to it twice."""

    fates: int = hash(())  # of what is gone: nothing yet
    choices: int = 0


class Latest:
    """Which question of a page was asked last, and what has been said of answers since then, by their place.

    One object a session, shared by the events that run at once.
    """

    def __init__(self) -> None:
        self.question: object = None
        self.stopped = False
        self.feedback: dict[int, str] = {}


class ChatPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.access, self.words = services.assistant, services.access, words
        self.settings, self.talks = services.settings, services.conversations
        with gr.Row(elem_id="chat"):
            with gr.Column(elem_id="talks"):
                self.fresh = gr.Button(words("new_conversation"), size="sm", elem_id="fresh")
                self.search = gr.Textbox(
                    show_label=False,
                    label=words("talks_search"),
                    placeholder=words("talks_search"),
                    container=False,
                    max_length=100,
                    elem_id="talk-search",
                )
                self.listing = self.html("", "talk-list", _ON_LOAD)
            with gr.Column(elem_id="talk"):
                self.head = self.html(talk_head(None, words), "talk-head")
                self.transcript = self.html(transcript(Chat(), {}, words), "transcript", _ON_LOAD)
                self.composer(services.settings.max_question_chars)
        self.chat = gr.State(Chat())
        self.seen = gr.State(Seen())
        self.latest = gr.State(Latest())
        self.timer = gr.Timer(POLL_SECONDS)
        self.wire()

    def html(self, value: str, name: str, on_load: str | None = None) -> gr.HTML:
        """A block of our own HTML."""
        return gr.HTML(value, elem_id=name, js_on_load=on_load, apply_default_css=False)

    def composer(self, max_question_chars: int) -> None:
        """The question box with the line about readiness above it."""
        with gr.Column(elem_id="composer"):
            self.status = self.html("", "status")
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
                self.within = gr.Dropdown(
                    choices=self.choices(),
                    value=[],
                    multiselect=True,
                    allow_custom_value=True,  # what is chosen may be removed meanwhile: then it is left out
                    label=self.words("within"),
                    show_label=False,
                    container=False,
                    elem_id="within",
                )
                self.html(f'<p class="keys">{self.words("keys")}</p>', "keys")

    def wire(self) -> None:
        """Connects the events; none of them is a public API."""
        shown = [self.transcript, self.chat, self.box, self.head, self.listing]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # "multiple": a question asked while further ones are looked for is not dropped.
        asking: dict[str, Any] = {
            **quiet, "concurrency_limit": PARALLEL, "concurrency_id": "ask", "trigger_mode": "multiple",
        }  # fmt: skip
        given = [self.chat, self.within, self.search, self.latest]
        self.box.submit(self.ask, [self.box, *given], shown, **asking)
        self.transcript.click(self.act, given, shown, **asking)
        # An answer under way ends by itself once it is no longer the latest: Gradio's own cancelling lets a step that
        # was on its way overwrite the page.
        self.box.stop(self.stop, [self.chat, self.latest], shown[:3], **quiet)
        self.fresh.click(self.clear, [self.search, self.latest], shown, **quiet)
        self.listing.click(self.manage, [self.chat, self.search, self.latest], shown, **quiet)
        self.search.change(self.found, [self.chat, self.search], [self.listing], **quiet)
        polled = [self.status, self.within, self.transcript, self.seen]
        self.timer.tick(self.poll, [self.chat, self.seen, self.within], polled, queue=False, **quiet)

    def on_load(self, page: gr.Blocks) -> None:
        """Opens what the page's address names, once the page is up."""
        shown = [self.transcript, self.chat, self.box, self.head, self.listing]
        page.load(self.arrive, None, shown[:2] + shown[3:], show_progress="hidden", api_visibility="private")

    # Asking

    def ask(
        self, question: str, chat: Chat, within: Sequence[str], search: str, latest: Latest, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """Puts the question and yields the page at each step.

        While another is being answered it goes back into the box.
        """
        user = self.access.reader(request)
        if under_way(chat):
            gr.Info(self.words("one_by_one"), duration=4)
            yield gr.skip(), gr.skip(), gr.Textbox(value=question), gr.skip(), gr.skip()
            return
        facts = by(request, user)
        yield from told(self.answer(user.name, question, chat, within, search, latest), within, facts)

    def answer(
        self,
        owner: str,
        question: str,
        chat: Chat,
        within: Sequence[str],
        search: str,
        latest: Latest,
        instead_of: int = 0,
    ) -> Iterator[tuple[Any, ...]]:
        """The page at each step of an answer, which is kept as soon as it is there.

        What comes late is left out: to an earlier question, or to one that was stopped. `instead_of`: the number of
        the kept turn that the answer takes the place of, with all turns after it; 0 for none.
        """
        latest.question = mine = object()
        latest.stopped, latest.feedback = False, {}
        box, saved = self.busy_box(), 0
        held = {key for _, key in self.choices()}
        within = [key for key in within if key in held]
        for turns in talk.ask(self.assistant, chat.turns, question, list(within) or None):
            if latest.question is not mine:
                return
            if latest.stopped:
                if under_way(chat):  # a step may have reached the page after the stop
                    yield *self.stopped(chat), gr.skip(), gr.skip()
                return
            turns = (*turns[:-1], replace(turns[-1], saved=saved))
            rated = (replace(turn, feedback=latest.feedback.get(turn.number, turn.feedback)) for turn in turns)
            chat = replace(chat, turns=tuple(rated))
            head = listing = gr.skip()
            if turns[-1].answer is not None and turns[-1].answer.status != "invalid" and not saved:
                chat = self.keep(owner, chat, within, instead_of)
                saved = chat.turns[-1].saved
                head, listing = self.around(owner, chat, search)
            if turns[-1].stage in ("done", "failed"):
                box = self.ready_box()
            yield transcript(chat, self.fates(chat), self.words), chat, box, head, listing
            box = gr.skip()

    def act(
        self, chat: Chat, within: Sequence[str], search: str, latest: Latest, event: gr.EventData, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        """A click in the conversation: a question to be asked, or asked otherwise, or a word on an answer."""
        user = self.access.reader(request)
        owner, action = user.name, str(event.act)
        if action == "ask":
            yield from self.ask(str(event.ask), chat, within, search, latest, request)
        elif action == "edit" and not under_way(chat):
            place = int(event.turn)
            dropped = next((turn.saved for turn in chat.turns[place - 1 :] if turn.saved), 0)
            before = replace(chat, turns=chat.turns[: place - 1])
            steps = self.answer(owner, str(event.ask), before, within, search, latest, dropped)
            yield from told(steps, within, by(request, user))
        elif action in ("feedback", "note"):
            yield self.rate(owner, chat, int(event.turn), event, latest)

    def keep(self, owner: str, chat: Chat, within: Sequence[str], instead_of: int) -> Chat:
        """Saves the last turn; begins a conversation where there is none yet, or where it was deleted meanwhile.

        An answer that cannot be kept is shown all the same, with the reason.
        """
        try:
            return self.kept(owner, chat, within, instead_of)
        except XietongError as error:
            gr.Warning(self.words("not_kept", reason=self.words.error(error)))
            return chat

    def kept(self, owner: str, chat: Chat, within: Sequence[str], instead_of: int) -> Chat:
        """The same. Raises what keeps it from being saved."""
        if chat.talk:
            with suppress(UnknownConversation):
                if instead_of:
                    self.talks.cut(owner, chat.talk, instead_of)
                return replace(chat, turns=(*chat.turns[:-1], self.save(owner, chat.talk, chat.turns[-1], within)))
        begun = self.talks.begin(owner, chat.turns[-1].question)
        return Chat(tuple(self.save(owner, begun.id, turn, within) for turn in chat.turns), begun.id)

    def save(self, owner: str, key: str, turn: Exchange, within: Sequence[str]) -> Exchange:
        """The turn with the number under which it is kept; one without an answer is not kept."""
        if turn.answer is None or turn.answer.status == "invalid":
            return turn
        context = answer_context(self.assistant.library, self.settings, turn.answer, list(within) or None)
        return replace(turn, saved=self.talks.save_turn(owner, key, turn.question, turn.answer, context), feedback="")

    def rate(self, owner: str, chat: Chat, place: int, event: gr.EventData, latest: Latest) -> tuple[Any, ...]:
        """Keeps what was said of an answer; the same word said again takes it back."""
        given = next((turn for turn in chat.turns if turn.number == place), None)
        if given is None or not given.saved:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
        note = str(event.note)[:NOTE_CHARS] if event.act == "note" else ""
        kind = given.feedback if event.act == "note" else str(event.kind)
        if kind == given.feedback and event.act == "feedback":
            kind = ""
        said = cast(FeedbackKind, kind) if kind in FEEDBACK_KINDS else None
        try:
            self.talks.feedback(owner, chat.talk, given.saved, said, note)
        except XietongError as error:
            gr.Warning(self.words.error(error))
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
        latest.feedback[place] = kind
        if note:
            gr.Info(self.words("feedback_kept"), duration=3)
        turns = tuple(replace(turn, feedback=kind) if turn is given else turn for turn in chat.turns)
        chat = replace(chat, turns=turns)
        return transcript(chat, self.fates(chat), self.words), chat, gr.skip(), gr.skip(), gr.skip()

    def stop(self, chat: Chat, latest: Latest, request: gr.Request) -> tuple[Any, ...]:
        """Leaves the running answer as it is."""
        self.access.reader(request)
        latest.stopped = True
        return self.stopped(chat)

    def stopped(self, chat: Chat) -> tuple[Any, ...]:
        """The conversation and the question box once the answer has been stopped."""
        chat = replace(chat, turns=talk.stop(chat.turns))
        return transcript(chat, self.fates(chat), self.words), chat, self.ready_box()

    # Conversations

    def arrive(self, request: gr.Request) -> tuple[Any, ...]:
        """The page has come up: its list of conversations, and the one that its address names."""
        owner = self.access.reader(request).name
        chat = self.opened(owner, str(request.query_params.get("talk", "")))
        shown, chat, _, *around = self.page_of(owner, chat, "")  # what is typed already stays
        return shown, chat, *around

    def clear(self, search: str, latest: Latest, request: gr.Request) -> tuple[Any, ...]:
        """Begins a new conversation."""
        owner = self.access.reader(request).name
        latest.question = object()
        return self.page_of(owner, Chat(), search)

    def manage(
        self, chat: Chat, search: str, latest: Latest, event: gr.EventData, request: gr.Request
    ) -> tuple[Any, ...]:
        """A click in the list: open, rename, delete, take back. What is being answered is stopped by it."""
        owner, target = self.access.reader(request).name, str(event.talk)
        latest.question = object()
        chat = replace(chat, turns=talk.stop(chat.turns))
        deleted: Talk | None = None
        try:
            if event.act == "open":
                chat = self.opened(owner, target)
            elif event.act == "rename":
                self.talks.rename(owner, target, str(event.title))
            elif event.act == "delete":
                deleted = self.talks.delete(owner, target)
                chat = Chat() if chat.talk == target else chat
            elif event.act == "take_back":
                self.talks.take_back(owner, target)
                chat = self.opened(owner, target)
        except XietongError as error:
            gr.Warning(self.words.error(error))
        *page, listing = self.page_of(owner, chat, search)
        return *page, undo_line(deleted, self.words) + listing if deleted else listing

    def found(self, chat: Chat, search: str, request: gr.Request) -> str:
        """The list as far as it holds the words looked for."""
        return self.around(self.access.reader(request).name, chat, search)[1]

    def opened(self, owner: str, key: str) -> Chat:
        """The conversation kept under an id; an empty one where the person has none of it."""
        if not key:
            return Chat()
        try:
            return Chat(talk.restored(self.talks.turns(owner, key)), key)
        except XietongError as error:
            gr.Warning(self.words.error(error))
            return Chat()

    def page_of(self, owner: str, chat: Chat, search: str) -> tuple[Any, ...]:
        """Everything of the page, as it is for a conversation that nothing is being asked in."""
        box = gr.Textbox(value="", submit_btn=self.words("send"), stop_btn=False)
        return transcript(chat, self.fates(chat), self.words), chat, box, *self.around(owner, chat, search)

    def around(self, owner: str, chat: Chat, search: str) -> tuple[str, str]:
        """The name of the conversation above it, and the list beside it."""
        try:
            kept = self.talks.list(owner, search)
            named = kept if not search else self.talks.list(owner)
        except XietongError as error:
            return "", f'<p class="empty">{escape(self.words.error(error))}</p>'
        current: Talk | None = next((one for one in named if one.id == chat.talk), None)
        return talk_head(current, self.words), talk_list(kept, chat.talk, bool(search), self.words)

    # The library

    def fates(self, chat: Chat) -> dict[str, Fate]:
        """What has become of the documents that the conversation cites."""
        cited = {
            citation.document_id
            for turn in chat.turns
            if turn.answer
            for citation in (*turn.answer.citations, *turn.answer.nearest)
        }
        if not cited:
            return {}
        try:
            return self.assistant.library.fate(sorted(cited))
        except XietongError:  # the answer is shown all the same; the library's own page says what is wrong
            return {}

    def choices(self) -> list[tuple[str, str]]:
        """The documents that can be asked, by name and id."""
        try:
            return [(document.title, document.id) for document in self.assistant.library.documents()]
        except XietongError:
            return []

    def poll(self, chat: Chat, seen: Seen, within: Sequence[str], request: gr.Request) -> tuple[Any, ...]:
        """The line about readiness; the documents to ask; marks on sources that have been replaced or removed since."""
        self.access.watcher(request)
        choices, fates = self.choices(), self.fates(chat)
        gone = sorted((key, fate.state, fate.at) for key, fate in fates.items() if fate.state != "present")
        now = Seen(hash(tuple(gone)), hash(tuple(choices)))
        left = [key for key in within if key in {key for _, key in choices}]
        return (
            status_line(self.assistant.readiness(), self.words),
            gr.Dropdown(choices=choices, value=left) if now.choices != seen.choices else gr.skip(),
            transcript(chat, fates, self.words)
            if now.fates != seen.fates and chat.turns and not under_way(chat)
            else gr.skip(),
            now if now != seen else gr.skip(),
        )

    def busy_box(self) -> Any:
        """The question box, empty, with a button that stops the answer."""
        return gr.Textbox(value="", submit_btn=False, stop_btn=self.words("stop"))

    def ready_box(self) -> Any:
        """The question box with its button to send; what was typed meanwhile stays."""
        return gr.Textbox(submit_btn=self.words("send"), stop_btn=False)


def under_way(chat: Chat) -> bool:
    """Is a question of the conversation being answered?"""
    return bool(chat.turns) and chat.turns[-1].stage in talk.UNDER_WAY


def told(steps: Iterator[tuple[Any, ...]], within: Sequence[str], facts: Facts) -> Iterator[tuple[Any, ...]]:
    """The same steps of an answer; the log is told once what came of the question."""
    begun = False
    for step in steps:
        turn = step[1].turns[-1]
        if not begun and (turn.answer is not None or turn.stage == "failed"):
            begun = True
            if turn.answer is not None:
                tell_answer(turn.answer, within, "page", **facts)
            else:
                tell("question_failed", "warning", surface="page", error=type(turn.error).__name__, **facts)
        yield step


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
