// A message's text and entities as nodes. Offsets are UTF-16 units, as JavaScript's own.
import { make, svg } from "/page/dom.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre" };
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const DOWN = "M6 9l6 6 6-6";

export function messageText(message, open, acts) {
  const box = make("div", { class: "text", dir: "auto" });
  const entities = [...message.entities].sort((one, other) => one.offset - other.offset || other.length - one.length);
  fill(box, message.text, 0, message.text.length, entities, { message, open, acts });
  return box;
}

function fill(box, text, from, to, entities, about) {
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity.offset < at || entity.offset >= to) continue;
    const end = Math.min(to, entity.offset + entity.length);
    const before = text.slice(at, entity.offset);
    box.append(BLOCKS.has(entity.type) ? before.replace(/\n$/, "") : before);
    const inner = entities.slice(index + 1).filter((it) => it.offset >= entity.offset && it.offset + it.length <= end);
    box.append(node(entity, text, end, inner, about));
    at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
  }
  box.append(text.slice(at, to));
}

function node(entity, text, end, inner, about) {
  const words = text.slice(entity.offset, end);
  const into = (box) => { fill(box, text, entity.offset, end, inner, about); return box; };
  if (TAGS[entity.type]) return into(make(TAGS[entity.type]));
  switch (entity.type) {
    case "url": return into(link(/^https?:/i.test(words) ? words : `https://${words}`, about.acts));
    case "text_link": return into(link(entity.url, about.acts));
    case "bot_command":
      return make("button", { class: "command", type: "button", onclick: () => about.acts.command(words) }, words);
    case "spoiler": {
      const box = into(make("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Hidden text" }));
      const show = () => { box.classList.add("open"); box.removeAttribute("aria-label"); };
      box.addEventListener("click", show);
      box.addEventListener("keydown", (event) => { if (event.key === "Enter") show(); });
      return box;
    }
    case "blockquote": return into(make("blockquote"));
    case "expandable_blockquote": return folding(entity, into, about);
    case "mention": case "text_mention": case "hashtag": return into(make("span", { class: "mention" }));
    default: return into(make("span"));
  }
}

function link(url, acts) {
  if (!/^https?:/i.test(url)) return make("span");
  if (acts.telegramLink(url)) return make("button", { class: "command", type: "button", onclick: () => acts.follow(url) });
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" });
}

function folding(entity, into, about) {
  const key = `${about.message.seq}:${entity.offset}`;
  const quote = make("blockquote", { class: "folds", "data-key": key });
  quote.append(into(make("div", { class: "inside" })));
  const fold = make("button", { class: "fold", type: "button", "aria-label": "Show all", "aria-expanded": "false" }, svg(DOWN));
  const set = (on) => {
    quote.classList.toggle("open", on);
    fold.setAttribute("aria-expanded", String(on));
    fold.setAttribute("aria-label", on ? "Show less" : "Show all");
  };
  fold.addEventListener("click", () => set(!quote.classList.contains("open")));
  set(about.open.has(key));
  quote.append(fold);
  return quote;
}
