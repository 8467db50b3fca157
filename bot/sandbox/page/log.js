// The messages of the open chat, their keyboards and tools.
import { $, make, update, svg, colourOf, timeOf, dayOf } from "/page/dom.js";
import { avatar, botAvatar } from "/page/list.js";
import { toast, alertBox } from "/page/menus.js";
import { state } from "/page/state.js";
import { messageText } from "/page/text.js";
import { follow, telegramLink } from "/page/follow.js";
import { reply, edit, play, say } from "/page/write.js";

export const nearEnd = () => $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < 120;

export function drawMessages(toEnd) {
  const end = toEnd || nearEnd();
  const open = new Set([...document.querySelectorAll("blockquote.open")].map((it) => it.dataset.key));
  const shown = state.messages.filter((it) => !state.topic || it.topic === state.topic);
  const rows = [];
  shown.forEach((message, index) => {
    const before = shown[index - 1], after = shown[index + 1];
    const day = dayOf(message.date);
    if (!before || dayOf(before.date) !== day) {
      rows.push({ key: `day ${day}`, sign: day, build: () => make("div", { class: "day" }, day) });
    }
    const key = message.seq;
    if (message.service) {
      rows.push({ key, sign: message.service, build: () => make("div", { class: "service", dir: "auto" }, message.service) });
      return;
    }
    const first = !before || before.service || before.from.id !== message.from.id || message.date - before.date > 600;
    const last = Boolean(!after || after.service || after.from.id !== message.from.id || after.date - message.date > 600);
    const sign = JSON.stringify([state.viewer.id, state.chat.id, message, first]);
    rows.push({ key, sign, build: () => row(message, first, open), adjust: (node) => node.classList.toggle("last", last) });
  });
  update($("log"), rows);
  if (end) $("log").scrollTop = $("log").scrollHeight;
  $("down").hidden = nearEnd();
}

function row(message, first, open) {
  const mine = message.from.id === state.viewer.id;
  const classes = ["row", mine && "out", first && "first", message.ephemeral_id && "private"];
  const stack = make("div", { class: "stack" }, bubble(message, mine, first, open));
  if (message.keyboard.length) stack.append(keys(message));
  const group = state.chat.type !== "private";
  const face = message.from.bot ? botAvatar("small") : avatar(message.from.name, message.from.id, "small");
  return make("div", {
    class: classes.filter(Boolean).join(" "), "data-message": message.message_id, "data-seq": message.seq,
  }, group && !mine ? face : "", stack, actions(message, mine));
}

