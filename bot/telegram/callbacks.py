"""The one codec of button data: typed actions <-> 1 to 64 bytes (Bot API, callback_data)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from bot.answers.model import AskPerson, ChooseCountry, ReportOutdated, ShowTopic, Vote
from bot.knowledge.editing import Field, as_field
from bot.knowledge.model import COUNTRIES, LANGUAGES, Standing, Status, Topic
from bot.members.store import NOTIFICATIONS

MAX_BYTES = 64
Menu = Literal["main", "help", "settings", "language", "country", "notify", "privacy"]
_MENUS: tuple[str, ...] = get_args(Menu)


@dataclass(frozen=True)
class OpenMenu:
    menu: Menu


@dataclass(frozen=True)
class SetLanguage:
    language: str | None
    """None: follow what the member writes."""


@dataclass(frozen=True)
class SetCountry:
    country: str | None


@dataclass(frozen=True)
class ToggleNotify:
    kind: str


@dataclass(frozen=True)
class ExportData:
    pass


@dataclass(frozen=True)
class EraseData:
    confirmed: bool


# Facts are named by `fact_key`: their ids alone may fill the 64 bytes.


@dataclass(frozen=True)
class OpenFact:
    key: str


@dataclass(frozen=True)
class EditFact:
    key: str
    field: Field


@dataclass(frozen=True)
class ChooseStatus:
    key: str
    status: str
    """A Status or a Standing."""


@dataclass(frozen=True)
class VerifyFact:
    key: str


@dataclass(frozen=True)
class SaveFact:
    key: str
    seal: str
    """Of the preview that the button stands under."""


@dataclass(frozen=True)
class LeaveFact:
    key: str


@dataclass(frozen=True)
class UndoFact:
    key: str
    revision: int
    """0: show what would be taken back."""


@dataclass(frozen=True)
class ListStale:
    country: str | None
    page: int


@dataclass(frozen=True)
class RoomAction:
    """A button of a feature that has many: it checks `verb` and `args` itself, as outside input."""

    room: str
    verb: str
    args: tuple[str, ...] = ()


FactAction = OpenFact | EditFact | ChooseStatus | VerifyFact | SaveFact | LeaveFact | UndoFact
Action = (
    ShowTopic | ChooseCountry | Vote | AskPerson | ReportOutdated | OpenMenu | SetLanguage
    | SetCountry | ToggleNotify | ExportData | EraseData
    | FactAction | ListStale | RoomAction
)  # fmt: skip


def encode(action: Action) -> str:
    """Raises ValueError for an action that does not fit: a mistake of ours, never of a member."""
    parts = _parts(action)
    data = "|".join(parts)
    if not 1 <= len(data.encode()) <= MAX_BYTES:
        raise ValueError(f"callback data of {len(data.encode())} bytes: {data!r}")
    return data


def _parts(action: Action) -> list[str]:
    match action:
        case ShowTopic(topic, country, platform):
            return ["t", topic.value, country or "", platform or ""]
        case ChooseCountry(topic, platform):
            return ["c", topic.value, platform or ""]
        case Vote(answer_id, up):
            return ["v", str(answer_id), "1" if up else "0"]
        case AskPerson(answer_id):
            return ["p", str(answer_id)]
        case ReportOutdated(answer_id):
            return ["o", str(answer_id)]
        case OpenMenu(menu):
            return ["m", menu]
        case SetLanguage(language):
            return ["l", language or ""]
        case SetCountry(country):
            return ["k", country or ""]
        case ToggleNotify(kind):
            return ["n", kind]
        case ExportData():
            return ["x"]
        case EraseData(confirmed):
            return ["e", "1" if confirmed else "0"]
        case OpenFact(key):
            return ["fo", key]
        case EditFact(key, field):
            return ["fe", key, field]
        case ChooseStatus(key, status):
            return ["fs", key, status]
        case VerifyFact(key):
            return ["fv", key]
        case SaveFact(key, seal):
            return ["fw", key, seal]
        case LeaveFact(key):
            return ["fl", key]
        case UndoFact(key, revision):
            return ["fu", key, str(revision)]
        case ListStale(country, page):
            return ["fp", country or "", str(page)]
        case RoomAction(room, verb, args):
            return [f"{room}.{verb}", *args]


def decode(data: object) -> Action | None:
    """The action, or None for anything that this bot would not have written."""
    if not isinstance(data, str) or len(data.encode("utf-8", "replace")) > MAX_BYTES:
        return None
    kind, *rest = data.split("|")
    room, dot, verb = kind.partition(".")
    if dot:
        return RoomAction(room, verb, tuple(rest))
    try:
        return _decode(kind, rest)
    except (ValueError, IndexError, KeyError):
        return None


def _decode(kind: str, rest: list[str]) -> Action | None:
    simple: dict[str, Action] = {"x": ExportData()}
    match kind, rest:
        case "t", [topic, country, platform]:
            return ShowTopic(Topic(topic), _country(country), _platform(platform))
        case "c", [topic, platform]:
            return ChooseCountry(Topic(topic), _platform(platform))
        case "v", [number, up]:
            return Vote(_number(number), _flag(up))
        case "p", [number]:
            return AskPerson(_number(number))
        case "o", [number]:
            return ReportOutdated(_number(number))
        case "m", [menu] if menu in _MENUS:
            return OpenMenu(menu)  # type: ignore[arg-type]
        case "l", [language]:
            return SetLanguage(_language(language))
        case "k", [country]:
            return SetCountry(_country(country))
        case "n", [name] if name in NOTIFICATIONS:
            return ToggleNotify(name)
        case "e", [confirmed]:
            return EraseData(_flag(confirmed))
        case "fp", [country, page]:
            return ListStale(_country(country), _number(page))
        case name, []:
            return simple[name]
        case name, [key, *more]:
            return _decode_fact(name, _hex(key, 10), more)
    return None


def _decode_fact(kind: str, key: str, rest: list[str]) -> FactAction | None:
    match kind, rest:
        case "fo", []:
            return OpenFact(key)
        case "fe", [field]:
            return EditFact(key, as_field(field))
        case "fs", [status] if status in {*Status, *Standing}:
            return ChooseStatus(key, status)
        case "fv", []:
            return VerifyFact(key)
        case "fw", [seal]:
            return SaveFact(key, _hex(seal, 8))
        case "fl", []:
            return LeaveFact(key)
        case "fu", [revision]:
            return UndoFact(key, _number(revision))
    return None


def _hex(text: str, length: int) -> str:
    if not re.fullmatch(rf"[0-9a-f]{{{length}}}", text):
        raise ValueError(text)
    return text


def _country(text: str) -> str | None:
    if text and text not in COUNTRIES:
        raise ValueError(text)
    return text or None


def _language(text: str) -> str | None:
    if text and text not in LANGUAGES:
        raise ValueError(text)
    return text or None


def _platform(text: str) -> str | None:
    if text and not all(c.isascii() and (c.isalnum() or c in ".-_") for c in text):
        raise ValueError(text)
    return text or None


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(text)
    return text == "1"
