"""The command line: `python -m bot <command>`."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot import __version__
from bot.bench.cli import bench
from bot.broadcasts.cli import broadcast
from bot.errors import CannotRun
from bot.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from bot.knowledge.store import KnowledgeStore


def fail(message: str, code: int = 1) -> NoReturn:
    """One clear line a problem on standard error, and an exit code that is not 0."""
    for line in message.splitlines():
        click.echo(f"sampan: {line}", err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sampan")
def cli() -> None:
    """Sampan: the support desk of crypto communities in Asia."""


@cli.command()
@click.option("--language", help="Answer in this language (vi, th, fil ...).")
@click.option("--country", help="The country it is about (VN, TH, PH ...).")
@click.option("--jsonl", is_flag=True, help="Read one JSON object a line, write one a line.")
@click.argument("text", required=False)
def ask(language: str | None, country: str | None, jsonl: bool, text: str | None) -> None:
    """Answers one question, or with --jsonl every line of standard input."""
    from dataclasses import replace

    from bot.answers.jsonl import answer_line, asker_of
    from bot.understanding.question import Asker
    from bot.wiring import build_core

    core = build_core(":memory:")
    today = core.clock.now().date()
    if jsonl:
        for raw in sys.stdin.buffer:
            line = raw.decode("utf-8", "replace").strip("\r\n")
            if line.strip():
                click.echo(json.dumps(answer_line(core.answers, line, today), ensure_ascii=False))
        return
    if not text:
        raise click.UsageError('Give a question: python -m bot ask "Can I buy USDT with GCash?"')
    asker: Asker = asker_of(language, country)
    if language:
        if asker.telegram_language is None:
            raise click.UsageError(f"{language} is not a language of ours")
        asker = replace(asker, chosen_language=asker.telegram_language)
    if country and asker.group_country is None:
        raise click.UsageError(f"{country} is not a country of ours")
    click.echo(core.answers.ask(text, asker, today).rendered.text)


@cli.command()
def run() -> None:
    """Runs the bot (polling, or by webhook where one is set) until it is told to stop."""
    gc.disable()  # all that is loaded now stays: run_bot switches it on again
    from bot.logs import configure_logs
    from bot.running import run_bot

    settings = load_settings()
    settings.token()
    configure_logs(settings.log_level, settings.log_format)
    try:
        run_bot(settings)
    except CannotRun as error:
        fail(str(error))


@cli.command()
def health() -> None:
    """Exit code 0 when a bot works on the configured database, which can be read, and answers."""
    from bot.alive import is_healthy

    settings = load_settings()
    watch = (settings.watch_host, settings.watch_port) if settings.watch_port else None
    problem = is_healthy(settings.database, watch)
    if problem:
        fail(problem)
    click.echo("healthy")


@cli.command()
def doctor() -> None:
    """Looks at token, rights, webhook, clock, disk and database, and says what to do."""
    import asyncio

    from bot.logs import configure_logs
    from bot.telegram.doctor import examine

    settings = load_settings()
    configure_logs("ERROR", "text")
    findings = asyncio.run(examine(settings))
    for finding in findings:
        click.echo(finding.line())
    sys.exit(1 if any(finding.verdict == "bad" for finding in findings) else 0)


@cli.command()
@click.argument("directory", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep", default=7, show_default=True, type=click.IntRange(1), help="Older copies are deleted."
)
def backup(directory: Path | None, keep: int) -> None:
    """Makes a proved copy of the database, while the bot runs or not.

    Into DIRECTORY, or the folder `backups` beside the database.
    """
    from bot.backup import backup as make
    from bot.clock import SystemClock

    database = load_settings().database
    try:
        made = make(database, directory or database.parent / "backups", keep, SystemClock().now())
    except CannotRun as error:
        fail(str(error))
    click.echo(f"{made} ({made.stat().st_size // 1024} KiB, proved)")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Puts a backup in the database's place; the bot must be stopped."""
    from bot.alive import only_copy
    from bot.backup import restore as put_back
    from bot.clock import SystemClock

    database = load_settings().database
    try:
        with only_copy(database):
            kept = put_back(file, database, SystemClock().now())
    except CannotRun as error:
        fail(str(error))
    click.echo(f"{database} is restored from {file}")
    if kept:
        click.echo(f"what was there is kept as {kept}")


@cli.command()
@click.option(
    "--port", default=8081, show_default=True, help="Port on loopback; 0 for any free one."
)
def sandbox(port: int) -> None:
    """Runs the real bot against a local Bot API server, with a chat page in the browser."""
    from bot.demo import run_sandbox

    try:
        run_sandbox(port, click.echo)
    except CannotRun as error:
        fail(str(error))


@cli.command()
def check() -> None:
    """Checks knowledge, locales, model and settings: a line a problem, exit code 1."""
    from bot.checking import check_all

    problems = check_all()
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problems" if problems else "all is well")
    sys.exit(1 if problems else 0)


cli.add_command(broadcast)


@cli.group()
def knowledge() -> None:
    """The knowledge in the database."""


