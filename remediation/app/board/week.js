// What was repaired this week and how fast; and what is watched, which is all there is to say where nothing is open.

function drawWeek() {
  const told = state.summary;
  const place = byId("week");
  place.hidden = state.asked.finding !== "" || told === null;
  if (told === null) return;
  fill(place, 
    element("h2", {}, "The last seven days"),
    repairedSentence(told),
    told.repaired?.length
      ? element("details", { open: matchMedia("(min-width: 801px)").matches },
        element("summary", {}, told.repaired.length < told.repairedCount ? `The latest ${told.repaired.length}` : "One by one"),
        element("ol", { class: "repaired" }, told.repaired.map(repairedLine)))
      : null,
    element("h3", {}, "What is watched"), watchedParts(told.watched));
}

function repairedSentence(told) {
  if (!told.repairedCount) return element("p", { class: "soft" }, "Nothing was repaired: nothing drifted that the baseline lets Bastion Guard repair.");
  return element("ul", { class: "figures" },
    element("li", {}, element("b", {}, told.repairedCount.toLocaleString("en")), " repaired"),
    told.medianSeconds === null ? null : element("li", {}, element("b", {}, span(told.medianSeconds)), " until repaired, in the middle"));
}

function repairedLine(one) {
  return element("li", {},
    element("a", { href: written({ ...state.asked, finding: one.id }), "data-id": one.id }, named(tail(one.resource))),
    element("span", { class: "soft" }, ` ${one.rule}, `, time(one.at, ago(one.at)), one.seconds === null ? "" : `, within ${span(one.seconds)}`));
}

function watchedParts(watched) {
  const count = watched?.subscriptions?.length ?? 0;
  const modes = {
    enforce: "enforce: what the baseline allows is repaired by itself",
    observe: "observe: repairs are proposed, nothing is written by itself",
  };
  return facts([
    ["Subscriptions", count ? element("details", {}, element("summary", {}, number(count, "subscription")), list(watched.subscriptions.map((id) => code(id)))) : ""],
    ["Rules", watched?.rules ? number(watched.rules, "rule") : ""],
    ["Mode", modes[watched?.mode] ?? watched?.mode ?? ""],
    ["Last look", watched?.lastLookAt ? time(watched.lastLookAt) : "none yet"],
  ]);
}

// Instead of a list that has nothing in it.
function drawEmpty() {
  const place = byId("empty");
  place.hidden = state.rows.length > 0 || state.loading || state.counts === null;
  if (place.hidden) return;
  if (isFiltered(state.asked)) {
    fill(place, element("h2", {}, "Nothing matches"), element("p", {}, "No finding is as your filter wants it."),
      button("Show everything that is open", () => narrow(Object.fromEntries(ASKED_FOR.map((name) => [name, ""])))));
    return;
  }
  const watched = state.summary?.watched;
  const seen = watched?.lastLookAt ? ` The last look was ${ago(watched.lastLookAt)}.` : " Nothing has been looked at yet.";
  fill(place, 
    element("p", { class: "mark", "aria-hidden": "true" }, "\u2713"),
    element("h2", {}, "Nothing is open"),
    element("p", {}, watched
      ? `${number(watched.subscriptions?.length ?? 0, "subscription")} watched by ${number(watched.rules ?? 0, "rule")}.${seen}`
      : "What is watched is not known yet."));
}