function bubble(message, mine, first, open) {
  const parts = [];
  if (message.ephemeral_id) parts.push(make("div", { class: "only" }, "👁 Only you can see this"));
  if (!mine && first && state.chat.type !== "private") {
    parts.push(make("div", { class: `from n${colourOf(message.from.id).slice(1)}`, dir: "auto" }, message.from.name));
  }
  if (message.forwarded_from) parts.push(make("div", { class: "note", dir: "auto" }, `Forwarded from ${message.forwarded_from}`));
  if (message.via_bot) parts.push(make("div", { class: "note" }, `via @${message.via_bot}`));
  if (message.reply_to) parts.push(answering(message.reply_to));
  if (message.photo) parts.push(photo(message));
  if (message.document) parts.push(file(message.document));
  const meta = make("span", { class: "meta" }, message.edited ? "edited" : "",
    make("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date)),
    mine ? make("span", { "aria-label": "sent" }, "✓✓") : "");
  if (message.text) {
    const text = messageText(message, open, { command: (word) => say(word), follow, telegramLink });
    text.append(meta);
    parts.push(text);
  } else {
    parts.push(meta);
  }
  const box = make("div", { class: "bubble" }, ...parts);
  if (message.reactions.length) {
    box.append(make("div", { class: "reactions" }, ...message.reactions.map((emoji) => make("span", {}, emoji))));
  }
  return box;
}

function answering(reply) {
  const go = () => document.querySelector(`[data-message="${reply.message_id}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
  return make("button", { class: "answering", type: "button", onclick: go }, make("b", { dir: "auto" }, reply.name), make("span", { dir: "auto" }, reply.text));
}

function photo(message) {
  const { url, width, height } = message.photo;
  return make("a", { class: message.text ? "photo" : "photo alone", href: url, target: "_blank", rel: "noopener" },
    make("img", { src: url, width, height, alt: message.text ? "Photo" : "Photo without a caption", loading: "lazy" }));
}

function file(document_) {
  const size = document_.size < 1024 ? `${document_.size} B` : `${Math.round(document_.size / 1024)} KB`;
  return make("a", { class: "doc", href: document_.url, download: document_.name },
    make("span", { class: "sign", "aria-hidden": "true" }, "📄"),
    make("span", { class: "who" }, make("b", { dir: "auto" }, document_.name), make("span", {}, size)));
}

function keys(message) {
  return make("div", { class: "keys" }, ...message.keyboard.map((line) =>
    make("div", {}, ...line.map((button) => key(message, button)))));
}

function key(message, button) {
  if (button.url && telegramLink(button.url)) {
    return make("button", { class: "key", type: "button", dir: "auto", onclick: () => follow(button.url) }, button.text, make("span", { class: "mark", "aria-hidden": "true" }, "↗"));
  }
  if (button.url && /^https?:/i.test(button.url)) {
    return make("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer", dir: "auto" }, button.text, make("span", { class: "mark", "aria-hidden": "true" }, "↗"));
  }
  const mark = `${message.seq}:${button.callback_data}`;
  const busy = state.busy.has(mark);
  return make("button", {
    class: busy ? "key busy" : "key", type: "button", dir: "auto", "aria-busy": String(busy), "data-mark": mark,
    onclick: () => pressKey(message, button),
  }, button.text, button.copy_text ? make("span", { class: "mark", "aria-hidden": "true" }, "⧉") : "");
}

function setBusy(mark, on) {
  if (on) state.busy.add(mark); else state.busy.delete(mark);
  for (const key of document.querySelectorAll(`[data-mark="${CSS.escape(mark)}"]`)) {
    key.classList.toggle("busy", on);
    key.setAttribute("aria-busy", String(on));
  }
}

async function pressKey(message, button) {
  if (button.copy_text) {
    await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
    return toast("Copied");
  }
  const inline = button.switch_inline_query_current_chat ?? button.switch_inline_query;
  if (inline !== undefined) {
    $("input").value = `@${state.bot.username} ${inline}`;
    return $("input").focus();
  }
  if (!button.callback_data) return;
  const mark = `${message.seq}:${button.callback_data}`;
  setBusy(mark, true);
  const answer = await play("press", {
    chat: state.chat.id, message_id: message.message_id, ephemeral_id: message.ephemeral_id ?? 0,
    data: button.callback_data, wait: 20,
  });
  setBusy(mark, false);
  const reply = answer?.answer;
  if (reply?.text) { if (reply.show_alert) alertBox(reply.text); else toast(reply.text); }
  if (reply?.url) toast(reply.url);
}

const REPLY = "M10 8V4L3 11l7 7v-4c5 0 8 1.500 10 5 0-6-3-11-10-11z";
const PEN = "M4 20l1-5L16 4l4 4L9 19z";
function actions(message, mine) {
  const tools = [];
  if (!message.ephemeral_id) {
    tools.push(make("button", { type: "button", "aria-label": "Reply", title: "Reply", onclick: () => reply(message) }, svg(REPLY)));
  }
  if (mine && !message.ephemeral_id) {
    tools.push(make("button", { type: "button", "aria-label": "Edit", title: "Edit", onclick: () => edit(message) }, svg(PEN)));
  }
  return make("div", { class: "acts" }, ...tools);
}