def _store() -> KnowledgeStore:
    """The knowledge of the configured database, as it is."""
    from bot.clock import SystemClock
    from bot.knowledge.store import KnowledgeStore
    from db import open_database

    return KnowledgeStore(open_database(load_settings().database), SystemClock().now)


@knowledge.command("import")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
def knowledge_import(dry_run: bool) -> None:
    """Merges the files of db/knowledge; edits made in chat are kept, conflicts listed."""
    report = _store().import_directory(dry_run=dry_run)
    for problem in report.problems:
        click.echo(f"problem   {problem}")
    for kind, ids in (
        ("new", report.added),
        ("changed", report.changed),
        ("removed", report.removed),
    ):
        for fact_id in ids:
            click.echo(f"{kind:9} {fact_id}")
    for conflict in report.conflicts:
        click.echo(
            f"conflict  {conflict.fact_id}: edited here: {conflict.edited.text!r}; in the files: {conflict.baseline.text!r}"
        )
    click.echo(f"{len(report.added)} new, {len(report.changed)} changed, {len(report.removed)} removed, "
               f"{len(report.conflicts)} conflicts{' (dry run)' if dry_run else ''}")  # fmt: skip
    sys.exit(1 if report.problems else 0)


@knowledge.command("export")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def knowledge_export(directory: Path) -> None:
    """Writes the knowledge, edits included, as YAML below DIRECTORY."""
    from bot.knowledge.export import export_directory

    for path in export_directory(_seeded_store(), directory):
        click.echo(str(path))


def _seeded_store() -> KnowledgeStore:
    store = _store()
    if not store.current.countries:
        store.import_directory()
    return store


@knowledge.command("report")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a heat map to this file."
)
def knowledge_report(html: Path | None) -> None:
    """Countries by topics, number of facts, age and stale share."""
    from bot.clock import SystemClock
    from bot.knowledge.report import as_html, as_text, coverage

    today = SystemClock().now().date()
    rows = coverage(_seeded_store().current, today)
    if html:
        html.write_text(as_html(rows, today), "utf-8")
    click.echo(as_text(rows))


@cli.group()
def understanding() -> None:
    """The topic model."""


@understanding.command("build")
def understanding_build() -> None:
    """Trains the model from the example questions (needs the dev extra)."""
    from bot.clock import SystemClock
    from bot.knowledge.festivals import load_festivals
    from bot.knowledge.store import KNOWLEDGE_DIR
    from bot.understanding.train import build
    from bot.wiring import build_knowledge_store, build_reader
    from db import open_database

    store = build_knowledge_store(open_database(":memory:"), SystemClock())
    reader = build_reader(store.current, load_festivals(KNOWLEDGE_DIR / "festivals.yaml"))
    click.echo(json.dumps(build(reader)))


@cli.group()
def i18n() -> None:
    """The translators' catalogs."""


@i18n.command("update")
def i18n_update() -> None:
    """Extracts all texts and brings every catalog up to them."""
    from bot.catalogs import update

    update()


@i18n.command("compile")
def i18n_compile() -> None:
    """Compiles the catalogs."""
    from bot.catalogs import compile_all

    click.echo(f"{compile_all()} catalogs compiled")


@i18n.command("gallery")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def i18n_gallery(path: Path) -> None:
    """Writes the same ten cards in all languages as one HTML page."""
    from bot.gallery import gallery
    from bot.wiring import build_core

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(gallery(build_core(":memory:")), "utf-8")
    click.echo(str(path))


@i18n.command("pseudo")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def i18n_pseudo(path: Path) -> None:
    """Writes a catalog that wraps every text in ⟦ ⟧: what shows without is not translatable."""
    from babel.messages.pofile import write_po

    from bot.catalogs import pseudo

    with path.open("wb") as file:
        write_po(file, pseudo())


@i18n.command("report")
def i18n_report() -> None:
    """How much of each catalog is translated."""
    from bot.catalogs import coverage

    for row in coverage():
        share = 100 * row.done / row.total if row.total else 0.0
        click.echo(
            f"{row.language:8} {row.domain:10} {row.done:5} of {row.total:5}  {share:5.1f} %"
        )


@cli.group()
def referrals() -> None:
    """Referral campaigns."""


@referrals.command("simulate")
@click.option(
    "--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file."
)
def referrals_simulate(write: Path | None) -> None:
    """Measures on a seeded town what the signs of fraud find."""
    from bot.referrals.fraud_report import report

    page = report()
    if write:
        write.write_text(page, "utf-8")
    click.echo(page, nl=False)


@referrals.command("rebuild")
def referrals_rebuild() -> None:
    """Derives every state and number anew from the ledger (stop the bot first)."""
    from bot.clock import SystemClock
    from bot.referrals.ledger import Ledger
    from db import open_database

    ledger = Ledger(open_database(load_settings().database), SystemClock().now)
    click.echo(f"{ledger.rebuild()} referrals derived from the ledger")


cli.add_command(bench)


def main() -> None:
    try:
        cli()
    except SettingsError as error:
        fail(str(error), 2)
