"""/official: whether somebody is a group's real staff."""

from __future__ import annotations

import time

from telegram import (
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Update,
)
from telegram.error import TelegramError
from telegram.ext import BaseHandler, CommandHandler, ContextTypes

from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.shield.names import Person, full_name, looks_like
from bot.telegram import shield_views as views
from bot.telegram.services import PRIVATE, Services, place_of
from bot.telegram.shield_acts import GroupOfficials, Official
from bot.telegram.views import View

Ctx = ContextTypes.DEFAULT_TYPE
MAX_GROUPS = 30
"""Groups that one question in private looks through."""
_PRESENT = ("creator", "administrator", "member", "restricted")


class WhoIsOfficial:
    ROOM = "sh"

    def __init__(self, services: Services, officials: GroupOfficials) -> None:
        self._s = services
        self._officials = officials

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        return [CommandHandler("official", self.official)]

    async def official(self, update: Update, context: Ctx) -> None:
        """/official lists them; with @name, or as a reply, it tells whether that one is. A name as
        it is shown tells nothing, unless it is one of theirs in disguise."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        person = _meant(message, " ".join(context.args or []))
        asker = user.id if user else 0
        if not await may_ask(self._s, t, message, asker):
            return
        if person is not None:
            view = await self._check(t, message, asker, person)
        elif message.chat.type == PRIVATE:
            await self._ask(t, message, asker)
            return
        else:
            everybody = await self._officials.of(message.chat.id)
            shown = [one for one in everybody if not one.hidden]
            view = views.staff_page(t, message.chat.title or "", shown)
        await self._s.sender.send(place_of(message), view.html)

    async def _ask(self, t: Translator, message: Message, asker: int) -> None:
        text = t("Forward me a message of theirs, or write their @name. /cancel leaves.")
        sent = await self._s.sender.send(place_of(message), text)
        self._s.dialogues.put(
            Dialogue(asker, message.chat.id, self.ROOM, "official", message_id=sent)
        )

    async def heard(self, update: Update, message: Message, dialogue: Dialogue) -> None:
        """The forwarded message, or the name, that was asked for."""
        self._s.dialogues.drop(dialogue.user_id, dialogue.chat_id)
        t = self._s.translator(self._s.asker(update))
        person = _forwarded(message) or _named(message.text or "")
        if person is None:
            await self._ask(t, message, dialogue.user_id)
            return
        view = await self._check(t, message, dialogue.user_id, person)
        await self._s.sender.send(place_of(message), view.html)

    async def _check(self, t: Translator, message: Message, asker: int, person: Person) -> View:
        groups = await self._groups(message, asker)
        everybody = [
            (one, title) for chat, title in groups for one in await self._officials.of(chat)
        ]
        real = [(one, title) for one, title in everybody if _is(one, person) and not one.hidden]
        if real:
            titles = list(dict.fromkeys(title for _, title in real))
            return views.is_staff_page(t, real[0][0].person, titles)
        named = [one.person for one, _ in everybody if not one.hidden]
        stranger = Person(person.user_id, person.name or person.username, person.username)
        like = looks_like(stranger, named)
        if not (person.user_id or person.username or (like and like.disguised)):
            lists = [
                (title, [one for one, where in everybody if where == title and not one.hidden])
                for title in dict.fromkeys(title for _, title in groups)
            ]
            return views.bare_name_page(t, person.name, [pair for pair in lists if pair[1]])
        private = message.chat.type == PRIVATE
        shown = person.name or f"@{person.username}"
        return views.not_staff_page(t, shown, like.like.name if like else None, private)

    async def _groups(self, message: Message, asker: int) -> list[tuple[int, str]]:
        """This group; in private, those of the bot's groups that the asker is in: what others
        there are, and who runs them, is none of theirs."""
        if message.chat.type != PRIVATE:
            return [(message.chat.id, message.chat.title or "")]
        found = []
        for group in self._s.groups.all()[:MAX_GROUPS]:
            try:
                member = await self._s.sender.bot.get_chat_member(group.chat_id, asker)
            except TelegramError:
                continue
            if member.status in _PRESENT:
                found.append((group.chat_id, group.title))
        return found


async def may_ask(services: Services, t: Translator, message: Message, user_id: int) -> bool:
    """Each asker's own measure; told once when it is full."""
    verdict = services.cooldown.take(user_id, message.chat.id, time.monotonic())
    if verdict == "warn":
        text = t("That was a lot at once. Give me a minute, then ask again.")
        await services.sender.send(place_of(message), text)
    return verdict == "go"


def _is(official: Official, person: Person) -> bool:
    """By id where one is known: names are free to take."""
    if person.user_id:
        return official.person.user_id == person.user_id
    handle = person.username.lower()
    return bool(handle) and official.person.username.lower() == handle


def _meant(message: Message, words: str) -> Person | None:
    """Whom a command is about: the name behind it, or who wrote the message that it answers."""
    for entity in message.entities:
        if entity.user is not None:  # a mention of somebody without a username
            return Person(entity.user.id, full_name(entity.user.first_name, entity.user.last_name))
    if words.strip():
        return _named(words)
    quoted = message.reply_to_message
    if quoted is None or quoted.forum_topic_created:
        return None
    forwarded = _forwarded(quoted)
    if forwarded is not None:
        return forwarded
    user, channel = quoted.from_user, quoted.sender_chat
    if channel is not None:
        return Person(channel.id, channel.title or "", channel.username or "")
    if user is None:
        return None
    return Person(user.id, full_name(user.first_name, user.last_name), user.username or "")


def _named(words: str) -> Person | None:
    """'@ola_owner', or a name as it is shown, which is anybody's."""
    text = words.strip()[:130]
    if not text:
        return None
    handle = text.removeprefix("https://").removeprefix("t.me/")
    if text.startswith("@") or handle != text:
        return Person(0, "", handle.lstrip("@").split()[0] if handle.strip("@ ") else "")
    return Person(0, text)


def _forwarded(message: Message) -> Person | None:
    match message.forward_origin:
        case MessageOriginUser(sender_user=user):
            return Person(user.id, full_name(user.first_name, user.last_name), user.username or "")
        case MessageOriginHiddenUser(sender_user_name=name):
            return Person(0, name)
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            return Person(chat.id, chat.title or "", chat.username or "")
    return None
