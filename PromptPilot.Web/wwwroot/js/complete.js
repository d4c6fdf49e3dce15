// Completes fields with data-complete="expression" (keys and filters) or "template" (the same inside {{ }} and {% %}, plus tags and names
// of parts). The words come from attributes around the field, so typing never waits for the server. Combobox pattern: ↓ and ↑ choose,
// Enter or Tab accepts, Escape closes, Ctrl+Space opens.

const most = 8;
// The most characters searched backward for opening braces.
const reach = 2000;
const tags = [
  "if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break", "continue",
  "assign", "capture", "endcapture", "include", "raw", "endraw", "comment", "endcomment",
];
const wordEnd = /[\p{L}\p{M}\p{N}_.\-[\]]*$/u;
const wordStart = /^[\p{L}\p{M}\p{N}_.\-[\]]*/u;
// A value is expected at the start, after an operator, or after these words.
const beforeValue = /(^|[:,=<>]|(^|\s)(and|or|contains|in|if|elsif|unless|case|when))\s*$/;

// Names that the template defines itself.
const ownName = /\{%-?\s*(?:assign|capture|for)\s+([\p{L}_][\p{L}\p{M}\p{N}_-]*)/gu;

const inQuotes = (text) => (text.split("'").length - 1) % 2 === 1 || (text.split('"').length - 1) % 2 === 1;

const matching = (known, word, whole) => {
  const wanted = word.toLowerCase();
  const found = known.filter(([name]) => name !== whole && name.toLowerCase().includes(wanted));
  const first = found.filter(([name]) => name.toLowerCase().startsWith(wanted));
  return [...first, ...found.filter((item) => !first.includes(item))].slice(0, most);
};

const ofExpression = (before, known) => {
  const trimmed = before.trimEnd();
  return trimmed.endsWith("|") ? known.filters.map((name) => [name, "filter"]) : beforeValue.test(trimmed) ? known.keys : [];
};

/** The completions at the caret: the range of the word around it, and replacements, best first. */
export const find = (kind, text, caret, known) => {
  const none = { start: caret, end: caret, items: [] };
  let inside = text.slice(kind === "template" ? Math.max(0, caret - reach) : 0, caret);
  let close = "";
  let isTag = false;
  let keys = known.keys;
  if (kind === "template") {
    const open = Math.max(inside.lastIndexOf("{{"), inside.lastIndexOf("{%"));
    if (open < 0) return none;
    isTag = inside[open + 1] === "%";
    inside = inside.slice(open + 2).replace(/^-/, "");
    if (inside.includes("}}") || inside.includes("%}")) return none;
    const rest = text.slice(caret).split("\n", 1)[0];
    const end = isTag ? "%}" : "}}";
    const [at, next] = [rest.indexOf(end), rest.indexOf("{")];
    if (at < 0 || (next >= 0 && next < at)) close = " " + end;
    const own = text.slice(Math.max(0, caret - reach * 10), caret).matchAll(ownName);
    keys = [...[...own].map((match) => [match[1], "this text"]).filter(([name]) => !keys.some((key) => key[0] === name)), ...keys];
    const part = isTag && /^\s*include\s+(["'])([^"']*)$/.exec(inside);
    if (part) {
      const after = /^[^"'\n%}]*/.exec(text.slice(caret))[0];
      const quoted = text[caret + after.length] === part[1];
      const end = quoted ? caret + after.length : caret;
      return {
        start: caret - part[2].length,
        end,
        first: 0,
        items: matching(known.parts.map((name) => [name, "part"]), part[2], part[2]).map(([word, source]) => ({
          word,
          source,
          text: word + (quoted ? "" : part[1] + close),
        })),
      };
    }
  }
  if (inQuotes(inside)) return none;
  const word = wordEnd.exec(inside)[0];
  const tail = wordStart.exec(text.slice(caret))[0];
  const before = inside.slice(0, inside.length - word.length);
  const isName = isTag && before.trim() === "";
  const items = isName
    ? word ? matching(tags.map((name) => [name, "tag"]), word, word + tail) : []
    : matching(ofExpression(isTag ? before.replace(/^\s*assign\s+\S+\s*=/, "=") : before, { ...known, keys }), word, word + tail);
  const names = isName ? tags : [...keys.map(([name]) => name), ...known.filters];
  return {
    start: caret - word.length,
    end: caret + tail.length,
    // In a template, Enter takes the first; a word that is complete already is left alone.
    first: kind === "template" && !names.includes(word + tail) ? 0 : -1,
    items: items.map(([name, source]) => ({
        word: name,
        source,
        text: isName ? (name === "include" ? name + ' "' : name) : name + (tail ? "" : close),
      })),
  };
};

const parsed = new Map();
const read = (field, name) => {
  const text = field.closest(`[data-complete-${name}]`)?.getAttribute(`data-complete-${name}`) ?? "[]";
  if (!parsed.has(text)) {
    if (parsed.size > 50) parsed.clear();
    parsed.set(text, JSON.parse(text));
  }
  return parsed.get(text);
};

const list = document.createElement("ul");
Object.assign(list, { id: "completions", className: "completions" });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Completions");
list.dataset.testid = "completions";
const said = document.createElement("p");
said.className = "sr-only";
said.setAttribute("role", "status");
const box = document.createElement("section");
box.setAttribute("aria-label", "Completions");
box.hidden = true;
box.append(list, said);

// Added before it is shown, since fields refer to it.
document.body.append(box);

let open = null;
let isTaking = false;

const mark = (at) => {
  open.at = at;
  [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
  if (at < 0) open.field.removeAttribute("aria-activedescendant");
  else open.field.setAttribute("aria-activedescendant", list.children[at].id);
  list.children[at]?.scrollIntoView({ block: "nearest" });
};

const close = () => {
  if (!open) return;
  open.field.removeAttribute("aria-activedescendant");
  if (open.field.matches("input")) open.field.setAttribute("aria-expanded", "false");
  open = null;
  box.hidden = true;
};

// The position of the list: below an input; in a text area at the caret, found in the text drawn behind it.
const place = (field, start) => {
  const box = field.getBoundingClientRect();
  const drawn = field.matches("textarea") && field.parentElement.querySelector("pre");
  if (!drawn) return { left: box.left, top: box.bottom, above: box.top };
  const lines = field.value.slice(0, start).split("\n");
  let left = lines.at(-1).length;
  const range = document.createRange();
  const walker = document.createTreeWalker(drawn.children[lines.length - 1] ?? drawn, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (left <= node.length) {
      range.setStart(node, left);
      const at = range.getBoundingClientRect();
      return { left: at.left, top: at.bottom, above: at.top };
    }
    left -= node.length;
  }
  return { left: box.left, top: box.bottom, above: box.top };
};

const show = (field, found) => {
  open = { field, found, at: -1 };
  list.replaceChildren(
    ...found.items.map((item, i) => {
      const line = document.createElement("li");
      Object.assign(line, { id: `completion-${i}` });
      line.setAttribute("role", "option");
      line.dataset.testid = "completion";
      const word = document.createElement("code");
      word.textContent = item.word;
      const source = document.createElement("span");
      source.textContent = item.source;
      line.append(word, " ", source);
      return line;
    }),
  );
  if (!box.isConnected) document.body.append(box);
  box.hidden = false;
  if (field.matches("input")) field.setAttribute("aria-expanded", "true");
  mark(found.first);
  const at = place(field, found.start);
  const [width, height] = [list.offsetWidth, list.offsetHeight];
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  list.style.top = `${at.top + height + 8 > innerHeight && at.above > height ? at.above - height - 4 : at.top + 2}px`;
  said.textContent = `${found.items.length} completion${found.items.length === 1 ? "" : "s"}. Down arrow to choose.`;
};

const look = (field) => {
  const known = { keys: read(field, "keys"), filters: read(field, "filters"), parts: read(field, "parts") };
  const found = find(field.dataset.complete, field.value, field.selectionStart, known);
  if (found.items.length === 0) close();
  else show(field, found);
};

const take = (at) => {
  const { field, found } = open;
  close();
  isTaking = true;
  field.focus();
  field.setSelectionRange(found.start, found.end);
  // Typed by the browser's own command, so that undo works.
  if (!document.execCommand("insertText", false, found.items[at].text)) {
    field.setRangeText(found.items[at].text, found.start, found.end, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  isTaking = false;
  if (found.items[at].text.endsWith('"')) look(field);
};

document.addEventListener("input", (event) => {
  if (isTaking || event.isComposing) return;
  if (event.target.matches?.("[data-complete]") && !event.target.readOnly) look(event.target);
});

addEventListener(
  "keydown",
  (event) => {
    const field = event.target;
    if (event.isComposing || !field.matches?.("[data-complete]") || field.readOnly) return;
    const isMine = open?.field === field;
    const size = isMine ? open.found.items.length : 0;
    if (event.key === " " && event.ctrlKey) look(field);
    else if (event.key === "ArrowDown" && !isMine && field.matches("input") && !event.altKey) look(field);
    else if (event.key === "ArrowDown" && isMine) mark((open.at + 1) % size);
    else if (event.key === "ArrowUp" && isMine) mark((open.at <= 0 ? size : open.at) - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && isMine && open.at >= 0 && !event.ctrlKey && !event.shiftKey) take(open.at);
    else if (event.key === "Escape" && isMine) close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  { capture: true },
);

list.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const item = event.target.closest("li");
  if (item && open) take([...list.children].indexOf(item));
});
document.addEventListener("focusout", (event) => {
  if (open?.field === event.target) close();
});
addEventListener("scroll", (event) => event.target !== list && close(), { capture: true, passive: true });
addEventListener("resize", close);
