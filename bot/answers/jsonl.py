"""`ask --jsonl`: one question a line in, one answer a line out, in order."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answers.service import Answers, Reply
from bot.i18n import match_language
from bot.knowledge.model import COUNTRIES, Topic
from bot.understanding.question import Asker


class Line(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str | int
    text: Annotated[str, Field(max_length=1_000_000)]
    user_lang: str | None = None
    chat_country: str | None = None


def asker_of(user_lang: str | None, chat_country: str | None) -> Asker:
    code = chat_country.upper() if chat_country else None
    return Asker(
        telegram_language=match_language(user_lang),
        group_country=code if code in COUNTRIES else None,
    )


def answer_line(answers: Answers, raw: str, today: date) -> dict[str, Any]:
    """Never raises: a line that is not valid gets an object with `error`."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"not JSON: {error}"}
    try:
        line = Line.model_validate(data)
    except ValidationError as error:
        given = data.get("id") if isinstance(data, dict) else None
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors()
        )
        return {"id": given if isinstance(given, str | int) else None, "error": problems}
    reply = answers.ask(line.text, asker_of(line.user_lang, line.chat_country), today)
    return {"id": line.id, **as_json(answers, reply)}


def as_json(answers: Answers, reply: Reply) -> dict[str, Any]:
    question, answer = reply.question, reply.answer
    declined = answer.topic is Topic.NONE
    platform = answers.platform(question.platform)
    return {
        "answered": answer.outcome == "answered",
        "topic": answer.topic.value,
        "country": None if declined else question.country,
        "entity": platform.name if platform and not declined else None,
        "lang": answer.language,
        "text": reply.rendered.text,
        "sources": [{"name": s.name, "url": s.url, "as_of": s.date} for s in answer.sources],
        "needs": answer.needs,
    }
