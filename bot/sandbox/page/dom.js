// Small helpers that build the page from nodes; nothing here reads HTML from text.

export const $ = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== ""));
  return node;
}

export function svg(path) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

export function flagOf(country) {
  if (!/^[A-Z]{2}$/.test(country ?? "")) return "";
  return String.fromCodePoint(...[...country].map((letter) => 0x1f1a5 + letter.charCodeAt(0)));
}

export const colourOf = (id) => `c${Math.abs(Number(id)) % 7}`;

export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word) => [...new Intl.Segmenter().segment(word ?? "")][0]?.segment ?? "";
  return words.slice(0, 2).map(first).join("").toUpperCase();
}

export const timeOf = (date) =>
  new Date(date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export const dayOf = (date) =>
  new Date(date * 1000).toLocaleDateString([], { day: "numeric", month: "long" });

// Shows a list of {key, sign, build}: a node whose sign is the same stays where it is, so that a
// click, a focus or a selection survives a redraw; `adjust` changes small things in place.
const shownIn = new WeakMap();
export function update(parent, items) {
  const before = shownIn.get(parent) ?? new Map();
  const now = new Map();
  for (const { key, sign, build, adjust } of items) {
    const old = before.get(key);
    const shown = old?.sign === sign ? old : { sign, node: build() };
    adjust?.(shown.node);
    now.set(key, shown);
  }
  shownIn.set(parent, now);
  const nodes = [...now.values()].map((it) => it.node);
  const kept = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  let place = parent.firstChild;
  for (const node of nodes) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}
