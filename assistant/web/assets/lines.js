// The text inside the reader: what is in view, and what is fetched as it is scrolled.
(() => {
  const MARGIN = "600px 0px"; // text is fetched when its place is so near to the view
  const body = () => document.getElementById("reader-body");

  // Brings the hit, the offset or the citation into the upper part of the view.
  function settle(at) {
    const box = body();
    const target =
      at === undefined
        ? box.querySelector("mark.cited")
        : box.querySelector("mark.at") ?? box.querySelector(`[data-start="${at}"]`);
    if (!target) {
      box.scrollTop = 0;
      return;
    }
    const share = target.matches("mark") ? 3 : 20;
    box.scrollTop += target.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / share;
  }

  // Changes the measure of the text and keeps what is read where it is.
  function keeping(change) {
    const { top, bottom } = body().getBoundingClientRect();
    const inView = (mark) => mark.getBoundingClientRect().top > top && mark.getBoundingClientRect().bottom < bottom;
    const mark = ["at", "cited"].flatMap((name) => [...body().querySelectorAll(`mark.${name}`)]).find(inView);
    const lines = [...body().querySelectorAll("[data-start]")];
    const first = mark ?? lines.find((line) => line.getBoundingClientRect().bottom > top);
    const before = first?.getBoundingClientRect().top;
    change();
    if (first) body().scrollTop += first.getBoundingClientRect().top - before;
  }

  // More of the text, when its button comes near the view: address("read", …) gives where from.

  let near = null;

  function watch(address) {
    near?.disconnect();
    near = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => extend(entry.target, address)),
      { root: body(), rootMargin: MARGIN },
    );
    for (const button of body().querySelectorAll(".more")) near.observe(button);
  }

  async function extend(button, address) {
    if (button.disabled) return;
    button.disabled = true;
    const answer = await fetch(address("read", { ...button.dataset })).catch(() => null);
    if (!answer?.ok) {
      button.disabled = false;
      return;
    }
    const html = await answer.text();
    if (!button.isConnected) return; // another place was opened meanwhile
    const box = body();
    const below = box.scrollHeight - box.scrollTop;
    const earlier = button.dataset.before !== undefined;
    button.insertAdjacentHTML("afterend", html);
    button.remove();
    if (earlier) box.scrollTop = box.scrollHeight - below;
    watch(address);
  }

  window.xietong = { ...window.xietong, lines: { settle, keeping, watch, extend } }; // for reader.js
})();
