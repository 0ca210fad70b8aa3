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
  joints.replaceChildren(...jointsDrawn());
  const near = [...networks.keys()].filter((index) => overlaps(networks[index].box, area));
  boxes.replaceChildren(...near.map((index) => box(index, size)));
  drawWays(size);
  drawCursor();
}

const isClose = () => view.scale > 0.75;
const overlaps = ([x, y, wide, high], area) =>
  x < area.x + area.width && x + wide > area.x && y < area.y + area.height && y + high > area.y;

function drawSky(area, size) {
  const place = { x: Math.max(24, area.x + 24 / view.scale), y: 22 + size * 0.35 };
  sky.replaceChildren(
    shape("rect", { x: 0, y: 0, width: estate.size[0], height: GROUND, rx: 10, class: "sky" }),
    shape("text", { ...place, "font-size": size * 1.15, class: "sky-name" }, "Internet"));
}

function jointsDrawn() {
  const drawn = new Set();
  const found = [];
  networks.forEach((network, one) => (network.joints ?? []).forEach(({ to, over, state }) => {
    const pair = `${Math.min(one, to)} ${Math.max(one, to)}`;
    if (drawn.has(pair)) return;
    drawn.add(pair);
    const works = !state || /^(connected|succeeded|provisioned)$/i.test(state);
    const what = `${network.name} \u2013 ${networks[to].name}: ${over}${state ? `, ${state}` : ""}`;
    const attributes = { d: path(joint(one, to)), class: works ? "joint" : "joint broken" };
    found.push(shape("path", attributes, shape("title", {}, what)));
  }));
  return found;
}

function box(index, size) {
  const network = networks[index];
  const [x, y, wide, high] = network.box;
  const shown = members[index].filter((machine) => verdicts.has(machine.index));
  const isOther = members[index].length && !shown.length;
  return shape("g", { class: `network${network.hub ? " hub" : ""}${isOther ? " other" : ""}` },
    shape("title", {}, network.name),
    shape("rect", { x, y, width: wide, height: high, rx: 9, class: "frame" }),
    ...heading(network, members[index].length, size),
    ...[...(network.hosts ?? []), ...(network.firewalls ?? [])].flatMap((one) => standingChip(one, network, size)),
    ...marks(shown, wide),
    ...shown.filter(isWritten).flatMap((machine) => chip(machine, wide, size)));
}

function heading(network, count, size) {
  const [x, y, wide] = network.box;
  if (!isClose()) return [written(network.name, x + 12, y + 12 + size * 0.75, size, wide - 20, "name")];
  const machines = count === 1 ? "1 machine" : `${count} machines`;
  const line = [network.hub ? "hub" : "", network.prefixes, machines].filter(Boolean).join(" \u00b7 ");
  return [written(network.name, x + 12, y + 21, 14, wide - 20, "name"), written(line, x + 12, y + 37, 11.5, wide - 20, "faint")];
}

const written = (text, x, y, letters, width, form) =>
  shape("text", { x, y, "font-size": letters, class: form }, fitting(text, width, letters));

function standingChip(resource, network, size) {
  const { x, y, wide } = standing(resource);
  const kind = network.hosts.includes(resource) ? "bastion-chip" : "firewall-chip";
  const frame = shape("rect", { x, y, width: wide, height: 20, rx: 10, class: kind }, shape("title", {}, idOf(resource)));
  if (view.scale < 0.5) return [frame];
  const letters = isClose() ? 11.5 : Math.min(size, 16);
  return [frame, written(nameOf(resource), x + 8, y + 10 + letters * 0.35, letters, wide - 12, "")];
}

// From afar only open machines have their names on them.
const isWritten = (machine) => machine.spot[2] && (view.scale > 0.5 || verdicts.get(machine.index) === "open");

