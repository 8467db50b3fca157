"""Sending, editing, deleting: what Telegram does and the words in which it refuses."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bot.sandbox.errors import NOT_MODIFIED

from .conftest import (
    DESK,
    LINH,
    MARIA,
    MEETUP,
    NEWS,
    OPEN_GROUP,
    SOMCHAI,
    VIETNAM,
    Sandbox,
)

pytestmark = pytest.mark.asyncio
BUTTON = {"text": "x", "callback_data": "d"}


def keyboard(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


async def test_all_ways_of_making_a_request(sandbox: Sandbox) -> None:
    url, given = sandbox.url("SENDmessage"), {"chat_id": str(VIETNAM), "text": "chào &"}
    form = aiohttp.FormData(given, default_to_multipart=True)
    for ask in (
        sandbox.http.get(url, params=given),
        sandbox.http.post(url, params=given),
        sandbox.http.post(url, data=given),
        sandbox.http.post(url, json=given),
        sandbox.http.post(url, data=form),
    ):
        async with ask as answer:
            assert (await answer.json())["result"]["text"] == "chào &"


async def test_wrong_token_is_401_and_unknown_method_404(sandbox: Sandbox) -> None:
    async with sandbox.http.get(f"{sandbox.address}/bot123:abc/getMe") as answer:
        assert answer.status == 401
        assert (await answer.json())["description"] == "Unauthorized"
    unknown = {"ok": False, "error_code": 404, "description": "Not Found"}
    assert await sandbox.api("sendHologram") == unknown


async def test_a_message_is_as_long_as_telegram_allows(sandbox: Sandbox) -> None:
    chat = {"chat_id": VIETNAM}
    await sandbox.ok("sendMessage", text="<b>" + "ơ" * 4096 + "</b>", parse_mode="HTML", **chat)
    refused = {
        "": "message text is empty",
        "   ": "text must be non-empty",
        "x" * 4097: "message is too long",
    }
    for text, reason in refused.items():
        assert await sandbox.refusal("sendMessage", text=text, **chat) == f"Bad Request: {reason}"


@pytest.mark.parametrize(
    ("chat_id", "reason"),
    [
        ("", "Bad Request: chat_id is empty"),
        (99, "Bad Request: chat not found"),
        ("@nobody_here", "Bad Request: chat not found"),
        (SOMCHAI, "Forbidden: bot can't initiate conversation with a user"),
        (OPEN_GROUP, "Forbidden: bot is not a member of the supergroup chat"),
    ],
)
async def test_where_the_bot_may_not_write(sandbox: Sandbox, chat_id: Any, reason: str) -> None:
    assert await sandbox.refusal("sendMessage", chat_id=chat_id, text="x") == reason


async def test_blocked_and_kicked_are_403(sandbox: Sandbox) -> None:
    await sandbox.play("start", user="Linh")
    await sandbox.play("block", user="Linh")
    blocked = await sandbox.api("sendMessage", chat_id=LINH, text="x")
    assert blocked["error_code"] == 403
    assert blocked["description"] == "Forbidden: bot was blocked by the user"
    await sandbox.play("member", chat=VIETNAM, user="bot", status="kicked")
    description = await sandbox.refusal("sendMessage", chat_id=VIETNAM, text="x")
    assert description == "Forbidden: bot was kicked from the supergroup chat"


async def test_unblocking_lets_the_bot_write_again(sandbox: Sandbox) -> None:
    await sandbox.play("start", user="Linh")
    await sandbox.play("block", user="Linh")
    await sandbox.play("unblock", user="Linh")
    await sandbox.ok("sendMessage", chat_id=LINH, text="x")
    changes = [it["my_chat_member"] for it in await sandbox.updates() if "my_chat_member" in it]
    assert [it["new_chat_member"]["status"] for it in changes] == ["kicked", "member"]


async def test_migrated_group_names_its_new_id(sandbox: Sandbox) -> None:
    new = (await sandbox.play("migrate", chat=MEETUP))["chat"]["id"]
    answer = await sandbox.api("sendMessage", chat_id=MEETUP, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    told = [it["message"] for it in await sandbox.updates()]
    assert told[0]["migrate_to_chat_id"] == new
    assert told[1]["migrate_from_chat_id"] == MEETUP and told[1]["chat"]["id"] == new
    await sandbox.ok("sendMessage", chat_id=new, text="x")


async def test_replies_are_checked(sandbox: Sandbox) -> None:
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="first")
    number = sent["message_id"]
    answered = await sandbox.ok(
        "sendMessage",
        chat_id=VIETNAM,
        text="second",
        reply_parameters={"message_id": number},
    )
    assert answered["reply_to_message"]["text"] == "first"
    missing = {"message_id": 999}
    refused = await sandbox.refusal(
        "sendMessage", chat_id=VIETNAM, text="x", reply_parameters=missing
    )
    assert refused == "Bad Request: message to be replied not found"
    lenient = missing | {"allow_sending_without_reply": True}
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_parameters=lenient)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        (keyboard(BUTTON | {"callback_data": "ก" * 22}), "BUTTON_DATA_INVALID"),
        (keyboard({"text": "x"}), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (keyboard(BUTTON | {"text": " "}), "inline keyboard button text must be non-empty"),
        (keyboard(*[BUTTON] * 9), "reply markup is too long"),
        ({"inline_keyboard": [[BUTTON]] * 101}, "reply markup is too long"),
        (keyboard({"text": "x", "url": "http://localhost"}), "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL"),
        (keyboard({"text": "x", "copy_text": {"text": "y" * 257}}), "BUTTON_COPY_TEXT_INVALID"),
    ],
)  # fmt: skip
async def test_keyboards_are_checked(sandbox: Sandbox, markup: Any, reason: str) -> None:
    given = {"chat_id": VIETNAM, "text": "x", "reply_markup": json.dumps(markup)}
    assert await sandbox.refusal("sendMessage", **given) == f"Bad Request: {reason}"


async def test_64_bytes_of_callback_data_pass(sandbox: Sandbox) -> None:
    markup = keyboard(BUTTON | {"callback_data": "ก" * 21 + "x"})
    await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_markup=markup)


async def test_editing_the_same_text_is_refused(sandbox: Sandbox) -> None:
    markup = keyboard(BUTTON)
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_markup=markup)
    place = {"chat_id": VIETNAM, "message_id": sent["message_id"]}
    same = await sandbox.refusal("editMessageText", text="x", reply_markup=markup, **place)
    assert same == f"Bad Request: {NOT_MODIFIED}"
    edited = await sandbox.ok("editMessageText", text="x", **place)
    assert "reply_markup" not in edited and edited["edit_date"]


async def test_what_can_not_be_edited(sandbox: Sandbox) -> None:
    theirs = await sandbox.play("say", user="Linh", chat=VIETNAM, text="mine")
    number = theirs["message"]["message_id"]
    place = {"chat_id": VIETNAM, "text": "x"}
    for extra, reason in (
        ({"message_id": number}, "message can't be edited"),
        ({"message_id": 999}, "message to edit not found"),
        ({}, "message identifier is not specified"),
    ):
        assert (
            await sandbox.refusal("editMessageText", **place, **extra) == f"Bad Request: {reason}"
        )


async def test_messages_older_than_48_hours_stay(sandbox: Sandbox) -> None:
    await sandbox.play("start", user="Linh")
    sent = await sandbox.ok("sendMessage", chat_id=LINH, text="x")
    place = {"chat_id": LINH, "message_id": sent["message_id"]}
    await sandbox.play("clock", forward=48 * 3600 + 1)
    refused = await sandbox.refusal("deleteMessage", **place)
    assert refused == "Bad Request: message can't be deleted for everyone"
    fresh = await sandbox.ok("sendMessage", chat_id=LINH, text="y")
    assert await sandbox.ok("deleteMessages", chat_id=LINH, message_ids=[fresh["message_id"], 777])
    gone = await sandbox.refusal("deleteMessage", chat_id=LINH, message_id=fresh["message_id"])
    assert gone == "Bad Request: message to delete not found"


async def test_topics_and_their_traps(sandbox: Sandbox) -> None:
    topic = (await sandbox.ok("createForumTopic", chat_id=DESK, name="Scams"))["message_thread_id"]
    stale = "Bad Request: message thread not found"
    say = {"chat_id": DESK, "text": "x"}
    assert (await sandbox.ok("sendMessage", **say, message_thread_id=topic))["is_topic_message"]
    assert "message_thread_id" not in await sandbox.ok("sendMessage", **say)
    assert await sandbox.refusal("sendMessage", **say, message_thread_id=1) == stale
    assert await sandbox.refusal("sendMessage", **say, message_thread_id=9999) == stale
    await sandbox.play("forum", chat=DESK, on=False)
    assert await sandbox.refusal("sendMessage", **say, message_thread_id=topic) == stale


async def test_a_reply_in_general_carries_a_thread_id_that_is_no_topic(
    sandbox: Sandbox,
) -> None:
    first = await sandbox.play("say", user="Nok", chat=DESK, text="hello")
    number = first["message"]["message_id"]
    await sandbox.play("say", user="Nok", chat=DESK, text="again", reply_to=number)
    reply = (await sandbox.updates())[-1]["message"]
    assert reply["message_thread_id"] == number and "is_topic_message" not in reply
    refused = await sandbox.refusal("sendMessage", chat_id=DESK, text="x", message_thread_id=number)
    assert refused == "Bad Request: message thread not found"


async def test_a_reply_in_a_topic_stays_there(sandbox: Sandbox) -> None:
    asked = await sandbox.play("say", user="Nok", chat=DESK, text="hello", topic="Inbox")
    reply = {"message_id": asked["message"]["message_id"]}
    sent = await sandbox.ok("sendMessage", chat_id=DESK, text="x", reply_parameters=reply)
    assert sent["message_thread_id"] == asked["message"]["topic"]


async def test_callback_answers(sandbox: Sandbox) -> None:
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_markup=keyboard(BUTTON))
    press = {"user": "Linh", "chat": VIETNAM, "message_id": sent["message_id"]}
    first = (await sandbox.play("press", **press, data="d"))["callback_query_id"]
    too_long = await sandbox.refusal("answerCallbackQuery", callback_query_id=first, text="x" * 201)
    assert too_long == "Bad Request: MESSAGE_TOO_LONG"
    await sandbox.ok("answerCallbackQuery", callback_query_id=first, text="ok")
    old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await sandbox.refusal("answerCallbackQuery", callback_query_id=first) == old
    late = (await sandbox.play("press", **press, text="x"))["callback_query_id"]
    sandbox.time.now += 61
    assert await sandbox.refusal("answerCallbackQuery", callback_query_id=late) == old


async def test_only_a_forged_press_sends_data_without_a_button(
    sandbox: Sandbox,
) -> None:
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x", reply_markup=keyboard(BUTTON))
    press = {
        "user": "Linh",
        "chat": VIETNAM,
        "message_id": sent["message_id"],
        "data": "staff:add",
    }
    assert "no button" in await sandbox.cannot("press", **press)
    await sandbox.play("press", **press, forged=True)
    assert (await sandbox.updates())[-1]["callback_query"]["data"] == "staff:add"


async def test_copy_and_forward(sandbox: Sandbox) -> None:
    said = await sandbox.play("say", user="Linh", chat=VIETNAM, text="is this @real_admin?")
    source = {"from_chat_id": VIETNAM, "message_id": said["message"]["message_id"]}
    copied = await sandbox.ok("copyMessage", chat_id=DESK, **source)
    assert set(copied) == {"message_id"}
    forwarded = await sandbox.ok("forwardMessage", chat_id=DESK, **source)
    assert forwarded["forward_origin"]["sender_user"]["id"] == LINH
    assert forwarded["text"] == "is this @real_admin?"


async def test_captions_and_files_have_limits(sandbox: Sandbox) -> None:
    given = {"chat_id": VIETNAM}
    assert (
        await sandbox.refusal("sendPhoto", **given)
        == "Bad Request: there is no photo in the request"
    )
    by_url = await sandbox.refusal("sendPhoto", photo="https://example.com/x.png", **given)
    assert by_url == "Bad Request: failed to get HTTP URL content"
    unknown = await sandbox.refusal("sendDocument", document="AAAA", **given)
    assert unknown == "Bad Request: wrong file identifier/HTTP URL specified"
    long = await sandbox.refusal("sendPhoto", photo="x", caption="x" * 1025, **given)
    assert long == "Bad Request: message caption is too long"


async def test_pin_reaction_and_action(sandbox: Sandbox) -> None:
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x")
    place = {"chat_id": VIETNAM, "message_id": sent["message_id"]}
    assert await sandbox.ok("pinChatMessage", **place)
    assert (await sandbox.ok("getChat", chat_id=VIETNAM))["pinned_message"]["text"] == "x"
    heart = [{"type": "emoji", "emoji": "❤️"}]
    assert await sandbox.ok("setMessageReaction", **place, reaction=heart)
    assert await sandbox.ok("sendChatAction", chat_id=VIETNAM, action="typing")
    wrong = await sandbox.refusal("sendChatAction", chat_id=VIETNAM, action="sing")
    assert wrong == "Bad Request: wrong parameter action in request"


async def test_record_off_keeps_nothing(make_sandbox: Any) -> None:
    sandbox: Sandbox = await make_sandbox(record=False)
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x")
    assert (await sandbox.look(f"chats/{VIETNAM}/messages"))["messages"] == []
    place = {"chat_id": VIETNAM, "message_id": sent["message_id"]}
    assert (await sandbox.ok("editMessageText", text="y", **place))["text"] == "y"


async def test_transcripts_are_bounded(make_sandbox: Any) -> None:
    sandbox: Sandbox = await make_sandbox(keep=10)
    for number in range(25):
        await sandbox.ok("sendMessage", chat_id=VIETNAM, text=str(number))
    seen = (await sandbox.look(f"chats/{VIETNAM}/messages"))["messages"]
    assert [it["text"] for it in seen] == [str(number) for number in range(15, 25)]


@pytest.mark.parametrize("kind", ["500", "429", "garbage", "drop", "drop_before"])
async def test_faults_hit_the_next_calls_only(sandbox: Sandbox, kind: str) -> None:
    await sandbox.play("faults", method="sendMessage", kind=kind)
    given = {"chat_id": VIETNAM, "text": "x"}
    async with aiohttp.ClientSession() as http:
        try:
            async with http.post(sandbox.url("sendMessage"), json=given) as answer:
                assert answer.status in (200, 429, 500)
                text = await answer.text()
                assert '"ok":true' not in text
        except aiohttp.ClientError:
            assert kind.startswith("drop")
    await sandbox.ok("getMe")
    await sandbox.ok("sendMessage", **given)
    arrived = len((await sandbox.look(f"chats/{VIETNAM}/messages"))["messages"])
    assert arrived == (2 if kind in ("garbage", "drop") else 1)


async def test_waiting_for_the_bots_next_message(sandbox: Sandbox) -> None:
    said = await sandbox.play("say", user="Maria", chat="Sampan Philippines", text="gcash?")
    after = said["message"]["version"]
    chat = said["message"]["chat_id"]
    waiting = asyncio.create_task(
        sandbox.look(f"chats/{chat}/messages", viewer=MARIA, after=after, wait=5, from_bot=1)
    )
    await sandbox.ok("sendMessage", chat_id=chat, text="Yes")
    assert [it["text"] for it in (await waiting)["messages"]] == ["Yes"]


async def test_channel_posts_reach_the_discussion_group(sandbox: Sandbox) -> None:
    await sandbox.play("channel-post", chat=NEWS, text="Tết promo")
    post, copy = await sandbox.updates()
    assert post["channel_post"]["sender_chat"]["id"] == NEWS and "from" not in post["channel_post"]
    assert copy["message"]["is_automatic_forward"] and copy["message"]["from"]["id"] == 777000
