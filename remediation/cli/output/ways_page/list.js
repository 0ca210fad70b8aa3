// The list beside the map: worst first, in words, so many at a time; fewer where the map stands below it.

const STEP = matchMedia("(max-width: 800px)").matches ? 15 : 100;
let shown = STEP;

function drawList() {
  const some = matching.slice(0, shown);
  byId("list").replaceChildren(...some.map((machine) => element("li", {}, row(machine))));
  const left = matching.length - some.length;
  byId("more").hidden = left <= 0;
  byId("more").textContent = `Show ${Math.min(STEP, left)} more of ${left}`;
  byId("said").textContent = matching.length === machines.length
    ? `${matching.length} machines, worst first`
    : `${matching.length} of ${machines.length} machines, worst first`;
}

function row(machine) {
  const verdict = verdicts.get(machine.index);
  const where = [networks[machine.network].name, machine.owner].filter(Boolean).join(" \u00b7 ");
  return element("button", {
    type: "button",
    class: verdict,
    "data-machine": machine.index,
    "aria-current": machine === chosen ? "true" : null,
  },
  element("span", { class: "head" },
    element("span", { class: `pill ${verdict}` }, WORDS[verdict]), " ",
    element("b", {}, named(machine.name)), " ",
    element("span", { class: "where" }, named(where))),
  element("span", { class: "line" }, sentence(machine, verdict)));
}

// About all ports the sentence is ready; about one it is made of that port's ways.
function sentence(machine, verdict) {
  if (!asked.port) return machine.summary;
  const ways = waysAsked(machine).filter((way) => way.verdict === verdict);
  return ways.map((way) => way.line).join("; ") || machine.doubts.join("; ") || "no way in on this port";
}

function drawCounts(counts) {
  const all = { "": counts.open + counts.unknown + counts.closed, ...counts };
  const buttons = Object.entries(all).map(([verdict, count]) => element("button", {
    type: "button",
    class: verdict || "all",
    "data-verdict": verdict,
    "aria-pressed": String(asked.verdict === verdict),
  }, element("b", {}, String(count)), element("span", {}, WORDS[verdict] ?? (count === 1 ? "machine" : "machines"))));
  const focused = document.activeElement?.dataset?.verdict;
  byId("counts").replaceChildren(...buttons);
  if (focused !== undefined) buttons.find((button) => button.dataset.verdict === focused)?.focus();
}

function drawDoubts() {
  if (!estate.unknown.length) return;
  const box = byId("doubts");
  box.hidden = false;
  box.querySelector("summary").textContent = `${estate.unknown.length} more that could not be judged`;
  box.addEventListener("toggle", () => box.querySelector("ul").replaceChildren(
    ...estate.unknown.slice(0, 5 * STEP).map(([name, reason]) => element("li", {}, named(name), `: ${reason}`))));
}
