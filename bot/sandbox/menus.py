"""Bot API, "BotCommandScope": which list of commands a person sees in a chat."""

from __future__ import annotations

from bot.sandbox.errors import bad
from bot.sandbox.model import Bot, Chat, Json, User
from bot.sandbox.params import whole
from bot.sandbox.world import World

PLAIN = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
OF_CHAT = ("chat", "chat_administrators", "chat_member")


def scope_key(world: World, scope: Json | None) -> str:
    """A scope as a key: `chat_member:-100...:7...`."""
    if scope is None:
        return "default"
    kind = scope.get("type")
    if kind in PLAIN:
        return str(kind)
    if kind not in OF_CHAT:
        raise bad("can't parse BotCommandScope: Unsupported type specified")
    chat_id = _chat_id(world, scope.get("chat_id"))
    if kind != "chat_member":
        return f"{kind}:{chat_id}"
    if not whole(scope.get("user_id"), "user_id"):
        raise bad("can't parse BotCommandScope: Invalid user_id specified")
    return f"{kind}:{chat_id}:{whole(scope['user_id'], 'user_id')}"


def _chat_id(world: World, given: object) -> int:
    if given in (None, ""):
        raise bad("can't parse BotCommandScope: Empty chat_id specified")
    if isinstance(given, str) and given.startswith("@"):
        chat = world.by_username(given)
        number = chat.id if chat else 0
    else:
        number = whole(given, "chat_id")
    if number not in world.chats and number not in world.users:
        raise bad("chat not found")
    return number


def commands_in(bot: Bot, place: tuple[str, str]) -> list[Json]:
    """The list that was set for exactly this scope and language."""
    return bot.commands.get(place, [])


def commands_for(world: World, chat: Chat, user: User) -> list[Json]:
    """Bot API, "Determining list of commands": the first scope that has one wins, each with
    the person's language before none."""
    language = user.language_code.split("-")[0]
    for scope in _scopes(chat, user):
        for code in (language, ""):
            if (scope, code) in world.bot.commands:
                return world.bot.commands[scope, code]
    return []


def _scopes(chat: Chat, user: User) -> list[str]:
    if chat.user is not None:
        return [f"chat:{chat.id}", "all_private_chats", "default"]
    member = chat.member(user.id)
    admin = member is not None and member.is_admin
    scopes = [f"chat_member:{chat.id}:{user.id}"]
    scopes += [f"chat_administrators:{chat.id}"] if admin else []
    scopes += [f"chat:{chat.id}"]
    scopes += ["all_chat_administrators"] if admin else []
    return [*scopes, "all_group_chats", "default"]