// What bears no name: one path for each verdict and form, however many machines there are.
function marks(shown, wide) {
  const plain = shown.filter((machine) => !isWritten(machine));
  const forms = [["mark", 0, 12, 12], ["chip", 1, wide - 24, 24]];
  return VERDICTS.flatMap((verdict) => forms.flatMap(([form, isChip, across, down]) => {
    const inset = verdict === "unknown" ? 1.5 : 0;
    const drawn = plain.filter(({ spot, index }) => spot[2] === isChip && verdicts.get(index) === verdict)
      .map(({ spot: [x, y] }) => `M${x + inset} ${y + inset}h${across - 2 * inset}v${down - 2 * inset}h${2 * inset - across}z`);
    return drawn.length ? [shape("path", { d: drawn.join(""), class: `${form} ${verdict}` })] : [];
  }));
}

function chip(machine, wide, size) {
  const verdict = verdicts.get(machine.index);
  const [x, y] = machine.spot;
  const high = chipHeight(machine.verdict);
  const colour = verdict === "open" ? "on-open" : "";
  const frame = shape("rect", { x, y, width: wide - 24, height: high, rx: 5, class: `chip ${verdict}` });
  if (!isClose()) {
    const letters = Math.min(size, verdict === "open" ? 26 : 20);
    return [frame, written(machine.name, x + 8, y + high / 2 + letters * 0.35, letters, wide - 36, colour)];
  }
  const worst = waysAsked(machine).find((way) => way.verdict === "open");
  const by = worst ? [written(`${worst.service} via ${nameOf(worst.entry)}`, x + 8, y + 31, 11.5, wide - 36, colour)] : [];
  return [frame, written(machine.name, x + 8, y + 16.5, 12.5, wide - 36, colour), ...by];
}

// The ways of the chosen machine, else every open one; and what stops those that are closed.
function drawWays(size) {
  const drawn = [];
  const marked = [];
  const wanted = waysDrawn();
  wanted.forEach(([machine, way], lane) => {
    const { points, entry, stop } = wayLine(machine, way, lane);
    const attributes = { d: path(points), class: `way ${way.verdict}${stop ? " beyond" : ""}` };
    drawn.push(shape("path", attributes, shape("title", {}, `${machine.name}: ${way.line}`)));
    if (stop) drawn.push(shape("path", { d: path(until(points, stop)), class: "way closed" }));
    if (chosen) marked.push(station(entry, way.verdict, size * 0.55));
    if (chosen && stop) marked.push(cross(stop, size * 0.5));
  });
  for (const [host] of chosen ? chosen.bastions : []) {
    const line = servedLine(host, chosen);
    if (line) drawn.push(shape("path", { d: path(line), class: "served" }));
  }
  if (chosen) marked.push(...tags(wanted.map(([, way]) => way), size));
  lines.classList.toggle("chosen", chosen !== null);
  lines.replaceChildren(...drawn);
  stations.replaceChildren(...marked);
}

function waysDrawn() {
  if (chosen) return waysAsked(chosen).map((way) => [chosen, way]);
  return matching.flatMap((machine) => waysAsked(machine)
    .filter((way) => way.verdict === "open").map((way) => [machine, way])).slice(0, MOST_WAYS);
}

const distance = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

// The part of a line before a point on it.
function until(points, [x, y]) {
  const found = [points[0]];
  for (let number = 1; number < points.length; number += 1) {
    const [one, other] = [points[number - 1], points[number]];
    const detour = distance(one, [x, y]) + distance([x, y], other) - distance(one, other);
    if (detour < 0.5) return [...found, [x, y]];
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

// What lies at a point: the number of a network, -1 for none, and a machine in it.
function machineAt(place) {
  const index = networks.findIndex(({ box: [x, y, wide, high] }) => isIn(place, x, y, wide, high));
  if (index < 0) return { network: -1, machine: null };
  const wide = networks[index].box[2] - 24;
  const machine = members[index].find(({ spot: [x, y, isChip], verdict, index: number }) => verdicts.has(number)
    && isIn(place, x - 2, y - 2, isChip ? wide : 16, isChip ? chipHeight(verdict) + 4 : 16));
  return { network: index, machine: machine ?? null };
}

const isIn = (place, x, y, wide, high) =>
  place.x >= x && place.x <= x + wide && place.y >= y && place.y <= y + high;

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
