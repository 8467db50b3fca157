"""python-telegram-bot's own Bot finds in the sandbox the Telegram that it expects."""

from __future__ import annotations

import asyncio

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputMediaPhoto,
    InputTextMessageContent,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
)

from .conftest import DESK, LINH, MARIA, MEETUP, OPEN_GROUP, VIETNAM, Sandbox

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x20\x08\x02\x00\x00\x00"
    + b"\0" * 60
)
pytestmark = pytest.mark.asyncio


async def test_conversation_with_button_and_edit(sandbox: Sandbox, ptb: Bot) -> None:
    await sandbox.play("start", user="Linh", payload="ref_1")
    (update,) = await ptb.get_updates(timeout=5)
    assert isinstance(update, Update) and update.message is not None
    assert update.message.text == "/start ref_1"
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("P2P 🇻🇳", callback_data="p2p:VN")]])
    sent = await ptb.send_message(
        LINH, "<b>Chào Linh</b>", parse_mode="HTML", reply_markup=keyboard
    )
    pressing = asyncio.create_task(
        sandbox.play("press", user="Linh", message_id=sent.message_id, data="p2p:VN", wait=5)
    )
    (update,) = await ptb.get_updates(offset=update.update_id + 1, timeout=5)
    assert update.callback_query is not None and update.callback_query.data == "p2p:VN"
    await update.callback_query.answer("Xong", show_alert=True)
    await update.callback_query.edit_message_text("Đã chọn P2P")
    assert (await pressing)["answer"] == {"text": "Xong", "show_alert": True, "url": ""}
    seen = await sandbox.look(f"chats/{LINH}/messages", viewer="Linh")
    assert [it["html"] for it in seen["messages"]] == ["/start ref_1", "Đã chọn P2P"]


