"""The one place that sends: formatting, replies, topics, flood waits, dead chats."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal, TypeVar

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.broadcasts.pacer import Pacer
from bot.journal import Journal
from bot.members.store import GroupStore, MemberStore
from bot.telegram.keyboards import Keyboard
from bot.telegram.request import AiohttpRequest, NothingSent

log = logging.getLogger(__name__)
T = TypeVar("T")

MAX_WAIT = 60.0
"""Seconds of flood wait that a reply sits out; a longer one is given up and logged."""
MAX_TRIES = 4
MAX_UNREACHED_WAIT = 15.0
"""Seconds between tries while the server cannot be reached: no answer is given up for that."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_NOT_MODIFIED = "message is not modified"
_TURNING = re.compile("[\u202a-\u202e]")
"""Embeddings and overrides of direction: what stands behind one reads backwards."""
GONE = ("chat not found", "user is deactivated", "bot was kicked", "bot is not a member")


@dataclass(frozen=True)
class Place:
    """Where a message goes."""

    chat_id: int
    reply_to: int | None = None
    thread_id: int | None = None


@dataclass(frozen=True)
class Attempt:
    """What became of one try to send."""

    fate: Literal["sent", "no_reply", "blocked", "gone", "failed", "uncertain", "later"]
    """`no_reply`: the message to reply to is not there, so nothing was sent; `later`: Telegram
    asks to wait, or cannot be reached; `uncertain`: it may have arrived."""
    message_id: int | None = None
    wait: float = 0.0
    """Seconds, of `later`."""
    in_thread: bool = True
    """False when its topic is not there any more: it went to General."""


TOASTS = 1_000
"""Answered presses that are remembered; some are never asked about."""


