// Elements are made here and nowhere else: text goes in as text, so no name can become markup.

const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...present(children));
  return made;
}

const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== "" && child !== false);

const fill = (place, ...children) => place.replaceChildren(...present(children));

// Characters that hide or turn the direction of others are shown by their number instead of doing so.
const HIDING = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu;
const KEPT = new Set(["\n", "\t"]);

function visible(text) {
  return String(text).replace(HIDING, (found) =>
    KEPT.has(found) ? found : `\\u{${found.codePointAt(0).toString(16)}}`);
}

// A foreign text: visible, and kept from turning the direction of what stands around it.
const named = (text) => element("bdi", {}, visible(text));

const code = (text) => element("code", {}, visible(text));

const pill = (kind, text) => element("span", { class: `pill ${kind}` }, text);

function button(text, onclick, attributes = {}) {
  return element("button", { type: "button", onclick, ...attributes }, text);
}

// A text that can be copied whole; the button says that it was.
function copied(text, what) {
  const copy = button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
    } catch {
      copy.textContent = "Select it and copy by hand";
    }
  }, { class: "small", "aria-label": `Copy ${what}` });
  return copy;
}

function facts(rows) {
  return element("dl", { class: "facts" }, rows.filter(([, value]) => value)
    .flatMap(([name, value]) => [
      element("dt", {}, name),
      element("dd", {}, typeof value === "string" ? named(value) : value),
    ]));
}

function section(title, ...parts) {
  const filled = present(parts);
  return filled.length ? element("section", {}, element("h3", {}, title), ...filled) : null;
}

const list = (items, attributes = {}) => element("ul", attributes, items.map((item) => element("li", {}, item)));
