// What was judged, and which of it is asked for now.
//
//   machine.ways[].verdict   open, unknown, closed
//   machine.spot             x, y on the map, and 1 where it is a chip with its name
//   resources                by number: name, id

const VERDICTS = ["open", "unknown", "closed"];
const WORDS = { open: "open", unknown: "not known", closed: "closed" };

const estate = JSON.parse(byId("data").textContent);
const { machines, networks } = estate;
const nameOf = (resource) => estate.resources[resource][0];
const idOf = (resource) => estate.resources[resource][1];

const asked = { verdict: "", port: "", network: "", owner: "", text: "" };
let matching = [];
let verdicts = new Map();

machines.forEach((machine, index) => {
  machine.index = index;
  machine.haystack = [machine.name, machine.addresses, machine.owner, machine.id,
    ...machine.ways.map((way) => `${nameOf(way.entry)} ${way.front}`)].join("\n").toLowerCase();
});

const waysAsked = (machine) =>
  asked.port ? machine.ways.filter((way) => String(way.port) === asked.port) : machine.ways;

function verdictOf(machine) {
  if (!asked.port) return machine.verdict;
  const found = new Set(waysAsked(machine).map((way) => way.verdict));
  if (found.has("open")) return "open";
  return found.has("unknown") || machine.doubts.length ? "unknown" : "closed";
}

// All filters but the verdict, which the counts are about.
function isAskedFor(machine) {
  return (!asked.network || String(machine.network) === asked.network)
    && (!asked.owner || (machine.owner || "") === asked.owner.slice(1))
    && (!asked.text || machine.haystack.includes(asked.text));
}

// Returns how many machines of each verdict there are; `matching` are those to show, worst first.
function sift() {
  const counts = { open: 0, unknown: 0, closed: 0 };
  verdicts = new Map();
  const found = { open: [], unknown: [], closed: [] };
  for (const machine of machines) {
    if (!isAskedFor(machine)) continue;
    const verdict = verdictOf(machine);
    counts[verdict] += 1;
    if (asked.verdict && asked.verdict !== verdict) continue;
    verdicts.set(machine.index, verdict);
    found[verdict].push(machine);
  }
  matching = [...found.open, ...found.unknown, ...found.closed];
  return counts;
}

const ownerWord = () => estate.ownerTag.charAt(0).toUpperCase() + estate.ownerTag.slice(1);
const different = (values) => [...new Set(values)];
const portsThere = () =>
  different(machines.flatMap((machine) => machine.ways.map((way) => way.port))).sort((a, b) => a - b);
const ownersThere = () => different(machines.map((machine) => machine.owner)).sort();
