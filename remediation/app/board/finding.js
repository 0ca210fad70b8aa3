// One finding in full, in the order of somebody who was just woken: what it is, what proves it, what would be written.

function drawFinding() {
  const place = byId("finding");
  const found = state.finding;
  document.body.classList.toggle("reading", state.asked.finding !== "");
  place.hidden = state.asked.finding === "";
  if (place.hidden) return place.replaceChildren();
  if (found === null || found.id !== state.asked.finding) return fill(place, backLink(), element("p", { class: "soft" }, "Loading \u2026"));
  fill(place, backLink(), element("div", { class: "parts" }, findingParts(found)), verbsOf(found));
}

function drawMissing(answer) {
  fill(byId("finding"), backLink(),
    element("h2", { tabindex: "-1", id: "heading" }, answer.status === 404 ? "This finding is not known" : "This finding cannot be shown"),
    element("p", {}, answer.status === 404
      ? "It may have been forgotten after its time was over, or the address is not whole."
      : visible(reason(answer))));
}

const backLink = () => element("a", { href: written({ ...state.asked, finding: "" }), class: "back", id: "back" }, "\u2190 All findings");

function findingParts(found) {
  const evidence = found.evidence ?? {};
  return [
    element("p", { class: "pills" }, pill(found.severity, found.severity), " ", pill(found.state, STATES[found.state] ?? found.state)),
    element("h2", { tabindex: "-1", id: "heading" }, named(found.title)),
    element("p", { class: "lead" }, named(found.message)),
    element("p", { class: "asked" }, askedSentence(found)),
    aboutParts(found),
    evidence.severityBecause && !evidence.latent && ["open", "exempt"].includes(found.state)
      ? section(`Why it is ${found.severity}`, element("p", {}, named(evidence.severityBecause))) : null,
    proofSection(found, evidence),
    section("Ways in", waysList(found)),
    repairSection(found),
    section("What changes for traffic", (found.fix?.traffic ?? []).length || (found.fix?.closes ?? []).length
      ? list([...found.fix.closes ?? [], ...found.fix.traffic ?? []].map((line) => named(sentence(line)))) : null),
    section("What differs from what is declared", declaredParts(evidence)),
    section("What holds a repair back", (found.heldBackBy ?? []).length
      ? list(found.heldBackBy.map((line) => named(sentence(line)))) : null,
    evidence.notFixable ? element("p", {}, named(sentence(evidence.notFixable))) : null),
    found.state === "open" ? commandsSection(found) : null,
    section("Why it matters", (found.matters ?? []).length ? list(found.matters.map((line) => named(line))) : null),
    section("History", historyParts(found.history ?? [])),
    evidenceSection(evidence),
  ];
}

function askedSentence(found) {
  if (found.state === "exempt") return `This is left alone${found.exemptUntil ? ` ${until(found.exemptUntil)}` : ""}.`;
  if (found.state === "fixed") return "This has been repaired.";
  if (found.state === "resolved") return "This is in order again. Nothing is left to do.";
  if (found.state === "suspected") return "This is looked at a second time before anybody is told.";
  return ASKED[found.disposition] ?? "";
}

function aboutParts(found) {
  const seen = found.acknowledged;
  return facts([
    ["Resource", element("span", {}, named(found.name), " ", copied(found.resource, "the resource id"))],
    ["Group", found.resourceGroup],
    ["Subscription", found.subscription],
    ["Owner", found.owner],
    ["Rule", code(found.rule)],
    ["Changed by", who(found.actor)],
    ["Open since", time(found.openedAt)],
    ["Last news", found.changedAt === found.openedAt ? "" : time(found.changedAt)],
    ["Told in", (found.channels ?? []).join(", ")],
    ["Seen by", seen ? element("span", {}, named(seen.by), ", ", time(seen.at, ago(seen.at))) : ""],
    ["Applied by", found.appliedBy],
    ["Note", found.note],
    ["Left out", (found.cut ?? []).join("; ")],
    ["Id", code(found.resource)],
  ]);
}

function proofSection(found, evidence) {
  const proof = packet(found.witness, evidence.latent ? "would reach" : "reaches");
  return section("Proof",
    evidence.latent ? element("p", {}, element("b", {}, named(sentence(evidence.latent)))) : null,
    proof ? element("p", { class: "proof" }, evidence.latent ? "By its rules alone: " : "", named(proof)) : null);
}

function waysList(found) {
  const ways = found.ways ?? [];
  return ways.length ? list(ways.map((way) => named(typeof way === "string" ? way : way.line ?? JSON.stringify(way))), { class: "ways" }) : null;
}

function repairSection(found) {
  if (!found.fix) return null;
  const title = found.state === "fixed" ? "What was changed" : "What a repair writes";
  return section(title, element("p", {}, element("b", {}, named(found.fix.title))),
    forward(found.fix).map(writeParts),
    found.fix.furtherSteps ? element("p", {}, `Then ${number(found.fix.furtherSteps, "further step")}, judged anew when it comes to them.`) : null,
    found.fix.proof ? element("p", { class: "proof" }, "Proven: ", named(sentence(found.fix.proof))) : null);
}

function declaredParts(evidence) {
  const rows = Array.isArray(evidence.differences) ? evidence.differences : [];
  const value = (what) => (typeof what === "object" && what !== null ? JSON.stringify(what) : String(what));
  return rows.length
    ? element("dl", { class: "diff" }, rows.flatMap(({ path, declared, live }) => row({
      path, before: declared === null ? undefined : value(declared), after: live === null ? undefined : value(live) })))
    : null;
}

function commandsSection(found) {
  const commands = found.commands ?? [];
  return section(found.fix ? "The same by hand" : "What to type", commands.map((command) => element("div", { class: "command" },
    element("pre", { tabindex: "0", "aria-label": "Command" }, visible(command)), copied(command, "the command"))));
}

function historyParts(entries) {
  return entries.length
    ? element("ol", { class: "history" }, entries.map((entry) => element("li", {}, time(entry.at, ago(entry.at)), historyLine(entry))))
    : element("p", { class: "soft" }, "Nothing is remembered of this resource.");
}

// What an announcement says at length is the finding itself, which stands above.
function historyLine(entry) {
  const what = TOLD[entry.what] ?? entry.what;
  const more = entry.kind === "announced" ? "" : entry.detail;
  return element("div", {}, element("b", {}, visible(entry.kind)), " ", named([what, more].filter(Boolean).join(": ")),
    who(entry.actor) ? element("span", { class: "soft" }, " by ", named(who(entry.actor))) : null);
}

function evidenceSection(evidence) {
  if (isNothing(evidence)) return null;
  return element("details", {}, element("summary", {}, "All the evidence"),
    element("pre", { tabindex: "0", "aria-label": "Evidence" }, visible(JSON.stringify(evidence, null, 2))));
}
