// The open chat: its head, its topics, its menu.
import { $, make, update } from "/page/dom.js";
import { avatar, botAvatar, drawChats } from "/page/list.js";
import { drawMessages } from "/page/log.js";
import { toggle } from "/page/menus.js";
import { get } from "/page/server.js";
import { state, seenKey, saved, save } from "/page/state.js";
import { cancel, play } from "/page/write.js";

export async function open(id) {
  const other = state.chat?.id !== id;
  state.chat = state.chats.find((chat) => chat.id === id) ?? null;
  if (!state.chat) return showList();
  if (other) { state.topic = 0; cancel(); }
  document.body.dataset.view = "chat";
  $("empty").hidden = true;
  $("chat").hidden = false;
  await loadMessages(true);
  drawHead(); drawTopics(); drawChats();
  const answer = await get("commands", { user: state.viewer.id, chat: id });
  state.commands = answer.commands;
  $("menu").hidden = !(state.chat.type === "private" && state.commands.length);
  if (matchMedia("(min-width: 721px)").matches) $("input").focus();
}

export function showList() {
  state.chat = null;
  document.body.dataset.view = "list";
  $("chat").hidden = true;
  $("empty").hidden = false;
  drawChats();
}

export function drawHead() {
  const chat = state.chat;
  const isBot = chat.type === "private";
  $("title").textContent = chat.title;
  $("subtitle").className = "";
  $("subtitle").textContent = isBot ? "bot" : chat.type === "channel" ? "channel"
    : `${chat.members} members${chat.bot_present ? "" : " · without the bot"}${asking(chat)}`;
  const picture = isBot ? botAvatar() : avatar(chat.title.replace(/^Sampan /, ""), chat.id);
  picture.id = "chat-avatar";
  $("chat-avatar").replaceWith(picture);
  const fresh = isBot && !state.messages.length;
  $("start").hidden = !fresh && !state.viewer.blocked;
  $("start").textContent = state.viewer.blocked ? "Unblock" : "Start";
  $("form").hidden = !$("start").hidden || (chat.type === "channel" && chat.status === "member");
  drawMore();
}

function asking(chat) {
  const number = chat.requests.length;
  return number ? ` · ${number} ${number === 1 ? "asks" : "ask"} to join` : "";
}

function menuItem(label, act) {
  const choose = () => { toggle("more-menu", "more", false); act(); };
  return make("button", { type: "button", role: "menuitem", onclick: choose }, label);
}

function drawMore() {
  const chat = state.chat;
  const item = (label, act) => ({ key: label, sign: `${state.viewer.id} ${chat.id}`, build: () => menuItem(label, act) });
  const items = [];
  if (chat.type === "private" && !state.viewer.blocked) items.push(item("Block the bot", () => play("block", {})));
  if (chat.type === "private" && state.viewer.blocked) items.push(item("Unblock the bot", () => play("unblock", {})));
  if (chat.type !== "private") items.push(item("Leave", () => play("leave", { chat: chat.id }).then(showList)));
  if (["creator", "administrator"].includes(chat.status)) {
    items.push(item("Write as the group (anonymous)", () => { state.anonymous = !state.anonymous; hint(); }));
  }
  for (const person of chat.requests) {
    const answer = (approve) => () => play("answer-request", { chat: chat.id, user: person.id, by: state.viewer.id, approve });
    items.push(item(`Let ${person.name} in`, answer(true)), item(`Turn ${person.name} away`, answer(false)));
  }
  if (chat.type === "group") items.push(item("Upgrade to a supergroup", () => play("migrate", { chat: chat.id }).then(showList)));
  update($("more-menu"), items);
}

function hint() {
  $("input").placeholder = state.anonymous ? "Message, as the group" : "Message";
}

export function drawTopics() {
  const chat = state.chat;
  $("topics").hidden = !chat.is_forum;
  if (!chat.is_forum) return;
  const tabs = [{ id: 0, name: "All" }, ...chat.topics];
  update($("topics"), tabs.map((topic) => ({
    key: topic.id, sign: JSON.stringify([chat.id, topic, topic.id === state.topic]), build: () => tab(topic),
  })));
}

function tab(topic) {
  const choose = () => { state.topic = topic.id; drawTopics(); drawMessages(true); };
  const selected = String(topic.id === state.topic);
  return make("button", { type: "button", role: "tab", "aria-selected": selected, onclick: choose }, topic.name);
}

export async function loadMessages(toEnd) {
  const chat = state.chat;
  const answer = await get(`chats/${chat.id}/messages`, { viewer: state.viewer.id });
  if (state.chat?.id !== chat.id) return;
  state.messages = answer.messages;
  drawMessages(toEnd);
  const last = state.messages.at(-1)?.seq ?? 0;
  save(seenKey(chat.id), last);
  const counts = JSON.parse(saved(`count:${state.viewer.id}`) ?? "{}");
  delete counts[chat.id];
  save(`count:${state.viewer.id}`, JSON.stringify(counts));
}

