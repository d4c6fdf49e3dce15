// Drags on the canvas by pointer events: a prompt from the list, an output onto a variable, the canvas itself, a frame around steps.
// Pointer moves stay here. The server is called when a drag begins (what would each drop do?) and when it has ended.

import { boxOf, isOver } from "./canvas-view.js";

const slop = 5;
const longPress = 350;
const edgeDelay = 350;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

/** @param call asks the server. @param on adds a listener that goes with the canvas. */
export function createDrags(root, section, view, call, on) {
  const live = section.querySelector("[data-live] path");
  const ghost = section.querySelector("[data-ghost]");
  const variables = section.querySelector("[data-variables]");
  const hint = section.querySelector("[data-hint]");
  const selection = section.querySelector("[data-selection]");
  const shield = section.querySelector("[data-shield]");
  const pointers = new Map();
  let drag = null;
  let hintTimer = 0;

  const measure = () => ({
    boxes: view.cards().map(boxOf),
    lines: [...view.world.querySelectorAll("[data-line]")].map((line) => {
      const path = line.querySelector("path");
      const length = path.getTotalLength();
      const points = Array.from({ length: 15 }, (_, i) => path.getPointAtLength((length * i) / 14));
      const mark = view.world.querySelector(`[data-insert="${CSS.escape(line.dataset.line)}"]`);
      return { line, mark, from: line.dataset.from, to: line.dataset.to, points, x: Number(mark.dataset.x), y: Number(mark.dataset.y) };
    }),
  });

  const find = (event, withLines) => {
    if (!isOver(view.element, event)) return null;
    const at = view.toWorld(event);
    const box = drag.places.boxes.find(
      (b) => at.x >= b.x - 4 && at.x <= b.x + b.width + 4 && at.y >= b.y - 4 && at.y <= b.y + b.height + 4,
    );
    if (box) return { kind: "step", step: box.key, element: box.card, box };
    if (withLines) {
      let [nearest, distance] = [null, Infinity];
      for (const line of drag.places.lines) {
        const toMark = Math.hypot(line.x - at.x, line.y - at.y) - 10 / view.zoom();
        const toPath = Math.min(...line.points.map((p) => Math.hypot(p.x - at.x, p.y - at.y)));
        const d = Math.min(toMark, toPath);
        if (d < distance) [nearest, distance] = [line, d];
      }
      if (nearest && distance < 16 / view.zoom()) {
        return { kind: "line", step: nearest.to, from: nearest.from, element: nearest.line, mark: nearest.mark };
      }
    }
    return { kind: "blank" };
  };

  const tell = (text) => {
    clearTimeout(hintTimer);
    hint.textContent = text ?? "";
    if (text) hintTimer = setTimeout(() => (hint.textContent = ""), 6000);
  };

  const light = (target, isOk) => {
    for (const lit of section.querySelectorAll("[data-hot]")) delete lit.dataset.hot;
    for (const element of [target?.element, target?.mark]) if (element) element.dataset.hot = isOk ? "yes" : "no";
  };

  const label = (title, detail, isOk) => {
    ghost.querySelector("[data-title]").textContent = title;
    ghost.querySelector("[data-detail]").textContent = detail ?? "";
    ghost.dataset.ok = isOk ? "true" : "false";
  };

  const place = (event) => {
    const box = section.getBoundingClientRect();
    const [left, top] = [event.clientX - box.left + 14, event.clientY - box.top + 14];
    const [right, bottom] = [box.width - ghost.offsetWidth - 8, box.height - ghost.offsetHeight - 8];
    ghost.style.transform = `translate(${Math.min(left, right)}px, ${Math.min(top, bottom)}px)`;
  };

  const offerOf = (offers, target) => {
    if (!offers) return null;
    if (target.kind === "blank") return offers.blank;
    return target.kind === "step" ? offers.steps[target.step] : offers.lines[`${target.from}>${target.step}`];
  };

  const titles = { blank: "Start in parallel", step: "Read output", line: "Insert between" };

  const overPrompt = (event) => {
    const target = find(event, true);
    drag.target = target;
    const offer = target && offerOf(drag.offers, target);
    const isOk = Boolean(target) && !offer?.refusal;
    light(target, isOk);
    label(target ? (offer?.title ?? titles[target.kind]) : "Drop on the canvas", offer?.detail, isOk);
    section.dataset.blank = target?.kind === "blank" ? "true" : "false";
  };

  const showVariables = (target, plan) => {
    const [box, frame] = [target.element.getBoundingClientRect(), section.getBoundingClientRect()];
    variables.replaceChildren(
      ...(plan.refusal
        ? [make("span", "why", plan.refusal)]
        : plan.variables.map((variable) => {
            const button = make("button", `variable ${variable.expression ? "used" : ""}`, variable.name);
            button.type = "button";
            button.dataset.variable = variable.name;
            button.title = variable.expression ? `reads ${variable.expression} now` : "reads nothing yet";
            return button;
          })),
    );
    variables.dataset.step = target.step;
    variables.hidden = false;
    const left = clamp(box.left + box.width / 2 - frame.left - variables.offsetWidth / 2, 8, frame.width - variables.offsetWidth - 8);
    variables.style.transform = `translate(${left}px, ${Math.max(4, box.top - frame.top - variables.offsetHeight + 10)}px)`;
  };

  const hideVariables = () => {
    variables.hidden = true;
    delete variables.dataset.step;
    variables.replaceChildren();
  };

  const overPort = (event) => {
    const at = view.toWorld(event);
    const bend = Math.max(40, Math.abs(at.y - drag.y) * 0.55);
    live.setAttribute("d", `M${drag.x},${drag.y} C${drag.x},${drag.y + bend} ${at.x},${at.y - bend} ${at.x},${at.y}`);
    const isOnVariables = !variables.hidden && isOver(variables, event);
    const target = isOnVariables ? drag.target : find(event, false);
    const plan = target?.kind === "step" ? drag.offers?.[target.step] : null;
    if (target?.step !== drag.target?.step || (plan && variables.hidden)) {
      if (plan) showVariables(target, plan);
      else hideVariables();
    }
    drag.target = target;
    light(target?.kind === "step" ? target : null, plan ? !plan.refusal : true);
    const hovered = isOnVariables ? document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-variable]") : null;
    drag.variable = hovered?.dataset.variable ?? plan?.variables.find((variable) => variable.isMatch)?.name ?? null;
    for (const button of variables.querySelectorAll("[data-variable]")) {
      button.classList.toggle("hot", button.dataset.variable === drag.variable);
    }
    if (!plan) label(drag.key, target?.kind === "step" ? "" : "Drop on a step that should read it", true);
    else if (plan.refusal) label("Cannot drop here", plan.refusal, false);
    else label(`${drag.key} → ${drag.variable ?? "…"}`, drag.variable ? "" : "Choose a variable", true);
  };

  const over = (event) => {
    drag.last = event;
    if (drag.kind === "prompt") overPrompt(event);
    else overPort(event);
    place(event);
  };

  /** While something is dragged near an edge, the canvas moves under it. */
  const follow = () => {
    if (!drag?.isOn) return;
    const event = drag.last;
    if (event && isOver(view.element, event)) {
      const box = view.element.getBoundingClientRect();
      const push = (low, high, at) => (at < low + 28 ? 8 : at > high - 28 ? -8 : 0);
      const [dx, dy] = [push(box.left, box.right, event.clientX), push(box.top, box.bottom, event.clientY)];
      // Who only passes the edge does not mean it.
      drag.edge = dx || dy ? (drag.edge ?? performance.now()) : null;
      if (drag.edge && performance.now() - drag.edge > edgeDelay) {
        view.pan(dx, dy);
        over(event);
      }
    }
    requestAnimationFrame(follow);
  };

  const begin = (event) => {
    drag.isOn = true;
    drag.places = measure();
    section.dataset.dragging = root.dataset.dragging = drag.kind;
    ghost.hidden = false;
    ghost.querySelector("[data-name]").textContent = drag.kind === "prompt" ? drag.name : "";
    hideVariables();
    tell("");
    const mine = drag;
    const asked = drag.kind === "prompt" ? call("PlanDrops", drag.id) : call("PlanConnections", drag.from, drag.key);
    asked.then((offers) => {
      mine.offers = offers;
      if (drag === mine) over(mine.last);
    });
    over(event);
    requestAnimationFrame(follow);
  };

  const end = () => {
    if (drag?.kind === "prompt" && drag.source.hasPointerCapture?.(drag.pointer)) drag.source.releasePointerCapture(drag.pointer);
    clearTimeout(drag?.timer);
    drag = null;
    delete section.dataset.dragging;
    delete root.dataset.dragging;
    delete section.dataset.blank;
    ghost.hidden = true;
    live.setAttribute("d", "");
    light(null);
  };

  const cancel = () => {
    hideVariables();
    if (drag) end();
  };

  const drop = async (event) => {
    over(event);
    const done = drag;
    end();
    if (!done.target) return hideVariables();
    if (done.kind === "prompt") {
      const offer = offerOf(done.offers, done.target);
      if (offer?.refusal) return tell(offer.refusal);
      await call("Drop", done.id, done.target.step ?? null, done.target.from ?? null);
      return;
    }
    const plan = done.target.kind === "step" ? done.offers?.[done.target.step] : null;
    if (!plan || plan.refusal || done.variable) hideVariables();
    if (plan?.refusal) tell(plan.refusal);
    else if (plan && done.variable) await call("Connect", done.from, done.key, done.target.step, done.variable);
    else if (plan) {
      // Several fit: the variables stay, to choose one.
      variables.dataset.from = done.from;
      variables.dataset.key = done.key;
      variables.querySelector("button")?.focus();
    }
  };

  const onDown = (event) => {
    if (event.button !== 0 || drag) return;
    const prompt = event.target.closest?.("[data-prompt]");
    if (prompt && root.contains(prompt) && section.offsetParent !== null) {
      const { prompt: id, name } = prompt.dataset;
      drag = { kind: "prompt", id, name, source: prompt, pointer: event.pointerId, start: event, last: event };
      if (event.pointerType === "touch") {
        drag.timer = setTimeout(() => drag && !drag.isOn && (prompt.setPointerCapture(event.pointerId), begin(drag.last)), longPress);
      } else {
        prompt.setPointerCapture(event.pointerId);
      }
      return;
    }
    if (!view.element.contains(event.target)) return;
    if (!variables.contains(event.target)) hideVariables();
    const port = event.target.closest("[data-port]");
    if (port) {
      event.preventDefault();
      view.element.setPointerCapture(event.pointerId);
      const from = port.getBoundingClientRect();
      drag = {
        kind: "port",
        from: port.dataset.port,
        key: port.dataset.key,
        pointer: event.pointerId,
        start: event,
        last: event,
        ...view.toWorld({ clientX: from.left + from.width / 2, clientY: from.top + from.height / 2 }),
      };
      return;
    }
    pointers.set(event.pointerId, event);
    const kind = event.shiftKey && !event.target.closest("[data-node]") ? "frame" : "pan";
    if (pointers.size === 1) drag = { kind, start: event, last: event };
    else if (pointers.size === 2) startPinch();
  };

  const startPinch = () => {
    const [a, b] = [...pointers.values()];
    drag = { kind: "pinch", distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY), k: view.zoom(), isOn: true };
  };

  const onMove = (event) => {
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, event);
    if (!drag) return;
    if (drag.kind === "pinch") {
      if (pointers.size < 2) return;
      const [a, b] = [...pointers.values()];
      const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      const middle = { x: (a.clientX + b.clientX) / 2, y: (a.clientY + b.clientY) / 2 };
      view.zoomTo((drag.k * distance) / Math.max(1, drag.distance), middle, false);
      return;
    }
    const [dx, dy] = [event.clientX - drag.start.clientX, event.clientY - drag.start.clientY];
    if (!drag.isOn) {
      if (Math.hypot(dx, dy) < slop) return;
      if (drag.kind === "prompt" && event.pointerType === "touch") {
        // A swipe scrolls the list.
        clearTimeout(drag.timer);
        drag = null;
        return;
      }
      if (drag.kind === "prompt" || drag.kind === "port") begin(event);
      else {
        drag.isOn = true;
        shield.setPointerCapture(event.pointerId);
        section.dataset.dragging = drag.kind;
      }
    }
    if (drag.kind === "pan") {
      view.pan(event.clientX - drag.last.clientX, event.clientY - drag.last.clientY);
      drag.last = event;
    } else if (drag.kind === "frame") {
      drawSelection(event);
    } else {
      over(event);
    }
  };

  const onUp = (event) => {
    pointers.delete(event.pointerId);
    if (!drag) return;
    const done = drag;
    if (done.isOn) {
      // The click that follows belongs to the drag.
      const swallow = (click) => {
        click.stopImmediatePropagation();
        click.preventDefault();
      };
      document.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
    }
    if (done.kind === "prompt" || done.kind === "port") {
      if (done.isOn) drop(event);
      else end();
      return;
    }
    if (done.kind === "frame" && done.isOn) {
      const chosen = view.cards().filter((card) => overlaps(card.getBoundingClientRect(), selection.getBoundingClientRect()));
      call("Select", chosen.map((card) => card.dataset.node));
    }
    if (done.kind === "pan" && !done.isOn && !event.target.closest?.("[data-node], [data-line], button, a")) call("Select", []);
    selection.hidden = true;
    delete section.dataset.dragging;
    drag = null;
  };

  const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const drawSelection = (event) => {
    const box = section.getBoundingClientRect();
    const [left, top] = [Math.min(event.clientX, drag.start.clientX), Math.min(event.clientY, drag.start.clientY)];
    selection.hidden = false;
    selection.style.transform = `translate(${left - box.left}px, ${top - box.top}px)`;
    selection.style.width = `${Math.abs(event.clientX - drag.start.clientX)}px`;
    selection.style.height = `${Math.abs(event.clientY - drag.start.clientY)}px`;
  };

  on(root, "pointerdown", onDown);
  on(document, "pointermove", onMove);
  on(document, "pointerup", onUp);
  on(document, "pointercancel", (event) => {
    pointers.delete(event.pointerId);
    cancel();
  });
  on(document, "touchmove", (event) => drag?.isOn && event.preventDefault(), { passive: false });
  on(root, "contextmenu", (event) => drag?.kind === "prompt" && event.preventDefault());
  on(variables, "click", (event) => {
    const chosen = event.target.closest("[data-variable]");
    if (!chosen) return;
    const { from, key, step } = variables.dataset;
    hideVariables();
    call("Connect", from, key, step, chosen.dataset.variable);
  });

  return {
    /** Whether there was something to end. */
    cancel() {
      const wasOn = drag !== null || !variables.hidden;
      cancel();
      return wasOn;
    },
  };
}