async def test_errors_arrive_as_the_librarys_own(sandbox: Sandbox, ptb: Bot) -> None:
    await sandbox.play("start", user="Linh")
    await sandbox.play("block", user="Linh")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await ptb.send_message(LINH, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await ptb.send_message(12345, "x")
    await sandbox.play("faults", method="sendMessage", kind="429", seconds=7)
    with pytest.raises(RetryAfter) as caught:
        await ptb.send_message(VIETNAM, "x")
    assert "7" in str(caught.value)
    moved = (await sandbox.play("migrate", chat=MEETUP))["chat"]["id"]
    with pytest.raises(ChatMigrated) as gone:
        await ptb.send_message(MEETUP, "x")
    assert gone.value.new_chat_id == moved
    with pytest.raises(EndPointNotFound):
        await ptb.do_api_request("sendHologram")


async def test_wrong_token_is_invalid_token(sandbox: Sandbox) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("1234:wrong", base_url=f"{sandbox.address}/bot"):
            pass


async def test_second_poller_gets_409(sandbox: Sandbox, ptb: Bot) -> None:
    first = asyncio.create_task(ptb.get_updates(timeout=20))
    while sandbox.world.calls.get("getupdates", 0) < 1:
        await asyncio.sleep(0)
    await sandbox.ok("getUpdates", timeout=0)
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first


async def test_photo_album_and_file(sandbox: Sandbox, ptb: Bot) -> None:
    sent = await ptb.send_photo(VIETNAM, PNG, caption="<i>chart</i>", parse_mode="HTML")
    assert (sent.photo[-1].width, sent.photo[-1].height) == (64, 32)
    again = await ptb.send_photo(DESK, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    document = await ptb.send_document(VIETNAM, b"a,b\n1,2\n", filename="report.csv")
    assert document.document is not None and document.document.file_name == "report.csv"
    downloaded = await (await ptb.get_file(document.document.file_id)).download_as_bytearray()
    assert bytes(downloaded) == b"a,b\n1,2\n"
    album = await ptb.send_media_group(VIETNAM, [InputMediaPhoto(PNG), InputMediaPhoto(PNG)])
    assert len({message.media_group_id for message in album}) == 1
    edited = await sent.edit_media(InputMediaPhoto(PNG, caption="newer"))
    assert not isinstance(edited, bool) and edited.caption == "newer"


async def test_command_menus_by_scope_and_language(sandbox: Sandbox, ptb: Bot) -> None:
    await ptb.set_my_commands([BotCommand("help", "Help")])
    await ptb.set_my_commands([BotCommand("help", "Trợ giúp")], language_code="vi")
    group_menu = [BotCommand("p2p", "P2P")]
    await ptb.set_my_commands(group_menu, scope=BotCommandScopeAllGroupChats())
    private = await sandbox.look("commands", user="Linh", chat="bot")
    in_group = await sandbox.look("commands", user="Linh", chat=VIETNAM)
    assert private["commands"] == [{"command": "help", "description": "Trợ giúp"}]
    assert in_group["commands"] == [{"command": "p2p", "description": "P2P"}]
    assert [it.command for it in await ptb.get_my_commands()] == ["help"]


async def test_profile_texts(ptb: Bot) -> None:
    await ptb.set_my_name("Sampan")
    await ptb.set_my_description("Bàn trợ giúp", language_code="vi")
    await ptb.set_my_short_description("A desk")
    assert (await ptb.get_my_name()).name == "Sampan"
    assert (await ptb.get_my_description("vi")).description == "Bàn trợ giúp"
    assert (await ptb.get_my_short_description()).short_description == "A desk"


async def test_inline_answer_and_choice(sandbox: Sandbox, ptb: Bot) -> None:
    asking = asyncio.create_task(
        sandbox.play("inline", user="Sam", chat=OPEN_GROUP, query="gcash p2p", wait=5)
    )
    (update,) = await ptb.get_updates(timeout=5)
    assert update.inline_query is not None and update.inline_query.query == "gcash p2p"
    content = InputTextMessageContent("<b>GCash</b>", parse_mode="HTML")
    article = InlineQueryResultArticle("1", "GCash", content)
    await ptb.answer_inline_query(update.inline_query.id, [article])
    asked = await asking
    chosen = await sandbox.play("inline/choose", id=asked["id"], result_id="1")
    assert chosen["message"]["html"] == "<b>GCash</b>"
    assert chosen["message"]["via_bot"] == "SampanDeskBot"


async def test_guest_mention_is_answered_where_the_bot_is_not(sandbox: Sandbox, ptb: Bot) -> None:
    text = "@SampanDeskBot is Binance allowed in PH?"
    asking = asyncio.create_task(
        sandbox.play("guest", user="Maria", chat=OPEN_GROUP, text=text, wait=5)
    )
    (update,) = await ptb.get_updates(timeout=5)
    assert update.guest_message is not None and update.guest_message.guest_query_id
    article = InlineQueryResultArticle("1", "Answer", InputTextMessageContent("Not licensed"))
    sent = await ptb.answer_guest_query(update.guest_message.guest_query_id, article)
    assert sent.inline_message_id and (await asking)["answer"]
    seen = await sandbox.look(f"chats/{OPEN_GROUP}/messages", viewer=MARIA)
    assert seen["messages"][-1]["text"] == "Not licensed"


async def test_members_links_and_topics(sandbox: Sandbox, ptb: Bot) -> None:
    assert (await ptb.get_chat(DESK)).is_forum
    assert (await ptb.get_chat_member(VIETNAM, LINH)).status == "member"
    admins = {it.user.first_name for it in await ptb.get_chat_administrators(VIETNAM)}
    assert admins == {"Nok", "Ola", "Sampan"}
    assert await ptb.get_chat_member_count(VIETNAM) == 5
    link = await ptb.create_chat_invite_link(VIETNAM, name="Linh", creates_join_request=True)
    assert link.creates_join_request and link.name == "Linh"
    topic = await ptb.create_forum_topic(DESK, "Scams")
    sent = await ptb.send_message(DESK, "x", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message and sent.message_thread_id == topic.message_thread_id
