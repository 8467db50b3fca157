"""The local Bot API server (Bot API, "Making requests") and the chat page, on one aiohttp app."""

from __future__ import annotations

import asyncio
import inspect
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web

from bot.sandbox.control import add_routes
from bot.sandbox.errors import ApiError, too_many
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.limits import Limits
from bot.sandbox.methods import METHODS, Call, Handler, Raw
from bot.sandbox.params import Params, Upload
from bot.sandbox.webhook import Webhook
from bot.sandbox.world import World

MAX_BODY = 60 * 1024 * 1024
JSON_TYPE = {"Content-Type": "application/json"}
NOT_FOUND = ApiError(404, "Not Found")
UNAUTHORIZED = ApiError(401, "Unauthorized")
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Api:
    """What answers calls: the world, its limits, webhook and faults."""

    world: World
    limits: Limits
    webhook: Webhook
    faults: Faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call, whatever it is; every refusal has Telegram's shape."""
        method = request.match_info["method"].lower()
        try:
            handler = self._handler(request.match_info["token"], method)
            params = await read_params(request)
            self.world.calls[method] = self.world.calls.get(method, 0) + 1
            fault = self.faults.next(method)
            if fault is None:
                return answer(await self._run(handler, params))
            return await self._run_faulty(request, handler, params, fault)
        except ApiError as error:
            return refusal(error)

    def _handler(self, token: str, method: str) -> Handler:
        if token != self.world.bot.token or self.world.bot.logged_out:
            raise UNAUTHORIZED
        handler = METHODS.get(method)
        if handler is None:
            raise NOT_FOUND
        return handler

    async def _run(self, handler: Handler, params: Params) -> Any:
        result = handler(Call(self.world, self.limits, self.webhook, params))
        return await result if inspect.isawaitable(result) else result

    async def _run_faulty(
        self, request: web.Request, handler: Handler, params: Params, fault: Fault
    ) -> web.StreamResponse:
        if fault.kind in ("500", "502"):
            raise ApiError(
                int(fault.kind),
                "Internal Server Error" if fault.kind == "500" else "Bad Gateway",
            )
        if fault.kind == "429":
            raise too_many(max(1, round(fault.seconds)))
        if fault.kind == "drop_before":
            return dropped(request)
        if fault.kind == "hang":
            await asyncio.Event().wait()  # until the connection ends
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        result = await self._run(handler, params)
        if fault.kind == "drop":
            return dropped(request)
        if fault.kind == "garbage":
            return web.Response(text="<html><body>upstream hiccup</body></html>")
        return answer(result)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Bot API, "getFile": the file itself."""
        if request.match_info["token"] != self.world.bot.token:
            return refusal(UNAUTHORIZED)
        file = self.world.files.get(request.match_info["path"].rsplit("/", 1)[-1])
        if file is None:
            return refusal(NOT_FOUND)
        return web.Response(body=file.data, content_type=file.mime)


def answer(result: Any) -> web.Response:
    """`{"ok": true, "result": ...}`."""
    data = result.data if isinstance(result, Raw) else _dumps(result).encode("utf-8", "replace")
    return web.Response(body=b'{"ok":true,"result":' + data + b"}", headers=JSON_TYPE)


def refusal(error: ApiError) -> web.Response:
    """`{"ok": false, "error_code": ..., "description": ...}` with the code as the status."""
    body = _dumps(error.body()).encode("utf-8", "replace")
    headers = dict(JSON_TYPE)
    if "retry_after" in error.parameters:
        headers["Retry-After"] = str(error.parameters["retry_after"])
    return web.Response(status=error.code, body=body, headers=headers)


def dropped(request: web.Request) -> web.Response:
    """Cut the connection as a broken network does."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def read_params(request: web.Request) -> Params:
    """Parameters of all four kinds, the body's over the query string's."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    kind = request.content_type
    if not request.can_read_body:
        return Params(values)
    if kind == "multipart/form-data":
        return await _multipart(request, values)
    body = await request.read()
    if kind == "application/json":
        return Params(values | _json_body(body))
    values.update(_form(body.decode("utf-8", "replace")))
    return Params(values)


def _form(body: str) -> dict[str, str]:
    """A urlencoded form; most values have nothing to decode, which is worth asking first."""
    values: dict[str, str] = {}
    for pair in body.split("&"):
        name, _, value = pair.partition("=")
        values[name] = unquote_plus(value) if "%" in value or "+" in value else value
    return values


def _json_body(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body) if body.strip() else {}
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise ApiError(400, "Bad Request: can't parse JSON object")
    return given


async def _multipart(request: web.Request, values: dict[str, Any]) -> Params:
    params = Params(values)
    for name, part in (await request.post()).items():
        if isinstance(part, web.FileField):
            kind = part.content_type
            params.uploads[name] = Upload(part.filename, kind, part.file.read())
        else:
            values[name] = part.decode() if isinstance(part, bytes | bytearray) else part
    return params


def create_app(
    world: World,
    *,
    limits: Limits | None = None,
    faults: Faults | None = None,
    retry_webhook_after: float = 1.0,
) -> web.Application:
    """The application: /bot<token>/<method>, /file/bot<token>/<path>, /sandbox/... and the page."""
    webhook = Webhook(world.updates, world.clock, retry_after=retry_webhook_after)
    api = Api(world, limits or Limits(world.clock.mono), webhook, faults or Faults())
    app = web.Application(client_max_size=MAX_BODY)
    app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]*}", api.handle)
    app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", api.download)
    add_routes(app, world, api.limits, api.faults)

    async def stop(_: web.Application) -> None:
        webhook.stop()

    app.on_shutdown.append(stop)
    return app


async def start(
    app: web.Application, host: str = "127.0.0.1", port: int = 0
) -> tuple[web.AppRunner, str]:
    """Serve `app`; the runner to clean up, and the address, such as http://127.0.0.1:8081."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    bound = runner.addresses[0][1]
    return runner, f"http://{host}:{bound}"
