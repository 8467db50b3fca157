"""python-telegram-bot's transport on aiohttp: three times the default's throughput.

The default (httpx) gets slower as concurrency grows; see docs/performance.md.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot import jsons
from bot.journal import leaving

_Timeout = Any  # python-telegram-bot's ODVInput[float]: a number, None, or its DEFAULT_NONE


class NothingSent(NetworkError):
    """The request was not written to any connection, so it cannot have been carried out."""


class _Body(aiohttp.BytesPayload):
    """Knows whether it was written: until then the server cannot have carried out the call.

    Between a call and that moment lie the wait for a free connection, the address and the TLS
    handshake: what is noted as "may be out" (`leaving`) is noted after all of them.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content, content_type="application/json")
        self.written = False
        self.refusal: Exception | None = None
        """Why `leaving` did not let it go."""
        self._recalled = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        before = leaving.get()
        if before:
            try:
                await before()
            except Exception as error:
                self.refusal = error
                raise
        if self._recalled or writer.transport is None or writer.transport.is_closing():
            raise ConnectionResetError("the connection is gone")
        self.written = True
        await super().write_with_length(writer, content_length)

    def recall(self) -> bool:
        """From now on it is not written any more. False when it was already."""
        self._recalled = True
        return not self.written


class AiohttpRequest(BaseRequest):
    """Timeouts are in seconds; `connections` bounds what is under way at once."""

    def __init__(
        self, connections: int = 64, *, read_timeout: float = 20.0, write_timeout: float = 60.0,
        connect_timeout: float = 10.0, pool_timeout: float = 30.0, proxy: str | None = None,
    ) -> None:  # fmt: skip
        self.watch: Callable[[str, int, float], None] | None = None
        """Told of each call: method, HTTP status (0: none came), seconds."""
        self._connections = connections
        self._read = read_timeout
        self._write = write_timeout
        self._connect = connect_timeout
        self._pool = pool_timeout
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None
        default = BaseRequest.DEFAULT_NONE
        self._usual = self._timeout(default, 0.0, default, default)

    @property
    def read_timeout(self) -> float | None:
        return self._read

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Raises TelegramError for what is not JSON, as python-telegram-bot's own does."""
        try:
            return jsons.loads(payload)
        except ValueError as error:
            raise TelegramError("Invalid server response") from error

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(
                connector=connector, headers={"User-Agent": self.USER_AGENT}, auto_decompress=True
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None,
        read_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        write_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        connect_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
        pool_timeout: _Timeout = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Raises TimedOut, NothingSent or NetworkError; their texts never hold the URL."""
        if self._session is None:
            raise RuntimeError("this request is not initialized")
        uploads = request_data is not None and request_data.contains_files
        before = leaving.get()
        if uploads and before:
            await before()
        timeout = self._timeout(
            read_timeout, write_timeout if uploads else 0.0, connect_timeout, pool_timeout
        )
        return await self._exchange(method, url, _body(request_data), timeout)

    async def post_json(self, url: str, body: bytes) -> tuple[int, bytes]:
        """One call with its parameters as JSON already; raises what do_request raises."""
        return await self._exchange("POST", url, body, self._usual)

    async def call(self, url: str, values: dict[str, Any]) -> Any:
        """One method with plain parameters, its result as it came; raises what `post` raises."""
        status, answer = await self.post_json(url, jsons.dumps(values))
        if status == 200:
            return self.parse_json_payload(answer)["result"]
        return await _Refused(status, answer).post(url)

    async def _exchange(
        self, method: str, url: str, body: aiohttp.FormData | bytes | None,
        limits: aiohttp.ClientTimeout,
    ) -> tuple[int, bytes]:  # fmt: skip
        assert self._session is not None
        begun, status = monotonic(), 0
        sent = _Body(body) if isinstance(body, bytes) else body
        try:
            async with self._session.request(
                method,
                url,
                data=sent,
                timeout=limits,
                proxy=self._proxy,
            ) as response:
                content = await response.read()
                status = response.status
                return status, content
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise _told(error, sent) from None
        finally:
            if self.watch:
                self.watch(url.rpartition("/")[2], status, monotonic() - begun)

    def _timeout(
        self, read: _Timeout, write: _Timeout, connect: _Timeout, pool: _Timeout
    ) -> aiohttp.ClientTimeout:
        def chosen(given: _Timeout, default: float) -> float | None:
            return default if given is BaseRequest.DEFAULT_NONE else given

        reading, writing = chosen(read, self._read), chosen(write, self._write)
        return aiohttp.ClientTimeout(
            total=None, connect=chosen(pool, self._pool), sock_connect=chosen(connect, self._connect),
            # The socket is not read while a file is written, so an upload's time counts too.
            sock_read=None if reading is None or writing is None else reading + writing,
        )  # fmt: skip


class _Refused(AiohttpRequest):
    """A refusal that has come already: python-telegram-bot makes its own error of it."""

    def __init__(self, status: int, answer: bytes) -> None:
        super().__init__()
        self._came = status, answer

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        return self._came


def _told(error: Exception, sent: aiohttp.FormData | _Body | None) -> Exception:
    """What a failed exchange means, without the URL, which holds the token."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return NothingSent(f"cannot connect: {error.os_error.strerror or 'no address found'}")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return NothingSent("cannot connect: timed out")
    if isinstance(sent, _Body) and sent.recall():
        return NothingSent(f"not sent: {sent.refusal or type(error).__name__}")
    if isinstance(error, TimeoutError):
        return TimedOut()
    return NetworkError(f"connection failed: {type(error).__name__}")


def _body(request_data: RequestData | None) -> aiohttp.FormData | bytes | None:
    """JSON where nothing is uploaded: url-encoding a long text costs ten times as much."""
    if request_data is None:
        return None
    if not request_data.contains_files:
        return jsons.dumps(request_data.parameters)
    form = aiohttp.FormData()
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (request_data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form
