"""`python -m bot broadcast ...`: campaigns kept in files, beside the dialogue in the chat."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.broadcasts.model import Broadcast
    from bot.broadcasts.store import BroadcastStore


@click.group()
def broadcast() -> None:
    """Broadcasts in the database: list, show, export, cancel, import."""


def _store() -> BroadcastStore:
    from bot.broadcasts.store import BroadcastStore
    from bot.clock import SystemClock
    from bot.settings import load_settings
    from db import open_database

    return BroadcastStore(open_database(load_settings().database), SystemClock().now)


def _existing(store: BroadcastStore, number: int) -> Broadcast:
    found = store.get(number)
    if found is None:
        click.echo(f"sampan: there is no broadcast {number}", err=True)
        sys.exit(1)
    return found


@broadcast.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_all(limit: int) -> None:
    """One a line, the newest first."""
    for b in _store().find(limit=limit):
        due = b.next_at.isoformat(timespec="minutes") if b.next_at else "-"
        languages = ",".join(b.variants) or "-"
        click.echo(f"{b.id}\t{b.state}\t{b.draft.kind}\t{due}\t{languages}\t{b.draft.title}")


@broadcast.command("show")
@click.argument("number", type=int)
def show(number: int) -> None:
    """State, approval, and the counts of each run, as JSON."""
    from bot.broadcasts.ledger import Ledger
    from bot.broadcasts.model import audience_data, schedule_data
    from bot.settings import load_settings
    from db import open_database

    store = _store()
    b = _existing(store, number)
    ledger = Ledger(open_database(load_settings().database))
    data = {
        "id": b.id, "title": b.draft.title, "kind": b.draft.kind, "state": b.state, "note": b.note,
        "platform": b.draft.platform, "author": b.author_id, "approver": b.approver_id,
        "languages": list(b.variants), "audience": audience_data(b.draft.audience),
        "schedule": schedule_data(b.draft.schedule),
        "next": b.next_at.isoformat() if b.next_at else None,
        "runs": [
            {"key": run.key, "state": run.state, **vars(ledger.counts(run.id)),
             "clicks": sum(link.clicks for link in store.links(run.id))}
            for run in store.runs(b.id)
        ],
    }  # fmt: skip
    click.echo(json.dumps(data, ensure_ascii=False, indent=1))


@broadcast.command("export")
@click.argument("number", type=int)
@click.option("--csv", "as_table", is_flag=True, help="Every recipient of the latest run as CSV.")
def export(number: int, as_table: bool) -> None:
    """Writes it as YAML (or its recipients as CSV) to standard output."""
    from bot.broadcasts.files import dump
    from bot.broadcasts.ledger import Ledger
    from bot.broadcasts.report import as_csv
    from bot.settings import load_settings
    from db import open_database

    store = _store()
    b = _existing(store, number)
    if not as_table:
        click.echo(dump(b), nl=False)
        return
    runs = store.runs(b.id)
    if not runs:
        click.echo(f"sampan: nothing of broadcast {number} was sent yet", err=True)
        sys.exit(1)
    rows = Ledger(open_database(load_settings().database)).rows(runs[0].id)
    sys.stdout.buffer.write(as_csv(rows))


@broadcast.command("cancel")
@click.argument("number", type=int)
def cancel(number: int) -> None:
    """For good; what is on its way still arrives."""
    store = _store()
    b = _existing(store, number)
    if not store.cancel(b.id):
        click.echo(f"sampan: broadcast {number} is over already ({b.state})", err=True)
        sys.exit(1)
    _note("broadcast.cancel", b)
    click.echo(f"cancelled: {b.draft.title}")


@broadcast.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--author", required=True, type=int, help="Telegram user id; may not approve it.")
def import_file(file: Path, author: int) -> None:
    """Makes a draft of a YAML file. It is checked, approved and scheduled in the chat."""
    from bot.broadcasts.files import read

    try:
        found = read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        click.echo(f"sampan: {file}: {error}", err=True)
        sys.exit(1)
    if found.draft is None or found.problems:
        for problem in found.problems:
            click.echo(f"sampan: {file}: {problem}", err=True)
        sys.exit(1)
    made = _store().create(author, found.draft, found.variants)
    _note("broadcast.import", made, author)
    click.echo(f"draft {made.id}: {made.draft.title}. Send /broadcast to the bot to go on.")


def _note(what: str, b: Broadcast, author: int | None = None) -> None:
    from bot.clock import SystemClock
    from bot.desk.staff import AuditLog
    from bot.settings import load_settings
    from db import open_database

    log = AuditLog(open_database(load_settings().database), SystemClock().now)
    log.note(author, what, b.id, title=b.draft.title, by="command line")
