// Lets pointer and arrow keys read charts point by point without the server. The line below the chart shows the point's label.

const show = (point) => {
  const readout = point.closest("section")?.querySelector("[data-readout]");
  if (readout) {
    readout.textContent = point.getAttribute("aria-label");
  }
};

const pointOf = (event) => (event.target instanceof Element ? event.target.closest("[data-chart] .point") : null);

addEventListener("pointerover", (event) => {
  const point = pointOf(event);
  if (point) {
    show(point);
  }
});

addEventListener("focusin", (event) => {
  const point = pointOf(event);
  if (point) {
    show(point);
  }
});

addEventListener("keydown", (event) => {
  const point = pointOf(event);
  if (!point || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  const points = [...point.parentElement.querySelectorAll(".point")];
  const at = points.indexOf(point);
  const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: points.length - 1 }[event.key];
  if (next === undefined) {
    return;
  }
  event.preventDefault();
  const target = points[Math.min(Math.max(next, 0), points.length - 1)];
  point.setAttribute("tabindex", "-1");
  target.setAttribute("tabindex", "0");
  target.focus();
});
