// Writing: the field, replies and edits, files, suggestions.
import { loadMessages } from "/page/chat.js";
import { $, make } from "/page/dom.js";
import { toast } from "/page/menus.js";
import { post } from "/page/server.js";
import { state } from "/page/state.js";

export function reply(message) {
  state.replying = message; state.editing = null;
  showReplying(`Reply to ${message.from.name}`, message.text || "📎");
}

export function edit(message) {
  state.editing = message; state.replying = null;
  $("input").value = message.text;
  showReplying("Edit message", message.text);
}

function showReplying(title, text) {
  $("replying-to").textContent = title;
  $("replying-text").textContent = text;
  $("replying").hidden = false;
  $("input").focus();
}

export function cancel() {
  if (state.editing) $("input").value = "";
  state.replying = state.editing = null;
  $("replying").hidden = true;
}

export async function play(what, given) {
  try {
    const answer = await post(what, { user: state.viewer.id, ...given });
    return answer;
  } catch (error) {
    toast(error.message);
    return null;
  }
}

export async function say(text) {
  const given = { chat: state.chat.id, text };
  if (state.replying) given.reply_to = state.replying.message_id;
  if (state.topic && !state.replying) given.topic = state.topic;
  if (state.anonymous && ["creator", "administrator"].includes(state.chat.status)) given.as = "anonymous";
  cancel();
  const guest = !state.chat.bot_present && text.toLowerCase().includes(`@${state.bot.username}`.toLowerCase());
  const what = state.chat.type === "channel" ? "channel-post" : guest ? "guest" : "say";
  const answer = await play(what, given);
  if (answer) await loadMessages(true);
}

export async function submit(event) {
  event.preventDefault();
  const text = $("input").value.trim();
  if (!text) return;
  const editing = state.editing;
  $("input").value = "";
  grow(); suggest();
  if (editing) {
    cancel();
    await play("edit", { chat: state.chat.id, message_id: editing.message_id, text });
  } else {
    await say(text);
  }
}

export function grow() {
  $("input").rows = 1;
  const lines = Math.min(6, Math.ceil(($("input").scrollHeight - 18) / 21));
  $("input").rows = Math.max(1, $("input").value ? lines : 1);
}

export async function attach() {
  const chosen = $("file").files[0];
  if (!chosen) return;
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  await play("photo", { chat: state.chat.id, data: btoa(binary), name: chosen.name, caption: $("input").value.trim() });
  $("file").value = "";
  $("input").value = "";
}

// ---- suggestions: commands, and the results of an inline query

let asking = 0;
export async function suggest(all = false) {
  const text = $("input").value;
  const inline = text.match(new RegExp(`^@${state.bot.username}\\s([^]*)$`, "i"));
  state.picked = 0;
  if (inline && state.chat.bot_present !== undefined) return suggestInline(inline[1]);
  asking += 1;
  const typed = text.match(/^\/(\w*)$/);
  const found = all ? state.commands : typed ? state.commands.filter((it) => it.command.startsWith(typed[1].toLowerCase())) : [];
  showSuggestions(found.map((it) => ({
    title: `/${it.command}`, note: it.is_ephemeral ? `${it.description} · 👁` : it.description,
    act: () => { $("input").value = ""; hideSuggestions(); say(`/${it.command}`); },
  })));
}

async function suggestInline(query) {
  const mine = ++asking;
  await new Promise((done) => setTimeout(done, 300));
  if (mine !== asking) return;
  const answer = await play("inline", { chat: state.chat.id, query: query.trim(), wait: 5 });
  if (mine !== asking || !answer?.answer) return;
  showSuggestions(answer.answer.results.map((it) => ({
    title: it.title ?? it.id, note: it.description ?? "",
    act: async () => {
      $("input").value = ""; hideSuggestions();
      await play("inline/choose", { id: answer.id, result_id: it.id, chat: state.chat.id });
    },
  })));
}

function showSuggestions(items) {
  $("suggest").hidden = !items.length;
  $("suggest").replaceChildren(...items.map((item, index) => make("button", {
    type: "button", role: "option", "aria-selected": String(index === state.picked), onclick: item.act,
  }, make("b", {}, item.title), make("span", { dir: "auto" }, item.note))));
}

export function hideSuggestions() { $("suggest").hidden = true; }

export function keyDown(event) {
  const options = $("suggest").hidden ? [] : [...$("suggest").children];
  if (options.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : options.length - 1;
    state.picked = (state.picked + step) % options.length;
    options.forEach((it, index) => it.setAttribute("aria-selected", String(index === state.picked)));
    options[state.picked].scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (options.length) options[state.picked].click(); else $("form").requestSubmit();
  } else if (event.key === "Escape") {
    hideSuggestions(); cancel();
  }
}
