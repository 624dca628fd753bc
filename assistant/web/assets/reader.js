// The reader beside the page: opens a document at a place (data-place="ID:START:END") and goes from citation to
// citation. The server renders, cuts and escapes all of it.
(() => {
  const { lines } = window.xietong; // lines.js comes first
  const beside = window.matchMedia("(min-width: 1024px)"); // narrower: a sheet over the page
  const roomy = window.matchMedia("(min-width: 1440px)"); // narrower: it lies over tables and lists
  const PLACE = /^([0-9A-Za-z_-]{1,64}):(\d{1,9}):(\d{1,9})$/;
  const reading = { place: "", cites: [], query: "" };
  let turn = 0; // counts what was asked for: an answer that comes late is not shown
  let opener = null; // what was clicked
  let asked = false; // opened on the page of questions
  let dismissed = false; // closed by hand: nothing opens by itself until something is clicked
  let seen = "";
  let offered = "";

  const reader = () => document.getElementById("reader");
  const body = () => document.getElementById("reader-body");
  const tool = (name) => reader().querySelector(`[data-reader="${name}"]`);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const quoted = (place) => document.querySelector(`.source[data-for="${CSS.escape(place)}"]`);

  function address(kind, more) {
    const [, id, start, end] = PLACE.exec(reading.place);
    const own = reading.cites.filter((cite) => cite.startsWith(`${id}:`)).map((cite) => cite.slice(id.length + 1));
    const asked = new URLSearchParams({ start, end, lang: document.documentElement.lang.slice(0, 2), ...more });
    if (kind === "read" && own.length > 1) asked.set("cites", own.join(","));
    if (kind === "read" && reading.query) asked.set("q", reading.query);
    return `/xietong/${kind}/${id}?${asked}`;
  }

  // Opening and closing

  async function open(place, { cites = [], from = null, focus = false } = {}) {
    if (!PLACE.test(place) || !reader()) return;
    if (from) opener = from;
    if (PLACE.exec(place)[1] !== PLACE.exec(reading.place)?.[1]) forget();
    reading.place = place;
    reading.cites = cites.includes(place) ? cites : [place];
    dismissed = false;
    asked = isAsking();
    reader().classList.add("open");
    show();
    if (!(await load({}))) return;
    tell();
    if (focus) (body().querySelector("mark.cited") ?? body().querySelector(".source-title"))?.focus({ preventScroll: true });
  }

  function forget() {
    reading.query = "";
    reader().dispatchEvent(new CustomEvent("reader:other"));
  }

  // Fetches the text around the citation, or around the offset `at`; true where it was shown.
  async function load(more) {
    const own = ++turn;
    body().setAttribute("aria-busy", "true");
    let answer, html;
    try {
      answer = await fetch(address("read", more));
      html = await answer.text();
    } catch {
      html = "";
    }
    if (own !== turn) return false;
    body().removeAttribute("aria-busy");
    if (html) body().innerHTML = html;
    else lost();
    const whole = answer?.ok && html !== "";
    if (!whole) keepQuote();
    else if (changed()) keepQuote(reader().dataset.other);
    tools(whole);
    lines.settle(more.at);
    lines.watch(address);
    return true;
  }

  function lost() {
    const said = document.createElement("p");
    said.className = "reader-gone";
    said.setAttribute("role", "alert");
    said.textContent = reader().dataset.lost;
    body().replaceChildren(said);
  }

  // What the answer quoted, where the document is gone or reads otherwise.
  function keepQuote(notice = "") {
    const card = quoted(reading.place)?.cloneNode(true);
    if (!card) return;
    card.hidden = false;
    card.removeAttribute("id");
    if (notice) {
      for (const mark of body().querySelectorAll("mark.cited")) mark.classList.replace("cited", "moved");
      const said = document.createElement("p");
      said.className = "reader-gone";
      said.textContent = notice;
      body().prepend(said, card);
    } else body().append(card);
  }

  function changed() {
    const bare = (marks) => [...marks].map((mark) => mark.textContent).join("").replace(/[\s|]/g, "");
    const card = quoted(reading.place);
    const shown = bare(body().querySelectorAll("mark.cited"));
    return Boolean(card && card.querySelector("mark") && !(shown && bare(card.querySelectorAll("mark")).startsWith(shown)));
  }

  function close() {
    turn += 1;
    const place = reading.place;
    reading.place = "";
    reading.cites = [];
    forget();
    reader().classList.remove("open");
    body().replaceChildren();
    tools(false);
    show();
    const back = opener?.isConnected ? opener : document.querySelector(`[data-place="${CSS.escape(place)}"]`);
    opener = null;
    return back;
  }

  function dismiss() {
    dismissed = true;
    document.body.classList.remove("reader-wide");
    tool("wide").setAttribute("aria-pressed", "false");
    close()?.focus();
    show();
  }

  // What stands around the text

  function isAsking() {
    return document.getElementById("chat")?.offsetParent != null;
  }

  // The room beside the page: kept on the page of questions, so that nothing moves when an answer comes.
  function show() {
    if (!reader()) return;
    const asking = isAsking();
    const hidden = asked && !asking && beside.matches && !roomy.matches; // it would lie over another page's list
    const shown = reading.place !== "" ? !hidden : beside.matches && asking && !dismissed;
    document.body.classList.toggle("with-reader", shown);
    document.body.classList.toggle("asking", asking);
    for (const mark of document.querySelectorAll("[data-place].cite")) {
      const current = reading.place !== "" && mark.dataset.place === reading.place;
      if (mark.hasAttribute("aria-current") === current) continue;
      if (current) mark.setAttribute("aria-current", "true");
      else mark.removeAttribute("aria-current");
    }
  }

  function tools(whole) {
    const volume = body().querySelector(".volume");
    const at = reading.cites.indexOf(reading.place);
    reader().classList.toggle("whole", Boolean(whole));
    reader().classList.toggle("several", reading.cites.length > 1);
    reader().classList.toggle("paged", false);
    const name = reader().querySelector(".reader-name");
    name.textContent = volume ? body().querySelector(".source-title").textContent : name.dataset.empty;
    name.title = name.textContent;
    reader().querySelector(".counted").textContent = fill(reader().dataset.counted, { at: at + 1, of: reading.cites.length });
    tool("previous").disabled = at <= 0;
    tool("next").disabled = at < 0 || at >= reading.cites.length - 1;
    tool("outline").hidden = !body().querySelector(".outline");
    tool("link").dataset.copy = `${location.origin}/?place=${reading.place}`;
    reader().querySelector(".reader-views").hidden = !(Number(volume?.dataset.pages) > 0);
    reader().dispatchEvent(new CustomEvent("reader:loaded"));
  }

  function tell() {
    const title = body().querySelector(".volume")?.dataset.title ?? "";
    const said = fill(reader().dataset.opened, { title });
    document.getElementById("reader-said").textContent = `${said} ${body().querySelector(".place")?.textContent ?? ""}`;
  }

  // Events

  function jump(at) {
    const here = body().querySelector(`[data-start="${at}"]`);
    if (here) lines.settle(at);
    else load({ at });
    for (const link of body().querySelectorAll("[data-jump]")) {
      if (link.dataset.jump === at) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    }
    if (!document.body.classList.contains("reader-wide")) toggle("outline", false);
  }

  function toggle(name, on) {
    const pressed = on ?? tool(name).getAttribute("aria-pressed") !== "true";
    tool(name).setAttribute("aria-pressed", String(pressed));
    if (name === "wide") lines.keeping(() => document.body.classList.toggle("reader-wide", pressed));
    else reader().classList.toggle(`with-${name}`, pressed);
  }

  function step(by) {
    const next = reading.cites[reading.cites.indexOf(reading.place) + by];
    if (next) open(next, { cites: reading.cites });
  }

  function follow(link, keyboard) {
    const cites = link.closest("[data-cites]")?.dataset.cites.split(",") ?? [];
    open(link.dataset.place, { cites, from: reader().contains(link) ? null : link, focus: keyboard || !beside.matches });
  }

  document.addEventListener("click", (event) => {
    const found = event.target.closest?.("[data-place], [data-jump], .more, #reader .close, [data-reader]");
    if (event.target.closest?.('[role="tab"]')) requestAnimationFrame(show);
    if (!found || !reader()) return;
    if (found.dataset.place) follow(found, event.detail === 0);
    else if (found.dataset.jump !== undefined) {
      event.preventDefault();
      jump(found.dataset.jump);
    } else if (found.classList.contains("more")) lines.extend(found, address);
    else if (found.classList.contains("close")) dismiss();
    else if (found.dataset.reader === "wide" || found.dataset.reader === "outline") toggle(found.dataset.reader);
    else if (found.dataset.reader === "previous") step(-1);
    else if (found.dataset.reader === "next") step(1);
  });

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.("[data-place]:not(button, a)");
    if (link && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      follow(link, true);
    }
    if (event.key !== "Escape" || event.defaultPrevented || !reading.place) return;
    if (document.body.classList.contains("reader-wide")) toggle("wide", false);
    else if (!beside.matches || reader().contains(document.activeElement)) dismiss();
  });

  // After each change of the page: the first source of a new answer opens, what is current is marked.
  function refresh() {
    if (!reader()) return;
    begin();
    const last = document.querySelector("#transcript .turn:last-child");
    if (!last && seen) close();
    if ((last?.id ?? "") !== seen) offered = "";
    seen = last?.id ?? "";
    const first = last?.dataset.open ?? "";
    if (first && first !== offered) {
      offered = first;
      if (first === "none") close();
      else if (beside.matches && !dismissed) open(first, { cites: last.dataset.cites.split(",") });
    }
    show();
  }

  let begun = false; // a link to a place is opened once
  function begin() {
    if (begun) return;
    begun = true;
    const place = new URLSearchParams(location.search).get("place") ?? "";
    if (PLACE.test(place)) open(place);
  }

  for (const width of [beside, roomy]) width.addEventListener("change", show);
  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; refresh(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-open"] });

  window.xietong = { ...window.xietong, reader: { reading, address, load, fill, toggle, tool } }; // for reader_tools.js
})();
