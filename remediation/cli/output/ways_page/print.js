// On paper: the whole map, then a table of the machines that were asked for. Made only when it is printed.

const PAPER = 680; // pixels across

addEventListener("beforeprint", () => {
  const rows = matching.map((machine) => element("tr", {},
    element("td", {}, WORDS[verdicts.get(machine.index)]),
    element("td", {}, named(machine.name)),
    element("td", {}, named(networks[machine.network].name)),
    element("td", {}, named(machine.bastions.map(([, words]) => words).join(", ") || "no Bastion")),
    element("td", {}, ...onPaper(machine))));
  const heads = ["Verdict", "Machine", "Network", "Reached by", "Ways in"].map((text) => element("th", {}, text));
  byId("paper").replaceChildren(element("table", {},
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, ...rows)));
  Object.assign(view, { x: 0, y: 0, scale: Math.min(PAPER / estate.size[0], PAPER / 2 / estate.size[1]) });
  draw();
  sheet.setAttribute("viewBox", `0 0 ${estate.size[0]} ${estate.size[1]}`);
});

addEventListener("afterprint", () => {
  byId("paper").replaceChildren();
  showAll();
});

function onPaper(machine) {
  if (verdicts.get(machine.index) === "closed") return [named(machine.summary)];
  return [...machine.doubts, ...waysAsked(machine).map((way) => way.line)]
    .map((text) => element("div", {}, named(text)));
}
