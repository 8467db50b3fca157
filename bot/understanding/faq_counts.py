"""`python -m bot.understanding.faq_counts`: counts the words of ordinary messages anew.

Common words must weigh little from the first taught answer on. The messages are the examples that
the topic model learns from.
"""

from __future__ import annotations

import sys

from bot.understanding.concepts import ConceptIndex, fold_words
from bot.understanding.faq import ORDINARY_FILE, FaqIndex, Ordinary, count_features, read_words
from bot.understanding.reader import Reader
from bot.understanding.train import read_examples

LEAST = 8
"""Messages that have a feature, for it to be called common."""


def count(reader: Reader) -> Ordinary:
    index = FaqIndex(reader.concepts, ConceptIndex(fold_words(read_words())))
    texts = dict.fromkeys(e.text for e in read_examples())
    return count_features((index.traits(reader.see(text)) for text in texts), LEAST)


def write(ordinary: Ordinary) -> None:
    lines = [str(ordinary.texts), *(f"{key}\t{n}" for key, n in ordinary.held.items())]
    ORDINARY_FILE.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    from bot.wiring import build_core

    ordinary = count(build_core(":memory:").answers.understanding.reader)
    write(ordinary)
    sys.stdout.write(f"{ordinary.texts} messages, {len(ordinary.held)} common features\n")


if __name__ == "__main__":
    main()
