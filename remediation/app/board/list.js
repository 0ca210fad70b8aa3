// The list: worst first, in groups, so many at a time; further ones come as the reader gets near the end.

const ORDERS = {
  "": { group: (row) => row.severity, name: (row) => sentenceCase(row.severity) },
  age: { group: ageGroup, name: ageGroup, by: (row) => row.openedAt },
  owner: { group: (row) => row.owner, name: (row) => row.owner || "Nobody's", by: (row) => `${row.owner ? 0 : 1}${row.owner?.toLowerCase()}` },
};
const AGES = [[3600, "Within the hour"], [86400, "Within a day"], [604800, "Within a week"], [Infinity, "Older than a week"]];
const ROW_HEIGHT = 108; // about: what is not laid out yet counts as so high
const order = () => ORDERS[state.asked.order] ?? ORDERS[""];
const sentenceCase = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function ageGroup(row) {
  return AGES.find(([most]) => secondsSince(row.openedAt) < most)[1];
}

function drawList() {
  byId("list").replaceChildren();
  state.drawn = 0;
  drawMore();
}

// Appends the rows that are not drawn yet: what is on the screen stays as it is, and so does the reader's place in it.
// Each batch is a list by itself, which a browser lays out only while it is near the screen.
function drawMore() {
  const place = byId("list");
  let group = place.lastElementChild;
  for (const [key, rows] of grouped(state.rows.slice(state.drawn, state.shown))) {
    const name = order().name(rows[0]);
    if (group?.dataset.group !== key) {
      group = element("section", { "data-group": key, "aria-label": name }, element("h2", {}, named(name)));
      place.append(group);
    }
    const batch = list(rows.map(rowLink));
    batch.style.containIntrinsicHeight = `auto ${rows.length * ROW_HEIGHT}px`;
    group.append(batch);
  }
  state.drawn = Math.min(state.shown, state.rows.length);
  drawSaid();
}

const grouped = (rows) => Map.groupBy(rows, (row) => String(order().group(row)));

function rowLink(row) {
  const where = [row.resourceGroup, row.owner].filter(Boolean).join(" \u00b7 ");
  return element("a", {
    href: written({ ...state.asked, finding: row.id }),
    class: `row ${SEVERITIES.includes(row.severity) ? row.severity : "info"}`,
    "data-id": row.id,
    "aria-current": row.id === state.asked.finding ? "true" : null,
  },
  element("span", { class: "head" },
    pill(row.severity, row.severity), " ",
    element("b", {}, named(row.name)), " ",
    where ? element("span", { class: "where" }, named(where)) : null),
  element("span", { class: "line" }, named(row.message || row.title)),
  element("span", { class: "foot" }, footOf(row)));
}

function footOf(row) {
  const ready = row.state === "open" && row.disposition === "propose";
  return [
    row.state === "open" ? `open for ${span(secondsSince(row.openedAt))}` : STATES[row.state] ?? row.state,
    row.state === "exempt" && row.exemptUntil ? until(row.exemptUntil) : "",
    ready ? (row.heldBackBy?.length ? "repair ready, held back" : "repair ready") : "",
    row.acknowledgedBy ? `seen by ${visible(row.acknowledgedBy)}` : "",
  ].filter(Boolean).join(" \u00b7 ");
}

function totalOpen() {
  const open = state.counts?.open;
  return open ? Object.values(open).reduce((sum, count) => sum + count, 0) : state.rows.length;
}

function drawSaid() {
  const shown = state.drawn;
  const left = shown < state.rows.length || state.parts.length > 0;
  const narrowed = isFiltered(state.asked);
  const all = Math.max(totalOpen(), state.rows.length);
  const some = left ? `${shown.toLocaleString("en")} of ${number(all, "finding")}` : number(shown, "finding");
  const what = narrowed ? `${number(shown, "finding")}${left ? " so far" : ""} by your filter` : some;
  byId("said").textContent = state.rows.length ? what : "";
  byId("more").hidden = !left || state.rows.length === 0;
  byId("list").setAttribute("aria-busy", String(state.loading));
  byId("more").textContent = state.loading ? "Loading \u2026" : "Show more";
}

function drawCounts() {
  const open = state.counts?.open ?? {};
  const chips = SEVERITIES.filter((severity) => severity in open).map((severity) => button("", () => narrow({
    severity: state.asked.severity === severity ? "" : severity, state: "",
  }), { class: `chip ${severity}`, "data-severity": severity, "aria-pressed": String(state.asked.severity === severity) }));
  chips.forEach((chip) => chip.append(element("b", {}, (open[chip.dataset.severity] ?? 0).toLocaleString("en")), ` ${chip.dataset.severity}`));
  const left = state.counts?.exempt;
  if (left) {
    const pressed = state.asked.state === "exempt";
    const chip = button("", () => narrow({ state: pressed ? "" : "exempt", severity: "" }), { class: "chip exempt", "aria-pressed": String(pressed) });
    chip.append(element("b", {}, left.toLocaleString("en")), " left alone");
    chips.push(chip);
  }
  const focused = document.activeElement?.dataset?.severity;
  fill(byId("counts"), chips.map((chip) => element("li", {}, chip)));
  if (focused) byId("counts").querySelector(`[data-severity="${focused}"]`)?.focus();
}

// Names that are known by now, offered where one is typed.
function drawOffers() {
  for (const name of ["owner", "rule", "subscription"]) {
    const known = [...new Set(state.rows.map((row) => row[name]).filter(Boolean))].sort();
    byId(`${name}s`).replaceChildren(...known.slice(0, 200).map((value) => element("option", { value: visible(value) })));
  }
}

function markRow(id) {
  for (const row of byId("list").querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
  rowOf(id)?.setAttribute("aria-current", "true");
}

const rowOf = (id) => (id ? byId("list").querySelector(`[data-id="${CSS.escape(id)}"]`) : null);

// One row as the finding is now, where it is still among what is asked for.
function redrawRow(finding) {
  const place = state.rows.findIndex((row) => row.id === finding.id);
  if (place < 0) return;
  state.rows[place] = { ...state.rows[place], ...finding };
  const drawn = rowOf(finding.id);
  if (drawn) drawn.replaceWith(rowLink(state.rows[place]));
}
