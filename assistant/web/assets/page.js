// Copies answers, keeps the latest question in view and the focus where it was.
// The server renders and escapes everything; this file only moves what it rendered.
(() => {
  let seen = ""; // id of the newest turn

  async function copy(button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      done = copyOldWay(button.dataset.copy);
    }
    say(button, done ? button.dataset.done : button.dataset.failed);
  }

  // The button says for a while how it went, even where the conversation is drawn anew meanwhile.
  const saying = new WeakSet();
  function say(button, words) {
    if (saying.has(button)) return;
    const label = button.textContent;
    const put = () => { if (button.textContent !== words) button.textContent = words; };
    const kept = new MutationObserver(put);
    saying.add(button);
    put();
    kept.observe(button, { childList: true, characterData: true, subtree: true });
    setTimeout(() => { kept.disconnect(); saying.delete(button); button.textContent = label; }, 1600);
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

  // After each change of the conversation: a new question comes into view.
  function refresh() {
    const last = document.querySelector("#transcript .turn:last-child");
    if (last && last.id !== seen) last.scrollIntoView({ block: "start", behavior: "instant" });
    seen = last?.id ?? "";
  }

  // The list is drawn anew when something in it changes: the focus goes back to where it was.
  let focused = ""; // finds the button with the focus by what it is about
  document.addEventListener("focusin", (event) => {
    const { document: about, place } = event.target.closest?.("#documents [data-document], #documents [data-place]")?.dataset ?? {};
    focused = about ? `[data-document="${CSS.escape(about)}"]` : place ? `[data-place="${CSS.escape(place)}"]` : "";
  });
  document.addEventListener("pointerdown", () => { focused = ""; });

  function refocus() {
    if (!focused || document.activeElement !== document.body) return;
    document.querySelector(`#documents ${focused}`)?.focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button && button.dataset.copy !== undefined) copy(button);
    if (button && button.dataset.action === "renew") document.querySelector("#upload input[type=file]")?.click();
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
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
