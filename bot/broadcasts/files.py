"""A broadcast as a YAML file, so that a team can keep its campaigns beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from bot.broadcasts import templates
from bot.broadcasts.model import (
    Broadcast,
    Button,
    Draft,
    Kind,
    Variant,
    audience_data,
    audience_of,
    schedule_data,
    schedule_of,
)
from bot.knowledge.model import COUNTRIES, LANGUAGES

MAX_BYTES = 200_000
_KEYS = frozenset({"title", "kind", "platform", "language", "audience", "schedule", "variants"})


@dataclass(frozen=True)
class Read:
    """What a file holds; with problems, nothing of it is to be used."""

    draft: Draft | None
    variants: tuple[Variant, ...]
    problems: tuple[str, ...]


def dump(broadcast: Broadcast) -> str:
    """Media stay behind: a file id is good for one bot alone."""
    draft = broadcast.draft
    data: dict[str, Any] = {
        "title": draft.title, "kind": draft.kind.value, "platform": draft.platform,
        "language": draft.language, "audience": audience_data(draft.audience),
        "schedule": schedule_data(draft.schedule),
        "variants": {
            v.language: {"text": v.text, "buttons": [[{"text": b.text, "url": b.url} for b in row] for row in v.buttons]}
            for v in broadcast.variants.values()
        },
    }  # fmt: skip
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)


def read(text: str) -> Read:
    """All problems at once, each naming its place in the file."""
    if len(text.encode()) > MAX_BYTES:
        return Read(None, (), (f"the file is larger than {MAX_BYTES} bytes",))
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Read(None, (), (f"not readable as YAML: {str(error).splitlines()[0]}",))
    if not isinstance(data, dict):
        return Read(None, (), ("expected a mapping with title, kind, variants ...",))
    problems = [f"{key}: is not known" for key in data if key not in _KEYS]
    draft = _draft(data, problems)
    variants = _variants(data.get("variants"), problems)
    return Read(draft, tuple(variants), tuple(problems))


def _draft(data: dict[str, Any], problems: list[str]) -> Draft | None:
    title, language = data.get("title"), data.get("language", "en")
    if not isinstance(title, str) or not 1 <= len(title.strip()) <= 80:
        problems.append("title: expected 1 to 80 characters")
    if language not in LANGUAGES:
        problems.append(f"language: expected one of {', '.join(LANGUAGES)}")
    try:
        kind = Kind(data.get("kind", "promotion"))
    except ValueError:
        problems.append(f"kind: expected one of {', '.join(Kind)}")
        kind = Kind.PROMOTION
    parts: dict[str, Any] = {}
    for name, make in (("audience", audience_of), ("schedule", schedule_of)):
        try:
            parts[name] = make(data.get(name) or {})
        except (TypeError, ValueError, AttributeError) as error:
            problems.append(f"{name}: {error}")
    platform = data.get("platform")
    if platform is not None and not isinstance(platform, str):
        problems.append("platform: expected a platform's id")
    audience = parts.get("audience")
    if audience:
        problems += [f"audience.countries: {c} is not a country of ours" for c in sorted(audience.countries - set(COUNTRIES))]  # fmt: skip
        problems += [f"audience.languages: {c} is not a language of ours" for c in sorted(audience.languages - set(LANGUAGES))]  # fmt: skip
    if problems:
        return None
    return Draft(
        str(title).strip(), kind, platform, None, language, parts["audience"], parts["schedule"]
    )


def _variants(data: object, problems: list[str]) -> list[Variant]:
    if not isinstance(data, dict) or not data:
        problems.append("variants: expected at least one language with its text")
        return []
    found = []
    for language, given in data.items():
        place = f"variants.{language}"
        if language not in LANGUAGES:
            problems.append(f"{place}: is not a language of ours")
        elif not isinstance(given, dict) or not isinstance(given.get("text"), str):
            problems.append(f"{place}.text: is missing")
        else:
            found.append(Variant(language, given["text"], None, _buttons(given, place, problems)))
            wrong = templates.problems(given["text"], templates.TEXT_LIMIT, [templates.Values()])
            problems += [f"{place}.text: {p.fault.value} {p.detail}".rstrip() for p in wrong]
    return found


def _buttons(
    given: dict[str, Any], place: str, problems: list[str]
) -> tuple[tuple[Button, ...], ...]:
    try:
        rows = tuple(
            tuple(Button(str(b["text"]), str(b["url"])) for b in row)
            for row in given.get("buttons") or ()
        )
    except (TypeError, KeyError):
        problems.append(f"{place}.buttons: expected rows of {{text, url}}")
        return ()
    for button in (b for row in rows for b in row):
        if not templates.is_label(button.text) or not templates.is_url(button.url):
            problems.append(f"{place}.buttons: {button.text!r} leads to no address that opens")
    if sum(map(len, rows)) > templates.MAX_BUTTONS:
        problems.append(f"{place}.buttons: at most {templates.MAX_BUTTONS}")
    return rows
