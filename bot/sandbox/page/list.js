// The list of chats, and the switch of persons.
import { open, showList } from "/page/chat.js";
import { $, make, update, svg, flagOf, colourOf, initials, timeOf } from "/page/dom.js";
import { drawClock, toggle } from "/page/menus.js";
import { get } from "/page/server.js";
import { state, seenKey, saved, save } from "/page/state.js";

export async function loadWorld() {
  const wanted = state.viewer?.id ?? saved("viewer") ?? "Linh";
  let world = await get("world", { viewer: wanted });
  if (!world.chats.length && world.people.length) world = await get("world", { viewer: world.people[0].id });
  state.people = world.people;
  state.bot = world.bot;
  state.shift = world.clock.shift;
  state.chats = world.chats;
  const mine = world.chats.find((chat) => chat.type === "private")?.id;
  state.viewer = world.people.find((person) => person.id === mine) ?? null;
  drawMe(); drawPeople(); drawChats(); drawClock();
}

export function avatar(name, id, extra = "") {
  return make("span", { class: `avatar ${colourOf(id)} ${extra}`, "aria-hidden": "true" }, initials(name));
}

export function botAvatar(extra = "") {
  return make("span", { class: `avatar bot-avatar ${extra}`, "aria-hidden": "true" }, "⛵");
}

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });
function languageOf(person) {
  try { return LANGUAGES.of(person.language_code) ?? ""; } catch { return person.language_code ?? ""; }
}

function personLine(person, flag = "") {
  const role = person.role === "member" ? "" : ` · ${person.role}`;
  return make("span", { class: "who" }, make("b", { dir: "auto" }, person.name),
    make("span", {}, `${flag} ${languageOf(person)}${role}`.trim()));
}

function drawMe() {
  const person = state.viewer;
  if (!person) return;
  const sign = JSON.stringify(person);
  update($("me"), [
    { key: "face", sign, build: () => avatar(person.name, person.id) },
    { key: "name", sign, build: () => personLine(person, flagOf(person.country)) },
    { key: "fold", sign: "", build: () => svg("M6 9l6 6 6-6") },
  ]);
  $("me").setAttribute("aria-label", `You are ${person.name}. Play another person`);
}

function drawPeople() {
  const line = (person) => make("button", {
    class: "person", type: "button", role: "option",
    "aria-selected": String(person.id === state.viewer?.id), "data-person": person.id,
    onclick: () => become(person.id),
  }, avatar(person.name, person.id, "small"), personLine(person),
  make("span", { class: "flag", title: person.country }, flagOf(person.country)));
  const part = (name, people) => [
    { key: name, sign: "", build: () => make("p", { class: "group-name" }, name) },
    ...people.map((person) => ({
      key: person.id, sign: JSON.stringify([person, person.id === state.viewer?.id]), build: () => line(person),
    })),
  ];
  const isMember = (person) => person.role === "member";
  const staff = state.people.filter((person) => !isMember(person));
  update($("people"), [...part("Members", state.people.filter(isMember)), ...part("Staff", staff)]);
}

async function become(id) {
  state.viewer = state.people.find((person) => person.id === id);
  save("viewer", id);
  const before = state.chat;
  toggle("people", "me", false);
  await loadWorld();
  const same = state.chats.find((chat) => chat.id === before?.id && chat.type !== "private");
  const wide = matchMedia("(min-width: 721px)").matches;
  if (same || wide) await open((same ?? state.chats[0]).id); else showList();
  $("me").focus();
}

function preview(chat) {
  const last = chat.last;
  if (!last) return chat.type === "private" ? "bot" : "No messages yet";
  if (last.service) return last.service;
  const words = last.text || (last.photo ? "🖼 Photo" : last.document ? `📎 ${last.document.name}` : "");
  if (last.from.id === state.viewer.id) return `You: ${words}`;
  return chat.type === "private" ? words : `${last.from.name.split(" ")[0]}: ${words}`;
}

function unread(chat) {
  const last = chat.last?.seq ?? 0;
  if (state.chat?.id === chat.id) return 0;
  const counts = JSON.parse(saved(`count:${state.viewer.id}`) ?? "{}");
  return last > Number(saved(seenKey(chat.id)) ?? 0) ? (counts[chat.id] ?? 0) : 0;
}

export function countUnread(chatId) {
  const counts = JSON.parse(saved(`count:${state.viewer.id}`) ?? "{}");
  counts[chatId] = (counts[chatId] ?? 0) + 1;
  save(`count:${state.viewer.id}`, JSON.stringify(counts));
}

export function drawChats() {
  const order = [...state.chats].sort((one, other) =>
    (other.type === "private") - (one.type === "private") || (other.last?.seq ?? 0) - (one.last?.seq ?? 0));
  update($("chats"), order.map((chat) => ({
    key: chat.id,
    sign: JSON.stringify([state.viewer.id, chat, unread(chat), chat.id === state.chat?.id]),
    build: () => chatLine(chat),
  })));
}

function chatLine(chat) {
  const count = unread(chat);
  const flag = flagOf(chat.country);
  return make("button", {
    class: "chat", type: "button", "data-chat": chat.id, onclick: () => open(chat.id),
    "aria-current": String(chat.id === state.chat?.id),
  }, chat.type === "private" ? botAvatar() : avatar(chat.title.replace(/^Sampan /, ""), chat.id),
  make("span", { class: "who" },
    make("span", { class: "line" }, make("b", { dir: "auto" }, flag ? `${chat.title} ${flag}` : chat.title),
      chat.last ? make("time", {}, timeOf(chat.last.date)) : ""),
    make("span", { class: "line" }, make("span", { dir: "auto" }, preview(chat)),
      count ? make("span", { class: "count", "aria-label": `${count} unread` }, String(count)) : "")));
}
