"""Bot API, "answerCallbackQuery", "Inline mode" and guest queries."""

from __future__ import annotations

from bot.sandbox.entities import formatted
from bot.sandbox.errors import QUERY_TOO_OLD, bad
from bot.sandbox.keyboards import checked_markup
from bot.sandbox.methods.call import MAX_TEXT, Call, Methods
from bot.sandbox.model import Json, Message
from bot.sandbox.world import Query

CALLBACK_LIVES = 60.0
INLINE_LIVES = 10.0
GUEST_LIVES = 60.0
MAX_RESULTS = 50


def answer_callback_query(call: Call) -> bool:
    """Bot API, "answerCallbackQuery": once, in time, at most 200 characters."""
    if len(call.params.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    callback = call.world.callbacks.get(call.params.text("callback_query_id"))
    if callback is None or callback.answer is not None:
        raise bad(QUERY_TOO_OLD)
    if call.world.clock.mono() - callback.pressed_at > CALLBACK_LIVES:
        raise bad(QUERY_TOO_OLD)
    callback.answer = {
        "text": call.params.text("text"),
        "show_alert": call.params.flag("show_alert"),
        "url": call.params.text("url"),
    }
    callback.answered.set()
    user = callback.user.id
    call.world.events.tell("callback", id=callback.id, user_id=user, **callback.answer)
    return True


def _waiting(call: Call, queries: dict[str, Query], name: str, lives: float) -> Query:
    query = queries.get(call.params.text(name))
    if query is None or query.answer is not None:
        raise bad(QUERY_TOO_OLD)
    if call.world.clock.mono() - query.asked_at > lives:
        raise bad(QUERY_TOO_OLD)
    return query


def answer_inline_query(call: Call) -> bool:
    """Bot API, "answerInlineQuery": at most 50 results with distinct ids of 1-64 bytes."""
    results = call.params.json("results", "can't parse JSON encoded inline query results")
    if not isinstance(results, list):
        raise bad("can't parse JSON encoded inline query results")
    if len(results) > MAX_RESULTS:
        raise bad("too many inline query results specified")
    if len(call.params.text("next_offset").encode()) > 64:
        raise bad("NEXT_OFFSET_INVALID")
    checked = [checked_result(result) for result in results]
    if len({result["id"] for result in checked}) < len(checked):
        raise bad("RESULT_ID_DUPLICATE")
    query = _waiting(call, call.world.inline_queries, "inline_query_id", INLINE_LIVES)
    button = call.params.object("button")
    next_offset = call.params.text("next_offset")
    query.answer = {"results": checked, "button": button, "next_offset": next_offset}
    query.answered.set()
    call.world.events.tell("inline", id=query.id, user_id=query.user.id)
    return True


def checked_result(result: object) -> Json:
    """Bot API, "InlineQueryResult": articles, and what carries a file_id."""
    cannot = "can't parse inline query result: "
    if not isinstance(result, dict):
        raise bad(f"{cannot}Inline query result must be an object")
    if not 1 <= len(str(result.get("id", "")).encode()) <= 64:
        raise bad("RESULT_ID_INVALID")
    kind = result.get("type")
    if kind not in ("article", "photo", "document"):
        raise bad(f'{cannot}Field "type" is invalid')
    if kind == "article" and not result.get("title"):
        raise bad(f'{cannot}Can\'t find field "title"')
    if kind == "article" and not isinstance(result.get("input_message_content"), dict):
        raise bad(f'{cannot}Can\'t find field "input_message_content"')
    return result | {"message": result_content(result)}


def result_content(result: Json) -> Json:
    """The message that a chosen result becomes (Bot API, "InputTextMessageContent")."""
    given = result.get("input_message_content") or {}
    source = str(given.get("message_text") or result.get("caption") or "")
    if not source and result["type"] == "article":
        raise bad("message text is empty")
    mode = str(given.get("parse_mode") or result.get("parse_mode") or "")
    text, found = formatted(source, mode, given.get("entities"))
    if len(text) > MAX_TEXT:
        raise bad("message is too long")
    content: Json = {"text": text} | ({"entities": found} if found else {})
    markup, _ = checked_markup(result.get("reply_markup"))
    return content | ({"reply_markup": markup} if markup else {})


def answer_guest_query(call: Call) -> Json:
    """Bot API 10.0, "answerGuestQuery": one message in a chat that the bot is not in."""
    result = call.params.object("result", "can't parse JSON encoded inline query result")
    if result is None:
        raise bad("can't parse inline query result: Inline query result must be an object")
    checked = checked_result(result)
    query = _waiting(call, call.world.guest_queries, "guest_query_id", GUEST_LIVES)
    query.answer = checked
    query.answered.set()
    return {"inline_message_id": _post_as_guest(call, query, checked["message"]).inline_id}


def _post_as_guest(call: Call, query: Query, content: Json) -> Message:
    assert query.chat is not None
    caller = {"guest_bot_caller_user": query.user.public()}
    message = call.world.post(query.chat, call.me, content | caller)
    message.inline_id = f"guest-{call.world.fresh_id()}"
    call.world.inline_messages[message.inline_id] = message
    return message


METHODS: Methods = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
    "answerGuestQuery": answer_guest_query,
}
