// The portal's own script: what the server cannot do for a page. Loaded as a module on each page; pages import the same module for the
// exported functions.
import "./drafts.js";

const root = document.documentElement;
const year = 60 * 60 * 24 * 365;
const setCookie = (name, value) => {
  document.cookie = `${name}=${value ?? ""}; path=${new URL(document.baseURI).pathname}; samesite=lax; max-age=${value ? year : 0}`;
};

// Navigation: folded to icons on a desk, a drawer on a phone.
const isPhone = () => matchMedia("(max-width: 720px)").matches;
const closeDrawer = (focus) => {
  if (root.dataset.drawer !== "open") return;
  delete root.dataset.drawer;
  markToggle();
  if (focus) document.querySelector("[data-nav-toggle]")?.focus();
};
// By the choice of the reader, or since a page needs the width (app.css).
const isFolded = () => document.getElementById("navigation")?.offsetWidth < 100;
const markToggle = () => {
  const open = isPhone() ? root.dataset.drawer === "open" : !isFolded();
  document.querySelectorAll("[data-nav-toggle]").forEach((button) => button.setAttribute("aria-expanded", String(open)));
};
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-nav-toggle]")) {
    if (isPhone()) {
      if (root.dataset.drawer === "open") closeDrawer(true);
      else {
        root.dataset.drawer = "open";
        document.querySelector("#navigation a")?.focus();
      }
    } else {
      const folds = !isFolded();
      if (folds) root.dataset.nav = "folded";
      else if (document.querySelector(".frame.wide")) root.dataset.nav = "open";
      else delete root.dataset.nav;
      setCookie("pilot-nav", folds ? "folded" : null);
    }
    markToggle();
  } else if (event.target.closest(".side-shade, #navigation a")) {
    closeDrawer(false);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeDrawer(true);
});

// Relative times: the server renders them, this keeps them current, and hovering shows the exact time in the viewer's zone.
const day = 86400;
const spans = [
  [60, "second", 1],
  [3600, "minute", 60],
  [day, "hour", 3600],
  [day * 45, "day", day],
  [day * 365, "month", day * 30],
  [Infinity, "year", day * 365],
];
const ago = (then) => {
  const seconds = Math.round((Date.now() - then) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const [, unit, length] = spans.find(([limit]) => size < limit);
  const count = Math.floor(size / length);
  const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
};
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const tellExact = (event) => {
  const time = event.target.closest?.("time[datetime]");
  if (time) time.title = exact.format(new Date(time.dateTime));
};
document.addEventListener("mouseover", tellExact);
document.addEventListener("focusin", tellExact);
setInterval(() => {
  document.querySelectorAll("time[data-relative]").forEach((time) => {
    const node = time.firstChild;
    const words = ago(new Date(time.dateTime).getTime());
    if (node?.nodeType === Node.TEXT_NODE && node.nodeValue !== words) node.nodeValue = words;
  });
}, 10000);

// Files dropped on a text input are handed to the file input inside, which Blazor reads.
const zoneOf = (event) => event.target.closest?.("[data-file-drop]");
const hasFiles = (event) => event.dataTransfer?.types?.includes("Files");
document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  if (!zone || !hasFiles(event)) return;
  event.preventDefault();
  zone.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone || !hasFiles(event)) return;
  event.preventDefault();
  zone.classList.remove("over");
  hand(zone, event.dataTransfer.files);
});
const hand = (zone, files) => {
  const input = zone.querySelector("input[type=file]");
  if (!input || files.length === 0) return;
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

// A file pasted while such a field has the focus, or nothing has it and there is one such field.
document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files;
  if (!files?.length) return;
  const active = document.activeElement;
  const zones = document.querySelectorAll("[data-file-paste]");
  const zone = active?.closest("[data-file-paste]") ?? (active === document.body && zones.length === 1 ? zones[0] : null);
  if (!zone) return;
  event.preventDefault();
  hand(zone, files);
});

