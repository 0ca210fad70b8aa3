// What can be done to a finding: buttons, and why some of them are off.

const VERBS = {
  apply: "Apply the repair",
  undo: "Take the repair back",
  accept: "Accept what is there",
  exempt: "Leave it alone \u2026",
  look: "Look again",
  ack: "I have seen it",
};

// Verbs that say nothing about a finding of this kind are left out; the others are there, on or off.
function offered(found) {
  const fits = {
    apply: found.state === "open",
    undo: Boolean(found.writeId),
    accept: found.rule === "declared-drift" && found.state === "open",
    exempt: found.state === "open" || found.state === "exempt",
    look: true,
    ack: found.state === "open",
  };
  return Object.keys(VERBS).filter((verb) => fits[verb] && found.can?.[verb]);
}

function verbsOf(found) {
  const verbs = offered(found);
  const off = verbs.filter((verb) => !found.can[verb].ok);
  const reasons = new Map();
  for (const verb of off) {
    const why = found.can[verb].why || "not now";
    reasons.set(why, [...reasons.get(why) ?? [], verb]);
  }
  return element("div", { class: "verbs", role: "group", "aria-label": "What you can do" },
    element("p", { id: "outcome", role: "status" }),
    reasons.size
      ? element("ul", { class: "reasons", id: "reasons" }, [...reasons].map(([why, about]) => element("li", {},
        element("b", {}, about.length === verbs.length ? "You cannot act on this" : about.map((verb) => VERBS[verb].replace(" \u2026", "")).join(", ")), ": ", named(sentence(why)))))
      : null,
    element("div", { class: "buttons" }, verbs.map((verb) => verbButton(found, verb))));
}

function verbButton(found, verb) {
  const on = found.can[verb].ok;
  return button(VERBS[verb], () => on && !document.body.classList.contains("offline") && begin(found, verb), {
    class: verb === "apply" ? "primary" : null,
    "data-verb": verb,
    "aria-disabled": on ? null : "true",
    "aria-describedby": on ? null : "reasons",
  });
}

// Looking again writes nothing, so it asks nothing; everything else says first what it will write.
function begin(found, verb) {
  if (verb === "look") return act(found, verb, {}, crypto.randomUUID(), tellOutcome);
  return openDialog(found, verb);
}

function tellOutcome(text, wrong = false) {
  const place = byId("outcome");
  if (!place) return;
  place.className = wrong ? "wrong" : "done";
  place.textContent = visible(text);
}

// Sends a verb. `fail` is told why it was not done, and the confirmation stays for another try.
async function act(found, verb, body, once, fail) {
  let answer;
  try {
    answer = await ask(`${one(found.id)}/${verb}`, { method: "POST", body, etag: found.etag, once });
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    tellOffline();
    return fail("No answer came. It may have been done all the same: look at the history once the connection is back.", true);
  }
  if (answer.ok) return done(answer, verb);
  if (answer.status === 412) return changedSince(answer);
  if (answer.status === 401) tellTrouble(answer);
  return fail(refusal(answer), true);
}

function refusal(answer) {
  const wait = answer.wait ? ` Try again in ${number(Number(answer.wait), "second")}.` : "";
  return `${answer.status === 403 ? "You may not do this. " : "Not done. "}${reason(answer)}${wait}`;
}

function done(answer, verb) {
  byId("confirm").close();
  take(answer.body.finding);
  tellOutcome(sentence(answer.body.done ?? "Done"));
  document.querySelector(`[data-verb="${verb}"], #heading`)?.focus();
  withdraw("changed");
  if (answer.status === 202) watch(answer.body.finding ?? state.finding);
  refreshCounts();
}

// Somebody else was first, or the resource changed: nothing was done, and what is there now is shown.
function changedSince(answer) {
  byId("confirm").close();
  if (answer.body?.finding) take(answer.body.finding);
  else loadFinding();
  notice("changed", "This has changed since you looked, so nothing was done.", "What you see now is how it is. Read it again before you act.", dismissing("changed"));
  byId("heading")?.focus();
}

function take(finding) {
  if (!finding || finding.id !== state.asked.finding) return;
  state.finding = finding;
  redrawRow(finding);
  drawFinding();
}
