// The view of the canvas: zoom, pan by wheel, the minimap. None of this reaches the server.

const least = 0.1;
const most = 2;
const atOnce = 25;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

export const boxOf = (card) => ({
  card,
  key: card.dataset.node,
  x: Number(card.dataset.x),
  y: Number(card.dataset.y),
  width: card.offsetWidth,
  height: card.offsetHeight,
});

export const isOver = (element, event) => {
  const box = element.getBoundingClientRect();
  return event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
};

/** @param on adds a listener that goes with the canvas. */
export function createView(section, on) {
  const view = section.querySelector("[data-viewport]");
  const world = section.querySelector("[data-world]");
  const grid = section.querySelector("[data-grid]");
  const map = section.querySelector("[data-minimap]");
  const level = section.querySelector("[data-zoom-level]");
  let [k, x, y] = [1, 0, 0];
  let isTouched = false;
  let isGliding = false;
  let frame = 0;
  let paintedAt = 0;

  const size = () => ({ width: Number(world.dataset.width), height: Number(world.dataset.height) });
  const cards = () => [...world.querySelectorAll("[data-node]")];

  // At most once a frame, and by transforms alone: the layers are moved, not painted again.
  const apply = (glide = false) => {
    isGliding ||= glide;
    frame ||= requestAnimationFrame(paint);
  };

  const paint = () => {
    frame = 0;
    world.classList.toggle("glide", isGliding);
    world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
    isGliding = false;
    const step = 16 * k;
    grid.style.transform = `translate(${((x % step) + step) % step}px, ${((y % step) + step) % step}px)`;
    if (k !== paintedAt) {
      paintedAt = k;
      world.style.willChange = "";
      grid.style.backgroundSize = `${step}px ${step}px`;
      if (section.dataset.far !== String(k < 0.55)) {
        section.dataset.far = String(k < 0.55);
        markFar();
      }
      // The text of a node, not the nodes: those would have the styles of the whole page worked out again.
      level.firstChild.data = `${Math.round(k * 100)}%`;
    } else {
      world.style.willChange = "transform";
    }
    drawFrame();
  };

  // Few cards a frame: the styles of a hundred, worked out at once, would hold up a zoom.
  const markFar = () => {
    const isFar = section.dataset.far === "true";
    const some = cards().filter((card) => "far" in card.dataset !== isFar).slice(0, atOnce);
    for (const card of some) {
      if (isFar) card.dataset.far = "";
      else delete card.dataset.far;
    }
    if (some.length === atOnce) requestAnimationFrame(markFar);
  };

  const pan = (dx, dy, glide = false) => {
    [x, y] = [x + dx, y + dy];
    isTouched = true;
    apply(glide);
  };

  const zoomTo = (next, at, glide = true) => {
    const box = view.getBoundingClientRect();
    const [px, py] = at ? [at.x - box.left, at.y - box.top] : [box.width / 2, box.height / 2];
    const to = clamp(next, least, most);
    isTouched = true;
    x = px - ((px - x) / k) * to;
    y = py - ((py - y) / k) * to;
    k = to;
    apply(glide);
  };

  const fit = (smallest = least, glide = true) => {
    const { width, height } = size();
    const box = view.getBoundingClientRect();
    if (box.width === 0) return;
    const [top, aside] = [56, 36];
    k = clamp(Math.min((box.width - 2 * aside) / Math.max(width, 1), (box.height - top - 64) / Math.max(height, 1), 1), smallest, most);
    x = (box.width - width * k) / 2;
    y = top;
    apply(glide);
  };

  /** Brings a card into view, by the least move. */
  const reveal = (card) => {
    const [box, frame] = [card.getBoundingClientRect(), view.getBoundingClientRect()];
    const [left, right, top, bottom] = [frame.left + 24, frame.right - 24, frame.top + 52, frame.bottom - 60];
    const dx = box.left < left ? left - box.left : box.right > right ? right - box.right : 0;
    const dy = box.top < top ? top - box.top : box.bottom > bottom ? bottom - box.bottom : 0;
    if (dx === 0 && dy === 0) return;
    pan(dx, dy, true);
  };

  // The minimap

  const drawMap = () => {
    const boxes = cards();
    map.hidden = boxes.length <= 20;
    if (map.hidden) return;
    const { width, height } = size();
    const scale = Math.min(160 / width, 110 / height);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", width * scale);
    svg.setAttribute("height", height * scale);
    for (const box of boxes.map(boxOf)) {
      const rect = document.createElementNS(svg.namespaceURI, "rect");
      rect.setAttribute("x", box.x * scale);
      rect.setAttribute("y", box.y * scale);
      rect.setAttribute("width", Math.max(2, box.width * scale));
      rect.setAttribute("height", Math.max(1.5, box.height * scale));
      rect.setAttribute("class", box.card.classList.contains("bad") ? "bad" : box.card.classList.contains("on") ? "on" : "");
      svg.append(rect);
    }
    const frame = document.createElementNS(svg.namespaceURI, "rect");
    frame.setAttribute("class", "frame");
    svg.append(frame);
    map.replaceChildren(svg);
    map.dataset.scale = scale;
    drawFrame();
  };

  const drawFrame = () => {
    const frame = map.querySelector(".frame");
    if (map.hidden || !frame) return;
    const scale = Number(map.dataset.scale);
    frame.setAttribute("x", (-x / k) * scale);
    frame.setAttribute("y", (-y / k) * scale);
    frame.setAttribute("width", (view.clientWidth / k) * scale);
    frame.setAttribute("height", (view.clientHeight / k) * scale);
  };

  const goOnMap = (event) => {
    const box = map.firstElementChild.getBoundingClientRect();
    const scale = Number(map.dataset.scale);
    x = view.clientWidth / 2 - ((event.clientX - box.left) / scale) * k;
    y = view.clientHeight / 2 - ((event.clientY - box.top) / scale) * k;
    apply();
  };

  const toWorld = (event) => {
    const box = view.getBoundingClientRect();
    return { x: (event.clientX - box.left - x) / k, y: (event.clientY - box.top - y) / k };
  };

  on(
    view,
    "wheel",
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) {
        zoomTo(k * Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), { x: event.clientX, y: event.clientY }, false);
        return;
      }
      const unit = event.deltaMode === 1 ? 16 : 1;
      pan(-(event.shiftKey ? event.deltaY : event.deltaX) * unit, -(event.shiftKey ? 0 : event.deltaY) * unit);
    },
    { passive: false },
  );
  on(map, "pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    goOnMap(event);
  });
  on(map, "pointermove", (event) => event.buttons && goOnMap(event));
  on(section, "click", (event) => {
    const act = event.target.closest("[data-view]")?.dataset.view;
    if (act === "in") zoomTo(k * 1.25);
    else if (act === "out") zoomTo(k / 1.25);
    else if (act === "fit") fit();
  });

  // Until someone moves the view, it shows everything: the whole widest row, and as far down as it is still readable.
  const readable = () => clamp((view.clientWidth - 72) / Math.max(size().width, 1), 0.3, 0.6);
  const resized = new ResizeObserver(() => (isTouched ? drawFrame() : fit(readable(), false)));
  resized.observe(view);
  drawMap();

  return {
    element: view,
    world,
    cards,
    pan,
    reveal,
    toWorld,
    fit,
    zoomBy: (factor, at) => zoomTo(k * factor, at, !at),
    zoomTo,
    zoom: () => k,
    drawn() {
      if (!isTouched && cards().length <= 3) fit(0.6);
      markFar();
      drawMap();
    },
    stop() {
      resized.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
