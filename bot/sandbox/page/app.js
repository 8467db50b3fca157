// The chat page. Outside text only ever enters by textContent.
import { open, showList, drawHead, drawTopics, loadMessages } from "/page/chat.js";
import { $ } from "/page/dom.js";
import { loadWorld, countUnread, drawChats } from "/page/list.js";
import { nearEnd } from "/page/log.js";
import { drawClock, forward, menuOn } from "/page/menus.js";
import { get, listen } from "/page/server.js";
import { state } from "/page/state.js";
import { cancel, play, submit, grow, attach, suggest, hideSuggestions, keyDown } from "/page/write.js";

let typing = 0;
async function heard(event) {
  const here = state.chat && event.chat_id === state.chat.id;
  if (event.event === "message" && !here && state.chats.some((chat) => chat.id === event.chat_id)) countUnread(event.chat_id);
  if (event.event === "action" && here) {
    $("subtitle").textContent = "typing …";
    $("subtitle").className = "busy";
    clearTimeout(typing);
    typing = setTimeout(drawHead, 5000);
    return;
  }
  if (["callback", "inline", "stop"].includes(event.event)) return;
  refresh(here || event.event === "reload");
}

let planned = 0, wantMessages = false;
function refresh(messages) {
  wantMessages ||= messages;
  if (planned) return;
  planned = setTimeout(async () => {
    planned = 0;
    const both = wantMessages;
    wantMessages = false;
    await loadWorld();
    if (!state.chat) return;
    const still = state.chats.find((chat) => chat.id === state.chat.id);
    if (!still) return showList();
    state.chat = still;
    if (both) await loadMessages(false);
    drawHead(); drawTopics(); drawChats();
    const answer = await get("commands", { user: state.viewer.id, chat: still.id });
    state.commands = answer.commands;
    $("menu").hidden = !(still.type === "private" && state.commands.length);
  }, 40);
}

async function main() {
  menuOn("people", "me"); menuOn("clock-menu", "clock"); menuOn("more-menu", "more");
  $("form").addEventListener("submit", submit);
  $("input").addEventListener("keydown", keyDown);
  $("input").addEventListener("input", () => { grow(); suggest(); });
  $("menu").addEventListener("click", () => ($("suggest").hidden ? suggest(true) : hideSuggestions()));
  $("file").addEventListener("change", attach);
  $("cancel").addEventListener("click", cancel);
  $("back").addEventListener("click", showList);
  $("start").addEventListener("click", async () => { await play("start", {}); await loadWorld(); await open(state.chat.id); });
  $("down").addEventListener("click", () => { $("log").scrollTop = $("log").scrollHeight; });
  $("log").addEventListener("scroll", () => { $("down").hidden = nearEnd(); }, { passive: true });
  for (const button of $("clock-menu").querySelectorAll("[data-forward]")) {
    button.addEventListener("click", () => forward(Number(button.dataset.forward)));
  }
  await loadWorld();
  listen(heard, () => refresh(true));
  setInterval(drawClock, 10_000);
  if (matchMedia("(min-width: 721px)").matches && state.chats.length) await open(state.chats[0].id);
  document.body.dataset.ready = "yes";
}

main();
