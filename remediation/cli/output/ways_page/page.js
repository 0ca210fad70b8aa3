// What people do with the page.

function refresh() {
  drawCounts(sift());
  if (chosen && !verdicts.has(chosen.index)) choose(null);
  if (cursor && !verdicts.has(cursor.index)) cursor = null;
  shown = STEP;
  drawList();
  drawSoon();
}

function choose(machine, from = null) {
  const before = chosen;
  chosen = machine;
  if (machine) cursor = machine;
  document.querySelectorAll("#list [aria-current]").forEach((button) => button.removeAttribute("aria-current"));
  if (machine) {
    rowOf(machine)?.setAttribute("aria-current", "true");
    byId("heard").textContent = `${machine.name}: ${machine.summary}`;
  }
  drawDetail();
  if (machine && from !== "map") showWays(machine);
  drawSoon();
  if (machine && from === "keys") byId("detail").focus();
  if (!machine && before && byId("map") !== document.activeElement) {
    (rowOf(before) ?? byId("map")).focus({ preventScroll: true });
  }
}

// All of the chosen machine's ways in view, as near as that goes.
function showWays(machine) {
  const [x, y, wide, high] = networks[machine.network].box;
  const passed = [...machine.bastions.map(([host]) => host), ...waysAsked(machine).map((way) => way.entry)];
  const boxes = passed.map(standing).filter(Boolean).map(({ network }) => networks[network].box);
  const ways = waysAsked(machine).flatMap((way) => wayLine(machine, way, 0).points);
  const points = [...ways, ...machine.bastions.flatMap(([host]) => servedLine(host, machine) ?? [])];
  const xs = [x - 40, x + Math.max(wide, 260) + 20, ...points.map((point) => point[0]), ...boxes.map((box) => box[0] - 10)];
  const low = Math.min(y + high, machine.spot[1] + 220);
  const ys = [ways.length ? 0 : y - 10, low, ...points.map((point) => point[1])];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  showBox([left, top, Math.max(...xs) - left, Math.max(...ys) - top], 1.4);
}

const rowOf = (machine) => document.querySelector(`#list [data-machine="${machine.index}"]`);

function options(select, all, values) {
  select.replaceChildren(
    element("option", { value: "" }, all),
    ...values.map(([value, text]) => element("option", { value }, text)));
}

function steer(event) {
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (arrows[event.key]) {
    cursor = cursor ? nextTo(cursor, ...arrows[event.key]) ?? cursor : matching[0] ?? null;
    if (cursor) {
      reveal(...middleOf(cursor));
      byId("heard").textContent = `${cursor.name}, ${WORDS[verdicts.get(cursor.index)]}, in ${networks[cursor.network].name}`;
    }
    drawSoon();
  } else if (event.key === "Enter" || event.key === " ") {
    if (cursor) choose(cursor, "keys");
  } else if (event.key === "+" || event.key === "=") zoom(1.4);
  else if (event.key === "-") zoom(1 / 1.4);
  else if (event.key === "0") showAll();
  else return;
  event.preventDefault();
}

function climb(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const rows = [...byId("list").querySelectorAll("button")];
  rows[rows.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
}

function pointed(place, at) {
  const hint = byId("hint");
  const { machine } = place ? machineAt(place) : { machine: null };
  hint.hidden = !machine;
  if (!machine) return;
  hint.textContent = `${machine.name}: ${WORDS[verdicts.get(machine.index)]}`;
  hint.style.left = `${Math.min(at.left + 14, space().width - 200)}px`;
  hint.style.top = `${at.top + 16}px`;
}

function clicked(place) {
  const { network, machine } = machineAt(place);
  if (machine) choose(machine, "map");
  else if (network >= 0 && place.y < networks[network].box[1] + HEAD) showBox(networks[network].box, 1.4);
  else choose(null);
}

function begin() {
  byId("ownerName").textContent = ownerWord();
  options(byId("port"), "all ports", portsThere().map((port) => [port, port]));
  options(byId("network"), "all networks", networks.map(({ name }, index) => [index, name]));
  options(byId("owner"), "everybody", ownersThere().map((owner) => [`=${owner}`, owner || "nobody named"]));
  byId("map").append(sheet);
  sheet.append(...layers);
  whenMoved = drawSoon;
  listen(clicked, pointed);

  for (const id of ["text", "port", "network", "owner"]) {
    byId(id).addEventListener("input", () => {
      asked[id] = id === "text" ? byId(id).value.trim().toLowerCase() : byId(id).value;
      refresh();
      if (id === "network") asked.network ? showBox(networks[asked.network].box, 1.4) : showAll();
    });
  }
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", () => {
    Object.assign(asked, { verdict: "", port: "", network: "", owner: "", text: "" });
    refresh();
    showAll();
  });
  byId("counts").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    asked.verdict = asked.verdict === button.dataset.verdict ? "" : button.dataset.verdict;
    refresh();
  });
  byId("list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(machines[button.dataset.machine], event.detail === 0 ? "keys" : "list");
  });
  byId("list").addEventListener("keydown", climb);
  byId("more").addEventListener("click", () => {
    const next = shown;
    shown += STEP;
    drawList();
    byId("list").children[next]?.querySelector("button").focus();
  });
  byId("map").addEventListener("keydown", steer);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && chosen) choose(null);
  });
  drawDoubts();
  refresh();
  showAll();
}

begin();
