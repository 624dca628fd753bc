"""The page of figures: filtered and sorted on the server, with a chart where figures can be compared."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from html import escape
from typing import Any

import gradio as gr

from assistant import KINDS, SORTS, Comparison, Figure, FigureTable, Selection, XietongError, comparisons

from .chart import chart_html
from .figure_rows import PAGE, figures_html
from .figure_source import FigureSource
from .services import Services
from .texts import Words

POLL_SECONDS = 1.0  # how often the page looks whether the documents have changed
MAX_PERIODS = 300  # offered; more would be no list to choose from
# A click on a head, a page or an indicator reaches Python as its action and its value.
_ON_LOAD = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-action]');
  if (button) trigger('click', {action: button.dataset.action, value: button.dataset.value});
});
"""


@dataclass(frozen=True, slots=True)
class FiguresView:
    """What one page shows: the selection, the page from 0, which comparison, and whether it is open.

    table: which state of the library it was made of; chart: a digest of the chart's HTML that the page has.
    """

    selection: Selection = field(default_factory=Selection)
    page: int = 0
    chosen: int = 0
    open: bool = False
    table: int = 0
    chart: int = 0


class FiguresPage:
    """Builds the page inside the present gr.Blocks; the methods are what its events call."""

    def __init__(self, services: Services, words: Words) -> None:
        self.assistant, self.access, self.words = services.assistant, services.access, words
        self.source = FigureSource(services.assistant.library)
        html: dict[str, Any] = {"js_on_load": _ON_LOAD, "apply_default_css": False}
        with gr.Column(elem_id="figures"):
            with gr.Row(elem_id="figure-filters"):
                self.text = gr.Textbox(
                    label=words("filter_text"), placeholder=words("filter_text_hint"), max_length=200, scale=3
                )
                self.document, self.kind, self.period = (
                    gr.Dropdown([(words("filter_all"), "")], value="", label=words(f"filter_{name}"), scale=scale)
                    for name, scale in (("document", 3), ("kind", 1), ("period", 1))
                )
            self.chart = gr.HTML("", elem_id="figure-chart", **html)
            self.rows = gr.HTML("", elem_id="figure-rows", **html)
        self.view = gr.State(FiguresView())
        self.timer = gr.Timer(POLL_SECONDS)
        self.wire()

    def wire(self) -> None:
        """Connects the events; none of them is a public API."""
        filters = [self.text, self.document, self.kind, self.period]
        shown = [self.rows, self.chart, self.view]
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        # A text box tells of typing by "change" only; a choice made by hand is an "input", an update of what is
        # offered is none.
        for changed in (self.text.change, self.document.input, self.kind.input, self.period.input):
            changed(
                self.filter, [*filters, self.view], shown, trigger_mode="always_last", concurrency_limit=None, **quiet
            )
        for clicked in (self.rows, self.chart):
            clicked.click(self.act, [self.view], shown, trigger_mode="multiple", concurrency_limit=None, **quiet)
        gr.on(None, self.opened, None, [*filters[1:], *shown], queue=False, **quiet)  # when the page is opened
        self.timer.tick(self.poll, [self.view], [*filters[1:], *shown], queue=False, **quiet)

    # Events

    def opened(self, request: gr.Request) -> tuple[Any, ...]:
        """The whole page when it is opened."""
        return self.poll(FiguresView(), request)

    def filter(
        self,
        text: str,
        document: str | None,
        kind: str | None,
        period: str | None,
        view: FiguresView,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """What was typed or chosen; the first page of it."""
        self.access.reader(request)
        chosen = {"text": text, "document": document, "kind": kind, "period": period}
        selection = Selection.asked({**asdict(view.selection), **chosen})
        return self.shown(replace(view, selection=selection, page=0, chosen=0, open=selection != Selection()))

    def act(self, view: FiguresView, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """A click: sort by a column (again: the other way round), another page, another indicator's chart."""
        self.access.reader(request)
        action, value = str(event.action), str(event.value)
        if action == "sort" and value in SORTS:
            down = view.selection.sort == value and not view.selection.descending
            return self.shown(replace(view, selection=replace(view.selection, sort=value, descending=down), page=0))
        if action == "page" and value.isdecimal():
            return self.shown(replace(view, page=int(value)))
        if action == "chart" and value.isdecimal():
            return self.shown(replace(view, chosen=int(value), open=True))
        return gr.skip(), gr.skip(), gr.skip()

    def poll(self, view: FiguresView, request: gr.Request) -> tuple[Any, ...]:
        """The whole page anew where the documents have changed since it was made, else nothing."""
        self.access.watcher(request)
        try:
            table = self.source.table()
        except XietongError as error:
            return *(gr.skip() for _ in range(3)), _notice(self.words.error(error)), "", gr.skip()
        waiting = not table.figures and self.assistant.readiness().phase in ("loading", "indexing")
        state = hash((*table.documents.values(), waiting))
        if state == view.table:
            return tuple(gr.skip() for _ in range(6))
        return *self._choices(table), *self.shown(replace(view, table=state))

    # What is shown

    def shown(self, view: FiguresView) -> tuple[Any, ...]:
        """Rows, chart and view."""
        try:
            table = self.source.table()
        except XietongError as error:
            return _notice(self.words.error(error)), "", view
        found = table.select(view.selection)
        view = replace(view, page=min(view.page, max(0, (len(found) - 1) // PAGE)))
        if not table.figures and self.assistant.readiness().phase in ("loading", "indexing"):
            return f'<p class="empty">{escape(self.words("figures_indexing"))}</p>', "", view
        chart = self.charts(table, found, view)
        sent = chart if hash(chart) != view.chart else gr.skip()
        rows = figures_html(table, found, view.selection, view.page, self.words)
        return rows, sent, replace(view, chart=hash(chart))

    def charts(self, table: FigureTable, found: Sequence[Figure], view: FiguresView) -> str:
        """The chosen comparison with buttons for the others; nothing where nothing can be compared."""
        offered = comparisons(found, table.documents, view.selection.text)
        if not offered:
            return ""
        at = min(view.chosen, len(offered) - 1)
        buttons = "".join(self._choice(c, number, number == at) for number, c in enumerate(offered))
        label = escape(self.words("chart_choose"))
        choice = f'<nav class="choices" aria-label="{label}"><span>{label}</span>{buttons}</nav>'
        picture = chart_html(offered[at], table.documents, self.words)
        summary = f"<summary>{escape(self.words('charts'))}</summary>"
        return f'<details class="charts"{" open" if view.open else ""}>{summary}{choice}{picture}</details>'

    def _choice(self, comparison: Comparison, number: int, current: bool) -> str:
        pressed = "true" if current else "false"
        unit = f"<small>{escape(comparison.unit)}</small>" if comparison.unit else ""
        return (
            f'<button type="button" data-action="chart" data-value="{number}" data-key="chart-{number}" '
            f'aria-pressed="{pressed}">'
            f"{escape(comparison.indicator)}{unit}</button>"
        )

    def _choices(self, table: FigureTable) -> tuple[Any, ...]:
        """What the filters offer; what was chosen stays."""
        everything = (self.words("filter_all"), "")
        documents = [(d.title, d.id) for d in table.documents.values()]
        kinds = [(self.words(f"kind_{kind}"), kind) for kind in KINDS]
        periods = [(period, period) for period in table.periods[:MAX_PERIODS]]
        return tuple(gr.Dropdown(choices=[everything, *offered]) for offered in (documents, kinds, periods))


def _notice(text: str) -> str:
    return f'<p class="notice bad" role="alert">{escape(text)}</p>'
