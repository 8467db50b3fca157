"""`make eval`: accuracy per language, topic and tag, a confusion table, and what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot.knowledge.model import LANGUAGES, Topic
from bot.wiring import build_core
from tests.eval.measure import Result, confusion, figures, measure, read_questions, share

REPORT = Path(__file__).parent / "report.md"


def row(name: str, results: list[Result]) -> str:
    f = figures(results)
    return (
        f"| {name} | {len(results)} | {f['topic']:.1%} | {f['all']:.1%} | {f['language']:.1%} "
        f"| {f['declined_of_those_to_decline']:.1%} |"
    )


def table(title: str, groups: dict[str, list[Result]]) -> list[str]:
    head = f"| {title} | questions | topic | topic, country and entity | language | declined |"
    return [
        head,
        "| --- | --- | --- | --- | --- | --- |",
        *(row(k, v) for k, v in groups.items() if v),
        "",
    ]


def grouped(
    results: list[Result], names: list[str], of: Callable[[Result, str], bool]
) -> dict[str, list[Result]]:
    return {name: [r for r in results if of(r, name)] for name in names}


def confusion_table(results: list[Result]) -> list[str]:
    topics = [t.value for t in Topic]
    counts = confusion(results)
    lines = [
        "| expected \\ told | " + " | ".join(topics) + " |",
        "| --- " * (len(topics) + 1) + "|",
    ]
    for expected in topics:
        cells = (str(counts[expected, told] or "") for told in topics)
        lines.append(f"| {expected} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def wrong(results: list[Result]) -> list[str]:
    lines = []
    for r in results:
        if r.all_right and r.language_right:
            continue
        told = f"{r.topic}/{r.country}/{r.entity}/{r.language}"
        e = r.expected
        wanted = f"{e['topic']}/{e['country']}/{e['entity']}/{r.question['lang']}"
        text = r.question["text"].replace("|", "\\|")
        lines.append(f"- `{r.question['id']}` {text} - expected {wanted}, told {told}")
    return lines


def report(results: list[Result]) -> str:
    tags = sorted({t for r in results for t in r.question["tags"]})
    f = figures(results)
    return "\n".join([
        "# Understanding, measured", "",
        f"{len(results)} questions that nothing was learned from (`make eval` writes this page).", "",
        f"Of those declined, {f['wrongly_declined_of_those_declined']:.1%} should have been answered.", "",
        *table("all", {"all": results}),
        *table("language", grouped(results, list(LANGUAGES), lambda r, n: r.question["lang"] == n)),
        *table("topic", grouped(results, [t.value for t in Topic], lambda r, n: r.expected["topic"] == n)),
        *table("tag", grouped(results, tags, lambda r, n: n in r.question["tags"])),
        "## Confusion", "", *confusion_table(results), "## Wrong", "", *wrong(results), "",
    ])  # fmt: skip


def main() -> None:
    results = measure(build_core(":memory:"), read_questions())
    text = report(results)
    REPORT.write_text(text, "utf-8")
    print(text)
    print(f"topic right: {share(results, lambda r: r.topic_right):.1%}")


if __name__ == "__main__":
    main()
