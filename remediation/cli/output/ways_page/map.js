// The drawing: only boxes that are in view, their names as large as can be read at this distance.

const MOST_WAYS = 150;
const layers = ["sky", "joints", "boxes", "lines", "stations"].map((name) => shape("g", { id: name }));
const [sky, joints, boxes, lines, stations] = layers;
const members = networks.map(() => []);
machines.forEach((machine) => members[machine.network].push(machine));
let chosen = null;
let cursor = null;
let waiting = 0;

function drawSoon() {
  if (!waiting) waiting = requestAnimationFrame(draw);
}

function draw() {
  cancelAnimationFrame(waiting);
  waiting = 0;
  const area = seen();
  const size = Math.min(30, Math.max(12, 11.5 / view.scale));
  drawSky(area, size);
  joints.replaceChildren(...jointsInView(area));
  boxes.replaceChildren(...networks.flatMap((network, index) => (overlaps(network.box, area) ? [box(index, size)] : [])));
  drawWays(size);
  drawCursor();
}

const isClose = () => view.scale > 0.75;
const overlaps = ([x, y, wide, high], area) =>
  x < area.x + area.width && x + wide > area.x && y < area.y + area.height && y + high > area.y;

function drawSky(area, size) {
  const label = shape("text", { x: Math.max(24, area.x + 24 / view.scale), y: 22 + size * 0.35, "font-size": size * 1.15, class: "sky-name" }, "Internet");
  sky.replaceChildren(shape("rect", { x: 0, y: 0, width: estate.size[0], height: GROUND, rx: 10, class: "sky" }), label);
}

function jointsInView() {
  const drawn = new Set();
  const found = [];
  networks.forEach((network, one) => (network.joints ?? []).forEach(({ to, over, state }) => {
    const pair = `${Math.min(one, to)} ${Math.max(one, to)}`;
    if (drawn.has(pair)) return;
    drawn.add(pair);
    const works = !state || /^(connected|succeeded|provisioned)$/i.test(state);
    const what = `${network.name} \u2013 ${networks[to].name}: ${over}${state ? `, ${state}` : ""}`;
    found.push(shape("path", { d: path(joint(one, to)), class: works ? "joint" : "joint broken" }, shape("title", {}, what)));
  }));
  return found;
}

function box(index, size) {
  const network = networks[index];
  const [x, y, wide, high] = network.box;
  const shown = members[index].filter((machine) => verdicts.has(machine.index));
  const drawn = shape("g", { class: `network${network.hub ? " hub" : ""}${shown.length || !members[index].length ? "" : " other"}` },
    shape("rect", { x, y, width: wide, height: high, rx: 9, class: "frame" }), shape("title", {}, network.name));
  const close = isClose();
  drawn.append(shape("text", { x: x + 12, y: y + (close ? 21 : 12 + size * 0.75), "font-size": close ? 14 : size, class: "name" }, fitting(network.name, wide - 20, close ? 14 : size)));
  if (close) {
    const count = members[index].length === 1 ? "1 machine" : `${members[index].length} machines`;
    const line = [network.hub ? "hub" : "", network.prefixes, count].filter(Boolean).join(" \u00b7 ");
    drawn.append(shape("text", { x: x + 12, y: y + 37, "font-size": 11.5, class: "faint" }, fitting(line, wide - 20, 11.5)));
  }
  [...(network.hosts ?? []), ...(network.firewalls ?? [])].forEach((resource) => drawn.append(...standingChip(resource, network, close ? 11.5 : Math.min(size, 16))));
  drawn.append(...marks(shown, wide), ...shown.filter(isWritten).flatMap((machine) => chip(machine, wide, size)));
  return drawn;
}

function standingChip(resource, network, letters) {
  const { x, y, wide } = standing(resource);
  const kind = network.hosts.includes(resource) ? "bastion-chip" : "firewall-chip";
  const frame = shape("rect", { x, y, width: wide, height: 20, rx: 10, class: kind }, shape("title", {}, idOf(resource)));
  if (view.scale < 0.5) return [frame];
  return [frame, shape("text", { x: x + 8, y: y + 10 + letters * 0.35, "font-size": letters }, fitting(nameOf(resource), wide - 12, letters))];
}

// From afar only open machines have their names on them.
const isWritten = (machine) => machine.spot[2] && (view.scale > 0.5 || verdicts.get(machine.index) === "open");

// What bears no name: one path for each verdict and form, however many machines there are.
function marks(shown, wide) {
  const plain = shown.filter((machine) => !isWritten(machine));
  return VERDICTS.flatMap((verdict) => [[0, "mark", 12, 12], [1, "chip", wide - 24, 24]].flatMap(([isChip, form, across, down]) => {
    const found = plain.filter(({ spot, index }) => spot[2] === isChip && verdicts.get(index) === verdict);
    const inset = verdict === "unknown" ? 1.5 : 0;
    const drawn = found.map(({ spot: [x, y] }) =>
      `M${x + inset} ${y + inset}h${across - 2 * inset}v${down - 2 * inset}h${2 * inset - across}z`);
    return drawn.length ? [shape("path", { d: drawn.join(""), class: `${form} ${verdict}` })] : [];
  }));
}

