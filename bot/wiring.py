"""The composition root: builds each part once and hands them to each other."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.answers.faq_store import FaqStore
from bot.answers.faqs import FaqBook
from bot.answers.service import Answers
from bot.clock import Clock, SystemClock
from bot.i18n import LOCALES, Languages
from bot.knowledge.base import Knowledge
from bot.knowledge.faq import load_faqs
from bot.knowledge.festivals import Festivals, load_festivals
from bot.knowledge.store import KNOWLEDGE_DIR, KnowledgeStore
from bot.promotions.board import PromotionBoard
from bot.promotions.store import PromotionStore
from bot.understanding.concepts import ConceptIndex, Table, fold_words, read_concepts
from bot.understanding.model import MODEL_FILE, Model
from bot.understanding.question import Understanding
from bot.understanding.reader import Reader
from bot.understanding.vocabulary import (
    country_names,
    festival_names,
    name_index,
    platform_names,
    rail_names,
    regulator_names,
)
from db import open_database

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Core:
    """What answering needs, with no Telegram in it."""

    db: Database
    clock: Clock
    languages: Languages
    store: KnowledgeStore
    festivals: Festivals
    answers: Answers
    faqs: FaqStore
    book: FaqBook
    promotions: PromotionStore
    board: PromotionBoard


def build_reader(
    knowledge: Knowledge, festivals: Festivals, concepts: Table | None = None
) -> Reader:
    """`concepts` as the model holds them; without, they are read from their files."""
    names = name_index(
        platform_names(knowledge.platforms.values()),
        rail_names(knowledge.rails.values()),
        regulator_names(knowledge.regulators()),
        festival_names(festivals.all),
        country_names(),
    )
    table = fold_words(read_concepts()) if concepts is None else concepts
    return Reader(names, ConceptIndex(table))


def build_knowledge_store(db: Database, clock: Clock, root: Path = KNOWLEDGE_DIR) -> KnowledgeStore:
    """Opens the knowledge, taking over the files when they are newer than the database."""
    store = KnowledgeStore(db, clock.now)
    if not store.is_up_to_date(root):
        report = store.import_directory(root)
        for problem in report.problems:
            log.error("knowledge not imported: %s", problem)
        for conflict in report.conflicts:
            log.warning("knowledge conflict: %s was edited here and in the files", conflict.fact_id)
    return store


def build_core(
    database: Path | str, *, clock: Clock | None = None, knowledge: Path = KNOWLEDGE_DIR,
    locales: Path = LOCALES, model: Path = MODEL_FILE, default_language: str = "en", buddhist_years: bool = False,
    understanding: Understanding | None = None,
) -> Core:  # fmt: skip
    """Raises ModelError when the topic model is missing, sqlite3.Error for a bad database.

    `understanding` may be shared by several cores on the same knowledge: it holds no state.
    """
    clock = clock or SystemClock()
    db = open_database(database)
    store = build_knowledge_store(db, clock, knowledge)
    languages = Languages(locales, default_language, buddhist_years=buddhist_years)
    festivals = load_festivals(knowledge / "festivals.yaml")
    if understanding is None:
        topics = Model.load(model)
        reader = build_reader(store.current, festivals, topics.concepts)
        understanding = Understanding(reader, topics)
    faq_store = FaqStore(db, clock.now)
    book = FaqBook(understanding.reader, load_faqs(knowledge), faq_store)
    promotions = PromotionStore(db, clock.now)
    board = PromotionBoard(promotions, store, clock.now)
    answers = Answers(understanding, store, languages, festivals, board, faqs=book)
    return Core(db, clock, languages, store, festivals, answers, faq_store, book, promotions, board)
