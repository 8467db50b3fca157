// Telegram's own links: the bot's deep link and a group's invite link lead to places of this world.
import { open } from "/page/chat.js";
import { loadWorld } from "/page/list.js";
import { toast } from "/page/menus.js";
import { state } from "/page/state.js";
import { play } from "/page/write.js";

export function telegramLink(url) {
  const [, rest] = /^https?:\/\/t\.me\/(.+)$/i.exec(url) ?? [];
  if (!rest) return null;
  if (rest.startsWith("+")) return { invite: url };
  const [name, query] = rest.split("?");
  if (name.toLowerCase() !== String(state.bot?.username).toLowerCase()) return null;
  return { payload: new URLSearchParams(query ?? "").get("start") ?? "" };
}

export async function follow(url) {
  const link = telegramLink(url);
  if (link.invite) {
    const answer = await play("join", { invite_link: link.invite });
    if (!answer) return;
    if (answer.status === "requested") { toast("The group's administrators were asked"); return; }
    await loadWorld();
    await open(answer.chat);
    return;
  }
  if (!await play("start", { payload: link.payload })) return;
  await loadWorld();
  await open(state.chats.find((chat) => chat.type === "private").id);
}
