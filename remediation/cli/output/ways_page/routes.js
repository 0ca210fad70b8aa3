// Lines of the map. They run in the gutters left of the columns and above the blocks, never across a box.

const GUTTER = 64;
const GROUND = 44; // the lower edge of the internet
const HEAD = 46;
const LANES = 6;

const columnStart = [];
networks.forEach(({ box, column }) => {
  columnStart[column] = box[0];
});
const blockTop = blocksOf();
const gutterAfter = (column) => (columnStart[column + 1] ?? estate.size[0]) - GUTTER + 16;
const chipHeight = (verdict) => (verdict === "open" ? 38 : 24);

// The upper edge of the block of joined networks in which each network stands.
function blocksOf() {
  const tops = networks.map(({ box }) => box[1]);
  let settled = false;
  while (!settled) {
    settled = true;
    networks.forEach((network, one) => (network.joints ?? []).forEach(({ to }) => {
      const top = Math.min(tops[one], tops[to]);
      settled &&= tops[one] === top && tops[to] === top;
      tops[one] = tops[to] = top;
    }));
  }
  return tops;
}

// From a point at the right edge of one box to the edge of another: points of a line with right angles.
function between(one, other, fromY = networks[one].box[1] + 23) {
  const [a, b] = [networks[one], networks[other]];
  const y = b.box[1] + 23;
  const out = gutterAfter(a.column);
  const start = [[a.box[0] + a.box[2], fromY], [out, fromY]];
  if (b.column === a.column) return [...start, [out, y], [b.box[0] + b.box[2], y]];
  const into = gutterAfter(b.column - 1);
  if (b.column === a.column + 1) return [...start, [out, y], [b.box[0], y]];
  const bus = blockTop[other] - 12;
  return [...start, [out, bus], [into, bus], [into, y], [b.box[0], y]];
}

function joint(one, other) {
  return networks[one].column <= networks[other].column ? between(one, other) : between(other, one);
}

const middleOf = (machine) => {
  const [x, y, isChip] = machine.spot;
  return [x, y + (isChip ? chipHeight(machine.verdict) / 2 : 6)];
};

// Where a host or a firewall stands inside the box of its network.
function standing(resource) {
  for (const [index, network] of networks.entries()) {
    const there = [...(network.hosts ?? []), ...(network.firewalls ?? [])];
    const place = there.indexOf(resource);
    if (place >= 0) {
      const wide = (network.box[2] - 24) / there.length;
      return { network: index, x: network.box[0] + 12 + place * wide, y: network.box[1] + HEAD, wide: wide - 6 };
    }
  }
  return null;
}

// A way as points from the internet to the machine, with the place of its entry and of what stops it.
function wayLine(machine, way, lane) {
  const end = middleOf(machine);
  const home = networks[machine.network];
  const entrance = standing(way.entry) ?? way.hops.map((hop) => standing(hop[1])).find(Boolean);
  const turn = (box) => box[0] - 10 - (lane % LANES) * 5;
  if (!entrance || entrance.network === machine.network) {
    const x = turn(home.box);
    const points = [[x, GROUND], [x, end[1]], end];
    return { points, entry: [x, Math.max(GROUND + 14, home.box[1] - 8)], stop: stopPlace(way, points, home, end) };
  }
  const host = networks[entrance.network];
  const x = turn(host.box);
  const door = [entrance.x, entrance.y + 10];
  const onwards = host.column <= home.column
    ? between(entrance.network, machine.network, door[1])
    : [...between(machine.network, entrance.network)].reverse();
  const last = onwards[onwards.length - 1];
  const points = [[x, GROUND], [x, door[1]], door, ...onwards, [last[0] + 5, last[1]], [last[0] + 5, end[1]], end];
  return { points, entry: door, stop: stopPlace(way, points, home, end, door) };
}

// Where on the line a closed way ends: at its entry, at the network's edge, or at the machine.
function stopPlace(way, points, home, end, door = null) {
  if (way.verdict !== "closed") return null;
  const kind = way.stop && way.hops.find((hop) => hop[1] === way.stop[0])?.[0];
  if (kind === "subnet group" || kind === "admin rule") return [home.box[0], end[1]];
  if (kind === "interface group" || kind === "machine") return end;
  return door ?? [points[1][0], Math.max(GROUND + 14, home.box[1] - 8)];
}

// From a Bastion host to a machine it serves.
function servedLine(host, machine) {
  const from = standing(host);
  if (!from) return null;
  const end = middleOf(machine);
  const box = networks[machine.network].box;
  const [middle, below] = [from.x + from.wide / 2, from.y + 25];
  if (from.network === machine.network) {
    const x = box[0] + box[2] - 5;
    const right = end[0] + (machine.spot[2] ? box[2] - 24 : 12);
    return [[middle, from.y + 20], [middle, below], [x, below], [x, end[1]], [right, end[1]]];
  }
  const forth = networks[from.network].column <= networks[machine.network].column;
  const route = forth ? between(from.network, machine.network, below).with(0, [middle, below])
    : [...between(machine.network, from.network)].reverse();
  const last = route[route.length - 1];
  return [[middle, from.y + 20], ...route, [last[0] + 5, last[1]], [last[0] + 5, end[1]], end];
}

// Points as a path with rounded corners.
function path(points) {
  let drawn = `M${points[0]}`;
  points.slice(1).forEach((point, number) => {
    const [before, after] = [points[number], points[number + 2]];
    if (!after) {
      drawn += `L${point}`;
      return;
    }
    drawn += `L${towards(point, before)}Q${point} ${towards(point, after)}`;
  });
  return drawn;
}

function towards([x, y], [toX, toY]) {
  const far = Math.hypot(toX - x, toY - y) || 1;
  const step = Math.min(7, far / 2) / far;
  return [x + (toX - x) * step, y + (toY - y) * step];
}
