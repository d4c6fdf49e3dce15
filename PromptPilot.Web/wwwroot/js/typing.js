// A field keeps what is being typed in it. A value that the server set before it knew of the newest typing is held back: the typing reaches
// the server next and replaces that value there, too. Fields say in data-seen how many of their reports the server had received when
// it rendered them; they report each key with data-reports="input", otherwise only the complete text.

// The milliseconds after which a report counts as lost with the connection.
const patience = 10000;
const states = new WeakMap();

const watch = (field) => {
  if (!field.matches?.("[data-seen]")) return null;
  const known = states.get(field);
  if (known) return known;
  const name = field.type === "checkbox" ? "checked" : "value";
  const native = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), name);
  const seen = () => Number(field.dataset.seen);
  const state = {
    sent: seen(),
    isTyping: false,
    held: null,
    timer: 0,
    report() {
      state.sent++;
      state.isTyping = false;
      state.held = null;
      clearTimeout(state.timer);
      state.timer = setTimeout(state.release, patience);
    },
    /** Whatever was typed is known, or lost: shows the newest value of the server. */
    release() {
      state.sent = seen();
      state.isTyping = false;
      if (state.held) native.set.call(field, state.held.value);
      state.held = null;
    },
  };
  Object.defineProperty(field, name, {
    configurable: true,
    enumerable: true,
    get: () => native.get.call(field),
    set(value) {
      const isLate = state.isTyping || state.sent > seen();
      state.held = isLate ? { value } : null;
      if (!isLate) native.set.call(field, value);
    },
  });
  states.set(field, state);
  return state;
};

const on = (type, handle) => document.addEventListener(type, (event) => handle(event.target), { capture: true });
on("focusin", watch);
on("input", (field) => {
  const state = watch(field);
  if (!state) return;
  if (field.dataset.reports === "input") state.report();
  else state.isTyping = true;
});
on("change", (field) => {
  if (field.dataset?.reports !== "input") watch(field)?.report();
});
// The text is again what it was before, so nothing is reported.
on("focusout", (field) => {
  const state = states.get(field);
  if (state?.isTyping) state.release();
});
