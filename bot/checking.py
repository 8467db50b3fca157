"""`python -m bot check`: every problem of knowledge, locales, examples and settings, with its place."""

from __future__ import annotations

from pathlib import Path

from bot import catalogs
from bot.i18n import LOCALES, Languages, folder
from bot.knowledge.faq import load_faqs
from bot.knowledge.festivals import read_festivals
from bot.knowledge.load import Loaded, Problem, load_directory
from bot.knowledge.model import LANGUAGES, Topic
from bot.knowledge.store import KNOWLEDGE_DIR
from bot.settings import SettingsError, load_settings
from bot.understanding.concepts import ConceptError, read_concepts
from bot.understanding.model import Model, ModelError
from bot.understanding.train import ExampleError, digest, read_examples

NEEDED_TOPICS = (Topic.REGULATION, Topic.TAX, Topic.PLATFORM)
"""Every country has facts of these; on-ramps and rails only where the law lets them be shown."""


def check_all(knowledge: Path = KNOWLEDGE_DIR, locales: Path = LOCALES) -> list[str]:
    loaded = load_directory(knowledge)
    problems = [
        *loaded.problems,
        *_topics(loaded),
        *read_festivals(knowledge / "festivals.yaml")[1],
        *load_faqs(knowledge).problems,
    ]
    problems += catalogs.check(locales)
    found = [str(p) for p in sorted(problems)] + _understanding() + _settings()
    return found + _surfaces(Languages(locales))


def _surfaces(languages: Languages) -> list[str]:
    """Menus and descriptions that Telegram would refuse for their length."""
    from bot.telegram.profile import too_long

    return [
        f"locales/{folder(language)}: {problem}"
        for language in LANGUAGES
        for problem in too_long(languages[language])
    ]


def _topics(loaded: Loaded) -> list[Problem]:
    found = []
    for code, file in sorted(loaded.countries.items()):
        topics = {fact.topic for fact in file.facts}
        found += [
            Problem(
                f"knowledge/countries/{code.lower()}.yaml",
                1,
                f"has no fact of the topic {topic.value}",
            )
            for topic in NEEDED_TOPICS
            if topic not in topics
        ]
    return found


def _understanding() -> list[str]:
    try:
        examples = read_examples()
        read_concepts()
        model = Model.load()
    except (ExampleError, ConceptError, ModelError) as error:
        return [str(error)]
    if model.digest != digest(examples):
        return [
            "db/understanding/model.npz:1: is older than the examples: run `python -m bot understanding build`"
        ]
    return []


def _settings() -> list[str]:
    try:
        load_settings()
    except SettingsError as error:
        return [f"settings: {line}" for line in str(error).splitlines()]
    return []
