"""The command line: `python -m bot <command>`."""

from __future__ import annotations

import json
import sys
from typing import NoReturn

import click

from bot import __version__
from bot.settings import SettingsError, load_settings


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
    from bot.answers.jsonl import answer_line, asker_of
    from bot.understanding.question import Asker
    from bot.wiring import build_core
    from dataclasses import replace

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
    from bot.wiring import build_knowledge_store, build_names
    from db import open_database

    store = build_knowledge_store(open_database(":memory:"), SystemClock())
    names = build_names(store.current, load_festivals(KNOWLEDGE_DIR / "festivals.yaml"))
    click.echo(json.dumps(build(names)))


def main() -> None:
    try:
        cli()
    except SettingsError as error:
        fail(str(error), 2)
