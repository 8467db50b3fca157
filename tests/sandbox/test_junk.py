"""Whatever a caller sends, the server refuses in Telegram's shape and does not fall over."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox import Limits, World, populate
from bot.sandbox.errors import ApiError
from bot.sandbox.methods import METHODS, Call
from bot.sandbox.params import Params
from bot.sandbox.webhook import Webhook

from .conftest import DESK, LINH, VIETNAM, Sandbox

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8), st.just(VIETNAM)
)
NAMES = st.sampled_from(
    [
        "type",
        "text",
        "chat_id",
        "user_id",
        "message_id",
        "offset",
        "length",
        "id",
        "title",
        "media",
        "caption",
        "parse_mode",
        "input_message_content",
        "message_text",
        "inline_keyboard",
        "keyboard",
        "url",
        "callback_data",
        "copy_text",
        "command",
        "description",
        "is_ephemeral",
        "receiver_user_id",
        "callback_query_id",
        "emoji",
        "entities",
    ]
)
JUNK = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
)
PARAMETERS = [
    "text",
    "caption",
    "parse_mode",
    "entities",
    "caption_entities",
    "reply_markup",
    "reply_parameters",
    "message_thread_id",
    "message_id",
    "message_ids",
    "user_id",
    "ephemeral_message_parameters",
    "photo",
    "document",
    "media",
    "commands",
    "scope",
    "language_code",
    "results",
    "result",
    "reaction",
    "permissions",
    "menu_button",
    "offset",
    "allowed_updates",
    "file_id",
    "name",
    "description",
    "member_limit",
    "invite_link",
    "from_chat_id",
    "button",
    "receiver_user_id",
    "ephemeral_message_id",
    "inline_message_id",
    "callback_query_id",
    "secret_token",
]
CHATS = st.sampled_from([VIETNAM, DESK, LINH, 5, "", "@sampan_news", "x"])
QUIET = ("getupdates", "setwebhook")


async def call(world: World, name: str, values: dict[str, Any]) -> None:
    webhook = Webhook(world.updates, world.clock)
    limits = Limits(world.clock.mono, enabled=False)
    try:
        result = METHODS[name](Call(world, limits, webhook, Params(values)))
        if inspect.isawaitable(result):
            await result
    except ApiError as error:
        assert 400 <= error.code < 500 and error.description


@settings(max_examples=40, deadline=None)
@given(values=st.dictionaries(st.sampled_from(PARAMETERS), JUNK, max_size=8), chat=CHATS)
def test_junk_parameters_are_refused_not_crashed(values: dict[str, Any], chat: Any) -> None:
    world = populate(World())
    world.users[LINH].started = True
    for name in sorted(set(METHODS) - set(QUIET)):
        asyncio.run(call(world, name, {"chat_id": chat} | values))


@pytest.mark.asyncio
@pytest.mark.parametrize("body", ["{", "[]", "7", '{"text": "\\ud800", "chat_id": -1002000000001}'])
async def test_broken_bodies_get_a_json_answer(sandbox: Sandbox, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with sandbox.http.post(sandbox.url("sendMessage"), data=body, headers=headers) as answer:
        assert answer.status in (200, 400)
        assert "ok" in await answer.json()


@pytest.mark.asyncio
async def test_logged_out_bot_is_unauthorized(sandbox: Sandbox) -> None:
    await sandbox.ok("logOut")
    assert await sandbox.refusal("getMe") == "Unauthorized"
    await sandbox.play("bot", logged_out=False)
    await sandbox.ok("getMe")
