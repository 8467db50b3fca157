"""The things of the stand-in Telegram, as data (Bot API, "Available types")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ANONYMOUS_ADMIN_ID = 1087968824
CHANNEL_BOT_ID = 136817688
SERVICE_ID = 777000
PRESENT = frozenset({"creator", "administrator", "member"})
ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
    "can_edit_tag",
    "can_react_to_messages",
)


@dataclass(slots=True)
class User:
    """A person or a bot (Bot API, "User"), with what only the chat page shows."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    country: str = ""
    role: str = "member"
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    may_write_until: float = 0.0

    def public(self) -> Json:
        """The object that updates carry."""
        shown: Json = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
        }
        if self.last_name:
            shown["last_name"] = self.last_name
        if self.username:
            shown["username"] = self.username
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown

    @property
    def name(self) -> str:
        """First and last name as people read it."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True)
class Member:
    """A person's standing in a group (Bot API, "ChatMember")."""

    user: User
    status: str = "member"
    anonymous: bool = False
    title: str = ""
    rights: dict[str, bool] = field(default_factory=dict)
    until: int = 0
    was_here: bool = False

    @property
    def present(self) -> bool:
        """Whether the person is in the chat now."""
        inside = self.status in PRESENT
        return inside or (self.status == "restricted" and self.rights.get("is_member", True))

    @property
    def is_admin(self) -> bool:
        """Creator or administrator."""
        return self.status in ("creator", "administrator")

    def can(self, right: str) -> bool:
        """Whether an administrator's right is held."""
        if self.status == "creator":
            return True
        return self.status == "administrator" and self.rights.get(right, True)

    def public(self) -> Json:
        """The ChatMember object of the status."""
        shown: Json = {"user": self.user.public(), "status": self.status}
        if self.is_admin:
            shown["is_anonymous"] = self.anonymous
            if self.title:
                shown["custom_title"] = self.title
        if self.status == "administrator":
            shown["can_be_edited"] = False
            shown.update({right: self.can(right) for right in ADMIN_RIGHTS})
        if self.status == "restricted":
            shown |= {"is_member": self.present, "until_date": self.until}
            shown |= dict.fromkeys(PERMISSIONS, False) | self.rights
        if self.status == "kicked":
            shown["until_date"] = self.until
        return shown


@dataclass(slots=True)
class Topic:
    """A forum topic (Bot API, "ForumTopic")."""

    thread_id: int
    name: str
    icon_color: int = 0x6FB9F0
    closed: bool = False

    def public(self) -> Json:
        """The ForumTopic object."""
        return {
            "message_thread_id": self.thread_id,
            "name": self.name,
            "icon_color": self.icon_color,
        }


@dataclass(slots=True)
class InviteLink:
    """An invite link of a chat (Bot API, "ChatInviteLink")."""

    url: str
    creator: User
    name: str = ""
    expire_date: int = 0
    member_limit: int = 0
    creates_join_request: bool = False
    is_primary: bool = False
    is_revoked: bool = False
    joined: int = 0
    pending: int = 0

    def public(self) -> Json:
        """The ChatInviteLink object."""
        shown: Json = {
            "invite_link": self.url,
            "creator": self.creator.public(),
            "creates_join_request": self.creates_join_request,
            "is_primary": self.is_primary,
            "is_revoked": self.is_revoked,
        }
        optional = {
            "name": self.name,
            "expire_date": self.expire_date,
            "member_limit": self.member_limit,
            "pending_join_request_count": self.pending,
        }
        return shown | {key: value for key, value in optional.items() if value}

    def usable(self, now: float) -> bool:
        """Not revoked, expired or used up."""
        full = self.member_limit and self.joined >= self.member_limit
        return not (self.is_revoked or full or (self.expire_date and now >= self.expire_date))


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat, group, supergroup or channel (Bot API, "Chat")."""

    id: int
    type: str
    title: str = ""
    username: str = ""
    country: str = ""
    is_forum: bool = False
    user: User | None = None
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    ephemeral: dict[int, Message] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    links: dict[str, InviteLink] = field(default_factory=dict)
    requests: dict[int, InviteLink | None] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0
    migrated_to: int = 0
    linked_chat_id: int = 0
    hides_joins: bool = False
    permissions: dict[str, bool] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        """A group of either kind."""
        return self.type in ("group", "supergroup")

    def public(self) -> Json:
        """The short Chat object that messages carry."""
        if self.user is not None:
            user = self.user.public()
            kept = ("id", "first_name", "last_name", "username")
            return {key: user[key] for key in kept if key in user} | {"type": "private"}
        shown: Json = {"id": self.id, "title": self.title, "type": self.type}
        if self.username:
            shown["username"] = self.username
        if self.is_forum:
            shown["is_forum"] = True
        return shown

    def member(self, user_id: int) -> Member | None:
        """The member, whatever the standing."""
        return self.members.get(user_id)

    def has(self, user_id: int) -> bool:
        """Whether the user is in the chat now."""
        if self.user is not None:
            return self.user.id == user_id
        member = self.members.get(user_id)
        return member is not None and member.present


@dataclass(slots=True, eq=False)
class Message:
    """One message: `body` is the Bot API's Message object, the rest is the sandbox's own."""

    chat: Chat
    id: int
    seq: int
    version: int
    sender_id: int
    body: Json
    sent_at: float
    receiver_id: int = 0
    ephemeral_id: int = 0
    inline_id: str = ""
    reply_keyboard: Json | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """An uploaded file (Bot API, "File")."""

    file_id: str
    unique_id: str
    name: str
    mime: str
    data: bytes
    width: int = 0
    height: int = 0


@dataclass(slots=True)
class Bot:
    """The one bot of this world: token, profile, menus."""

    token: str
    user: User
    privacy: bool = True
    inline: bool = True
    guest: bool = True
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)
    logged_out: bool = False

    def me(self) -> Json:
        """What getMe answers (Bot API, "getMe")."""
        return self.user.public() | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": self.inline,
            "supports_guest_queries": self.guest,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
