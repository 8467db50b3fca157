// The clock, toasts, alerts and menus.
import { $ } from "/page/dom.js";
import { state } from "/page/state.js";
import { play } from "/page/write.js";

export function drawClock() {
  const now = new Date(Date.now() + state.shift * 1000);
  const time = now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const day = now.toLocaleDateString([], { day: "numeric", month: "short" });
  $("clock").textContent = state.shift ? `${day}, ${time}` : `🕑 ${time}`;
  $("clock").setAttribute("aria-label", `The sandbox's clock: ${day}, ${time}`);
  $("clock").classList.toggle("shifted", state.shift > 0);
}

export async function forward(seconds) {
  const answer = await play("clock", { forward: seconds });
  toggle("clock-menu", "clock", false);
  if (!answer) return;
  state.shift = answer.shift;
  drawClock();
  toast(`It is now ${new Date(answer.now * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`);
}

let toastTimer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 3500);
}

export function alertBox(text) {
  $("alert-text").textContent = text;
  $("alert").showModal();
}

export function toggle(menu, button, on) {
  $(menu).hidden = !on;
  $(button).setAttribute("aria-expanded", String(on));
  if (on) ($(menu).querySelector("[aria-selected=true]") ?? $(menu).querySelector("button"))?.focus();
}

export function menuOn(menu, button) {
  $(button).addEventListener("click", () => toggle(menu, button, $(menu).hidden));
  $(menu).addEventListener("keydown", (event) => {
    const items = [...$(menu).querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
    if (step) { event.preventDefault(); items[(items.indexOf(document.activeElement) + step) % items.length]?.focus(); }
    if (event.key === "Escape") { toggle(menu, button, false); $(button).focus(); }
  });
  document.addEventListener("click", (event) => {
    if (!$(menu).hidden && !$(menu).contains(event.target) && !$(button).contains(event.target)) toggle(menu, button, false);
  });
}
