"""What the delivery asks for: each recipient's message, and the gate's word on a country."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.broadcasts.clicks import rewriter
from bot.broadcasts.message import Recipient, Rewrite, Setting, Writer
from bot.broadcasts.model import Broadcast, Delivery, Run
from bot.broadcasts.packet import Held, Packet, pack
from bot.broadcasts.schedule import Place
from bot.broadcasts.store import BroadcastStore

KEPT = 512
"""Settings kept: languages x countries of the runs at work."""


class Packets:
    def __init__(
        self, writer: Writer, store: BroadcastStore, first_name: Callable[[int], str],
        redirect: str | None,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._store = store
        self._first_name = first_name
        self._redirect = redirect
        self._rewriters: dict[int, Rewrite] = {}
        self._settings: dict[object, tuple[Setting, Packet | None]] = {}

    def compose(self, broadcast: Broadcast, run: Run, row: Delivery) -> Packet | None:
        variant = broadcast.variant(row.language)
        if variant is None:
            return None
        paid = broadcast.draft.paid
        key = (run.id, variant.language, row.country, row.due // 3600, self._writer.version)
        found = self._settings.get(key)
        if found is None:
            found = self._prepare(broadcast, run, row)
            if len(self._settings) >= KEPT:
                self._settings.clear()
            self._settings[key] = found
        setting, packet = found
        if packet is not None:
            return packet
        name = self._first_name(row.chat_id) if row.chat_id > 0 else ""
        recipient = Recipient(row.chat_id, row.country, row.language, name)
        out = self._writer.fill(setting, recipient)
        return pack(out.html, out.media, out.buttons, paid)

    def _prepare(
        self, broadcast: Broadcast, run: Run, row: Delivery
    ) -> tuple[Setting, Packet | None]:
        """The packet too, where all readers get the same."""
        variant = broadcast.variant(row.language)
        assert variant is not None
        zone = ZoneInfo(Place.of(row.country).zone)
        day = datetime.fromtimestamp(row.due, UTC).astimezone(zone).date()
        setting = self._writer.setting(broadcast, variant, row.country, day, self._rewrite(run))
        if setting.personal:
            return setting, None
        out = self._writer.fill(setting, Recipient(row.chat_id, row.country, row.language))
        return setting, pack(out.html, out.media, out.buttons, broadcast.draft.paid)

    def _rewrite(self, run: Run) -> Rewrite | None:
        if self._redirect is None:
            return None
        if run.id not in self._rewriters:
            self._rewriters[run.id] = rewriter(self._store, self._redirect, run.id)
        return self._rewriters[run.id]

    def gate(self, broadcast: Broadcast, country: str | None) -> Held | None:
        """Asked anew while a run is under way: a corrected fact holds what is not sent yet."""
        ruling = self._writer.ruling(broadcast.draft, country)
        if ruling.reason is None:
            return None
        return Held(ruling.reason.value, ruling.rule_id)