function chip(machine, wide, size) {
  const verdict = verdicts.get(machine.index);
  const [x, y] = machine.spot;
  const high = chipHeight(machine.verdict);
  const close = isClose();
  const worst = waysAsked(machine).find((way) => way.verdict === "open");
  const drawn = [shape("rect", { x, y, width: wide - 24, height: high, rx: 5, class: `chip ${verdict}` })];
  const colour = verdict === "open" ? "on-open" : "";
  const letters = close ? 12.5 : Math.min(size, verdict === "open" ? 26 : 20);
  const low = close ? y + 16.5 : y + high / 2 + letters * 0.35;
  drawn.push(shape("text", { x: x + 8, y: low, "font-size": letters, class: colour }, fitting(machine.name, wide - 36, letters)));
  if (close && verdict === "open" && worst) {
    drawn.push(shape("text", { x: x + 8, y: y + 31, "font-size": 11.5, class: colour }, fitting(`${worst.service} via ${nameOf(worst.entry)}`, wide - 36, 11.5)));
  }
  return drawn;
}

// The ways of the chosen machine, else every open one; and what stops those that are closed.
function drawWays(size) {
  const wanted = chosen
    ? waysAsked(chosen).map((way) => [chosen, way])
    : matching.flatMap((machine) => waysAsked(machine).filter((way) => way.verdict === "open").map((way) => [machine, way])).slice(0, MOST_WAYS);
  const drawn = [];
  const marked = [];
  wanted.forEach(([machine, way], lane) => {
    const { points, entry, stop } = wayLine(machine, way, lane);
    drawn.push(shape("path", { d: path(points), class: `way ${way.verdict}${stop ? " beyond" : ""}` }, shape("title", {}, `${machine.name}: ${way.line}`)));
    if (stop) drawn.push(shape("path", { d: path(until(points, stop)), class: "way closed" }));
    if (!chosen) return;
    marked.push(station(entry, way.verdict, size * 0.55));
    if (stop) marked.push(cross(stop, size * 0.5));
  });
  if (chosen) marked.push(...tags(wanted.map(([, way]) => way), size));
  for (const [host] of chosen ? chosen.bastions : []) {
    const line = servedLine(host, chosen);
    if (line) drawn.push(shape("path", { d: path(line), class: "served" }));
  }
  lines.classList.toggle("chosen", chosen !== null);
  lines.replaceChildren(...drawn);
  stations.replaceChildren(...marked);
}

// The part of a line before a point on it.
function until(points, [x, y]) {
  const found = [points[0]];
  for (let number = 1; number < points.length; number += 1) {
    const [one, other] = [points[number - 1], points[number]];
    const on = Math.abs(Math.hypot(x - one[0], y - one[1]) + Math.hypot(x - other[0], y - other[1]) - Math.hypot(one[0] - other[0], one[1] - other[1]));
    if (on < 0.5) return [...found, [x, y]];
    found.push(other);
  }
  return found;
}

const station = ([x, y], verdict, far) =>
  shape("path", { d: `M${x} ${y - far}l${far} ${far}l${-far} ${far}l${-far} ${-far}z`, class: `station ${verdict}` });
const cross = ([x, y], far) =>
  shape("path", { d: `M${x - far} ${y - far}l${2 * far} ${2 * far}m0 ${-2 * far}l${-2 * far} ${2 * far}`, class: "cross" });

// What the ways of the chosen machine come through, and what stops them, in words below it.
function tags(ways, size) {
  const letters = Math.min(size, 26);
  const texts = new Set(ways.flatMap((way) => [
    `\u25c7 ${nameOf(way.entry)}`,
    ...(way.stop ? [`\u2715 ${[nameOf(way.stop[0]), way.stop[1]].filter(Boolean).join(", ")}`] : []),
  ]));
  const [x, y, isChip] = chosen.spot;
  const top = y + (isChip ? chipHeight(chosen.verdict) : 12) + 9;
  return [...texts].slice(0, 6).map((text, row) => {
    const cut = fitting(text, 22 * letters, letters);
    const line = { x: x + 6, y: top + row * letters * 1.75 };
    return shape("g", { class: "tag" },
      shape("rect", { ...line, width: (Array.from(cut).length * 0.66 + 1) * letters, height: letters * 1.6, rx: 4 }),
      shape("text", { x: line.x + letters * 0.5, y: line.y + letters * 1.15, "font-size": letters }, cut));
  });
}

function drawCursor() {
  for (const machine of new Set([chosen, cursor])) {
    if (!machine) continue;
    const [x, y, isChip] = machine.spot;
    const wide = isChip ? networks[machine.network].box[2] - 24 : 12;
    const high = isChip ? chipHeight(machine.verdict) : 12;
    stations.append(shape("rect", { x: x - 4, y: y - 4, width: wide + 8, height: high + 8, rx: 6, class: "ring" }));
  }
}

function machineAt({ x, y }) {
  const index = networks.findIndex(({ box: [left, top, wide, high] }) => x >= left && x <= left + wide && y >= top && y <= top + high);
  if (index < 0) return { network: -1, machine: null };
  const wide = networks[index].box[2] - 24;
  const machine = members[index].find(({ spot: [left, top, isChip], verdict, index: number }) => verdicts.has(number)
    && x >= left - 2 && x <= left + (isChip ? wide : 14) && y >= top - 2 && y <= top + (isChip ? chipHeight(verdict) : 14));
  return { network: index, machine: machine ?? null };
}

// The nearest machine in a direction, counting what lies aside as twice as far.
function nextTo(machine, right, down) {
  const [x, y] = middleOf(machine);
  let best = null;
  let least = Infinity;
  for (const other of matching) {
    const [dx, dy] = [middleOf(other)[0] - x, middleOf(other)[1] - y];
    const ahead = dx * right + dy * down;
    const far = ahead + 2 * Math.abs(dx * down + dy * right);
    if (ahead > 1 && far < least) [best, least] = [other, far];
  }
  return best;
}
