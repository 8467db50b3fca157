"""Bot API, "Getting updates": long polling and webhooks, and leaving the server."""

from __future__ import annotations

import re

from bot.sandbox.errors import WEBHOOK_ACTIVE, ApiError, bad
from bot.sandbox.methods.call import Call, Methods, Raw
from bot.sandbox.model import Json

MAX_TIMEOUT = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]*")


def _allow(call: Call) -> None:
    given = call.params.json("allowed_updates")
    if isinstance(given, list):
        call.world.updates.allow([str(kind) for kind in given])


async def get_updates(call: Call) -> Raw:
    """Bot API, "getUpdates"."""
    if call.webhook.url:
        raise ApiError(409, WEBHOOK_ACTIVE)
    params = call.params
    limit = params.number("limit", 100)
    limit = limit if 1 <= limit <= 100 else 100
    timeout = min(max(0, params.number("timeout")), MAX_TIMEOUT)
    _allow(call)
    found = await call.world.updates.poll(params.number("offset"), limit, timeout)
    return Raw(b"[" + b",".join(found) + b"]")


def set_webhook(call: Call) -> bool:
    """Bot API, "setWebhook". The sandbox posts to loopback only, so plain http will do."""
    url, token = call.params.text("url"), call.params.text("secret_token")
    _allow(call)
    if len(token) > 256:
        raise bad("secret token is too long")
    if not _TOKEN.fullmatch(token):
        raise bad("secret token contains unallowed characters")
    if call.params.flag("drop_pending_updates"):
        call.world.updates.clear()
    if url:
        call.world.updates.end_poll("Conflict: terminated by setWebhook request")
    call.webhook.set(url, token, call.params.number("max_connections", 40))
    return True


def delete_webhook(call: Call) -> bool:
    """Bot API, "deleteWebhook"."""
    if call.params.flag("drop_pending_updates"):
        call.world.updates.clear()
    call.webhook.set("", "", 0)
    return True


def get_webhook_info(call: Call) -> Json:
    """Bot API, "getWebhookInfo"."""
    info = call.webhook.info() | {"pending_update_count": len(call.world.updates)}
    if call.world.updates.allowed_named:
        info["allowed_updates"] = call.world.updates.allowed_named
    return info


def log_out(call: Call) -> bool:
    """Bot API, "logOut": the token is refused from then on (POST /sandbox/bot brings it back)."""
    call.world.bot.logged_out = True
    call.world.updates.end_poll("Conflict: terminated by other getUpdates request")
    return True


def close(call: Call) -> bool:
    """Bot API, "close"."""
    call.world.updates.end_poll("Conflict: terminated by other getUpdates request")
    return True


METHODS: Methods = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "logOut": log_out,
    "close": close,
}
