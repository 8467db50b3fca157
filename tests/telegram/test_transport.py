"""The aiohttp transport keeps python-telegram-bot's contract: results, errors, uploads, timeouts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut

from bot.sandbox import (
    DEFAULT_TOKEN,
    Fault,
    Faults,
    Limits,
    World,
    create_app,
    default_bot,
    populate,
    start,
)
from bot.telegram.request import AiohttpRequest, NothingSent

LINH = 7_000_100_001


@pytest.fixture
async def server() -> AsyncIterator[tuple[World, Faults, str]]:
    world, faults = populate(World(default_bot())), Faults()
    world.users[LINH].started = True
    runner, address = await start(create_app(world, limits=Limits(world.clock.mono), faults=faults))
    yield world, faults, address
    await runner.cleanup()


def client(address: str, token: str = DEFAULT_TOKEN, **timeouts: float) -> Bot:
    return Bot(
        token, base_url=f"{address}/bot", base_file_url=f"{address}/file/bot",
        request=AiohttpRequest(4, **timeouts), get_updates_request=AiohttpRequest(1),
    )  # fmt: skip


async def test_a_message_and_a_file_go_and_come_back(server: tuple[World, Faults, str]) -> None:
    async with client(server[2]) as bot:
        sent = await bot.send_message(LINH, "xin chào <b>&</b> 🚤 اردو")
        assert sent.text == "xin chào <b>&</b> 🚤 اردو"
        document = await bot.send_document(
            LINH, BytesIO(b"a,b\n1,2\n"), filename="data.csv", caption="số liệu"
        )
        assert document.document is not None and document.caption == "số liệu"
        file = await bot.get_file(document.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("kind", "error"),
    [("500", NetworkError), ("429", RetryAfter), ("garbage", Exception), ("drop", NetworkError)],
)
async def test_faults_become_the_librarys_errors(
    server: tuple[World, Faults, str], kind: str, error: type[Exception]
) -> None:
    _, faults, address = server
    async with client(address) as bot:
        faults.add(Fault("sendmessage", kind, 1, 2.0))
        with pytest.raises(error) as caught:
            await bot.send_message(LINH, "hello")
        assert DEFAULT_TOKEN not in str(caught.value) + repr(caught.value)


async def test_refusals_keep_telegrams_words(server: tuple[World, Faults, str]) -> None:
    async with client(server[2]) as bot:
        with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
            await bot.send_message(1, "hello")
        with pytest.raises(BadRequest, match="text is empty"):
            await bot.send_message(LINH, "")
        server[0].users[LINH].blocked = True
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(LINH, "hello")


async def test_a_wrong_token_is_refused(server: tuple[World, Faults, str]) -> None:
    bot = client(server[2], "123456:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


async def test_a_slow_answer_times_out(server: tuple[World, Faults, str]) -> None:
    _, faults, address = server
    async with client(address, read_timeout=0.2) as bot:
        faults.add(Fault("sendmessage", "delay", 1, 3.0))
        with pytest.raises(TimedOut):
            await bot.send_message(LINH, "hello")


async def test_no_connection_means_that_nothing_was_sent() -> None:
    bot = client("http://127.0.0.1:9", connect_timeout=1.0)
    with pytest.raises(NothingSent) as caught:
        await bot.initialize()
    assert DEFAULT_TOKEN not in str(caught.value)
    await bot.shutdown()


async def test_a_server_that_speaks_nonsense_is_a_network_error() -> None:
    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<html>bad gateway</html>")

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", nonsense)
    runner, address = await start(app)
    bot = client(address)
    with pytest.raises(NetworkError):
        await bot.initialize()
    await bot.shutdown()
    await runner.cleanup()
