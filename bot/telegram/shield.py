"""The scam shield in groups: looks at names and messages where a group has switched it on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from telegram import Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatMemberStatus
from telegram.ext import (
    ApplicationHandlerStop,
    BaseHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.shield import raids
from bot.shield.names import Person, full_name, name_hash
from bot.shield.reports import ReportBook, Suspect
from bot.shield.rules import Evidence, Said, may_act, message_evidence, name_evidence
from bot.shield.store import Guarded, Seen, ShieldStore
from bot.shield.words import ShieldWords
from bot.telegram import shield_views as views
from bot.telegram.sender import Place
from bot.telegram.services import NOT_PEOPLE, Services, place_of
from bot.telegram.shield_acts import GroupOfficials
from bot.telegram.shield_desk import ShieldDesk
from bot.understanding.normalise import fold, normalise

Ctx = ContextTypes.DEFAULT_TYPE
_PRESENT = (ChatMemberStatus.MEMBER, ChatMemberStatus.RESTRICTED)
_ABSENT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)
_ADMINS = (ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.OWNER)
_ASKS = ("q_", "not")


class Shield:
    def __init__(
        self, services: Services, store: ShieldStore, book: ReportBook, desk: ShieldDesk,
        officials: GroupOfficials, words: ShieldWords,
    ) -> None:  # fmt: skip
        self._s = services
        self._store = store
        self._book = book
        self._desk = desk
        self._officials = officials
        self._words = words
        self._joins: dict[int, raids.Pulse] = {}
        self._hits: dict[int, raids.Pulse] = {}

    def handlers(self) -> list[BaseHandler]:  # type: ignore[type-arg]
        """They look on before all others, and leave the message to them."""
        return [
            MessageHandler(
                filters.ChatType.GROUPS & (filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE),
                self.message,
            ),
            ChatMemberHandler(self.membership, ChatMemberHandler.CHAT_MEMBER),
        ]  # fmt: skip

    async def message(self, update: Update, context: Ctx) -> None:
        message = update.effective_message
        assert message is not None
        if message.migrate_to_chat_id:
            self._store.moved(message.chat.id, message.migrate_to_chat_id)
        elif message.migrate_from_chat_id:
            self._store.moved(message.migrate_from_chat_id, message.chat.id)
        guarded = self._store.group(message.chat.id)
        if guarded is None:
            return
        if message.new_chat_members:
            for user in message.new_chat_members:
                await self._joined(message.chat, user, guarded)
            return
        person = writer_of(message)
        if person is None or await self._officials.speaks_for(message.chat.id, person.user_id):
            return
        if await self._looked_at(message, person, guarded):
            raise ApplicationHandlerStop  # deleted: nobody answers it

    async def membership(self, update: Update, context: Ctx) -> None:
        """Who joins is looked at; who becomes or ceases to be an administrator changes the list."""
        change = update.chat_member
        assert change is not None
        was, now = change.old_chat_member, change.new_chat_member
        if was.status in _ADMINS or now.status in _ADMINS:
            self._officials.forget(change.chat.id)
            self._s.group_staff.forget(change.chat.id, now.user.id)
        guarded = self._store.group(change.chat.id)
        if guarded is None or now.status not in _PRESENT or now.user.is_bot:
            return
        if was.status in _ABSENT:
            await self._joined(change.chat, now.user, guarded)
        else:
            await self._renamed(change.chat, _person(now.user), guarded)

    # People

    async def _joined(self, chat: Chat, user: User, guarded: Guarded) -> None:
        """Told of twice in small groups: by the member's change and by a service message."""
        person = _person(user)
        known = self._store.seen(chat.id, person.user_id)
        now = self._s.clock.now()
        if user.is_bot or (known and known.standing.joined and (now - known.standing.first_seen).total_seconds() < 5):  # fmt: skip
            return
        fresh = self._store.fresh(name_hash(person.name, person.username), joined=True)
        if known and known.standing.trusted:
            fresh = replace(fresh, standing=replace(fresh.standing, trusted=True))
        self._raid_of_joins(chat.id)
        evidence = await self._name_evidence(chat, person)
        if evidence:
            await self._report(chat, person, [evidence], fresh, guarded, None)
        self._store.note(chat.id, person.user_id, fresh)

    async def _renamed(self, chat: Chat, person: Person, guarded: Guarded) -> None:
        seen, evidence = await self._name_of(chat, person)
        if evidence:
            await self._report(chat, person, [evidence], seen, guarded, None)
        self._store.note(chat.id, person.user_id, seen)

    async def _name_of(self, chat: Chat, person: Person) -> tuple[Seen, Evidence | None]:
        """What is known of a person; and what a name not looked at before claims.

        The name counts as looked at (`note`) only when it is reported: a kill in between must
        not hide it.
        """
        wanted = name_hash(person.name, person.username)
        known = self._store.seen(chat.id, person.user_id)
        if known and known.name_hash == wanted:
            return known, None
        seen = (
            replace(known, name_hash=wanted) if known else self._store.fresh(wanted, joined=False)
        )
        return seen, await self._name_evidence(chat, person)

    async def _name_evidence(self, chat: Chat, person: Person) -> Evidence | None:
        staff = [one.person for one in await self._officials.of(chat.id)]
        if person.user_id in self._s.owners:
            return None
        evidence = name_evidence(person, staff, chat.title or "", self._words)
        wanted = name_hash(person.name, person.username)
        if evidence and self._store.cleared(chat.id, person.user_id, wanted):
            return None
        return evidence

    # Messages

    async def _looked_at(self, message: Message, person: Person, guarded: Guarded) -> bool:
        """Whether the message was deleted."""
        officials = await self._officials.of(message.chat.id)
        if person.user_id in self._s.owners or any(
            one.person.user_id == person.user_id for one in officials
        ):
            return False
        seen, by_name = await self._name_of(message.chat, person)
        said = _said(message)
        found = message_evidence(
            said,
            seen.standing,
            self._store.links,
            self._words,
            self._s.clock.now(),
            guarded.on_since,
        )
        evidence = [*([by_name] if by_name else []), *found]
        deleted = bool(evidence) and await self._report(
            message.chat, person, evidence, seen, guarded, message
        )
        now_known = replace(seen, standing=replace(seen.standing, spoke=True))
        if now_known != self._store.seen(message.chat.id, person.user_id):
            self._store.note(message.chat.id, person.user_id, now_known)
        if evidence:
            return deleted
        if person.user_id > 0 and message.edit_date is None:
            await self._warn(message, said.text)
        return False

    async def _report(
        self, chat: Chat, person: Person, evidence: Sequence[Evidence], seen: Seen,
        guarded: Guarded, message: Message | None,
    ) -> bool:  # fmt: skip
        """Reports, acts where the group lets it, and gathers a raid. Whether it was deleted."""
        self._s.groups.join(chat.id, chat.title or "")
        suspect = Suspect(chat.id, person.user_id, person.name, person.username, seen.name_hash)
        raid = None if self._book.open_of(suspect) else self._raid_of_hits(chat.id)
        text = (message.text or message.caption or "") if message else ""
        number = message.message_id if message else None
        report, new = self._book.add(suspect, evidence, text, number, raid)
        if may_act(guarded.mode, evidence, seen.standing, self._s.clock.now()):
            await self._desk.bar(report, "mute", by_bot=True)
            report = self._book.get(report.id) or report
            self._s.audit.note(None, "shield.act", person.user_id, report=report.id, group=chat.id)
            if report.barred and person.user_id > 0:
                await self._tell_muted(chat.id, person.user_id, report.id)
        if raid is None and new:
            await self._desk.show(report)
        return report.deleted

    async def _tell_muted(self, chat_id: int, user_id: int, report_id: int) -> None:
        view = views.muted(self._desk.words(user_id), report_id)
        await self._s.sender.send_privately(Place(chat_id), user_id, view.html, view.keyboard)

    # Raids

    def _raid_of_joins(self, chat_id: int) -> None:
        raid = self._book.raids.of(chat_id)
        pulse = self._joins.setdefault(chat_id, raids.Pulse(raids.JOINS))
        many = pulse.beat(time.monotonic())
        if raid:
            self._book.raids.more(raid, joins=1)
        elif many:
            self._book.raids.begin(chat_id, raids.JOINS)

    def _raid_of_hits(self, chat_id: int) -> int | None:
        raid = self._book.raids.of(chat_id)
        pulse = self._hits.setdefault(chat_id, raids.Pulse(raids.HITS))
        many = pulse.beat(time.monotonic())
        if raid:
            self._book.raids.more(raid)
        elif many:
            raid = self._book.raids.begin(chat_id, 0)
        return raid

    # The moment of risk

    async def _warn(self, message: Message, text: str) -> None:
        """Who asks for help in public is who impostors write to: told so, privately."""
        user = message.from_user
        if user is None or len(text) < 6 or text.startswith("/"):
            return
        folded = fold(normalise(text))
        concepts = self._s.answers.understanding.reader.concepts.find(folded)
        asks = "?" in folded or any(one.startswith(_ASKS) for one in concepts)
        if (
            not asks
            or not self._words.help_concepts & set(concepts)
            or not self._store.warn(user.id)
        ):
            return
        t = self._desk.words(user.id)
        html = views.warning(t)
        place = place_of(message)
        if await self._s.sender.send_privately(place, user.id, html):
            return
        if self._s.members.get(user.id).started:
            await self._s.sender.send(Place(user.id), html)


def _person(user: User) -> Person:
    return Person(user.id, full_name(user.first_name, user.last_name), user.username or "")


def writer_of(message: Message) -> Person | None:
    """Who wrote, if it can be a stranger: not the group itself, its linked channel, or a bot.

    A channel that writes in a group shares one account with all others: it goes by its own id.
    """
    if message.is_automatic_forward or message.left_chat_member is not None:
        return None
    channel = message.sender_chat
    if channel is not None:
        if channel.id == message.chat.id:
            return None
        return Person(channel.id, channel.title or "", channel.username or "")
    user = message.from_user
    if user is None or user.is_bot or user.id in NOT_PEOPLE:
        return None
    return _person(user)


def _said(message: Message) -> Said:
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities
    hidden = [e.url for e in entities if e.type == MessageEntity.TEXT_LINK and e.url]
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    hidden += [button.url for row in rows for button in row if button.url]
    linked = any(e.type in (MessageEntity.URL, MessageEntity.TEXT_LINK) for e in entities)
    return Said(text, hidden, linked or bool(hidden))
