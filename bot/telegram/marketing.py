"""What the two rooms of marketing share: hearing, showing, asking, and where a person may act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from telegram import Message, Update

from bot.desk.roles import EVERYWHERE, Roles, Task
from bot.dialogues import Dialogue
from bot.i18n import Translator
from bot.telegram.buttons import Press
from bot.telegram.callbacks import RoomAction
from bot.telegram.sender import Place
from bot.telegram.services import PRIVATE, Services
from bot.telegram.views import View


@dataclass(frozen=True)
class Person:
    """Who acts, where, and the words to answer in."""

    user_id: int
    chat_id: int
    t: Translator
    press: Press | None = None


class Scope:
    """The countries and groups for which a person may do marketing; read anew each time."""

    def __init__(self, roles: Roles, user_id: int) -> None:
        self._scopes = roles.scopes(user_id, Task.MARKETING)

    @property
    def any(self) -> bool:
        return bool(self._scopes)

    @property
    def everywhere(self) -> bool:
        return EVERYWHERE in self._scopes

    def country(self, country: str) -> bool:
        return self.everywhere or country in self._scopes

    def countries(self, countries: Iterable[str]) -> bool:
        return all(map(self.country, countries))

    def groups(self) -> frozenset[int]:
        """Chat ids of groups that are theirs one by one."""
        return frozenset(int(s) for s in self._scopes if s.lstrip("-").isdigit())

    def own_countries(self) -> frozenset[str]:
        return frozenset(s for s in self._scopes if s.isalpha())


class MarketingRoom:
    """The base of a room: `name` is its prefix in buttons and dialogues."""

    name = ""

    def __init__(self, services: Services) -> None:
        self._s = services

    def scope(self, user_id: int) -> Scope:
        return Scope(self._s.roles, user_id)

    def button(self, text: str, verb: str, *args: object) -> tuple[str, RoomAction]:
        return text, RoomAction(self.name, verb, tuple(map(str, args)))

    async def command(self, update: Update) -> Person | None:
        """Who wrote a command, if they may do marketing, in private; else they are told."""
        message, user = update.effective_message, update.effective_user
        assert message is not None
        t = self._s.translator(self._s.asker(update))
        if user is None or not self.scope(user.id).any:
            await self._s.sender.send(_place(message), self.refusal(t))
            return None
        if message.chat.type != PRIVATE:
            text = t("Campaigns are made in private: write me this command there.")
            await self._s.sender.send(_place(message), text)
            return None
        return Person(user.id, message.chat.id, t)

    async def presser(self, press: Press) -> Person | None:
        """Who pressed, if they may do marketing; else they are told."""
        if not press.private or not self.scope(press.user_id).any:
            await self.toast(press, self.refusal(press.t), alert=True)
            return None
        return Person(press.user_id, press.chat_id or 0, press.t, press)

    @staticmethod
    def refusal(t: Translator) -> str:
        return t("Only people who do marketing here can do that.")

    async def toast(self, press: Press, text: str | None = None, *, alert: bool = False) -> None:
        await self._s.sender.toast(press.query.id, text, alert=alert)

    async def answer(self, person: Person, view: View, toast: str | None = None) -> int | None:
        """Changes the pressed message, else sends a new one; its id."""
        press = person.press
        if press is not None:
            await self.toast(press, toast)
            message = press.message
            if (
                message
                and message.text is not None
                and await self._s.sender.edit(
                    message.chat.id, message.message_id, view.html, view.keyboard
                )
            ):
                return message.message_id
        return await self._s.sender.send(Place(person.chat_id), view.html, view.keyboard)

    async def ask(self, person: Person, view: View, asking: str, data: Mapping[str, Any]) -> None:
        """Shows a prompt whose next message comes to this room's listener. Noted before it is
        shown: the bot may be killed in between."""
        dialogue = Dialogue(person.user_id, person.chat_id, self.name, asking, data)
        self._s.dialogues.put(dialogue)
        shown = await self.answer(person, view)
        self._s.dialogues.put(replace(dialogue, message_id=shown))

    def heard(self, update: Update, message: Message) -> Person | None:
        """Who answers a prompt, if they still may do marketing."""
        user = update.effective_user
        if user is None or not self.scope(user.id).any:
            return None
        return Person(user.id, message.chat.id, self._s.translator(self._s.asker(update)))


def number(text: str) -> int | None:
    """A row's id out of a button's data, which anybody may forge."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _place(message: Message) -> Place:
    thread = message.message_thread_id if message.is_topic_message else None
    return Place(message.chat.id, None, thread)
