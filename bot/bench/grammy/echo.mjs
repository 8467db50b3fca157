// grammY's echo: node echo.mjs <base url> <token> <plain|runner> [<webhook url> <secret>]
import { createServer } from "node:http";
import { run } from "@grammyjs/runner";
import { Bot, webhookCallback } from "grammy";

const [apiRoot, token, kind, url, secret] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot } });
bot.on("message:text", (ctx) => ctx.reply(ctx.message.text));
bot.catch((error) => console.error(error.message));

if (url) {
  const where = new URL(url);
  createServer(webhookCallback(bot, "http", { secretToken: secret })).listen(where.port, where.hostname);
  await bot.api.setWebhook(url, { secret_token: secret });
} else if (kind === "runner") {
  await bot.init();
  run(bot);
} else {
  bot.start();
}
