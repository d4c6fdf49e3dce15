// The run page: follows the live step until the reader scrolls up, keeps the text being read in place while steps are reordered, and has
// keys to go from step to step.

const top = 60; // The bar, and a little air below it.
const intentFor = 600; // Milliseconds for which a scroll belongs to the wheel, key or finger before it.

export function start() {
  const words = document.querySelector("[data-run-words]");
  const listening = new AbortController();
  const on = (target, type, handler, options) => target.addEventListener(type, handler, { signal: listening.signal, ...options });
  const cards = () => [...words.querySelectorAll("[data-step-card]")];
  const live = () => words.querySelector("[data-step-card][data-live]");
  const follow = () => words.querySelector("[data-follow]");
  const rows = () => document.querySelector("[data-timeline]");
  let intent = -Infinity;
  let lastY = scrollY;
  let anchor = null;
  let shownRow = null;
  let leftByScrolling = false;

  const turn = (isOn) => {
    const box = follow();
    if (!box || box.checked === isOn) return;
    box.checked = isOn;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const scrollTo = (y) => {
    window.scrollTo({ top: y, behavior: "instant" });
    lastY = scrollY;
  };

  // The end of the live text in sight; a step that has just begun from its head on, with the page's head where both fit.
  const toLive = () => {
    const card = live();
    if (!card) return;
    const box = card.getBoundingClientRect();
    const below = box.bottom + 12 - innerHeight;
    if (box.height > innerHeight - top) scrollTo(scrollY + below);
    else if (box.top < top) scrollTo(box.bottom + scrollY + 12 <= innerHeight ? 0 : scrollY + box.top - top);
    else if (below > 0) scrollTo(scrollY + below);
  };

  // The text being read stays in place when something above is inserted or collapsed.
  const remember = () => {
    const card = cards().find((one) => one.getBoundingClientRect().bottom > top);
    anchor = card && { card, y: card.getBoundingClientRect().top };
  };
  const hold = () => {
    if (scrollY === 0 || !anchor?.card.isConnected) return;
    const moved = anchor.card.getBoundingClientRect().top - anchor.y;
    if (Math.abs(moved) > 1) scrollTo(scrollY + moved);
  };

  // The timeline of many steps scrolls in itself.
  const showRow = () => {
    const row = rows()?.querySelector(".on");
    if (!row || row === shownRow) return;
    shownRow = row;
    const list = rows();
    const [box, frame] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (box.top < frame.top || box.bottom > frame.bottom) list.scrollTop += box.top - frame.top - frame.height / 3;
  };

  const changed = () => {
    if (follow()?.checked) {
      toLive();
      showRow();
    } else hold();
    remember();
  };
  const watching = new MutationObserver(changed);
  watching.observe(words, { subtree: true, childList: true, characterData: true });

  on(document, "wheel", () => (intent = performance.now()), { passive: true });
  on(document, "touchmove", () => (intent = performance.now()), { passive: true });
  on(document, "pointerdown", (event) => {
    if (event.target === document.documentElement) intent = Infinity; // The scrollbar, until it is let go.
  });
  on(document, "pointerup", () => (intent = performance.now()));
  on(document, "keydown", (event) => {
    if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "].includes(event.key)) intent = performance.now();
  });
  on(document, "scroll", () => {
    const [wasUp, wasDown] = [scrollY < lastY, scrollY > lastY];
    lastY = scrollY;
    if (performance.now() - intent < intentFor) {
      if (wasUp && follow()?.checked) {
        leftByScrolling = true;
        turn(false);
      } else if (wasDown && leftByScrolling && live()?.getBoundingClientRect().bottom <= innerHeight) {
        leftByScrolling = false;
        turn(true);
      }
    }
    remember();
  });

  const goTo = (card) => {
    if (!card.hasAttribute("data-live")) turn(false);
    const toggle = card.querySelector("[data-step-toggle]");
    if (toggle.getAttribute("aria-expanded") === "false") toggle.click();
    toggle.focus({ preventScroll: true });
    scrollTo(scrollY + card.getBoundingClientRect().top - top);
    remember();
  };
  on(document, "click", (event) => {
    const card = document.getElementById(event.target.closest?.("[data-goto]")?.dataset.goto ?? "")?.closest("[data-step-card]");
    if (card) goTo(card);
  });

  on(document, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.documentElement.dataset.keys === "off") return;
    if (event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [role=dialog]")) return;
    if (!["j", "k", "o"].includes(event.key)) return;
    event.preventDefault();
    const all = cards();
    const at = all.indexOf(document.activeElement?.closest("[data-step-card]"));
    if (event.key === "o") {
      const card = all[at] ?? anchor?.card ?? all[0];
      card?.querySelector("[data-step-toggle]").click();
      card?.querySelector("[data-step-toggle]").focus();
      return;
    }
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    if (!next) return;
    if (!next.hasAttribute("data-live")) turn(false);
    next.querySelector("[data-step-toggle]").focus({ preventScroll: true });
    const box = next.getBoundingClientRect();
    if (box.top < top || box.top > innerHeight - 120) scrollTo(scrollY + box.top - top);
    remember();
  });

  // The browser's own anchoring cannot follow an element that moves in the document.
  document.documentElement.style.overflowAnchor = "none";
  changed();
  return {
    stop: () => {
      document.documentElement.style.overflowAnchor = "";
      watching.disconnect();
      listening.abort();
    },
  };
}
