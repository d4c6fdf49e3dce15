// The text area for Liquid templates. Typed text is the browser's own; behind it lies the same text, drawn by lines, with colored grounds
// and underlined mistakes. Only changes are sent to the server, so a key in 100 KB costs a few bytes. They are sent immediately, so a
// click on "Save" always comes after the last key.

const editors = new WeakMap();
const longestPart = 32000;

const isLow = (code) => code >= 0xdc00 && code <= 0xdfff;

// Cuts a line into pieces: [text, class]. State is what is open at its start: "" | "value" | "tag" | "raw" | "comment".
const cut = (line, state) => {
  const pieces = [];
  let at = 0;
  const push = (end, name) => {
    if (end > at) pieces.push([at, end, name]);
    at = end;
  };
  while (at < line.length) {
    if (state === "raw" || state === "comment") {
      const end = new RegExp(`\\{%-?\\s*end${state}\\s*-?%\\}`).exec(line.slice(at));
      if (!end) {
        push(line.length, state === "comment" ? "liquid-comment" : null);
        break;
      }
      push(at + end.index, state === "comment" ? "liquid-comment" : null);
      push(at + end[0].length, "liquid-tag");
      state = "";
    } else if (state) {
      const close = line.indexOf(state === "value" ? "}}" : "%}", at);
      const end = close < 0 ? line.length : close + 2;
      const text = line.slice(at, end);
      push(end, state === "value" ? "liquid-value" : "liquid-tag");
      if (close < 0) break;
      const block = state === "tag" && /^\{%-?\s*(raw|comment)\s*-?%\}$/.exec(text);
      state = block ? block[1] : "";
    } else {
      const open = /\{[{%]/.exec(line.slice(at));
      if (!open) {
        push(line.length, null);
        break;
      }
      push(at + open.index, null);
      state = open[0] === "{{" ? "value" : "tag";
    }
  }
  return { pieces, state };
};

// From the place of a mistake to the end of its word, at least one character.
const spanOf = (line, column) => {
  const start = Math.max(0, Math.min(column - 1, line.length - 1));
  const word = /^[\p{L}\p{M}\p{N}_-]+/u.exec(line.slice(start));
  return [start, Math.min(line.length, start + (word ? word[0].length : line.startsWith("{", start) ? 2 : 1))];
};

const draw = (node, line, pieces, errors) => {
  const spans = errors.map((error) => spanOf(line, error.column));
  const parts = [];
  for (const [from, to, name] of pieces) {
    const cuts = [from, to, ...spans.flat().filter((place) => place > from && place < to)].sort((a, b) => a - b);
    for (let i = 0; i + 1 < cuts.length; i++) {
      if (cuts[i] === cuts[i + 1]) continue;
      const text = line.slice(cuts[i], cuts[i + 1]);
      const wrong = spans.some(([start, end]) => cuts[i] >= start && cuts[i + 1] <= end);
      if (!name && !wrong) parts.push(text);
      else {
        const span = document.createElement("span");
        span.className = [name, wrong && "liquid-error"].filter(Boolean).join(" ");
        span.textContent = text;
        parts.push(span);
      }
    }
  }
  if (line.length === 0) {
    const end = document.createElement("br");
    parts.push(end);
    node.classList.toggle("liquid-error-line", errors.length > 0);
  } else node.classList.remove("liquid-error-line");
  node.replaceChildren(...parts);
};

// Draws the lines that changed, and those after them whose beginning now means something else.
const paint = (editor) => {
  const texts = editor.area.value.split("\n");
  const old = editor.lines;
  let first = 0;
  while (first < texts.length && first < old.length && old[first].text === texts[first]) first++;
  let last = 0;
  const most = Math.min(texts.length, old.length) - first;
  while (last < most && old[old.length - 1 - last].text === texts[texts.length - 1 - last]) last++;
  const gone = old.slice(first, old.length - last);
  // The nodes of changed lines stay: taking siblings out and in makes the browser look at the style of all of them again.
  const node = (i) => gone[i]?.node ?? document.createElement("div");
  const made = texts.slice(first, texts.length - last).map((text, i) => ({ text, from: null, to: null, marks: "", node: node(i) }));
  gone.slice(made.length).forEach((line) => line.node.remove());
  if (made.length > gone.length) {
    const pieces = document.createDocumentFragment();
    pieces.append(...made.slice(gone.length).map((line) => line.node));
    const before = gone.at(-1)?.node ?? old[first - 1]?.node;
    if (before) before.after(pieces);
    else editor.overlay.prepend(pieces);
  }
  editor.lines = old.slice(0, first).concat(made, old.slice(old.length - last));

  const byLine = new Map();
  for (const error of editor.errors) byLine.set(error.line, [...(byLine.get(error.line) ?? []), error]);
  let state = "";
  editor.lines.forEach((line, index) => {
    const errors = byLine.get(index + 1) ?? [];
    const marks = errors.map((error) => error.column).join();
    if (line.from !== state || line.marks !== marks) {
      const found = cut(line.text, state);
      draw(line.node, line.text, found.pieces, errors);
      Object.assign(line, { from: state, to: found.state, marks });
    }
    state = line.to;
  });
};

const send = (area, start, removed, inserted, length) => {
  let from = 0;
  do {
    let end = Math.min(inserted.length, from + longestPart);
    if (end < inserted.length && isLow(inserted.charCodeAt(end))) end--;
    const detail = {
      start: start + from,
      removed: from === 0 ? removed : 0,
      inserted: inserted.slice(from, end),
      isWhole: end === inserted.length,
      length,
    };
    area.dispatchEvent(new CustomEvent("templatedelta", { bubbles: true, detail }));
    from = end;
  } while (from < inserted.length);
};

const tell = (editor) => {
  const [was, is] = [editor.sent, editor.area.value];
  if (was === is) return;
  const most = Math.min(was.length, is.length);
  let start = 0;
  while (start < most && was.charCodeAt(start) === is.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && was.charCodeAt(was.length - 1 - end) === is.charCodeAt(is.length - 1 - end)) end++;
  // Both halves of a character go together, or none.
  if (start > 0 && (isLow(is.charCodeAt(start)) || isLow(was.charCodeAt(start)))) start--;
  if (end > 0 && isLow(is.charCodeAt(is.length - end))) end--;
  editor.sent = is;
  send(editor.area, start, was.length - start - end, is.slice(start, is.length - end), is.length);
};

/** Takes a text area over. `text` is what the server has; what was typed before this is told to it. */
export function attach(area, overlay, text, errors) {
  // The page has removed it in the meantime.
  if (!area || !overlay) return;
  const editor = { area, overlay, sent: text, lines: [], errors };
  editors.set(area, editor);
  overlay.replaceChildren();
  area.addEventListener("input", () => {
    paint(editor);
    tell(editor);
  });
  paint(editor);
  tell(editor);
}

/** The server put another text in place. */
export function setText(area, text, errors) {
  const editor = editors.get(area);
  if (!editor) return;
  editor.sent = text;
  editor.errors = errors;
  area.value = text;
  paint(editor);
}

export function setErrors(area, errors) {
  const editor = editors.get(area);
  if (!editor) return;
  editor.errors = errors;
  paint(editor);
}

/** The server lost track: tell it everything. */
export function resend(area) {
  const editor = editors.get(area);
  if (editor) send(area, 0, -1, area.value, area.value.length);
}

/** Puts the caret at a place, and brings it into view. */
export function goTo(area, line, column) {
  const lines = area.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const at = before + Math.min(column - 1, (lines[line - 1] ?? "").length);
  area.focus();
  area.setSelectionRange(at, at);
  editors.get(area)?.lines[line - 1]?.node.scrollIntoView({ block: "nearest" });
}
