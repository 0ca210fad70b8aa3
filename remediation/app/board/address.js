// What is asked stands in the address, so that a link, a reload and a sign-in lead to the same page.

const ASKED_FOR = ["state", "severity", "owner", "rule", "subscription"];
const KEY_NAME = "bastion-guard-key";

// A function key in the address goes into this tab's memory, out of sight of shoulders, history and links.
function keyTakenOut() {
  const query = new URLSearchParams(location.search);
  const given = query.get("code");
  if (given === null) return sessionStorage.getItem(KEY_NAME) ?? "";
  sessionStorage.setItem(KEY_NAME, given);
  query.delete("code");
  history.replaceState(null, "", addressOf(query));
  return given;
}

function addressOf(query) {
  const text = query.toString();
  return `${location.pathname}${text ? `?${text}` : ""}`;
}

// {state, severity, owner, rule, subscription, order, finding}; a finding may stand behind # as well.
function readAddress() {
  const query = new URLSearchParams(location.search);
  const behind = /^#\/finding\/([\w-]+)$/.exec(location.hash);
  const read = { order: query.get("order") ?? "", finding: behind?.[1] ?? query.get("finding") ?? "" };
  for (const name of ASKED_FOR) read[name] = query.get(name) ?? "";
  return read;
}

function written(asked) {
  const filled = Object.entries(asked).filter(([, value]) => value);
  return addressOf(new URLSearchParams(filled));
}

const filters = (asked) => Object.fromEntries(ASKED_FOR.map((name) => [name, asked[name]]).filter(([, value]) => value));

const isFiltered = (asked) => Object.keys(filters(asked)).length > 0;
