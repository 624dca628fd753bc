// A figure in a chart is a button: Enter and the space bar click it, as they click others.
document.addEventListener("keydown", (event) => {
  const point = event.target.closest?.("svg [data-place]");
  if (!point || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  point.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
});
