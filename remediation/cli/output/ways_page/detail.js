// One machine: where it is, who serves it, and every way to it, hop by hop with the packet.

function drawDetail() {
  const pane = byId("detail");
  pane.hidden = chosen === null;
  pane.replaceChildren(...(chosen ? machineParts(chosen) : []));
}

function machineParts(machine) {
  const close = element("button", { type: "button", id: "close", "aria-label": "Close" }, "\u2715");
  close.addEventListener("click", () => choose(null));
  const ways = waysAsked(machine);
  return [
    element("div", { class: "head" },
      element("div", {},
        element("span", { class: `pill ${machine.verdict}` }, WORDS[machine.verdict]),
        element("h2", {}, named(machine.name))),
      close),
    facts([
      ["Network", networks[machine.network].name],
      ["Addresses", machine.addresses || "not known"],
      [ownerWord(), machine.owner],
      ["Reached by", machine.bastions.map(([, words]) => words).join(", ") || "no Bastion"],
      ["Not known", machine.doubts.join("; ")],
    ]),
    element("p", { class: "soft" }, waysCounted(ways, machine)),
    ...ways.map(wayCard),
    element("p", { class: "id" }, element("code", {}, machine.id)),
  ];
}

function waysCounted(ways, machine) {
  if (ways.length) return ways.length === 1 ? "1 way" : `${ways.length} ways, open ones first`;
  return machine.doubts.length ? "No way is known, but there may be one." : "No way in from the internet.";
}

function facts(rows) {
  return element("dl", {}, ...rows.filter(([, value]) => value)
    .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, named(value))]));
}

function wayCard(way) {
  return element("article", { class: way.verdict },
    element("span", { class: `pill ${way.verdict}` }, WORDS[way.verdict]), " ",
    element("span", { class: "soft" }, way.kind),
    element("h3", {}, named(way.line)),
    element("ol", {}, ...hops(way)),
    way.sources.length
      ? element("details", {}, element("summary", {}, "Who gets in"), element("code", {}, way.sources.join(", ")))
      : null,
    way.reason && way.verdict === "closed" ? element("p", { class: "soft" }, named(way.reason)) : null);
}

// The stations of a way from the internet on; those after the one that stops it are never reached.
function hops(way) {
  const steps = new Map((way.packet?.steps ?? []).map(([at, flow, rule]) => [at, { flow, rule }]));
  const found = [stop("Internet", "", way.packet ? `from ${way.packet.from}` : "", "")];
  let beyond = false;
  const stations = way.hops.some(([, at]) => at === way.entry) ? way.hops : [["entry", way.entry, ""], ...way.hops];
  stations.forEach(([kind, at, rule], number) => {
    const stops = !beyond && way.stop?.[0] === at;
    const step = steps.get(at);
    const flow = step?.flow ?? (number === 0 ? way.front : "");
    const state = stops ? "stops" : beyond ? "beyond" : "";
    found.push(stop(`${kind} `, nameOf(at), flow, state, (stops && way.stop[1]) || rule || step?.rule));
    beyond ||= stops;
  });
  if (beyond && stations.at(-1)[0] !== "machine") found.push(stop("machine ", chosen.name, "", "beyond"));
  return found;
}

function stop(kind, name, flow, state, rule = "") {
  const words = kind.charAt(0).toUpperCase() + kind.slice(1);
  return element("li", { class: state || null }, words, name ? named(name) : null,
    rule ? element("span", {}, ", rule ", named(rule)) : null,
    state === "stops" ? " stops it here" : null,
    flow ? element("div", {}, element("code", {}, flow)) : null);
}
