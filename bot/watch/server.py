"""/healthz, /readyz and /metrics on a port of their own, on this machine alone by default."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiohttp import web

from bot.watch.health import Health
from bot.watch.metrics import Metrics

log = logging.getLogger(__name__)
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def watch_app(
    health: Health, metrics: Metrics, more: Sequence[web.RouteDef] = ()
) -> web.Application:
    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def ready(_: web.Request) -> web.Response:
        problems = health.problems()
        return web.Response(
            status=503 if problems else 200, text="\n".join(problems or ["ready"]) + "\n"
        )

    async def counted(_: web.Request) -> web.Response:
        return web.Response(body=metrics.text(), headers={"Content-Type": _PROMETHEUS})

    app = web.Application(client_max_size=1024)
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", counted)
    app.router.add_routes(more)
    return app


async def serve_watch(
    health: Health, metrics: Metrics, host: str, port: int, more: Sequence[web.RouteDef] = ()
) -> web.AppRunner | None:
    """The runner to clean up; None when the port is taken: the bot works unwatched then."""
    runner = web.AppRunner(watch_app(health, metrics, more), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        log.error("nobody can watch: %s port %s cannot be used (%s)", host, port, error.strerror)
        await runner.cleanup()
        return None
    log.info("health and metrics on http://%s:%s", host, runner.addresses[0][1])
    return runner
