// Which part of the drawing is seen: the SVG's viewBox, moved by pointer, wheel, buttons and keys.

const CLOSEST = 2.2;
const sheet = shape("svg", { "aria-hidden": "true" });
const view = { x: 0, y: 0, scale: 1, all: false }; // all: everything is shown, and stays so at another size
let whenMoved = () => {};

// Pixels at the lower edge that the legend covers.
const foot = () => byId("legend").offsetHeight + 12;
const space = () => ({ width: byId("map").clientWidth || 800, height: byId("map").clientHeight || 600 });

function seen() {
  const { width, height } = space();
  return { x: view.x, y: view.y, width: width / view.scale, height: height / view.scale };
}

function moved() {
  const { x, y, width, height } = seen();
  sheet.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  whenMoved();
}

// The least scale: everything is seen.
function whole() {
  const { width, height } = space();
  return Math.min(1.5, (width - 24) / estate.size[0], (height - foot() - 24) / estate.size[1]);
}

function showBox([x, y, wide, high], closest = CLOSEST) {
  const { width, height } = space();
  view.all = false;
  view.scale = Math.max(0.02, Math.min(closest, (width - 24) / wide, (height - foot() - 24) / high));
  view.x = x + wide / 2 - width / view.scale / 2;
  view.y = y + high / 2 - (height - foot()) / view.scale / 2;
  moved();
}

function showAll() {
  showBox([0, 0, ...estate.size], 1.5);
  view.all = true;
}

// Zoom so that the point under (left, top), in pixels of the map, stays where it is.
function zoom(factor, left = space().width / 2, top = space().height / 2) {
  const scale = Math.max(whole() * 0.8, Math.min(CLOSEST, view.scale * factor));
  view.x += left / view.scale - left / scale;
  view.y += top / view.scale - top / scale;
  view.scale = scale;
  view.all = false;
  moved();
}

function pan(right, down) {
  view.all = false;
  view.x += right / view.scale;
  view.y += down / view.scale;
  moved();
}

// Brings a point into view without zooming, where it is outside.
function reveal(x, y) {
  const area = seen();
  const margin = 60 / view.scale;
  const outside = x < area.x + margin || y < area.y + margin
    || x > area.x + area.width - margin || y > area.y + area.height - margin;
  if (!outside) return;
  view.all = false;
  view.x = x - area.width / 2;
  view.y = y - area.height / 2;
  moved();
}

function onMap(event) {
  const box = byId("map").getBoundingClientRect();
  return { left: event.clientX - box.left, top: event.clientY - box.top };
}

function onDrawing(event) {
  const { left, top } = onMap(event);
  return { x: view.x + left / view.scale, y: view.y + top / view.scale };
}

// `clicked` and `pointed` are told where on the drawing.
function listen(clicked, pointed) {
  const map = byId("map");
  const fingers = new Map();
  let travelled = 0;
  const gap = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.left - other.left, one.top - other.top);
  };
  map.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, onMap(event));
    travelled = 0;
    map.setPointerCapture(event.pointerId);
  });
  map.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return pointed(onDrawing(event), onMap(event));
    const apart = fingers.size === 2 ? gap() : 0;
    const now = onMap(event);
    fingers.set(event.pointerId, now);
    travelled += Math.hypot(now.left - before.left, now.top - before.top);
    if (travelled > 4) map.classList.add("dragged");
    if (fingers.size === 2) return zoom(gap() / apart, now.left, now.top);
    return travelled > 4 && pan(before.left - now.left, before.top - now.top);
  });
  const released = (event) => {
    if (fingers.delete(event.pointerId) && event.type === "pointerup" && travelled <= 4) clicked(onDrawing(event));
    map.classList.remove("dragged");
  };
  map.addEventListener("pointerup", released);
  map.addEventListener("pointercancel", released);
  map.addEventListener("pointerleave", () => pointed(null));
  map.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { left, top } = onMap(event);
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.04 : 0.0015)), left, top);
  }, { passive: false });
  byId("zoom").addEventListener("click", (event) => {
    const how = event.target.dataset.zoom;
    if (how === "all") showAll();
    else if (how) zoom(how === "in" ? 1.4 : 1 / 1.4);
  });
  new ResizeObserver(() => (view.all ? showAll() : moved())).observe(map);
}
