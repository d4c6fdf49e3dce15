// What the designer needs of the browser: keys that work anywhere on the page, and the focus on what has just been drawn.

const isText = (element) => element.closest?.("input, textarea, select, [contenteditable]") !== null;

const press = (name) => {
  const button = document.querySelector(`[data-${name}]`);
  if (button && !button.disabled) button.click();
};

const onKey = (event) => {
  const card = event.target.closest?.("[data-card]");
  if (card && event.target === card && (event.key === "Enter" || event.key === " ") && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    card.click();
    return;
  }
  if (card && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) event.preventDefault();
  if (card && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d") event.preventDefault();
  if (event.key === "Escape") {
    const close = [...document.querySelectorAll("[data-close-sheet]")].find((button) => button.offsetParent !== null);
    close?.click();
    return;
  }
  // In a text field the browser's own undo is meant.
  if (!(event.ctrlKey || event.metaKey) || event.altKey || isText(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "z" || key === "y") {
    event.preventDefault();
    press(key === "y" || event.shiftKey ? "redo" : "undo");
  }
};

export function start() {
  document.addEventListener("keydown", onKey);
}

export function stop() {
  document.removeEventListener("keydown", onKey);
}

export function focus(id) {
  const target = document.getElementById(id);
  target?.scrollIntoView({ block: "nearest" });

  // Someone was faster and already types in one of its fields.
  const active = document.activeElement;
  if (target !== active && target?.contains(active) && active.matches("input, textarea, select")) return;
  target?.focus();

  // A drawing that comes a moment later may move the element, which loses its focus: to the page, not to something that a person chose.
  const until = performance.now() + 500;
  const keep = () => {
    if (document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
    if (performance.now() < until) requestAnimationFrame(keep);
  };
  requestAnimationFrame(keep);
}

/** Brings what a step wrote into view, where there is something. */
export function show(id) {
  document.getElementById(id)?.scrollIntoView({ block: "nearest" });
}
