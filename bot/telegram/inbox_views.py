"""The desk's cases as moderators see them, and its answers as members get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from markupsafe import Markup, escape

from bot.answers.labels import TOPIC
from bot.desk.cases import Case
from bot.desk.deliveries import Delivery, Missed
from bot.i18n import LANGUAGE_NAMES, N_, Translator, flag
from bot.knowledge.model import COUNTRIES, Topic
from bot.telegram.callbacks import RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.views import View

ROOM = "ib"
PAGE = 6
EXCERPT = 90
SHOWN_MISSED = 10
_QUESTION = 700

REASON = {
    "asked": N_("asked for a person"),
    "voted_down": N_("rated the answer 👎"),
    "declined": N_("I had no answer"),
}
FATE = {
    "unquoted": N_(
        "the question is not there any more, so the answer came as a message of its own"
    ),
    "blocked": N_("has blocked the bot"),
    "gone": N_("I am no longer in that chat"),
    "failed": N_("Telegram refused the message"),
    "uncertain": N_("it may have arrived; I don't send it twice"),
}


def act(verb: str, *args: object) -> RoomAction:
    return RoomAction(ROOM, verb, tuple(str(a) for a in args))


def topic_name(t: Translator, topic: str) -> str:
    known = topic in set(Topic) and Topic(topic) in TOPIC
    return t(TOPIC[Topic(topic)]) if known else t("none of my topics")


def place_name(t: Translator, country: str | None) -> str:
    return f"{flag(country)} {t.country(country)}" if country else t("All countries")


def head(t: Translator, case: Case) -> str:
    language = LANGUAGE_NAMES.get(case.language, case.language)
    place = place_name(t, case.country) if case.country else t("🌏 no country named")
    return f"#{case.id} {place} · {language}"


# A case


def case_page(
    t: Translator, case: Case, now: datetime, titles: Mapping[int, str],
    reached: Mapping[str, int], *, in_list: bool = False,
) -> View:  # fmt: skip
    """`titles` of the groups where it was asked; `reached`: how many deliveries ended how."""
    parts = [
        Markup("<b>{}</b>").format(head(t, case)),
        Markup("<blockquote>{}</blockquote>").format(_short(case.text, _QUESTION)),
        _wordings(t, case),
        Markup("\n").join(escape(line) for line in _about(t, case)),
        _places(t, case, titles),
        *_standing(t, case, now, reached),
    ]
    rows = _buttons(t, case, now)
    if in_list:
        rows = [*rows, [(t("⬅️ Back"), act("ls", 0))]]
    return View(str(Markup("\n").join(p for p in parts if p)), keyboard(rows))


def _wordings(t: Translator, case: Case) -> Markup:
    """Whoever answers sees that it answers these, too."""
    if not case.also:
        return Markup("")
    shown = Markup("\n").join(_short(text, EXCERPT) for text in case.also)
    return Markup("{}\n<blockquote>{}</blockquote>").format(t("Also asked in these words:"), shown)


def _about(t: Translator, case: Case) -> list[str]:
    asked = t.plural(
        "Asked once, {when} UTC", "Asked {n} times, first {when} UTC", case.askers,
        when=t.datetime(case.opened_at),
    )  # fmt: skip
    why = t.listing(
        [t(REASON[r]) + (f" ({t.number(n)})" if n > 1 else "") for r, n in case.reasons]
    )
    guess = t(
        "My guess: {topic}, {percent} sure", topic=topic_name(t, case.topic),
        percent=t.percent(round(case.confidence * 100)),
    )  # fmt: skip
    return [asked, t("Why it is here: {reasons}", reasons=why), guess]


def _places(t: Translator, case: Case, titles: Mapping[int, str]) -> Markup:
    shown = [
        _linked(titles[chat], chat, message) if chat in titles else escape(t("private chat"))
        for chat, message in case.asked_in[:5]
    ]
    if not shown:
        return Markup("")
    places = Markup(", ").join(dict.fromkeys(shown))
    return Markup("{} {}").format(t("Asked in:"), places)


def _linked(title: str, chat: int, message: int) -> Markup:
    """Bot API ids of supergroups begin with -100; the rest is what t.me/c takes."""
    if not str(chat).startswith("-100") or message < 0:
        return escape(title)
    return Markup('<a href="https://t.me/c/{}/{}">{}</a>').format(str(chat)[4:], message, title)


def _standing(t: Translator, case: Case, now: datetime, reached: Mapping[str, int]) -> list[Markup]:
    match case.state:
        case "answered":
            lines = [t("✅ Answered by {name}", name=case.closed_name), *_reached(t, reached)]
            text = Markup("<blockquote expandable>{}</blockquote>").format(case.answer or "")
            return [Markup(""), escape(lines[0]), text, *map(escape, lines[1:])]
        case "dismissed":
            return [escape(t("🗑 Dismissed by {name}", name=case.closed_name))]
    until = case.claim_until()
    if case.held_by(now) and until:
        held = t(
            "✋ Claimed by {name} until {time} UTC",
            name=case.claimed_name, time=t.datetime(until),
        )  # fmt: skip
        return [Markup("<b>{}</b>").format(held)]
    return [Markup("<i>{}</i>").format(t("To answer, reply to this message or press a button."))]


def _reached(t: Translator, reached: Mapping[str, int]) -> list[str]:
    done = sum(reached.get(fate, 0) for fate in ("sent", "unquoted", "covered"))
    open_ = sum(reached.get(state, 0) for state in ("pending", "sending"))
    missed = sum(reached.values()) - done - open_
    lines = [t.plural("{n} person reached", "{n} people reached", done)]
    if open_:
        lines.append(t.plural("{n} on the way", "{n} on the way", open_))
    if missed:
        lines.append(t.plural("{n} not reached", "{n} not reached", missed))
    return lines


def _buttons(t: Translator, case: Case, now: datetime) -> list[Row]:
    if case.state == "answered" and case.faq_id is None:
        return [[(t("🎓 Teach this answer"), act("te", case.id))]]
    if case.state != "waiting":
        return []
    held = case.held_by(now) is not None
    first = (t("↩️ Release"), act("re", case.id)) if held else (t("✋ Claim"), act("cl", case.id))
    return [
        [first, (t("✍️ Answer"), act("an", case.id)), (t("🎓 Answer & teach"), act("at", case.id))],
        [(t("➡️ Pass on"), act("po", case.id)), (t("🗑 Dismiss"), act("di", case.id))],
    ]


def pass_on_page(t: Translator, case: Case) -> View:
    countries: list[tuple[str, RoomAction]] = [
        (flag(c), act("pc", case.id, c)) for c in COUNTRIES if c != case.country
    ]
    rows: list[Row] = [countries[i : i + 7] for i in range(0, len(countries), 7)]
    if case.country:
        rows.append([(t("All countries"), act("pc", case.id, ""))])
    html = Markup("<b>{}</b>\n{}\n\n{}").format(
        head(t, case), _short(case.text, _QUESTION), t("Whose question is it?")
    )
    return View(str(html), keyboard([*rows, [(t("⬅️ Back"), act("op", case.id))]]))


def passed_page(t: Translator, case: Case, country: str | None) -> View:
    passed = t("➡️ Passed on to {country}", country=place_name(t, country))
    return View(str(Markup("<b>{}</b>\n{}").format(head(t, case), passed)))


def prompt_page(t: Translator, case: Case, in_group: bool) -> View:
    how = (
        t("Reply to this message with the answer; /cancel leaves it.")
        if in_group
        else t("Write the answer; /cancel leaves it.")
    )
    who = t.plural(
        "It goes to the person who asked, in the team's name.",
        "It goes to all {n} who asked, in the team's name.",
        case.askers,
    )
    language = t("They read {language}.", language=LANGUAGE_NAMES.get(case.language, case.language))
    return View(
        str(Markup("<b>{}</b>\n<blockquote>{}</blockquote>\n{}\n{} {}").format(
            head(t, case), _short(case.text, _QUESTION), how, who, language
        ))
    )  # fmt: skip


# The list


def list_page(t: Translator, cases: Sequence[Case], page: int, now: datetime) -> View:
    pages = max(1, -(-len(cases) // PAGE))
    page = min(page, pages - 1)
    here = cases[page * PAGE : (page + 1) * PAGE]
    title = (
        t.plural("{n} question waits", "{n} questions wait", len(cases))
        if cases
        else t("No question is waiting. 🎉")
    )
    lines = [Markup("<b>{}</b>").format(title), *(_entry(t, case, now) for case in here)]
    buttons: list[tuple[str, RoomAction]] = [(f"#{c.id}", act("op", c.id)) for c in here]
    rows: list[Row] = [buttons[i : i + 3] for i in range(0, len(buttons), 3)]
    back = [(t("⬅️ Earlier"), act("ls", page - 1))] if page > 0 else []
    on = [(t("Later ➡️"), act("ls", page + 1))] if page < pages - 1 else []
    turn: list[Row] = [[*back, *on]] if back or on else []
    return View(str(Markup("\n\n").join(lines)), keyboard([*rows, *turn]))


def _entry(t: Translator, case: Case, now: datetime) -> Markup:
    times = f" · {t.number(case.askers)}×" if case.askers > 1 else ""
    held = f" · ✋ {case.claimed_name}" if case.held_by(now) else ""
    return Markup("{}{}{}\n{}").format(head(t, case), times, held, _short(case.text, EXCERPT))


# What members get


def answer_message(
    t: Translator, delivery: Delivery, *, quote: bool = False, mention: Markup | None = None
) -> str:
    """`quote`: repeats the question, where the message cannot be a reply to it."""
    parts = [Markup("<b>{}</b>").format(t("🙋 An answer from the team"))]
    if mention:
        parts.append(mention)
    if quote:
        parts.append(Markup("<blockquote>{}</blockquote>").format(_short(delivery.question, 300)))
    parts.append(escape(delivery.answer))
    if delivery.answer_language != delivery.language:
        name = LANGUAGE_NAMES.get(delivery.answer_language, delivery.answer_language)
        parts.append(Markup("<i>{}</i>").format(t("Written in {language}.", language=name)))
    return str(Markup("\n").join(parts))


def missed_page(
    t: Translator, case: Case, missed: Sequence[Missed], titles: Mapping[int, str]
) -> View:
    lines = [
        Markup("• {}: {}").format(titles.get(m.chat_id) or t("private chat"), t(FATE[m.fate]))
        for m in missed[:SHOWN_MISSED]
    ]
    if len(missed) > SHOWN_MISSED:
        more = len(missed) - SHOWN_MISSED
        lines.append(escape(t.plural("and {n} more", "and {n} more", more)))
    title = t("Not everybody got answer #{number} as they should:", number=case.id)
    return View(str(Markup("\n").join([Markup("<b>{}</b>").format(title), *lines])))


# Refusals


def refusal(t: Translator) -> str:
    return t("Only the team's moderators can do that.")


def taken(t: Translator, case: Case | None, now: datetime) -> str:
    """Why a change did not go through."""
    if case is None:
        return t("This question is no longer here.")
    match case.state:
        case "answered":
            return t("{name} has answered it already.", name=case.closed_name)
        case "dismissed":
            return t("{name} has dismissed it.", name=case.closed_name)
    return t("{name} has claimed it.", name=case.claimed_name)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
