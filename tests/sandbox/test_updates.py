"""What the bot hears: polling, webhooks, privacy mode, members, links, ephemeral messages."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from bot.sandbox.people import GROUPS
from bot.sandbox.server import start

from .conftest import DESK, LINH, MARIA, MEETUP, OPEN_GROUP, SOMCHAI, VIETNAM, Sandbox

pytestmark = pytest.mark.asyncio
QUIET = "Quiet group"


async def quiet_group(sandbox: Sandbox, **more: Any) -> int:
    """A group where the bot is a plain member and privacy mode is on."""
    given = {"title": QUIET, "members": ["Linh", "Sam"]} | more
    return int((await sandbox.play("groups", **given))["chat"]["id"])


async def test_updates_come_until_they_are_confirmed(sandbox: Sandbox) -> None:
    for text in ("one", "two", "three"):
        await sandbox.play("say", user="Linh", text=text)
    first = await sandbox.ok("getUpdates", limit=2)
    assert [it["message"]["text"] for it in first] == ["one", "two"]
    assert await sandbox.ok("getUpdates", limit=2) == first
    (last,) = await sandbox.ok("getUpdates", offset=first[-1]["update_id"] + 1)
    assert last["message"]["text"] == "three"
    assert await sandbox.ok("getUpdates", offset=-1) == [last]


async def test_long_poll_wakes_on_an_update(sandbox: Sandbox) -> None:
    polling = asyncio.create_task(sandbox.ok("getUpdates", timeout=30))
    await sandbox.play("start", user="Linh")
    assert (await polling)[0]["message"]["text"] == "/start"


async def test_second_poller_gets_409(sandbox: Sandbox) -> None:
    older = asyncio.create_task(sandbox.api("getUpdates", timeout=30))
    while not sandbox.world.calls.get("getupdates"):
        await asyncio.sleep(0)
    newer = asyncio.create_task(sandbox.ok("getUpdates", timeout=30))
    answer = await older
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running"
    )
    await sandbox.play("start", user="Linh")
    assert len(await newer) == 1


async def test_allowed_updates_are_remembered_and_exclude_members_by_default(
    sandbox: Sandbox,
) -> None:
    await sandbox.play("leave", user="Linh", chat=VIETNAM)
    assert not any("chat_member" in it for it in await sandbox.fresh())
    await sandbox.updates("chat_member")
    await sandbox.play("join", user="Linh", chat=VIETNAM)
    (update,) = await sandbox.updates()
    assert update["chat_member"]["new_chat_member"]["status"] == "member"


async def test_privacy_mode_hides_small_talk(sandbox: Sandbox) -> None:
    chat = await quiet_group(sandbox)
    sent = await sandbox.ok("sendMessage", chat_id=chat, text="hi")
    for text in ("hello all", "/help", "/help@SomeOtherBot", "@SampanDeskBot gcash?"):
        await sandbox.play("say", user="Linh", chat=chat, text=text)
    await sandbox.play("say", user="Sam", chat=chat, text="thanks", reply_to=sent["message_id"])
    heard = [it["message"]["text"] for it in await sandbox.fresh()]
    assert heard == ["/help", "@SampanDeskBot gcash?", "thanks"]
    await sandbox.play("bot", privacy=False)
    assert (await sandbox.ok("getMe"))["can_read_all_group_messages"]
    await sandbox.play("say", user="Linh", chat=chat, text="hello all")
    assert [it["message"]["text"] for it in await sandbox.updates()] == ["hello all"]


async def test_an_administrator_hears_everything(sandbox: Sandbox) -> None:
    await sandbox.play("say", user="Linh", chat=VIETNAM, text="hello all")
    assert len(await sandbox.updates()) == 1


async def test_edited_messages_are_told(sandbox: Sandbox) -> None:
    said = await sandbox.play("say", user="Linh", text="gcahs")
    number = said["message"]["message_id"]
    await sandbox.play("edit", user="Linh", message_id=number, text="gcash")
    edited = (await sandbox.updates())[-1]["edited_message"]
    assert edited["text"] == "gcash" and edited["edit_date"]
    assert "one's own" in await sandbox.cannot(
        "edit", user="Sam", chat=LINH, message_id=number, text="x"
    )


async def test_anonymous_admin_is_the_group(sandbox: Sandbox) -> None:
    said = {"chat": VIETNAM, "text": "/setup", "as": "anonymous"}
    await sandbox.play("say", user="Nok", **said)
    message = (await sandbox.updates())[0]["message"]
    assert message["from"]["id"] == 1087968824 and message["sender_chat"]["id"] == VIETNAM
    assert "no administrator" in await sandbox.cannot("say", user="Linh", **said)


async def test_invite_link_is_told_once_and_only_in_private_groups(
    sandbox: Sandbox,
) -> None:
    await sandbox.updates("chat_member", "message")
    link = await sandbox.ok("createChatInviteLink", chat_id=VIETNAM, name="Linh")
    join = {"user": "Sam", "invite_link": link["invite_link"]}
    await sandbox.play("join", **join)
    told = [it["chat_member"] for it in await sandbox.fresh() if "chat_member" in it]
    assert told[0]["invite_link"]["name"] == "Linh"
    await sandbox.play("leave", user="Sam", chat=VIETNAM)
    await sandbox.fresh()
    await sandbox.play("join", **join)
    again = [it["chat_member"] for it in await sandbox.fresh() if "chat_member" in it]
    assert "invite_link" not in again[0]


async def test_join_button_of_a_public_group_tells_no_link(sandbox: Sandbox) -> None:
    chat = await quiet_group(sandbox, username="quiet_public", bot_admin=True)
    await sandbox.updates("chat_member")
    link = await sandbox.ok("createChatInviteLink", chat_id=chat)
    await sandbox.play("join", user="Maria", invite_link=link["invite_link"])
    assert "invite_link" not in (await sandbox.updates())[0]["chat_member"]


async def test_joining_leaves_a_service_message_but_not_in_large_groups(
    sandbox: Sandbox,
) -> None:
    small, large = await quiet_group(sandbox), await quiet_group(sandbox, large=True)
    await sandbox.play("join", user="Maria", chat=small)
    await sandbox.play("join", user="Maria", chat=large)
    told = [it["message"] for it in await sandbox.updates()]
    assert [(it["chat"]["id"], it["new_chat_members"][0]["id"]) for it in told] == [(small, MARIA)]


async def test_join_request_opens_five_minutes_to_write(sandbox: Sandbox) -> None:
    link = await sandbox.ok("createChatInviteLink", chat_id=VIETNAM, creates_join_request=True)
    await sandbox.play("join", user="Somchai", invite_link=link["invite_link"])
    request = (await sandbox.updates())[-1]["chat_join_request"]
    await sandbox.ok("sendMessage", chat_id=request["user_chat_id"], text="Please read the rules")
    sandbox.time.now += 301
    assert "initiate" in await sandbox.refusal("sendMessage", chat_id=SOMCHAI, text="x")
    assert await sandbox.ok("approveChatJoinRequest", chat_id=VIETNAM, user_id=SOMCHAI)
    missing = await sandbox.refusal("declineChatJoinRequest", chat_id=VIETNAM, user_id=SOMCHAI)
    assert missing == "Bad Request: USER_ALREADY_PARTICIPANT"


async def test_an_administrator_answers_a_join_request_as_in_the_app(sandbox: Sandbox) -> None:
    """Let in: the bot sees who did it, by which link, and that there was a request. Turned away:
    Telegram tells nobody."""
    link = await sandbox.ok("createChatInviteLink", chat_id=VIETNAM, creates_join_request=True)
    await sandbox.updates("chat_member", "chat_join_request")
    by = {"chat": VIETNAM, "user": "Somchai", "by": "Nok"}
    for approve in (False, True):
        await sandbox.play("join", user="Somchai", invite_link=link["invite_link"])
        assert "chat_join_request" in (await sandbox.fresh())[0]
        assert (await sandbox.play("answer-request", **by, approve=approve))["chat"] == VIETNAM
        told = await sandbox.fresh()
        assert len(told) == approve
    change = told[0]["chat_member"]
    assert (
        change["via_join_request"] and change["invite_link"]["invite_link"] == link["invite_link"]
    )
    assert change["from"]["first_name"] == "Nok"
    assert change["new_chat_member"]["status"] == "member"
    assert sandbox.world.chats[VIETNAM].links[link["invite_link"]].pending == 0


async def test_invite_links_follow_the_rules(sandbox: Sandbox) -> None:
    both = {"chat_id": VIETNAM, "member_limit": 5, "creates_join_request": True}
    assert "member limit" in await sandbox.refusal("createChatInviteLink", **both)
    long = await sandbox.refusal("createChatInviteLink", chat_id=VIETNAM, name="x" * 33)
    assert long == "Bad Request: INVITE_TITLE_TOO_LONG"
    plain = await sandbox.refusal("createChatInviteLink", chat_id=MEETUP)
    assert plain == "Bad Request: not enough rights to manage chat invite link"
    link = await sandbox.ok("createChatInviteLink", chat_id=VIETNAM, member_limit=1)
    place = {"chat_id": VIETNAM, "invite_link": link["invite_link"]}
    assert (await sandbox.ok("editChatInviteLink", name="new", **place))["name"] == "new"
    assert (await sandbox.ok("revokeChatInviteLink", **place))["is_revoked"]
    assert "expired" in await sandbox.cannot("join", user="Sam", invite_link=link["invite_link"])


async def test_moderation(sandbox: Sandbox) -> None:
    linh = {"chat_id": VIETNAM, "user_id": LINH}
    muted = {"can_send_messages": False}
    assert await sandbox.ok("restrictChatMember", permissions=muted, **linh)
    assert "muted" in await sandbox.cannot("say", user="Linh", chat=VIETNAM, text="x")
    assert await sandbox.ok("banChatMember", **linh)
    assert (await sandbox.ok("getChatMember", **linh))["status"] == "kicked"
    assert await sandbox.ok("unbanChatMember", only_if_banned=True, **linh)
    admin = await sandbox.refusal("banChatMember", chat_id=VIETNAM, user_id=LINH + 100)
    assert admin == "Bad Request: user is an administrator of the chat"


async def test_bot_added_promoted_and_removed_is_told(sandbox: Sandbox) -> None:
    await sandbox.play("join", user="bot", chat=OPEN_GROUP, by="Sam")
    await sandbox.play("member", user="bot", chat=OPEN_GROUP, status="administrator", by="Sam")
    assert await sandbox.ok("leaveChat", chat_id=OPEN_GROUP)
    told = [it["my_chat_member"] for it in await sandbox.updates() if "my_chat_member" in it]
    assert [it["new_chat_member"]["status"] for it in told] == [
        "member",
        "administrator",
        "left",
    ]


async def test_reactions_are_told_only_when_asked_for(sandbox: Sandbox) -> None:
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x")
    react = {
        "user": "Linh",
        "chat": VIETNAM,
        "message_id": sent["message_id"],
        "emoji": "👍",
    }
    await sandbox.play("react", **react)
    assert await sandbox.updates() == []
    await sandbox.updates("message_reaction")
    await sandbox.play("react", **react)
    assert (await sandbox.updates())[0]["message_reaction"]["user"]["id"] == LINH


async def test_raw_updates_go_through_as_they_are(sandbox: Sandbox) -> None:
    await sandbox.play("update", business_message={"strange": True})
    (update,) = await sandbox.updates()
    assert update["business_message"] == {"strange": True}


async def test_webhook_posts_with_secret_and_retries(sandbox: Sandbox) -> None:
    seen: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    answers = iter([500, 200])

    async def receive(request: web.Request) -> web.Response:
        secret = request.headers["X-Telegram-Bot-Api-Secret-Token"]
        await seen.put((secret, await request.json()))
        return web.Response(status=next(answers))

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner, address = await start(app)
    await sandbox.ok("setWebhook", url=f"{address}/hook", secret_token="s-1")
    await sandbox.play("start", user="Linh")
    first, again = await seen.get(), await seen.get()
    assert first == again and first[0] == "s-1" and first[1]["message"]["text"] == "/start"
    conflict = await sandbox.api("getUpdates")
    assert conflict["error_code"] == 409 and "webhook is active" in conflict["description"]
    assert (await sandbox.ok("getWebhookInfo"))["last_error_message"].endswith(
        "500 Internal Server Error"
    )
    assert await sandbox.ok("deleteWebhook")
    assert await sandbox.ok("getUpdates") == []
    await runner.cleanup()


async def test_webhooks_stay_on_this_machine(sandbox: Sandbox) -> None:
    refused = await sandbox.refusal("setWebhook", url="https://example.com/hook")
    assert refused == "Bad Request: bad webhook: the sandbox posts to loopback addresses only"
    wrong = await sandbox.refusal("setWebhook", url="http://127.0.0.1:1/", secret_token="a b")
    assert wrong == "Bad Request: secret token contains unallowed characters"


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([{"command": "Help", "description": "x"}], "BOT_COMMAND_INVALID"),
        (
            [{"command": "h" * 33, "description": "x"}],
            "command length must not exceed 32",
        ),
        ([{"command": "help", "description": " "}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "help", "description": "x"}] * 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_command_menus_are_checked(sandbox: Sandbox, commands: Any, reason: str) -> None:
    assert await sandbox.refusal("setMyCommands", commands=commands) == f"Bad Request: {reason}"


async def test_language_codes_have_two_letters(sandbox: Sandbox) -> None:
    refused = await sandbox.refusal("setMyCommands", commands=[], language_code="fil")
    assert refused == "Bad Request: invalid language code specified"


async def test_ephemeral_message_is_seen_by_its_receiver_only(sandbox: Sandbox) -> None:
    alone = {"ephemeral_message_parameters": {"receiver_user_id": LINH}}
    sent = await sandbox.ok("sendMessage", chat_id=VIETNAM, text="your tax", **alone)
    assert sent["message_id"] == 0 and sent["receiver_user"]["id"] == LINH
    for viewer, count in (("Linh", 1), ("Nok", 0)):
        seen = await sandbox.look(f"chats/{VIETNAM}/messages", viewer=viewer)
        assert len(seen["messages"]) == count
    place = {"chat_id": VIETNAM, "receiver_user_id": LINH}
    place["ephemeral_message_id"] = sent["ephemeral_message_id"]
    assert await sandbox.ok("editEphemeralMessageText", text="newer", **place) is True
    assert await sandbox.ok("deleteEphemeralMessage", **place) is True
    ordinary = await sandbox.refusal("deleteMessage", chat_id=VIETNAM, message_id=0)
    assert ordinary == "Bad Request: message to delete not found"


async def test_plain_member_bot_needs_a_press_or_an_ephemeral_command(
    sandbox: Sandbox,
) -> None:
    chat = await quiet_group(sandbox)
    alone: dict[str, Any] = {"receiver_user_id": LINH}
    say = {"chat_id": chat, "text": "for you"}
    assert await sandbox.refusal("sendMessage", ephemeral_message_parameters=alone, **say) == (
        "Bad Request: MESSAGE_NOT_COMMAND"
    )
    button = {"inline_keyboard": [[{"text": "mine", "callback_data": "m"}]]}
    sent = await sandbox.ok("sendMessage", chat_id=chat, text="x", reply_markup=button)
    press = {
        "user": "Linh",
        "chat": chat,
        "message_id": sent["message_id"],
        "data": "m",
    }
    pressed = (await sandbox.play("press", **press))["callback_query_id"]
    after_press = alone | {"callback_query_id": pressed}
    await sandbox.ok("sendMessage", ephemeral_message_parameters=after_press, **say)
    sandbox.time.now += 16
    late = await sandbox.refusal("sendMessage", ephemeral_message_parameters=after_press, **say)
    assert "query is too old" in late


async def test_ephemeral_command_is_answered_in_private(sandbox: Sandbox) -> None:
    chat = await quiet_group(sandbox)
    menu = [{"command": "refer", "description": "My link", "is_ephemeral": True}]
    await sandbox.ok("setMyCommands", commands=menu)
    await sandbox.play("say", user="Linh", chat=chat, text="/refer")
    command = (await sandbox.updates())[-1]["message"]
    assert command["message_id"] == 0
    await sandbox.ok(
        "sendMessage",
        chat_id=chat,
        text="your link",
        ephemeral_message_parameters={"receiver_user_id": LINH},
        reply_parameters={"ephemeral_message_id": command["ephemeral_message_id"]},
    )
    others = await sandbox.look(f"chats/{chat}/messages", viewer="Sam")
    assert others["messages"] == []


async def test_inline_results_are_checked(sandbox: Sandbox) -> None:
    article = {
        "type": "article",
        "id": "1",
        "title": "t",
        "input_message_content": {"message_text": "x"},
    }
    many = [article | {"id": str(number)} for number in range(51)]
    given = {"inline_query_id": "1"}
    refused = await sandbox.refusal("answerInlineQuery", results=many, **given)
    assert refused == "Bad Request: too many inline query results specified"
    twice = await sandbox.refusal("answerInlineQuery", results=[article, article], **given)
    assert twice == "Bad Request: RESULT_ID_DUPLICATE"
    unknown = await sandbox.refusal("answerInlineQuery", results=[article], **given)
    assert "query is too old" in unknown


async def test_control_api_takes_json_only(sandbox: Sandbox) -> None:
    async with sandbox.http.post(
        f"{sandbox.address}/sandbox/block", data={"user": "Linh"}
    ) as answer:
        assert answer.status == 400
    assert "nobody called" in await sandbox.cannot("say", user="Nobody", text="x")
    assert (await sandbox.look("stats"))["pending_updates"] == 0


async def test_the_cast_has_every_country_and_a_desk(sandbox: Sandbox) -> None:
    countries = {chat.country for chat in sandbox.world.chats.values() if chat.type == "supergroup"}
    assert countries >= {country for country, _ in GROUPS} and len(GROUPS) == 14
    assert sandbox.world.chats[DESK].is_forum
    world = await sandbox.look("world", viewer="Linh")
    assert [it["title"] for it in world["chats"]][:2] == ["Sampan", "Sampan Việt Nam"]


async def test_events_are_streamed(sandbox: Sandbox) -> None:
    async with sandbox.http.get(f"{sandbox.address}/sandbox/events") as stream:
        assert await stream.content.readline() == b": hello\n"
        await sandbox.ok("sendMessage", chat_id=VIETNAM, text="x")
        lines = [await stream.content.readline() for _ in range(2)]
        assert b'"event": "message"' in lines[1]


async def test_a_new_name_is_seen_with_the_next_message(sandbox: Sandbox) -> None:
    await sandbox.play("rename", user="Linh", first_name="Admin", last_name="Linh")
    assert await sandbox.updates() == []
    await sandbox.play("say", user=str(LINH), chat=VIETNAM, text="/help")
    sender = (await sandbox.updates())[-1]["message"]["from"]
    assert (sender["id"], sender["first_name"], sender["last_name"]) == (LINH, "Admin", "Linh")
    assert "first_name" in await sandbox.cannot("rename", user=str(LINH))
