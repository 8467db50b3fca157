"""What the handlers share: built once in `wiring`, handed to each by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from telegram import Message, Update

from bot.answers.service import Answers
from bot.answers.store import AnswerStore
from bot.busy import Busy
from bot.clock import Clock
from bot.desk.place import DeskPlace
from bot.desk.roles import Roles
from bot.desk.staff import AuditLog, StaffStore
from bot.desk.store import DeskStore
from bot.dialogues import DialogueStore
from bot.i18n import Languages, Translator, match_language
from bot.journal import Journal
from bot.members.store import GroupStore, MemberStore
from bot.telegram.conversations import Conversations
from bot.telegram.cooldown import Cooldown
from bot.telegram.etiquette import Etiquette
from bot.telegram.group_staff import GroupStaff
from bot.telegram.identities import ANONYMOUS_ADMIN, NOT_PEOPLE, PRIVATE
from bot.telegram.notices import Notices
from bot.telegram.private_links import PrivateLinks
from bot.telegram.profile import StaffMenus
from bot.telegram.sender import Place, Sender
from bot.understanding.question import Asker, Question


@dataclass(frozen=True)
class Services:
    answers: Answers
    answer_store: AnswerStore
    desk: DeskStore
    members: MemberStore
    groups: GroupStore
    languages: Languages
    sender: Sender
    journal: Journal
    busy: Busy
    clock: Clock
    cooldown: Cooldown
    owners: frozenset[int]
    desk_place: DeskPlace
    roles: Roles
    staff: StaffStore
    audit: AuditLog
    dialogues: DialogueStore
    group_staff: GroupStaff
    notices: Notices
    staff_menus: StaffMenus
    etiquette: Etiquette
    private_links: PrivateLinks
    conversations: Conversations = field(default_factory=Conversations)

    def today(self) -> date:
        return self.clock.now().date()

    def asker(self, update: Update, previous: Question | None = None) -> Asker:
        """What is known of who writes, and where."""
        user, chat = update.effective_user, update.effective_chat
        person = user.id if user and user.id not in NOT_PEOPLE else None
        member = self.members.get(person) if person else None
        group = self.groups.get(chat.id) if chat and chat.type != PRIVATE else None
        return Asker(
            telegram_language=match_language(user.language_code) if user else None,
            chosen_language=member.language if member else None,
            country=member.country if member else None,
            group_country=group.country if group else None,
            group_languages=group.languages if group else (),
            previous=previous,
        )

    def translator(self, asker: Asker) -> Translator:
        """For texts that answer a button or a command rather than something written."""
        return self.languages[
            self.languages.choose(
                [asker.chosen_language, asker.telegram_language, *asker.group_languages]
            )
        ]


def place_of(message: Message, *, reply: bool = True) -> Place:
    """Where an answer to a message goes: as a reply in a group, in its topic when it has one.

    A reply in the General topic carries a thread id that is no topic (tdlib/telegram-bot-api
    issue 447): only `is_topic_message` is to be trusted.
    """
    thread = message.message_thread_id if message.is_topic_message else None
    in_group = message.chat.type != PRIVATE
    return Place(message.chat.id, message.message_id if reply and in_group else None, thread)


__all__ = ["ANONYMOUS_ADMIN", "NOT_PEOPLE", "PRIVATE", "Services", "place_of"]
