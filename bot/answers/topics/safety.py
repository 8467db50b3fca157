"""A scam in progress."""

from __future__ import annotations

import re

from bot.answers.draft import Draft
from bot.answers.model import Answer, Line, Section
from bot.knowledge.model import Kind, Topic

_URGENT = re.compile(r"seed|staff|admin|impost|impersonat|support|approval|drain")
"""Facts, by their ids, that help at once whoever is being robbed now."""


def safety(draft: Draft) -> Answer:
    t = draft.t
    lead = Line(t(
        "Stop and don't send anything yet. Nobody from this team or any exchange asks for your seed phrase, "
        "private key, password or a code, and staff never write to you first."
    ))  # fmt: skip
    general = sorted(
        draft.knowledge.facts(None, Topic.SAFETY), key=lambda f: (not _URGENT.search(f.id), f.id)
    )
    local = draft.facts(Topic.SAFETY, Kind.RISK, Kind.NOTE) if draft.country else []
    sections = [
        Section(tuple(draft.line(f) for f in general[:6]), t("How to tell")),
        Section(tuple(draft.line(f) for f in local[:3]), draft.place if draft.country else None),
    ]
    return draft.finish(
        t("🛡 This looks like a scam: keep your keys and money"), lead, sections, warn=False
    )
