// Tools of the reader: finding words in the whole document, and the pages of a PDF as pictures.
(() => {
  const PAUSE = 220; // milliseconds after the last key before it searches
  const { reader: core, lines } = window.xietong;
  const { reading } = core;
  const reader = () => document.getElementById("reader");
  const body = () => document.getElementById("reader-body");
  const form = () => reader().querySelector(".reader-search");
  const box = () => form().querySelector("input");

  // Finding

  let hits = [];
  let count = 0;
  let at = -1;
  let timer = 0;

  async function search() {
    const query = box().value.trim();
    if (!reading.place || query === reading.query) return;
    reading.query = query;
    hits = [];
    at = -1;
    if (query) {
      const answer = await fetch(core.address("find", { q: query })).catch(() => null);
      const found = answer?.ok ? await answer.json() : { count: 0, hits: [] };
      if (query !== reading.query) return;
      ({ count, hits } = found);
    }
    if (hits.length) return go(Math.max(0, hits.findIndex(([start]) => start >= Number(reading.place.split(":")[1]))));
    if (body().querySelector("mark.found")) await core.load({});
    say();
  }

  function say() {
    const { hits: some, none } = reader().dataset;
    const said = reading.query ? (hits.length ? core.fill(some, { at: at + 1, of: count }) : none) : "";
    form().querySelector("output").textContent = said;
    for (const name of ["earlier", "later"]) form().querySelector(`[data-reader="${name}"]`).disabled = hits.length < 2;
  }

  async function go(to) {
    at = (to + hits.length) % hits.length;
    const start = hits[at][0];
    say();
    const marks = body().querySelectorAll(`mark.found[data-at="${start}"]`);
    if (!marks.length || reader().classList.contains("paged")) return core.load({ at: start });
    for (const mark of body().querySelectorAll("mark.at")) mark.classList.remove("at");
    for (const mark of marks) mark.classList.add("at");
    lines.settle(start);
  }

  function look(on) {
    core.toggle("find", on);
    form().hidden = !on;
    if (on) {
      box().focus();
      box().select();
      return;
    }
    box().value = "";
    search();
  }

  // Pages

  function pageInView() {
    const top = body().getBoundingClientRect().top + body().clientHeight / 2;
    const marks = [...body().querySelectorAll(".page-mark")].filter((mark) => mark.getBoundingClientRect().top < top);
    const cited = body().querySelector("mark.cited")?.getBoundingClientRect().top;
    const inView = cited > body().getBoundingClientRect().top && cited < body().getBoundingClientRect().bottom;
    const volume = body().querySelector(".volume");
    return Number((inView ? null : marks.at(-1)?.dataset.page) ?? volume.dataset.page);
  }

  function showPage(number) {
    const volume = body().querySelector(".volume");
    const { pages, title } = volume.dataset;
    const page = Math.min(Math.max(number, 1), Number(pages));
    volume.querySelector("figure")?.remove();
    const figure = document.createElement("figure");
    figure.className = "drawing";
    const image = document.createElement("img");
    image.addEventListener("load", () => figure.classList.remove("drawing"));
    image.alt = core.fill(reader().dataset.image, { title, page });
    image.src = core.address("page", {}).replace("?", `/${page}.png?`);
    image.addEventListener("error", () => { image.replaceWith(reader().dataset.lost); });
    const bar = document.createElement("figcaption");
    bar.append(turner("‹", page - 1, page > 1), `${page} / ${pages}`, turner("›", page + 1, page < pages));
    figure.append(bar, image);
    volume.append(figure);
    view(true);
    body().scrollTop = 0;
  }

  function turner(sign, to, possible) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.dataset.turn = to;
    button.disabled = !possible;
    button.setAttribute("aria-label", reader().dataset[sign === "‹" ? "back" : "forward"]);
    return button;
  }

  function view(paged) {
    reader().classList.toggle("paged", paged);
    core.tool("text").setAttribute("aria-pressed", String(!paged));
    core.tool("page").setAttribute("aria-pressed", String(paged));
  }

  // Events

  document.addEventListener("click", (event) => {
    const found = event.target.closest?.("#reader [data-reader], #reader [data-turn]");
    if (!found) return;
    const name = found.dataset.reader;
    if (found.dataset.turn) {
      const sign = found.textContent;
      showPage(Number(found.dataset.turn));
      [...body().querySelectorAll("[data-turn]")].find((button) => button.textContent === sign && !button.disabled)?.focus();
    } else if (name === "find") look(form().hidden);
    else if (name === "earlier" && hits.length) go(at - 1);
    else if (name === "later" && hits.length) go(at + 1);
    else if (name === "page") showPage(pageInView());
    else if (name === "text") {
      view(false);
      lines.settle();
    }
  });

  document.addEventListener("input", (event) => {
    if (!event.target.closest?.(".reader-search")) return;
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.closest?.(".reader-search")) event.preventDefault();
  });

  document.addEventListener("keydown", async (event) => {
    if (!event.target.closest?.(".reader-search") || event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      look(false);
      core.tool("find").focus();
    } else if (event.key === "Enter" && event.target === box()) {
      event.preventDefault();
      clearTimeout(timer);
      if (box().value.trim() !== reading.query) await search();
      else if (hits.length) await go(at + (event.shiftKey ? -1 : 1));
    }
  }, true);

  document.addEventListener("reader:other", () => {
    hits = [];
    at = -1;
    form().hidden = true;
    box().value = "";
    core.toggle("find", false);
    say();
  }, true);

  document.addEventListener("reader:loaded", () => view(false), true);
})();
