"""What an answer is made of, before it is a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.knowledge.model import Source, Topic

Outcome = Literal["answered", "declined", "asked_back"]
Needs = Literal["country", "topic"]


@dataclass(frozen=True)
class ShowTopic:
    """Answer this topic, for this country and platform."""

    topic: Topic
    country: str | None = None
    platform: str | None = None


@dataclass(frozen=True)
class ChooseCountry:
    """Show the countries, then answer this topic."""

    topic: Topic
    platform: str | None = None


@dataclass(frozen=True)
class Vote:
    answer_id: int
    up: bool


@dataclass(frozen=True)
class AskPerson:
    answer_id: int


@dataclass(frozen=True)
class ReportOutdated:
    answer_id: int


AnswerAction = ShowTopic | ChooseCountry | Vote | AskPerson | ReportOutdated


@dataclass(frozen=True)
class Button:
    text: str
    action: AnswerAction


@dataclass(frozen=True)
class Line:
    """One claim as it is shown."""

    text: str
    label: str | None = None
    separator: str = ": "
    """Between label and text; a label that is a sentence of its own has a dash."""
    date: str | None = None
    """Already in the reader's form."""
    cites: tuple[int, ...] = ()
    """Numbers of `Answer.sources`, from 1."""
    details: tuple[str, ...] = ()
    untranslated: bool = False
    weight: int = 1
    """Where an answer is too long, 0 is left out first and 2 last."""
    fact: str | None = None
    as_of: str | None = None
    """The day, month or year since which it is known; None of what cannot age."""
    late: bool = False
    """Past the day by which it was to be checked again."""


@dataclass(frozen=True)
class Section:
    lines: tuple[Line, ...]
    title: str | None = None


@dataclass(frozen=True)
class Answer:
    outcome: Outcome
    language: str
    topic: Topic
    headline: str
    lead: Line
    country: str | None = None
    platform: str | None = None
    sections: tuple[Section, ...] = ()
    warning: Line | None = None
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    needs: Needs | None = None
    buttons: tuple[tuple[Button, ...], ...] = ()
    private: bool = False
    """Concerns the asker alone: in a group it is best shown to them only."""

    @property
    def body(self) -> tuple[Line, ...]:
        """What stands between lead and warning."""
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All claims, in the order in which they are read."""
        return (self.lead, *self.body, *((self.warning,) if self.warning else ()))

    @property
    def fact_ids(self) -> tuple[str, ...]:
        """The facts that are shown."""
        return tuple(line.fact for line in self.lines if line.fact)
