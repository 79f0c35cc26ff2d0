// A lasso over a chart: a line that the pointer draws around points. Touch draws one that begins sideways; other touches
// scroll the page.
const STEP_OF_LASSO = 3; // pixels between corners

/** Whether a place is inside of a polygon: a line from it to the right crosses an odd number of edges. */
function insideOf(polygon, [x, y]) {
  let inside = false;
  polygon.forEach(([x1, y1], i) => {
    const [x2, y2] = polygon[(i + 1) % polygon.length];
    if ((y1 > y) !== (y2 > y) && x < x1 + (y - y1) / (y2 - y1) * (x2 - x1)) inside = !inside;
  });
  return inside;
}

/** Where a chart of one view draws a point of its axes x and y, in pixels of its canvas. */
function placeIn(view, { x, y }) {
  const [left, top] = view.origin(), padding = view.padding();
  return [view.scale("x")(x) + left + padding.left, view.scale("y")(y) + top + padding.top];
}

/**
 * Let the reader draw around the points of a drawn chart. `chosen` is called with the points inside when the line ends, or
 * with null for a press without a line.
 */
function lasso(view, points, chosen) {
  const canvas = view.container().querySelector("canvas"), space = "http://www.w3.org/2000/svg";
  const paper = document.createElementNS(space, "svg"), line = document.createElementNS(space, "polygon");
  let corners = null; // while the line is drawn
  const at = event => [event.offsetX, event.offsetY];
  const show = polygon => line.setAttribute("points", polygon.join(" "));
  paper.setAttribute("class", "lasso");
  paper.setAttribute("aria-hidden", "true");
  paper.append(line);
  canvas.parentNode.style.position = "relative";
  canvas.after(paper);
  canvas.style.touchAction = "pan-y";
  canvas.addEventListener("pointerdown", event => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    corners = [at(event)];
    show([]);
  });
  canvas.addEventListener("pointermove", event => {
    if (!corners) return;
    const [x, y] = at(event), [lastX, lastY] = corners.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < STEP_OF_LASSO) return;
    corners.push([x, y]);
    show(corners);
  });
  canvas.addEventListener("pointerup", () => {
    if (!corners) return;
    const polygon = corners;
    corners = null;
    chosen(polygon.length > 2 ? points.filter(point => insideOf(polygon, placeIn(view, point))) : null);
  });
  canvas.addEventListener("pointercancel", () => { corners = null; show([]); });
}
