// The page of figures with the keyboard.
(() => {
  // A figure in a chart is a button: Enter and the space bar click it, as they click others.
  document.addEventListener("keydown", (event) => {
    const point = event.target.closest?.("svg [data-place]");
    if (!point || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    point.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  });

  // Heads, pages and indicators are drawn anew when one is clicked: the focus goes back to where it was.
  let focused = "";
  document.addEventListener("focusin", (event) => {
    const button = event.target.closest?.("#figures [data-key]");
    focused = button ? button.dataset.key : "";
  });
  document.addEventListener("pointerdown", () => { focused = ""; });
  new MutationObserver(() => {
    if (!focused || document.activeElement !== document.body) return;
    document.querySelector(`#figures [data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