class Sender:
    def __init__(
        self, bot: Bot, journal: Journal, members: MemberStore, groups: GroupStore,
        pacer: Pacer | None = None,
    ) -> None:  # fmt: skip
        """`pacer`: told of each reply, so that a broadcast makes room for it."""
        self._toasted: deque[str] = deque(maxlen=TOASTS)
        self.bot = bot
        self._pacer = pacer or Pacer()
        self._journal = journal
        self._members = members
        self._groups = groups
        self._has_ephemeral: bool | None = None

    async def send(self, place: Place, html: str, keyboard: Keyboard | None = None) -> int | None:
        """Sends HTML; the new message's id. None when the chat cannot be written to any more.

        Straight through the transport: python-telegram-bot's send_message would build objects of
        the whole answer that nobody reads, at twice the cost.
        """

        async def call(chat_id: int, thread_id: int | None) -> dict[str, Any]:
            message: dict[str, Any] = {
                "chat_id": chat_id,
                "text": html,
                "parse_mode": ParseMode.HTML,
                "link_preview_options": {"is_disabled": True},
            }
            if keyboard and keyboard["inline_keyboard"]:
                message["reply_markup"] = keyboard
            if thread_id is not None:
                message["message_thread_id"] = thread_id
            if place.reply_to is not None:
                # A question deleted meanwhile still gets its answer, only not as a reply.
                message["reply_parameters"] = {
                    "message_id": place.reply_to,
                    "allow_sending_without_reply": True,
                }
            return await self._post("sendMessage", message)

        sent = await self._deliver(place, call)
        return int(sent["message_id"]) if sent else None

    async def attempt(self, place: Place, html: str, keyboard: Keyboard | None = None) -> Attempt:
        """One try, for those who keep a ledger: nothing is waited for or sent in another way."""
        message: dict[str, Any] = {
            "chat_id": place.chat_id, "text": html, "parse_mode": ParseMode.HTML,
            "link_preview_options": {"is_disabled": True},
        }  # fmt: skip
        if keyboard and keyboard["inline_keyboard"]:
            message["reply_markup"] = keyboard
        if place.reply_to is not None:
            message["reply_parameters"] = {"message_id": place.reply_to}
        if place.thread_id is not None:
            message["message_thread_id"] = place.thread_id
        try:
            sent = await self._post("sendMessage", message)
        except RetryAfter as error:
            return Attempt("later", wait=_seconds(error))
        except ChatMigrated as error:
            self._groups.migrate(place.chat_id, error.new_chat_id)
            return await self.attempt(replace(place, chat_id=error.new_chat_id), html, keyboard)
        except Forbidden:
            self._note_dead(place.chat_id)
            return Attempt("blocked" if place.chat_id > 0 else "gone")
        except BadRequest as error:
            return await self._refused(error.message.lower(), place, html, keyboard)
        except TimedOut:
            return Attempt("uncertain")
        except NothingSent:
            return Attempt("later", wait=1.0)
        except NetworkError:
            return Attempt("uncertain")
        return Attempt("sent", int(sent["message_id"]))

    async def _refused(
        self, why: str, place: Place, html: str, keyboard: Keyboard | None
    ) -> Attempt:
        if place.thread_id is not None and ("thread not found" in why or "topic_closed" in why):
            general = await self.attempt(replace(place, thread_id=None), html, keyboard)
            return replace(general, in_thread=False)
        if "replied" in why and "not found" in why:
            return Attempt("no_reply")
        if any(reason in why for reason in GONE):
            self._note_dead(place.chat_id)
            return Attempt("gone")
        log.warning("a message to chat %s was refused: %s", place.chat_id, why)
        return Attempt("failed")

    async def _post(self, method: str, values: dict[str, Any]) -> dict[str, Any]:
        if "text" in values:
            values["text"] = _tame(values["text"])
        request = self.bot.request
        assert isinstance(request, AiohttpRequest)
        result = await request.call(f"{self.bot.base_url}/{method}", values)
        assert isinstance(result, dict)
        return result

    async def send_privately(
        self, place: Place, user_id: int, html: str, keyboard: Keyboard | None = None,
        *, callback_id: str | None = None,
    ) -> bool:  # fmt: skip
        """Sends into a group what only one member sees (Bot API 10.2 and 10.3, ephemeral messages).

        False when it cannot be: the server is older, or the bot is no administrator and answers no
        press (`callback_id`, at most 15 seconds old). Then the caller shows the way to the private
        chat. Telegram doesn't promise delivery to somebody who is offline.
        """
        if place.chat_id > 0 or not await self._knows_ephemeral():
            return False
        alone: dict[str, Any] = {"receiver_user_id": user_id}
        if callback_id:
            alone["callback_query_id"] = callback_id
        # 10.3 reads the object, 10.2 the plain parameters; each passes over the other's.
        message = {
            "chat_id": place.chat_id,
            "text": html,
            "parse_mode": ParseMode.HTML,
            "link_preview_options": {"is_disabled": True},
            "ephemeral_message_parameters": alone,
            **alone,
        }
        if keyboard and keyboard["inline_keyboard"]:
            message["reply_markup"] = keyboard
        if place.thread_id is not None:
            message["message_thread_id"] = place.thread_id
        try:
            with self._journal.answering():
                sent = await self._post("sendMessage", message)
        except TelegramError as error:
            log.info("not sent privately in chat %s: %s", place.chat_id, error)
            return False
        if sent.get("ephemeral_message_id"):
            return True
        log.error("the server showed a private message to all of chat %s: deleted", place.chat_id)
        self._has_ephemeral = False
        try:
            await self.bot.delete_message(place.chat_id, int(sent["message_id"]))
        except TelegramError as error:
            log.error("it could not be deleted: %s", error)
        return False

    async def _knows_ephemeral(self) -> bool:
        """A server that doesn't know these messages would show them to everybody, so it is asked
        first for a method that came with them: 404 when it has none of that name."""
        if self._has_ephemeral is None:
            try:
                await self._post("deleteEphemeralMessage", {"ephemeral_message_id": 0})
            except InvalidToken:  # what a 404 is raised as
                self._has_ephemeral = False
            except BadRequest:
                self._has_ephemeral = True
            except TelegramError:
                return False  # not to be told now: asked again the next time
            else:
                self._has_ephemeral = True
        return self._has_ephemeral

    async def send_document(
        self, place: Place, name: str, content: bytes, caption: str
    ) -> Message | None:
        async def call(chat_id: int, thread_id: int | None) -> Message:
            return await self.bot.send_document(
                chat_id, BytesIO(content), filename=name, caption=caption,
                message_thread_id=thread_id, reply_parameters=_reply(place.reply_to),
            )  # fmt: skip

        return await self._deliver(place, call)

    async def send_photo(
        self, place: Place, picture: bytes, html: str, keyboard: Keyboard | None = None
    ) -> Message | None:
        """`html`: the caption, at most 1,024 characters after parsing."""

        async def call(chat_id: int, thread_id: int | None) -> Message:
            return await self.bot.send_photo(
                chat_id, picture, caption=_tame(html), parse_mode=ParseMode.HTML, filename="chart.png",
                message_thread_id=thread_id, reply_parameters=_reply(place.reply_to),
                reply_markup=_markup(keyboard),
            )  # fmt: skip

        return await self._deliver(place, call)

    async def send_file(
        self, place: Place, kind: str, file_id: str, html: str, keyboard: Keyboard | None = None
    ) -> Message | None:
        """A photo or document that Telegram has already, with `html` as its caption."""

        async def call(chat_id: int, thread_id: int | None) -> Message:
            more: dict[str, Any] = {
                "caption": _tame(html), "parse_mode": ParseMode.HTML, "message_thread_id": thread_id,
                "reply_markup": _markup(keyboard),
            }  # fmt: skip
            if kind == "photo":
                return await self.bot.send_photo(chat_id, file_id, **more)
            return await self.bot.send_document(chat_id, file_id, **more)

        return await self._deliver(place, call)

    async def _deliver(
        self, place: Place, call: Callable[[int, int | None], Awaitable[T]]
    ) -> T | None:
        """Obeys flood waits for this chat alone, follows a moved group, notes a dead chat, and
        waits for a server that cannot be reached."""
        chat_id, thread_id = place.chat_id, place.thread_id
        first = not self._journal.has_replied
        tries, unreached = 0, 0
        while tries < MAX_TRIES:
            try:
                self._pacer.replied(chat_id)
                with self._journal.answering():
                    return await call(chat_id, thread_id)
            except RetryAfter as error:
                tries += 1
                seconds = _seconds(error)
                if first:
                    self._journal.nothing_left()
                if seconds > MAX_WAIT:
                    log.warning(
                        "flood wait of %.0f s in chat %s: the message is given up", seconds, chat_id
                    )
                    return None
                await asyncio.sleep(seconds)
            except ChatMigrated as error:
                tries += 1
                self._groups.migrate(chat_id, error.new_chat_id)
                chat_id = error.new_chat_id
            except Forbidden:
                self._note_dead(chat_id)
                return None
            except BadRequest as error:
                tries += 1
                if "thread not found" in error.message.lower() and thread_id is not None:
                    thread_id = None  # the topic was closed or deleted meanwhile
                    continue
                if any(reason in error.message.lower() for reason in GONE):
                    self._note_dead(chat_id)
                    return None
                raise
            except TimedOut:
                log.warning(
                    "no answer to a message to chat %s: it may have arrived, so it is not sent again",
                    chat_id,
                )
                return None
            except NothingSent:
                if first:
                    self._journal.nothing_left()
                await asyncio.sleep(min(MAX_UNREACHED_WAIT, 0.5 * 2**unreached))
                unreached += 1
        log.warning("a message to chat %s could not be sent", chat_id)
        return None

    def _note_dead(self, chat_id: int) -> None:
        if chat_id > 0:
            self._members.set_blocked(chat_id, True)
        else:
            self._groups.leave(chat_id)

    async def edit(
        self, chat_id: int, message_id: int, html: str, keyboard: Keyboard | None = None
    ) -> bool:
        """Edits a message of the bot's. False when it cannot be edited any more."""
        for _ in range(2):
            try:
                self._pacer.replied(chat_id)
                with self._journal.answering():
                    await self.bot.edit_message_text(
                        _tame(html), chat_id=chat_id, message_id=message_id, parse_mode=ParseMode.HTML,
                        link_preview_options=_NO_PREVIEW, reply_markup=_markup(keyboard),
                    )  # fmt: skip
                return True
            except RetryAfter as error:
                if _seconds(error) > MAX_WAIT:
                    return False
                await asyncio.sleep(_seconds(error))
            except BadRequest as error:
                return _NOT_MODIFIED in error.message.lower()
            except (Forbidden, NetworkError):
                return False
        return False

    def toasted(self, callback_id: str) -> bool:
        """Whether a press was answered; asked once, when it has been dealt with."""
        try:
            self._toasted.remove(callback_id)
        except ValueError:
            return False
        return True

    async def toast(
        self, callback_id: str, text: str | None = None, *, alert: bool = False
    ) -> None:
        """Answers a button press; a press that is too old to answer is no error."""
        self._toasted.append(callback_id)
        try:
            await self.bot.answer_callback_query(
                callback_id, text[:200] if text else None, show_alert=alert
            )
        except TelegramError as error:
            log.debug("button press not answered: %s", error)


def _tame(html: str) -> str:
    """A name or text of a stranger's must not turn what stands behind it."""
    return _TURNING.sub("", html)


def _markup(keyboard: Keyboard | None) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.de_json(dict(keyboard), None) if keyboard else None


def _reply(message_id: int | None) -> ReplyParameters | None:
    # A question deleted meanwhile still gets its answer, only not as a reply.
    return ReplyParameters(message_id, allow_sending_without_reply=True) if message_id else None


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after) if isinstance(after, int | float) else after.total_seconds()
