// The confirmation: it repeats exactly what will be written, and by whom, before anything is.

const DURATIONS = [["1h", "1 hour"], ["4h", "4 hours"], ["8h", "8 hours"], ["24h", "1 day"], ["3d", "3 days"], ["7d", "7 days"]];

function openDialog(found, verb) {
  const dialog = byId("confirm");
  const once = crypto.randomUUID();
  const asks = FORMS[verb](found);
  const wrong = element("p", { class: "wrong", role: "alert", id: "wrong" });
  const go = element("button", { type: "submit", class: "primary" }, asks.submit);
  const form = element("form", { method: "dialog", "aria-labelledby": "dialog-title" },
    element("h2", { id: "dialog-title", tabindex: "-1", autofocus: true }, asks.title),
    element("p", {}, named(found.name), element("span", { class: "soft" }, ` ${visible(found.rule)}`)),
    asks.parts,
    element("p", { class: "soft" }, "The history keeps it with your name", state.me?.name ? [" (", named(state.me.name), ")"] : "", ", and it is told where this finding is told."),
    asks.exemptFor ? forHowLong(asks.exemptFor) : null,
    asks.reason ? element("label", {}, element("span", {}, asks.reason === "required" ? "Why (is kept and shown)" : "Why, if you like (is kept and shown)"),
      element("textarea", { name: "reason", rows: "2", maxlength: "500", required: asks.reason === "required" })) : null,
    wrong,
    element("p", { class: "buttons" }, go, button("Cancel", () => dialog.close())));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (go.getAttribute("aria-disabled") === "true") return;
    go.setAttribute("aria-disabled", "true");
    wrong.textContent = "";
    await act(found, verb, filled(form), once, (text) => { wrong.textContent = visible(text); });
    go.removeAttribute("aria-disabled");
  });
  fill(dialog, form);
  dialog.showModal();
}

function filled(form) {
  const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value));
}

function forHowLong(need) {
  const ends = element("span", { class: "soft", id: "ends" });
  const choices = need === "required" ? DURATIONS : [["", "not at all: it may be repaired again at once"], ...DURATIONS];
  const select = element("select", { name: "exemptFor", "aria-describedby": "ends" },
    choices.map(([value, words]) => element("option", { value, selected: value === "4h" }, words)));
  const tell = () => { ends.textContent = select.value ? `Until ${whenExactly(clock() + hoursOf(select.value) * 3600000)}; it ends by itself.` : ""; };
  select.addEventListener("input", tell);
  tell();
  return element("label", {}, element("span", {}, need === "required" ? "How long" : "Then leave it alone for"), select, ends);
}

const writesParts = (writes) => writes.map((write) => [writeParts(write), exactly(write)]);
const nothingInAzure = () => element("p", {}, "Nothing is written to Azure.");

const FORMS = {
  apply: (found) => ({
    title: "Apply this repair?",
    submit: forward(found.fix).length > 1 ? `Write these ${forward(found.fix).length} changes to Azure` : "Write this to Azure",
    reason: "optional",
    parts: [
      element("p", {}, "It is read, judged and proven once more first. If anything is not as shown here, nothing is written. This is written:"),
      writesParts(forward(found.fix)),
      found.heldBackBy?.length
        ? element("div", { class: "overridden" }, element("p", {}, element("b", {}, "You decide over:")), list(found.heldBackBy.map((line) => named(sentence(line)))))
        : null,
    ],
  }),
  undo: (found) => ({
    title: "Take this repair back?",
    submit: "Write this to Azure",
    reason: "optional",
    exemptFor: "optional",
    parts: [
      element("p", {}, "What the repair closed is open again afterwards. It is refused where somebody changed the resource since. This is written:"),
      writesParts(backward(found.fix)),
    ],
  }),
  exempt: (found) => ({
    title: "Leave this alone for a while?",
    submit: "Leave it alone",
    reason: "required",
    exemptFor: "required",
    parts: [nothingInAzure(), element("p", {}, "The exemption covers this finding and stays in the ledger until its time is over:"),
      facts([["Resource", code(found.resource)], ["Rule", code(found.rule)]])],
  }),
  accept: () => ({
    title: "Accept what is there?",
    submit: "Declare it so",
    reason: "optional",
    parts: [nothingInAzure(), element("p", {}, "From now on this counts as declared, by your word:"), declaredParts(state.finding.evidence ?? {})],
  }),
  ack: () => ({
    title: "Say that you have seen it?",
    submit: "I have seen it",
    reason: "optional",
    parts: [nothingInAzure(), element("p", {}, "Everybody who opens this finding sees that you know of it. It stays open.")],
  }),
};
