"""Bot API, "getMe", "setMyCommands" and the bot's other texts."""

from __future__ import annotations

import re

from bot.sandbox.errors import bad
from bot.sandbox.menus import commands_in, scope_key
from bot.sandbox.methods.call import Call, Methods
from bot.sandbox.model import Json

MAX_COMMANDS = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"[a-z]{2}")


def get_me(call: Call) -> Json:
    """Bot API, "getMe"."""
    return call.world.bot.me()


def _language(call: Call) -> str:
    code = call.params.text("language_code")
    if code and not _LANGUAGE.fullmatch(code):
        raise bad("invalid language code specified")
    return code


def _place(call: Call) -> tuple[str, str]:
    return scope_key(call.world, call.params.object("scope")), _language(call)


def set_my_commands(call: Call) -> bool:
    """Bot API, "setMyCommands": at most 100, per scope and language."""
    given = call.params.json("commands", "can't parse commands JSON object")
    if given is None:
        raise bad("can't parse commands JSON object")
    if not isinstance(given, list):
        raise bad("expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    place = _place(call)
    call.world.bot.commands[place] = [_command(one) for one in given]
    if not given:
        call.world.bot.commands.pop(place)
    call.world.events.tell("commands")
    return True


def _command(given: object) -> Json:
    """Bot API, "BotCommand" (10.2: is_ephemeral)."""
    if not isinstance(given, dict):
        raise bad("can't parse BotCommand: expected an Object")
    for name in ("command", "description"):
        if not isinstance(given.get(name), str):
            raise bad(f"can't parse BotCommand: Can't find field \"{name}\"")
    command, description = (
        given["command"].removeprefix("/"),
        given["description"].strip(),
    )
    if len(command) > 32:
        raise bad("command length must not exceed 32")
    if not _COMMAND.fullmatch(command):
        raise bad("BOT_COMMAND_INVALID")
    if not description:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    if len(description) > 256:
        raise bad("command description length must not exceed 256")
    kept: Json = {"command": command, "description": description}
    return kept | ({"is_ephemeral": True} if given.get("is_ephemeral") else {})


def get_my_commands(call: Call) -> list[Json]:
    """Bot API, "getMyCommands"."""
    return commands_in(call.world.bot, _place(call))


def delete_my_commands(call: Call) -> bool:
    """Bot API, "deleteMyCommands"."""
    call.world.bot.commands.pop(_place(call), None)
    call.world.events.tell("commands")
    return True


def _set_text(call: Call, texts: dict[str, str], field: str, most: int, error: str) -> bool:
    text, language = call.params.text(field), _language(call)
    if len(text) > most:
        raise bad(error)
    texts[language] = text
    if not text:
        del texts[language]
    return True


def _get_text(call: Call, texts: dict[str, str], field: str) -> Json:
    return {field: texts.get(_language(call), texts.get("", ""))}


def set_my_name(call: Call) -> bool:
    """Bot API, "setMyName": 0-64."""
    return _set_text(call, call.world.bot.names, "name", 64, "BOT_TITLE_INVALID")


def get_my_name(call: Call) -> Json:
    """Bot API, "getMyName"."""
    shown = _get_text(call, call.world.bot.names, "name")
    return shown if shown["name"] else {"name": call.me.first_name}


def set_my_description(call: Call) -> bool:
    """Bot API, "setMyDescription": 0-512."""
    texts = call.world.bot.descriptions
    return _set_text(call, texts, "description", 512, "DESCRIPTION_INVALID")


def get_my_description(call: Call) -> Json:
    """Bot API, "getMyDescription"."""
    return _get_text(call, call.world.bot.descriptions, "description")


def set_my_short_description(call: Call) -> bool:
    """Bot API, "setMyShortDescription": 0-120."""
    texts = call.world.bot.short_descriptions
    return _set_text(call, texts, "short_description", 120, "ABOUT_INVALID")


def get_my_short_description(call: Call) -> Json:
    """Bot API, "getMyShortDescription"."""
    return _get_text(call, call.world.bot.short_descriptions, "short_description")


def set_chat_menu_button(call: Call) -> bool:
    """Bot API, "setChatMenuButton"."""
    given = call.params.object("menu_button", "can't parse menu button JSON object")
    button = given or {"type": "default"}
    if button.get("type") not in ("commands", "web_app", "default"):
        raise bad("can't parse menu button: MenuButton has unsupported type")
    call.world.bot.menu_buttons[call.params.number("chat_id")] = button
    return True


def get_chat_menu_button(call: Call) -> Json:
    """Bot API, "getChatMenuButton"."""
    buttons = call.world.bot.menu_buttons
    chosen = buttons.get(call.params.number("chat_id")) or buttons.get(0)
    return chosen or {"type": "commands"}


METHODS: Methods = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    "setMyName": set_my_name,
    "getMyName": get_my_name,
    "setMyDescription": set_my_description,
    "getMyDescription": get_my_description,
    "setMyShortDescription": set_my_short_description,
    "getMyShortDescription": get_my_short_description,
    "setChatMenuButton": set_chat_menu_button,
    "getChatMenuButton": get_chat_menu_button,
}
