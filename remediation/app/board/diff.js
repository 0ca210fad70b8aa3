// What a write changes, property by property, before and after.

const ARMS_OWN = new Set(["id", "name", "type", "etag", "resourceGuid", "provisioningState"]);
const NAMED_BY = ["name", "categoryGroup", "category", "id"];

const isNothing = (value) => value === null || value === undefined || value === ""
  || (typeof value === "object" && Object.keys(value).length === 0);

// Every value of a document by its path; objects in a list go by what names them, values in a list stand in one line.
function leaves(value, path = "", found = new Map()) {
  if (isNothing(value)) return found;
  if (Array.isArray(value) && !value.some((item) => item !== null && typeof item === "object")) {
    found.set(path, value.map(String).join(", "));
  } else if (Array.isArray(value)) {
    value.forEach((item, place) => leaves(told(item), `${path}[${nameIn(item) ?? place}]`, found));
  } else if (typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) leaves(inner, path ? `${path}.${name}` : name, found);
  } else {
    found.set(path, String(value));
  }
  return found;
}

function nameIn(item) {
  const naming = NAMED_BY.find((name) => typeof item?.[name] === "string" && item[name]);
  return naming && item[naming].split("/").at(-1);
}

// A child that its name tells: its id and type follow from that. What is only a reference stays whole.
function told(item) {
  if (typeof item?.name !== "string") return item;
  const rest = Object.fromEntries(Object.entries(item).filter(([name]) => !ARMS_OWN.has(name)));
  return isNothing(rest) ? item : rest;
}

const isArms = (path) => ARMS_OWN.has(path) || /\.(etag|provisioningState|resourceGuid)$/.test(path);

// {changed: [{path, before, after}], kept: [[path, value]]} between two documents; either may be null.
function differences(before, after) {
  const [was, becomes] = [leaves(before), leaves(after)];
  const paths = [...new Set([...was.keys(), ...becomes.keys()])].filter((path) => !isArms(path));
  const rows = paths.map((path) => ({ path, before: was.get(path), after: becomes.get(path) }));
  return {
    changed: rows.filter((row) => row.before !== row.after),
    kept: rows.filter((row) => row.before === row.after).map((row) => [row.path, row.after]),
  };
}

const beforeOf = (fix, id) => Object.entries(fix.before ?? {})
  .find(([name]) => name.toLowerCase() === String(id).toLowerCase())?.[1] ?? null;

// The writes of a repair as {method, id, before, after}, and those that would take it back.
const forward = (fix) => (fix?.writes ?? []).map((write) => ({
  method: write.method,
  id: write.id,
  before: beforeOf(fix, write.id),
  after: write.method === "DELETE" ? null : write.body ?? {},
}));

const backward = (fix) => forward(fix).reverse().map((write) => ({
  method: write.before === null ? "DELETE" : "PUT",
  id: write.id,
  before: write.after,
  after: write.before,
}));

const VERB = { DELETE: "deleted", PUT: "written" };

// One write as people read it: the resource, what differs, what stays, and the document as it is sent.
function writeParts(write) {
  const { changed, kept } = differences(write.before, write.after);
  const happens = write.before === null && write.after !== null ? "created" : VERB[write.method] ?? "changed";
  const type = write.id.split("/").at(-2) ?? "";
  return element("div", { class: "write" },
    element("p", { class: "what" }, pill("method", write.method), " ", element("b", {}, named(tail(write.id))),
      ` (${visible(type)}) is ${happens === "written" ? "changed" : happens}`),
    element("p", { class: "id" }, code(write.id)),
    changed.length
      ? element("dl", { class: "diff" }, changed.flatMap(row))
      : element("p", { class: "soft" }, "No property differs from what was there."),
    kept.length
      ? element("details", {},
        element("summary", {}, kept.length === 1 ? "1 property stays as it is" : `${number(kept.length, "property", "properties")} stay as they are`),
        element("dl", { class: "facts" }, kept.flatMap(([path, value]) => [
          element("dt", {}, named(shortened(path))), element("dd", {}, named(value))])))
      : null);
}

const shortened = (path) => path.replace(/^properties\./, "");

function row({ path, before, after }) {
  const line = (tag, sign, word, value) => element("dd", {}, element(tag, {},
    element("span", { class: "sign", "aria-hidden": "true" }, sign),
    element("span", { class: "unseen" }, `${word}: `), named(value)));
  return [
    element("dt", {}, named(shortened(path))),
    before === undefined ? null : line("del", "\u2212", "before", before),
    after === undefined ? null : line("ins", "+", "after", after),
  ].filter(Boolean);
}

// The request that is sent, whole: what the difference above may have left out is in it.
function exactly(write) {
  const body = write.after === null ? "" : `\n\n${JSON.stringify(write.after, null, 2)}`;
  return element("details", {},
    element("summary", {}, `The whole request: ${write.method} ${visible(tail(write.id))}`),
    element("pre", { tabindex: "0", "aria-label": "The request as it is sent" }, visible(`${write.method} ${write.id}${body}`)));
}
