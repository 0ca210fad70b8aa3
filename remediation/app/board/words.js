// Facts as the words that people read.

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
const STATES = {
  open: "open",
  exempt: "left alone",
  fixed: "repaired",
  resolved: "resolved",
  suspected: "being looked at",
};
const ASKED = {
  fix: "Bastion Guard is repairing this.",
  propose: "A proven repair is ready and waits for somebody to apply it.",
  alert: "This needs a person: nothing is written by itself.",
};

// What an announcement is called among the lines of a history.
const TOLD = {
  DriftFound: "drift found", DriftProposed: "repair proposed", DriftFixed: "repaired", DriftResolved: "resolved",
  DriftChanged: "changed", DriftReopened: "back again", DriftReminded: "still open", DriftExempted: "left alone",
  DriftExemptionExpired: "exemption over", DriftFlapping: "the repair keeps being undone", DriftMoved: "told elsewhere from then on",
  GaveUp: "gave up",
};

const UNITS = [[172800, 86400, "day"], [7200, 3600, "h"], [120, 60, "min"]];

// A length of time in the one unit that a person would use.
function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  for (const [from, size, unit] of UNITS) {
    if (whole >= from) return `${Math.floor(whole / size)} ${unit === "day" ? "days" : unit}`;
  }
  return `${whole} s`;
}

const number = (count, what, many = `${what}s`) => `${count.toLocaleString("en")} ${count === 1 ? what : many}`;

// What time it is by the app's clock, which the answers tell: ages do not hang on the reader's.
let ahead = 0;
let tellTime;
const timed = new Promise((done) => { tellTime = done; });

function keepTime(now) {
  if (now) ahead = Date.parse(now) - Date.now();
  tellTime();
}

const clock = () => Date.now() + ahead;
const secondsSince = (moment) => (clock() - Date.parse(moment)) / 1000;

const whenExactly = (moment) => `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function time(moment, words) {
  return element("time", { datetime: moment, title: whenExactly(moment) }, words ?? `${whenExactly(moment)}, ${ago(moment)}`);
}

function ago(moment) {
  const seconds = secondsSince(moment);
  return seconds < 5 ? "just now" : `${span(seconds)} ago`;
}

function until(moment) {
  const left = -secondsSince(moment);
  return left > 0 ? `until ${whenExactly(moment)} (${span(left + 60)})` : `until ${whenExactly(moment)}, which is over`;
}

const tail = (text) => String(text ?? "").split("/").at(-1);

function who(actor) {
  const name = actor?.name || actor?.objectId;
  if (!name) return actor?.address ? `somebody at ${actor.address}` : "";
  return `${name}${actor.address ? ` from ${actor.address}` : ""}${actor.client ? `, with ${actor.client}` : ""}`;
}

// The packet that proves it, as a sentence; `reaches` says whether it does today.
function packet(witness, reaches = "reaches") {
  if (!witness?.source) return "";
  const bracketed = (address) => (String(address).includes(":") ? `[${address}]` : address);
  const from = `${bracketed(witness.source)}${witness.sourcePort ? `:${witness.sourcePort}` : ""}`;
  const to = `${bracketed(witness.destination)}:${witness.port}`;
  const by = witness.allowedBy ? `, let in by rule ${witness.allowedBy}` : "";
  const at = witness.priority ? ` (priority ${witness.priority})` : "";
  return `${String(witness.protocol ?? "").toUpperCase()} from ${from} ${reaches} ${to}${by}${at}.`;
}

const sentence = (text) => {
  const plain = String(text);
  const begun = /[-._]\w/.test(plain.split(" ", 1)[0]) ? plain : plain.charAt(0).toUpperCase() + plain.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

const hoursOf = (text) => Number.parseInt(text, 10) * (text.endsWith("d") ? 24 : 1);
