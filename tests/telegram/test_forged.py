"""Presses and links that nobody was offered: every kind that the running bot knows."""

from __future__ import annotations

import ast
import random
import re
import string
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import ROOT
from bot.telegram.buttons import Buttons
from bot.telegram.callbacks import decode
from bot.telegram.deep_links import DeepLinks
from bot.telegram.members import Members
from tests.conftest import Harness
from tests.telegram.house import OLA, SAM, SINGAPORE, changed, contents, failures, quiet

Part = TypeVar("Part")


def part_of(house: Harness, kind: type[Part]) -> Part:
    """The object whose methods the application calls."""
    handlers = [h for group in house.running.application.handlers.values() for h in group]
    inner = [h for handler in handlers for h in getattr(handler, "_handlers", [handler])]
    owners = [getattr(handler.callback, "__self__", None) for handler in inner]
    return next(owner for owner in owners if isinstance(owner, kind))


def rooms(house: Harness) -> list[str]:
    return sorted(part_of(house, Buttons)._rooms)


def prefixes(house: Harness) -> list[str]:
    links: DeepLinks = part_of(house, Members)._links
    return [*links._rooms, "a-"]


SINGLE = ("t", "c", "v", "p", "o", "m", "l", "k", "n", "e", "fo", "fe", "fs", "fv",
          "fw", "fl", "fu", "fp")  # fmt: skip
ARGS = ("", "0", "1", "-1", "999999", "SG", "PH", "XX", "vi", "onramp", "text", str(SAM), str(OLA),
        "-1002000000006", "a1b2c3d4e5", "00000000", "root", "..", "%s", "\u202e", "9" * 18)  # fmt: skip


def verbs() -> list[str]:
    """Every short word in the modules that have buttons: among them all real verbs."""
    found = {"go", "ok", "x"}
    for path in (ROOT / "bot" / "telegram").rglob("*.py"):
        source = path.read_text("utf-8")
        if "RoomAction" in source:
            words = (n.value for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant))
            found |= {w for w in words if isinstance(w, str) and re.fullmatch(r"[a-z_]{1,12}", w)}
    return sorted(found)


def forged(house: Harness, extra: int) -> list[str]:
    """Every verb in every room once, then as many more of all kinds; the same each time."""
    dice, words = random.Random(7), verbs()
    every = [f"{room}.{verb}" for room in [*rooms(house), "xx", ""] for verb in words]
    kinds = every + dice.choices([*SINGLE, *every, *SINGLE * 20], k=extra)
    made = ("|".join([kind, *dice.choices(ARGS, k=dice.randrange(5))]) for kind in kinds)
    return [data for data in made if 1 <= len(data.encode()) <= 64]


def pressed(data: str, user: int, chat: dict[str, Any]) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Sampan"}
    return {
        "callback_query": {
            "id": "77", "from": {"id": user, "is_bot": False, "first_name": "S"}, "data": data,
            "chat_instance": "1",
            "message": {"message_id": 3, "date": 1, "chat": chat, "from": bot, "text": "x"},
        }
    }  # fmt: skip


PRIVATE_CHAT = {"id": SAM, "type": "private", "first_name": "Sam"}
GROUP = {"id": -1_002_000_000_006, "type": "supergroup", "title": SINGAPORE}


def test_every_kind_of_button_has_its_letters_in_the_list() -> None:
    """SINGLE names each kind that the codec reads."""
    source = (ROOT / "bot" / "telegram" / "callbacks.py").read_text("utf-8")
    written = set(re.findall(r'return \["([a-z]+)"', source))
    assert written == set(SINGLE) | {"x"}


@pytest.mark.slow
@pytest.mark.parametrize("chat", [PRIVATE_CHAT, GROUP], ids=["private", "group"])
async def test_forged_presses_change_nothing_and_break_nothing(
    open_house: Harness, chat: dict[str, Any]
) -> None:
    await open_house.people.say("Sam", "/start")
    await open_house.people.say("Sam", "is Binance allowed in the Philippines")
    before = contents(open_house)
    for data in forged(open_house, 1000):
        await open_house.people.act("update", **pressed(data, SAM, chat))
    await quiet(open_house)
    assert failures(open_house) == 0
    assert not changed(open_house, before)


async def test_a_groups_moderator_presses_nothing_of_marketing(open_house: Harness) -> None:
    """Telegram's administrators of a group have no part in what goes to all members."""
    nok = next(u.id for u in open_house.world.users.values() if u.first_name == "Nok")
    await open_house.people.say("Nok", "/start")
    before = contents(open_house)
    for data in forged(open_house, 300):
        await open_house.people.act("update", **pressed(data, nok, GROUP))
    await quiet(open_house)
    assert failures(open_house) == 0
    assert changed(open_house, before) <= {"groups", "shield_groups", "shield_links"}


TAILS = st.one_of(
    st.text(string.ascii_letters + string.digits + "_-", max_size=60),
    st.text(max_size=60),
    st.builds(lambda number, tail: f"{number}-{tail}", st.integers(0, 99), st.text("0123456789abcdef", max_size=16)),
)  # fmt: skip


async def test_forged_deep_links_greet_and_break_nothing(open_house: Harness) -> None:
    await open_house.people.say("Maria", "/start")
    before = contents(open_house)
    sam = {"id": SAM, "is_bot": False, "first_name": "Sam", "language_code": "en"}
    known = prefixes(open_house)
    assert len(known) > 2
    payloads: list[str] = []

    @given(st.sampled_from(["", *known]), TAILS)
    def collect(prefix: str, tail: str) -> None:
        payloads.append(prefix + tail)

    collect()
    for payload in [*payloads, *known]:
        text = f"/start {payload}"
        await open_house.people.act("update", message={
            "message_id": 9, "date": 1, "from": sam, "chat": {**sam, "type": "private"}, "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        })  # fmt: skip
    await quiet(open_house)
    assert failures(open_house) == 0
    assert not changed(open_house, before)


@given(st.text(max_size=70))
def test_button_data_of_any_kind_is_decoded_or_refused(data: str) -> None:
    decode(data)
