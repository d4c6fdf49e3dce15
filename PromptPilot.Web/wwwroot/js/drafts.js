// Stores the text of a form in this browser until it is saved, so that it survives the loss of the connection, the tab or the host.
// Each open page has a separate key, so a new page never overwrites the draft of an older one.
// A page whose state is more than its fields (the designer) gives it as one text.

const prefix = "pilot-draft:";
const most = 5;
const watched = new Map();

const valueOf = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
const snapshot = (form, read = valueOf) => {
  const fields = {};
  for (const field of form.querySelectorAll("[data-draft]")) fields[field.dataset.draft] = read(field);
  return fields;
};

// Who types before the server asks to watch has changed the form already: what a field held when it was entered is what it began with.
const untouched = new WeakMap();
addEventListener("focusin", (event) => {
  const field = event.target;
  if (field.dataset?.draft && !untouched.has(field)) untouched.set(field, valueOf(field));
});

const store = (watch, fields) => {
  try {
    if (!fields) localStorage.removeItem(watch.key);
    else localStorage.setItem(watch.key, JSON.stringify({ at: new Date().toISOString(), base: watch.base, fields }));
  } catch {
    // Storage is full or switched off: the page works without.
  }
};

const save = (watch) => {
  clearTimeout(watch.timer);
  watch.timer = null;
  const fields = snapshot(watch.form);
  store(watch, JSON.stringify(fields) === watch.start ? null : fields);
};

const flush = () => watched.forEach((watch) => watch.timer && save(watch));
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && flush());

const read = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};

const keysOf = (place) => {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${prefix}${place}:`));
  } catch {
    return [];
  }
};

const shown = (left) => left.slice(0, most).map(({ key, at, base }) => ({ key, at, base }));

/**
 * Starts to store a form, or the state that the page passes instead. Returns its key and earlier drafts, newest
 * first.
 */
export function watch(form, place, base) {
  const left = keysOf(place)
    .map((key) => ({ key, ...read(key) }))
    .filter((draft) => draft.fields)
    .sort((a, b) => b.at.localeCompare(a.at));
  left.slice(most).forEach((draft) => forget(draft.key));
  const key = `${prefix}${place}:${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`;
  if (!form) {
    watched.set(key, { base, key, timer: null });
    return { key, left: shown(left) };
  }
  const entry = { form, base, key, start: JSON.stringify(snapshot(form, (field) => untouched.get(field) ?? valueOf(field))), timer: null };
  watched.set(key, entry);
  const changed = () => {
    entry.timer ??= setTimeout(() => save(entry), 400);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  if (JSON.stringify(snapshot(form)) !== entry.start) changed();
  return { key, left: shown(left) };
}

/** Keeps what the page gives in the place of what it gave before; null: nothing would be lost. */
export function put(key, base, text) {
  const entry = watched.get(key);
  if (!entry) return;
  entry.base = base;
  store(entry, text === null ? null : { text });
}

/** The fields of a draft as JSON, as bytes: they may be larger than a message. */
export function take(key) {
  return new TextEncoder().encode(JSON.stringify(read(key)?.fields ?? {}));
}

export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing is kept then.
  }
}

/** What is in the form now is saved, or was given up: its own draft goes, and keeping begins again. */
export function settle(key, base) {
  const entry = watched.get(key);
  if (!entry) return;
  clearTimeout(entry.timer);
  entry.timer = null;
  forget(key);
  entry.base = base;
  if (entry.form) entry.start = JSON.stringify(snapshot(entry.form));
}

/** Something was put into the form by the server: keep it too. */
export function touch(key) {
  const entry = watched.get(key);
  if (entry) save(entry);
}

/** The page goes, with what it kept or without. */
export function unwatch(key) {
  const entry = watched.get(key);
  if (entry?.timer && entry.form.isConnected) save(entry);
  clearTimeout(entry?.timer);
  watched.delete(key);
}
