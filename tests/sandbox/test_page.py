"""The chat page in a real browser: what a newcomer sees and does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from .conftest import LINH, VIETNAM, Sandbox

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAKISTAN, AHMED = -1_002_000_000_013, 7_000_100_013
pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no Chromium at {CHROMIUM}"),
]


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield launched
        await launched.close()


async def open_page(browser: Browser, sandbox: Sandbox, **context: Any) -> Page:
    """The page, ready; an error or a request elsewhere fails the test."""
    page = await (await browser.new_context(**context)).new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("request", lambda request: check_local(request.url, sandbox.address))
    await page.goto(sandbox.address)
    await page.wait_for_selector("body[data-ready]")
    return page


def check_local(url: str, address: str) -> None:
    assert url.startswith((address, "data:", "blob:")), url


@pytest_asyncio.fixture
async def page(browser: Browser, sandbox: Sandbox) -> Page:
    return await open_page(browser, sandbox, viewport={"width": 1280, "height": 800})


async def height_of(part: Locator) -> float:
    box = await part.bounding_box()
    assert box is not None
    return box["height"]


async def write(page: Page, text: str) -> None:
    await page.fill("#input", text)
    await page.press("#input", "Enter")


async def test_start_then_write_and_see_the_answer(sandbox: Sandbox, page: Page) -> None:
    await page.click("#start")
    await write(page, "mua usdt bằng momo?")
    await expect(page.locator(".out .text").last).to_contain_text("mua usdt bằng momo?")
    heard = [it["message"]["text"] for it in await sandbox.updates()]
    assert heard == ["/start", "mua usdt bằng momo?"]
    await sandbox.ok("sendMessage", chat_id=LINH, text="<b>Có</b>", parse_mode="HTML")
    await expect(page.locator(".row:not(.out) .text b")).to_have_text("Có")


async def test_switching_person_shows_their_chats(page: Page) -> None:
    await expect(page.locator("#me")).to_contain_text("Linh Nguyễn")
    await page.click("#me")
    await page.click("[data-person] >> text=Minji Kim")
    await expect(page.locator("#me")).to_contain_text("Minji Kim")
    await expect(page.locator("#chats")).to_contain_text("Sampan 한국")
    await expect(page.locator("#chats")).not_to_contain_text("Sampan Việt Nam")


async def test_pressing_an_inline_button_shows_the_answer(sandbox: Sandbox, page: Page) -> None:
    await page.click("#start")
    (started,) = await sandbox.updates()
    markup = {"inline_keyboard": [[{"text": "P2P 🇻🇳", "callback_data": "p2p"}]]}
    await sandbox.ok("sendMessage", chat_id=LINH, text="Chọn", reply_markup=markup)
    await page.click(".key")
    await expect(page.locator(".key")).to_have_attribute("aria-busy", "true")
    (pressed,) = await sandbox.ok("getUpdates", offset=started["update_id"] + 1, timeout=5)
    callback = pressed["callback_query"]
    await sandbox.ok("answerCallbackQuery", callback_query_id=callback["id"], text="Xong")
    await expect(page.locator("#toast")).to_have_text("Xong")
    await expect(page.locator(".key")).to_have_attribute("aria-busy", "false")


async def test_an_alert_needs_an_ok(sandbox: Sandbox, page: Page) -> None:
    await page.click("#start")
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
    await sandbox.ok("sendMessage", chat_id=LINH, text="x", reply_markup=markup)
    await page.click(".key")
    while not sandbox.world.callbacks:
        await asyncio.sleep(0.01)
    number = next(iter(sandbox.world.callbacks))
    alert = {"callback_query_id": number, "text": "Never share a seed phrase", "show_alert": True}
    await sandbox.ok("answerCallbackQuery", **alert)
    await expect(page.locator("dialog")).to_contain_text("Never share a seed phrase")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog")).not_to_be_visible()


async def test_phone_shows_the_list_or_the_chat(browser: Browser, sandbox: Sandbox) -> None:
    page = await open_page(browser, sandbox, viewport={"width": 360, "height": 740})
    await expect(page.locator("#side")).to_be_visible()
    await expect(page.locator("#main")).not_to_be_visible()
    await page.click(f'[data-chat="{VIETNAM}"]')
    await expect(page.locator("#side")).not_to_be_visible()
    await write(page, "xin chào " * 30)
    await expect(page.locator(".out .text")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.click("#back")
    await expect(page.locator("#side")).to_be_visible()


async def test_urdu_runs_from_right_to_left(sandbox: Sandbox, page: Page) -> None:
    await page.click("#me")
    await page.click(f'[data-person="{AHMED}"]')
    await page.click(f'[data-chat="{PAKISTAN}"]')
    await write(page, "کیا Binance قانونی ہے؟")
    text = page.locator(".out .text")
    await expect(text).to_have_css("direction", "rtl")
    await sandbox.ok("sendMessage", chat_id=PAKISTAN, text="No, see https://sbp.org.pk/x")
    await expect(page.locator(".row:not(.out) .text")).to_have_css("direction", "ltr")


async def test_html_that_somebody_writes_stays_text(sandbox: Sandbox, page: Page) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    person = {"first_name": evil, "username": "evil_one", "country": "VN"}
    await sandbox.play("people", **person)
    await sandbox.play("join", user="evil_one", chat=VIETNAM)
    await sandbox.play("say", user="evil_one", chat=VIETNAM, text=evil)
    link = {"type": "text_link", "offset": 0, "length": 1, "url": "javascript:alert(1)"}
    markup = {"inline_keyboard": [[{"text": evil, "callback_data": "x"}]]}
    given = {"chat_id": VIETNAM, "text": evil, "entities": [link], "reply_markup": markup}
    await sandbox.ok("sendMessage", **given)
    await page.click(f'[data-chat="{VIETNAM}"]')
    await expect(page.locator(".text").first).to_contain_text(evil)
    await expect(page.locator(".key")).to_have_text(evil)
    assert await page.locator("#log img, #log script, #log a").count() == 0
    assert await page.title() == "Sampan sandbox"


async def test_expandable_quote_folds_and_unfolds(sandbox: Sandbox, page: Page) -> None:
    facts = "\n".join(f"fact {number}" for number in range(12))
    html = f"Head<blockquote expandable>{facts}</blockquote>"
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text=html, parse_mode="HTML")
    await page.click(f'[data-chat="{VIETNAM}"]')
    inside = page.locator("blockquote .inside")
    folded = await height_of(inside)
    await page.click("button.fold")
    await expect(page.locator("button.fold")).to_have_attribute("aria-expanded", "true")
    assert await height_of(inside) > 2 * folded


async def test_slash_opens_the_persons_own_command_menu(sandbox: Sandbox, page: Page) -> None:
    await page.click("#start")
    menu = [
        {"command": "help", "description": "Trợ giúp"},
        {"command": "p2p", "description": "P2P"},
    ]
    await sandbox.ok("setMyCommands", commands=menu, language_code="vi")
    await expect(page.locator("#menu")).to_be_visible()
    await page.fill("#input", "/p")
    await expect(page.locator("#suggest button")).to_have_text(["/p2pP2P"])
    await page.press("#input", "Enter")
    await expect(page.locator(".out .text").last).to_contain_text("/p2p")


async def test_ephemeral_message_says_who_sees_it(sandbox: Sandbox, page: Page) -> None:
    alone = {"ephemeral_message_parameters": {"receiver_user_id": LINH}}
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="Your tax", **alone)
    await page.click(f'[data-chat="{VIETNAM}"]')
    await expect(page.locator(".private .bubble")).to_contain_text("Only you can see this")


async def test_the_clock_moves_on(sandbox: Sandbox, page: Page) -> None:
    await page.click("#clock")
    await page.click("text=+ 7 days")
    await expect(page.locator("#clock")).to_have_class("chip shifted")
    assert sandbox.world.clock.shift == 7 * 86400


async def test_reply_and_edit_by_the_page(sandbox: Sandbox, page: Page) -> None:
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="question?")
    await page.click(f'[data-chat="{VIETNAM}"]')
    await page.hover(".bubble")
    await page.click('[aria-label="Reply"]')
    await write(page, "anser")
    await expect(page.locator(".out .answering")).to_contain_text("question?")
    await page.hover(".out .bubble")
    await page.click('[aria-label="Edit"]')
    await write(page, "answer")
    await expect(page.locator(".out .text")).to_contain_text("answeredited")


async def test_everything_has_a_name_for_screen_readers(page: Page) -> None:
    unnamed = await page.evaluate(
        """() => [...document.querySelectorAll("button, input, textarea, a")]
        .filter((it) => !it.closest("[hidden]"))
        .filter((it) => !(it.getAttribute("aria-label") || it.textContent.trim()))
        .map((it) => it.outerHTML)"""
    )
    assert unnamed == []


async def test_strict_content_security_policy(sandbox: Sandbox) -> None:
    async with sandbox.http.get(sandbox.address) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


async def test_a_redraw_keeps_the_button_that_has_the_focus(sandbox: Sandbox, page: Page) -> None:
    markup = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]}
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_markup=markup)
    await page.click(f'[data-chat="{VIETNAM}"]')
    await expect(page.locator("#input")).to_be_focused()
    await page.focus(".key")
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="another")
    await expect(page.locator(".text").last).to_contain_text("another")
    await expect(page.locator(".key")).to_be_focused()


async def test_forum_topics_are_tabs(sandbox: Sandbox, page: Page) -> None:
    await page.click("#me")
    await page.click("[data-person] >> text=Nok Moderator")
    await page.click("[data-chat] >> text=Sampan desk")
    await page.click("[role=tab] >> text=Inbox")
    await write(page, "who takes this?")
    await expect(page.locator(".out .text")).to_contain_text("who takes this?")
    heard = (await sandbox.updates())[-1]["message"]
    assert heard["is_topic_message"]
    await page.click("[role=tab] >> text=Broadcasts")
    await expect(page.locator(".out .text")).to_have_count(0)


async def test_blocking_the_bot_from_the_menu(sandbox: Sandbox, page: Page) -> None:
    await page.click("#start")
    await page.click("#more")
    await page.click("text=Block the bot")
    await expect(page.locator("#start")).to_have_text("Unblock")
    assert "my_chat_member" in (await sandbox.updates())[-1]


async def test_telegrams_own_links_lead_into_this_world(sandbox: Sandbox, page: Page) -> None:
    """The bot's deep link sends /start with its payload; a group's invite link joins the group."""
    made = await sandbox.play("links", user="Somchai", chat=PAKISTAN)
    markup = {"inline_keyboard": [[{"text": "Join", "url": made["link"]["invite_link"]}]]}
    await page.click("#start")
    await expect(page.locator(".out .text").last).to_contain_text("/start")
    text = "Come: https://t.me/SampanDeskBot?start=ref_abc"
    await sandbox.ok("sendMessage", chat_id=LINH, text=text, reply_markup=markup)
    await page.click(".text .command >> text=start=ref_abc")
    await expect(page.locator(".out .text").last).to_contain_text("/start ref_abc")
    await page.click(".key")
    await expect(page.locator("#title")).to_contain_text("پاکستان")
    assert sandbox.world.chats[PAKISTAN].has(LINH)


async def test_an_administrator_lets_in_who_asked(sandbox: Sandbox, page: Page) -> None:
    link = await sandbox.ok("createChatInviteLink", chat_id=VIETNAM, creates_join_request=True)
    await page.click("#me")
    await page.click("[data-person] >> text=Nok Moderator")
    await page.click(f'[data-chat="{VIETNAM}"]')
    for user in ("Somchai", "Maria"):
        await sandbox.play("join", user=user, invite_link=link["invite_link"])
    await expect(page.locator("#subtitle")).to_contain_text("2 ask to join")
    await page.click("#more")
    await page.click("#more-menu >> text=/Let Somchai .* in/")
    await expect(page.locator("#subtitle")).to_contain_text("1 asks to join")
    await page.click("#more")
    await page.click("#more-menu >> text=/Turn Maria .* away/")
    await expect(page.locator("#subtitle")).not_to_contain_text("to join")
    chat = sandbox.world.chats[VIETNAM]
    assert {user.user.first_name for user in chat.members.values()} >= {"Somchai"}
    assert "Maria" not in {user.user.first_name for user in chat.members.values()}
