"""The broadcasts' own way to Telegram, beside the replies': never in their queue."""

from __future__ import annotations

import json
from datetime import timedelta

from telegram import Bot
from telegram.error import NetworkError

from bot.broadcasts.audience import AudienceStore
from bot.broadcasts.delivery import WINDOW, Parts, Watch
from bot.broadcasts.ledger import Ledger
from bot.broadcasts.model import Broadcast, Delivery, Kind, Run
from bot.broadcasts.outcome import Came, Outcome
from bot.broadcasts.pacer import Pacer
from bot.broadcasts.packet import Compose, Gate, Held, Packet, pack
from bot.broadcasts.schedule import Quiet
from bot.broadcasts.service import Broadcasts
from bot.broadcasts.store import BroadcastStore
from bot.compliance.gate import Gate as ComplianceGate
from bot.knowledge.model import GateKind
from bot.knowledge.store import KnowledgeStore
from bot.members.store import GroupStore, MemberStore
from bot.settings import Settings
from bot.telegram.request import AiohttpRequest, NothingSent
from bot.telegram.sender import GONE
from bot.wiring import Core


class BotTransport:
    """Straight through the transport: python-telegram-bot would build objects that nobody reads."""

    def __init__(self, base_url: str, connections: int) -> None:
        """`base_url`: the server's, the bot's token included."""
        self._base = base_url
        self._request = AiohttpRequest(connections)

    async def initialize(self) -> None:
        await self._request.initialize()

    async def shutdown(self) -> None:
        await self._request.shutdown()

    async def send(self, packet: Packet, chat_id: int) -> Outcome:
        try:
            status, answer = await self._request.post_json(
                f"{self._base}/{packet.method}", packet.to(chat_id)
            )
        except NothingSent:
            return Outcome(Came.NOT_SENT)
        except NetworkError:
            return Outcome(Came.UNKNOWN, reason="no_answer")
        return outcome_of(status, answer)


def outcome_of(status: int, answer: bytes) -> Outcome:
    """Reads the server's answer (Bot API, "Making requests")."""
    try:
        data = json.loads(answer)
        if data["ok"]:
            return Outcome(Came.ARRIVED, int(data["result"]["message_id"]))
        description = str(data.get("description") or "")
        parameters = data.get("parameters") or {}
    except (ValueError, TypeError, KeyError, AttributeError):
        # No answer of the Bot API's: a proxy's page. What stands behind it may have sent.
        return Outcome(Came.UNKNOWN, reason="no_answer")
    if status == 429:
        return Outcome(Came.TOO_FAST, seconds=float(parameters.get("retry_after") or 1))
    if moved := parameters.get("migrate_to_chat_id"):
        return Outcome(Came.MOVED, chat_id=int(moved))
    if status >= 500:
        return Outcome(Came.UNKNOWN, reason="server_error")
    if status in (401, 404):
        return Outcome(Came.SHUT_OUT, reason="token_refused")
    lowered = description.lower()
    if status == 403 or any(reason in lowered for reason in GONE):
        return Outcome(Came.GONE, reason=lowered.partition(": ")[2] or lowered)
    return Outcome(Came.REFUSED, reason=lowered.partition(": ")[2] or lowered)


def plainly(broadcast: Broadcast, run: Run, row: Delivery) -> Packet | None:
    """The variant as it is written."""
    variant = broadcast.variant(row.language)
    if variant is None:
        return None
    return pack(variant.text, variant.media, variant.buttons, broadcast.draft.paid)


def promotions_only(knowledge: KnowledgeStore) -> Gate:
    """Asks the compliance gate about promotions, as the knowledge stands now."""

    def gate(broadcast: Broadcast, country: str | None) -> Held | None:
        if broadcast.draft.kind is not Kind.PROMOTION:
            return None
        decision = ComplianceGate(knowledge.current).decide(
            GateKind.PROMOTION, country, broadcast.draft.platform
        )
        if decision.allowed:
            return None
        rule = decision.rule or decision.standing
        return Held(str(decision.verdict), rule.id if rule else None)

    return gate


def build_broadcasts(
    settings: Settings, core: Core, bot: Bot, pacer: Pacer, members: MemberStore,
    groups: GroupStore, *, compose: Compose = plainly, gate: Gate | None = None,
    watch: Watch | None = None,
) -> tuple[Broadcasts, BotTransport]:  # fmt: skip
    now = core.clock.now
    transport = BotTransport(bot.base_url, WINDOW)

    def retire(chat_id: int) -> None:
        if chat_id > 0:
            members.set_blocked(chat_id, True)
        else:
            groups.leave(chat_id)

    parts = Parts(
        store=BroadcastStore(core.db, now), ledger=Ledger(core.db), pacer=pacer,
        transport=transport, compose=compose, gate=gate or promotions_only(core.store),
        retire=retire, moved=groups.migrate, now=now, watch=watch, may_pay=settings.paid_broadcasts,
    )  # fmt: skip
    never = frozenset({settings.desk_chat}) if settings.desk_chat else frozenset()
    service = Broadcasts(
        parts, AudienceStore(core.db, now, never), core.festivals, Quiet(*settings.quiet_hours()),
        timedelta(minutes=settings.broadcast_late_minutes),
    )  # fmt: skip
    return service, transport
