// Opens sources beside the answers, copies answers, keeps the latest question in view.
// The server renders and escapes everything; this file only moves what it rendered.
(() => {
  const wide = window.matchMedia("(min-width: 1024px)");
  let opened = ""; // id of the source in the reader
  let seen = ""; // id of the newest turn
  let offered = ""; // newest source that was opened by itself
  let opener = ""; // id of the source whose mark had the focus when a sheet opened

  const reader = () => document.getElementById("reader");

  function open(id, byUser) {
    const source = document.getElementById(id);
    const body = document.getElementById("reader-body");
    if (!source || !body) return;
    opened = id;
    body.innerHTML = source.innerHTML;
    reader().classList.add("open");
    markCurrent();
    const quote = body.querySelector("mark");
    const box = reader();
    if (quote) {
      const delta = quote.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTop += delta - box.clientHeight / 3;
    }
    if (byUser && !wide.matches) {
      opener = id;
      box.querySelector(".close").focus({ preventScroll: true });
    }
  }

  function close() {
    const back = document.querySelector(`#transcript [data-source="${opener}"]`);
    opened = opener = "";
    reader()?.classList.remove("open");
    const body = document.getElementById("reader-body");
    if (body) body.innerHTML = "";
    markCurrent();
    back?.focus();
  }

  function markCurrent() {
    for (const mark of document.querySelectorAll("#transcript .cite")) {
      const current = mark.dataset.source === opened;
      if (mark.hasAttribute("aria-current") === current) continue;
      if (current) mark.setAttribute("aria-current", "true");
      else mark.removeAttribute("aria-current");
    }
  }

  async function copy(button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      done = copyOldWay(button.dataset.copy);
    }
    const label = button.textContent;
    button.textContent = done ? button.dataset.done : button.dataset.failed;
    setTimeout(() => { button.textContent = label; }, 1600);
  }

  function copyOldWay(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  // After each change of the conversation: a new question comes into view, its first source opens.
  function refresh() {
    const last = document.querySelector("#transcript .turn:last-child");
    if (!last) {
      if (opened) close();
      seen = offered = "";
      return;
    }
    if (last.id !== seen) {
      seen = last.id;
      offered = "";
      last.scrollIntoView({ block: "start", behavior: "instant" });
    }
    if (last.dataset.open && last.dataset.open !== offered) {
      offered = last.dataset.open;
      if (offered === "none") close();
      else if (wide.matches) open(offered, false);
    }
    markCurrent();
  }

  // The list is drawn anew when something in it changes: the focus goes back to where it was.
  let focused = ""; // what the button with the focus is about
  document.addEventListener("focusin", (event) => {
    focused = event.target.closest?.("#documents [data-document]")?.dataset.document ?? "";
  });
  document.addEventListener("pointerdown", () => { focused = ""; });

  function refocus() {
    if (!focused || document.activeElement !== document.body) return;
    document.querySelector(`#documents [data-document="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.source) open(button.dataset.source, true);
    else if (button.dataset.copy !== undefined) copy(button);
    else if (button.classList.contains("close")) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && opened && !wide.matches) close();
  });

  // Enter that ends the composition of a Chinese word must not send the question.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  }, true);

  // What is still being sent is lost with the page; what has arrived is not.
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("#upload .uploading")) event.preventDefault();
  });

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; refresh(); refocus(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["data-open"] });
})();