// On request a picture is made smaller before Blazor sees it: the change is held back and raised again with the smaller file.
const reduce = async (file, side) => {
  const bitmap = await createImageBitmap(file);
  const ratio = side / Math.max(bitmap.width, bitmap.height);
  if (ratio >= 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * ratio));
  canvas.height = Math.max(1, Math.round(bitmap.height * ratio));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, file.type, 0.9));
  return blob ? new File([blob], file.name, { type: blob.type }) : file;
};
const reduced = new WeakSet();
document.addEventListener("change", async (event) => {
  const input = event.target;
  const side = Number(input.dataset?.reduce);
  if (!side || input.files?.length !== 1 || reduced.has(event)) return;
  event.stopImmediatePropagation();
  const chosen = input.files[0];
  try {
    const files = new DataTransfer();
    files.items.add(await reduce(chosen, side));
    // Another file was chosen meanwhile.
    if (input.files[0] !== chosen) return;
    input.files = files.files;
  } catch {
    // Not a picture that the browser reads: the portal says what is wrong with it.
  }
  const again = new Event("change", { bubbles: true });
  reduced.add(again);
  input.dispatchEvent(again);
}, true);

// Ctrl+Enter presses the primary button of the form around the focus, or, while nothing has the focus, of the page's only form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const areas = document.querySelectorAll("[data-submit-area]");
  const area = event.target.closest?.("[data-submit-area]") ?? (event.target === document.body && areas.length === 1 ? areas[0] : null);
  const button = area?.querySelector("[data-submit]");
  if (!button || button.disabled) return;
  event.preventDefault();
  // A text field sends its value when it loses focus, so this happens before the press.
  // A file input would read a file that no one chose.
  if (!document.activeElement?.matches("[type=file]")) document.activeElement?.dispatchEvent(new Event("change", { bubbles: true }));
  button.click();
});

// The drawing of a flow: arrow keys go to the nearest step that way, Enter and Space choose one, and choosing brings what belongs to it
// into view.
const center = (node) => {
  const box = node.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
};
const toward = {
  ArrowDown: (dx, dy) => [dy, dx],
  ArrowUp: (dx, dy) => [-dy, dx],
  ArrowRight: (dx, dy) => [dx, dy],
  ArrowLeft: (dx, dy) => [-dx, dy],
};
document.addEventListener("keydown", (event) => {
  const node = event.target.closest?.("[data-flow-node]");
  if (!node) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  } else if (toward[event.key]) {
    event.preventDefault();
    const from = center(node);
    let nearest = null;
    let least = Infinity;
    node.closest("[data-flow]").querySelectorAll("[data-flow-node]").forEach((other) => {
      const to = center(other);
      const [ahead, aside] = toward[event.key](to.x - from.x, to.y - from.y);
      const distance = ahead + 2 * Math.abs(aside);
      if (ahead > 1 && distance < least) [nearest, least] = [other, distance];
    });
    nearest?.focus();
  }
});
document.addEventListener("click", (event) => {
  const target = document.getElementById(event.target.closest?.("[data-flow-node][data-goto]")?.dataset.goto ?? "");
  if (!target) return;
  target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
});

export function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  setCookie("pilot-theme", theme);
}

export function setSingleKeys(areOn) {
  if (areOn) delete root.dataset.keys;
  else root.dataset.keys = "off";
  setCookie("pilot-keys", areOn ? null : "off");
}

export const print = () => window.print();

export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? null;

// Days are the viewer's: the server knows instants only.
export function startOfDay(day, daysLater) {
  const start = new Date(`${day}T00:00`);
  start.setDate(start.getDate() + daysLater);
  return Number.isNaN(start.getTime()) ? null : start.toISOString();
}

export function dayOf(instant, daysLater) {
  const at = new Date(instant);
  at.setDate(at.getDate() + daysLater);
  const two = (number) => String(number).padStart(2, "0");
  return `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not permitted here: the older way may still work.
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

export async function download(name, type, stream) {
  const url = URL.createObjectURL(new Blob([await stream.arrayBuffer()], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage is switched off: nothing is remembered.
  }
}

export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Full or switched off: the form works without.
  }
}

// Not scrollIntoView, which would scroll the page to a row that is further down.
export function revealInRow(element) {
  const row = element?.parentElement;
  if (!row) return;
  const [seen, own] = [row.getBoundingClientRect(), element.getBoundingClientRect()];
  if (own.right > seen.right) row.scrollLeft += own.right - seen.right;
  else if (own.left < seen.left) row.scrollLeft -= seen.left - own.left;
}

export function closeDialog(id) {
  document.getElementById(id)?.close();
}
