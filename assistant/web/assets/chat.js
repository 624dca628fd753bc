// What is clicked in the conversation or in the list of conversations becomes an event of its block; questions and
// names are edited in place; a mark shows its quote while it is pointed at.
(() => {
  const report = (element, detail) =>
    element.closest(".html-container > *, [id=transcript], [id=talk-list]")
      ?.dispatchEvent(new CustomEvent("xietong", { detail, bubbles: true }));

  function make(name, attributes, text) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  // A field in the place of `old`; Enter or its button hands the text over, Escape puts `old` back.
  function editInPlace(old, field, done, send, cancel) {
    const box = make("div", { class: "editor" });
    let over = false; // taking the field away takes its focus too, which would finish once more
    const finish = (value) => {
      if (over) return;
      over = true;
      box.replaceWith(old);
      if (value !== null && value.trim()) done(value.trim());
      else old.querySelector("button")?.focus();
    };
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") finish(null);
      else if (event.key === "Enter" && !event.shiftKey) finish(field.value);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    box.append(field);
    if (send) {
      const yes = make("button", { type: "button", class: "yes" }, send);
      const no = make("button", { type: "button", class: "no" }, cancel);
      yes.addEventListener("click", () => finish(field.value));
      no.addEventListener("click", () => finish(null));
      const row = make("p", {});
      row.append(yes, no);
      box.append(row);
    } else {
      field.addEventListener("blur", () => finish(null));
    }
    old.replaceWith(box);
    field.focus();
    field.select?.();
  }

  function editQuestion(button) {
    const { edit, question, send, cancel, hint } = button.dataset;
    const heading = button.closest(".question");
    const field = make("textarea", { rows: "2", "aria-label": hint, title: hint });
    field.value = question;
    const block = heading.closest(".turn").parentElement;
    editInPlace(heading, field, (text) => report(block, { act: "edit", turn: edit, ask: text }), send, cancel);
  }

  function rename(button) {
    const item = button.closest("li");
    const field = make("input", { type: "text", maxlength: "100", "aria-label": button.getAttribute("aria-label") });
    field.value = button.dataset.title;
    const block = item.parentElement;
    editInPlace(item, field, (title) => report(block, { act: "rename", talk: button.dataset.rename, title }));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    const { act, edit, rename: renamed } = button.dataset;
    if (edit) editQuestion(button);
    else if (renamed) rename(button);
    else if (act) {
      const note = button.parentElement.querySelector("input")?.value ?? "";
      report(button, { ...button.dataset, note });
      if (act === "open") document.getElementById("chat")?.classList.remove("listed");
    } else if (button.id === "list-toggle") document.getElementById("chat")?.classList.toggle("listed");
  });
  document.addEventListener("keydown", (event) => {
    const input = event.target.closest?.(".remark input");
    if (input && event.key === "Enter" && !event.isComposing) input.nextElementSibling.click();
    if (event.key === "Escape") document.getElementById("chat")?.classList.remove("listed");
  });

  // The address names the conversation, so that a reload or a bookmark comes back to it.
  function name() {
    const turns = document.querySelector("#transcript .turns");
    if (!turns) return;
    const url = new URL(location.href);
    const key = turns.dataset.talk;
    if ((url.searchParams.get("talk") ?? "") === key || (!key && arriving())) return;
    if (key) url.searchParams.set("talk", key);
    else url.searchParams.delete("talk");
    history.replaceState(history.state, "", url);
  }
  // Until the list is there, the page has not yet opened what its address names.
  const arriving = () => !document.querySelector("#talk-list nav, #talk-list .empty");

  // The quote of a mark, beside it.
  const tip = make("div", { id: "quote-tip", role: "tooltip", hidden: "" });
  function show(mark) {
    tip.replaceChildren(make("q", {}, mark.dataset.quote), make("cite", {}, mark.dataset.from));
    if (!tip.isConnected) document.body.append(tip);
    tip.hidden = false;
    const at = mark.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left - 24), window.innerWidth - own.width - 8);
    const above = at.top - own.height - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : at.bottom + 8}px`;
    mark.setAttribute("aria-describedby", "quote-tip");
  }
  function hide() {
    if (tip.hidden) return;
    tip.hidden = true;
    document.querySelector("[aria-describedby=quote-tip]")?.removeAttribute("aria-describedby");
  }
  for (const [begin, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(begin, (event) => {
      const mark = event.target.closest?.("[data-quote]");
      if (mark) show(mark);
    });
    document.addEventListener(end, (event) => {
      if (event.target.closest?.("[data-quote]")) hide();
    });
  }
  document.addEventListener("scroll", hide, { capture: true, passive: true });

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; name(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-talk"] });
})();
