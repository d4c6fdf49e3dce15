// The designer's canvas: the view (canvas-view.js), drags (canvas-drag.js), and the keys while the focus is on it.

import { createDrags } from "./canvas-drag.js";
import { boxOf, createView } from "./canvas-view.js";

const store = "pilot-steps";

/** Starts the canvas in a designer. The server calls what this returns. */
export function create(root, server) {
  const section = root.querySelector("[data-canvas]");
  const listening = new AbortController();
  const on = (target, type, handler, options) => target.addEventListener(type, handler, { signal: listening.signal, ...options });
  const call = (name, ...args) => server.invokeMethodAsync(name, ...args).catch(() => null);
  const view = createView(section, on);
  const drags = createDrags(root, section, view, call, on);
  const cardOf = (key) => view.world.querySelector(`[data-node="${CSS.escape(key)}"]`);
  let shown = null;
  let awaitsShown = false;

  // Keys, while the focus is on the canvas

  const toward = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

  const step = (card, [dx, dy]) => {
    const from = boxOf(card);
    let [nearest, distance] = [null, Infinity];
    for (const box of view.cards().map(boxOf)) {
      const [ax, ay] = [box.x - from.x, box.y - from.y];
      const ahead = ax * dx + ay * dy;
      const aside = Math.abs(ax * dy) + Math.abs(ay * dx);
      if (ahead > 1 && ahead + 2 * aside < distance) [nearest, distance] = [box.card, ahead + 2 * aside];
    }
    if (!nearest) return;
    nearest.focus({ preventScroll: true });
    view.reveal(nearest);
  };

  // Ctrl and an arrow go from a card to its lines; there, left and right go to the next one, up and down to the card at its end.
  const lines = (key, end) =>
    [...view.world.querySelectorAll("[data-label]")]
      .filter((label) => label.dataset[end] === key)
      .sort((a, b) => a.getBoundingClientRect().x - b.getBoundingClientRect().x);

  const walk = (label, key) => {
    if (key === "ArrowUp" || key === "ArrowDown") {
      const card = view.world.querySelector(`[data-node="${CSS.escape(key === "ArrowUp" ? label.dataset.from : label.dataset.to)}"]`);
      card?.focus({ preventScroll: true });
      return;
    }
    const beside = [...new Set([...lines(label.dataset.to, "to"), ...lines(label.dataset.from, "from")])];
    const at = beside.indexOf(label) + (key === "ArrowRight" ? 1 : -1);
    beside[(at + beside.length) % beside.length].focus({ preventScroll: true });
  };

  /** The card that has the focus is meant, unless it is one of the selected ones. */
  const own = async () => {
    const card = document.activeElement.closest("[data-node]");
    if (card && card.getAttribute("aria-pressed") !== "true") await call("Select", [card.dataset.node]);
  };

  /** What was deleted leaves the focus nowhere: it goes to the card that is shown next, which the server may tell a moment later. */
  const focusShown = () => {
    ((shown && cardOf(shown)) ?? view.element).focus({ preventScroll: true });
    awaitsShown = true;
  };

  const act = async (name) => {
    const line = document.activeElement.closest("[data-label]");
    if (line && !line.classList.contains("chosen")) return;
    await own();
    // A card that goes while it has the focus would leave it nowhere, and the next key with it.
    if (name === "delete") view.element.focus({ preventScroll: true });
    await call("Act", name);
    focusShown();
  };

  const copy = async (isCut) => {
    await own();
    if (isCut) view.element.focus({ preventScroll: true });
    const text = await call("Copy", isCut);
    if (text) localStorage.setItem(store, text);
    if (isCut) focusShown();
  };

  const onKey = (event) => {
    if (event.key === "Escape" && drags.cancel()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (!section.contains(document.activeElement) || event.target.closest("input, textarea, select")) return;
    const isCtrl = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const acts = {
      c: isCtrl && (() => copy(false)),
      x: isCtrl && (() => copy(true)),
      v: isCtrl && (() => call("Paste", localStorage.getItem(store))),
      d: isCtrl && (() => act("duplicate")),
      a: isCtrl && (() => call("Select", view.cards().map((card) => card.dataset.node))),
      Delete: !isCtrl && (() => act("delete")),
      Backspace: !isCtrl && (() => act("delete")),
      Escape: () => call("Select", []),
      "+": !isCtrl && (() => view.zoomBy(1.25)),
      "=": !isCtrl && (() => view.zoomBy(1.25)),
      "-": !isCtrl && (() => view.zoomBy(0.8)),
      0: !isCtrl && (() => view.zoomTo(1)),
      "!": () => view.fit(),
    };
    const card = document.activeElement.closest("[data-node]");
    const line = document.activeElement.closest("[data-label]");
    if (line && toward[event.key]) {
      event.preventDefault();
      walk(line, event.key);
    } else if (card && isCtrl && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      lines(card.dataset.node, event.key === "ArrowUp" ? "to" : "from")[0]?.focus({ preventScroll: true });
    } else if (toward[event.key] && !isCtrl) {
      event.preventDefault();
      if (card && !event.altKey) step(card, toward[event.key]);
      else {
        const [dx, dy] = toward[event.key];
        view.pan(-dx * 64, -dy * 64, true);
      }
    } else if (acts[key] && !event.altKey) {
      event.preventDefault();
      acts[key]();
    }
  };
  on(document, "keydown", onKey, { capture: true });

  return {
    /** Something was drawn anew. */
    refresh(selected) {
      view.drawn();
      const card = selected && selected !== shown ? cardOf(selected) : null;
      // Cards glide to their places: where they are going counts.
      if (card) setTimeout(() => view.reveal(card), 190);
      shown = selected;
      if (awaitsShown && [view.element, document.body].includes(document.activeElement)) focusShown();
      awaitsShown = false;
    },
    copy: (text) => localStorage.setItem(store, text),
    kept: () => localStorage.getItem(store),
    stop() {
      listening.abort();
      view.stop();
    },
  };
}
