// Elements are made here and nowhere else: text goes in as text, so no name can become markup.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  return furnished(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
  return furnished(document.createElementNS(SVG, tag), attributes, children);
}

function furnished(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

// A name from a document, kept from turning the direction of what stands around it.
const named = (text) => element("bdi", {}, text);

// Text cut to about so many units of width, in the middle: what tells names apart is often their end.
function fitting(text, width, size) {
  const letters = Array.from(text);
  const most = Math.max(4, Math.floor(width / (size * 0.6)));
  if (letters.length <= most) return text;
  const tail = Math.floor(most * 0.4);
  return `${letters.slice(0, most - 1 - tail).join("")}\u2026${letters.slice(-tail).join("")}`;
}
