"""`python -m bot bench ...`: each prints JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.bench.all import Work


@click.group()
def bench() -> None:
    """Measures speed beside named baselines; prints JSON."""


def _print(work: Work) -> None:
    from bot.bench.all import execute

    click.echo(json.dumps(execute(work), indent=1))


@bench.command("all")
@click.option("--share", default=1.0, show_default=True, help="Of all sizes; 0.01 is a quick look.")
@click.option("--only", multiple=True, help="Just this bench (may be given again).")
@click.option("--rows", type=int, help="Rows of each large table (1,000,000).")
@click.option("--updates", type=int, help="Updates that pass in the memory's bench (1,000,000).")
@click.option("--seconds", type=int, help="How long each load lasts (60).")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the JSON to this file."
)
def bench_all(
    share: float, only: tuple[str, ...], rows: int | None, updates: int | None,
    seconds: int | None, save: Path | None,
) -> None:  # fmt: skip
    """All benches in one run: tables, and with --save their JSON. Exit code 1 when one failed."""
    from dataclasses import replace

    from bot.bench.all import Sizes, benches, run
    from bot.bench.tables import as_markdown

    sizes = Sizes().of(share) if share != 1.0 else Sizes()
    given = {"rows": rows, "updates": updates, "seconds": seconds}
    sizes = replace(sizes, **{name: value for name, value in given.items() if value is not None})
    unknown = set(only) - set(benches(sizes))
    if unknown:
        raise click.UsageError(f"no bench is called {', '.join(sorted(unknown))}")
    results = run(sizes, frozenset(only), lambda line: click.echo(line, err=True), save)
    click.echo(as_markdown(results))
    sys.exit(1 if any("failed" in found for found in results.values()) else 0)


@bench.command("answers")
def bench_answers() -> None:
    """From an update handed out to the reply received, beside echo bots."""
    from bot.bench import answers

    _print(answers.run)


@bench.command("matrix")
@click.option("--messages", default=2_000, show_default=True, help="Answers of each figure.")
def bench_matrix(messages: int) -> None:
    """Every loop, transport and way of taking updates in, beside python-telegram-bot, aiogram and
    grammY, by how many ask at once."""
    from bot.bench import matrix

    _print(lambda: matrix.run(messages))


@bench.command("size")
@click.option(
    "--rows", multiple=True, default=(0, 1_000_000), show_default=True, type=click.IntRange(0),
    help="Rows of each large table (may be given again).",
)  # fmt: skip
@click.option("--messages", default=2_000, show_default=True, help="Answers of each figure.")
def bench_size(rows: tuple[int, ...], messages: int) -> None:
    """Answers, single reads and writes and the hourly tidying beside millions of rows."""
    from bot.bench import size

    _print(lambda: size.run(rows, messages))


@bench.command("combot")
@click.option("--groups", default=13_000, show_default=True, help="Groups, all answered unasked.")
@click.option(
    "--rate", default=290, show_default=True, help="Messages a second; then five times that."
)
@click.option("--seconds", default=60, show_default=True, help="How long each of the two lasts.")
@click.option("--webhook", is_flag=True, help="Posted to, rather than polled.")
def bench_combot(groups: int, rate: int, seconds: int, webhook: bool) -> None:
    """The load that Combot reported for its whole service, and five times that."""
    from bot.bench import combot

    _print(lambda: combot.run(combot.Load(groups, rate, seconds, webhook)))


@bench.command("memory")
@click.option("--updates", default=1_000_000, show_default=True, help="Updates in all.")
@click.option("--slices", default=10, show_default=True, help="How often the memory is read.")
def bench_memory(updates: int, slices: int) -> None:
    """What the process holds while a million updates pass."""
    from bot.bench import memory

    _print(lambda: memory.run(updates, slices))


@bench.command("restart")
@click.option("--mib", default=1_024, show_default=True, help="Size of the large database.")
@click.option("--times", default=5, show_default=True, help="Restarts; the median counts.")
def bench_restart(mib: int, times: int) -> None:
    """From a start after kill -9 to the first answer."""
    from bot.bench import restart

    _print(lambda: restart.run(mib, times))


@bench.command("referrals")
@click.option("--size", default=1_000_000, show_default=True, help="Referrals in the database.")
@click.option("--inviters", default=100_000, show_default=True, help="Members who invite.")
def bench_referrals(size: int, inviters: int) -> None:
    """/top, /refer, a join and a full rebuild on a large ledger."""
    from bot.bench import referrals

    _print(lambda: referrals.run(size, inviters))


@bench.command("understanding")
def bench_understanding() -> None:
    """Reading one message."""
    from bot.bench import understanding

    _print(understanding.run)


@bench.command("broadcast")
@click.option("--free", default=600, show_default=True, help="Recipients at 30 a second; 0: none.")
@click.option("--paid", default=10_000, show_default=True, help="Recipients at 1,000 a second.")
@click.option("--unpaced", default=10_000, show_default=True, help="Recipients without a pace.")
@click.option("--others", default=2_000, show_default=True, help="Recipients of the peers' loops.")
@click.option("--choosing", default=1_000_000, show_default=True, help="Members to choose from.")
@click.option("--beside", default=20_000, show_default=True, help="Recipients while people ask.")
def bench_broadcast(
    free: int, paid: int, unpaced: int, others: int, choosing: int, beside: int
) -> None:
    """A broadcast's pace, speed and memory, beside plain loops."""
    from bot.bench import broadcast

    sizes = broadcast.Sizes(free, paid, unpaced, others, choosing, beside)
    _print(lambda: broadcast.run(sizes))


@bench.command("soak")
@click.option("--rate", default=200, show_default=True, help="Questions a second.")
@click.option("--seconds", default=60, show_default=True, help="How long each flood lasts.")
def bench_soak(rate: int, seconds: int) -> None:
    """Floods with malformed updates, faults of the server and kill -9, and what came of them."""
    from bot.bench import soak

    _print(lambda: soak.run(rate, seconds))
