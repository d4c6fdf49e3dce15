// Shortcuts of the whole portal: Ctrl+K opens the command palette. In a list, arrows or j and k move between rows, x selects, and / goes to
// the search field. In an element with data-keys, a key presses or focuses the element with that data-key. Letters and / are single-key
// shortcuts, which the account can turn off (WCAG 2.1.4); arrows stay.

const palette = () => document.getElementById("palette");
const openPalette = () => {
  const dialog = palette();
  if (!dialog || dialog.open || document.querySelector(".mud-dialog-container")) return;
  dialog.showModal();
  dialog.querySelector("input")?.select();
};
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette-open]")) openPalette();
  else if (event.target.closest("[data-palette-close]") || event.target === palette()) palette()?.close();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette()?.open) palette().close();
    else openPalette();
  } else if (["ArrowUp", "ArrowDown"].includes(event.key) && event.target.closest?.("#palette")) {
    event.preventDefault(); // The caret stays: the selection moves.
  }
});
new MutationObserver((changes) => {
  for (const { target } of changes) {
    if (target.getAttribute("aria-selected") === "true" && palette()?.contains(target)) target.scrollIntoView({ block: "nearest" });
  }
}).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-selected"] });

const typed = "input:not([type=checkbox]), textarea, select, [contenteditable=true], dialog, [role=dialog]";
const isTyping = (element) => element.closest?.(typed);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key.length === 1 && document.documentElement.dataset.keys === "off") return;
  const search = document.querySelector("[data-list-search]");
  if (event.key === "/" && search && !isTyping(event.target)) {
    event.preventDefault();
    search.focus();
    return;
  }

  const rows = [...document.querySelectorAll("[data-list] [data-row]")];
  const fromSearch = event.target === search && event.key === "ArrowDown";
  const row = event.target.closest?.("[data-list] [data-row]");
  if (!rows.length || !(row || fromSearch)) return;
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const next = fromSearch ? 0 : rows.indexOf(row) + step;
    if (next < 0) search?.focus();
    else rows[Math.min(next, rows.length - 1)].querySelector("[data-row-link]")?.focus();
  } else if (row && event.key === "x") {
    event.preventDefault();
    row.querySelector("[data-row-pick]")?.click();
  }
});

// Shortcuts in a form with data-keys: a key presses the button or focuses the field with that data-key. Escape leaves a field, so that
// the shortcuts work again.
const fields = "input, textarea";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape" && event.target.closest("[data-keys]")) event.target.blur();
    return;
  }

  if (document.documentElement.dataset.keys === "off" || document.querySelector(".mud-dialog-container")) return;
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  const target = document.querySelector(`[data-keys] [data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target || target.disabled) return;
  event.preventDefault();
  const field = target.matches(fields) ? target : target.querySelector(fields);
  if (field) field.focus();
  else target.click();
});
