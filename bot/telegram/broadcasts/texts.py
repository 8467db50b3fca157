"""The part that takes the message in each language: text, photo or document, and buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from telegram import Message

from bot.broadcasts import templates
from bot.broadcasts.check import text_problems
from bot.broadcasts.model import Media, Variant
from bot.broadcasts.store import NotEditable
from bot.broadcasts.templates import Fault, Problem
from bot.i18n import LANGUAGE_NAMES, N_, Translator
from bot.knowledge.model import COUNTRIES, LANGUAGES
from bot.telegram.broadcasts.pages import back_row
from bot.telegram.broadcasts.parts import Case, Handler, Listener, Part, act
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.promotions.views import bold, grid, paragraphs
from bot.telegram.views import View

FAULT = {
    Fault.EMPTY: N_("There is no text."),
    Fault.UNKNOWN: N_("{{{detail}}} is no placeholder. There are {{first_name}}, {{festival}}, {{local_date}} and {{ref_link}}; for a brace itself write two."),
    Fault.BRACE: N_("A brace is opened and not closed, or closed and not opened. For a brace itself write two."),
    Fault.NO_FESTIVAL: N_("{{festival}} stands in it, but the broadcast has no festival: choose one under When."),
    Fault.TOO_LONG: N_("With the longest names and the country's warning it has {length} characters; Telegram takes {limit}."),
    Fault.HTML: N_("The formatting <{detail}> is unknown or not closed."),
    Fault.BUTTON: N_("This line is no button: {detail}"),
    Fault.BUTTONS: N_("There are more than {limit} buttons."),
}  # fmt: skip

SHOWN = 2500
"""UTF-16 units of a text on its page; the preview shows all."""


def problem_text(t: Translator, problem: Problem) -> str:
    return t(
        FAULT[problem.fault], detail=problem.detail, length=t.number(problem.length),
        limit=t.number(problem.limit),
    )  # fmt: skip


class Texts(Part):
    def verbs(self) -> Mapping[str, Handler]:
        return {
            "tx": self.overview, "vr": self.variant, "wr": self.write, "bt": self.ask_buttons,
            "rm": self.remove, "mn": self.make_main,
        }  # fmt: skip

    def prompts(self) -> Mapping[str, Listener]:
        return {"text": self.written, "buttons": self.buttons_written}

    async def overview(self, case: Case) -> None:
        t, b = case.t, case.broadcast
        buttons = [
            act(f"{'☑️' if code in b.variants else '▫️'} {LANGUAGE_NAMES[code]}", "vr", b.id, code)
            for code in LANGUAGES
        ]
        lead = t(
            "Choose a language to write it in. Who has none of these reads {language}.",
            language=LANGUAGE_NAMES[b.draft.language],
        )
        rows: list[Row] = [*grid(buttons, 2), back_row(t, b)]
        await self.answer(case.person, View(paragraphs(bold(b.draft.title), lead), keyboard(rows)))

    def _language(self, case: Case) -> str | None:
        return case.args[0] if len(case.args) == 1 and case.args[0] in LANGUAGES else None

    async def variant(self, case: Case) -> None:
        language = self._language(case)
        variant = case.broadcast.variants.get(language or "")
        if language and variant is None:
            await self.write(case)
        elif variant:
            await self.answer(case.person, self._page(case, variant))

    def _page(self, case: Case, variant: Variant) -> View:
        t, b, code = case.t, case.broadcast, variant.language
        where = b.draft.audience.countries or COUNTRIES
        rulings = self.tools.writer.rulings(b.draft, sorted(where))
        wrong = [problem_text(t, p) for p in text_problems(b, variant, self.tools.writer, rulings)]
        media = {"photo": t("with a photo"), "document": t("with a document")}
        links = [f"{x.text} - {x.url}" for row in variant.buttons for x in row]
        rows: list[Row] = [
            [act(t("✏️ Write it anew"), "wr", b.id, code), act(t("🔗 Buttons"), "bt", b.id, code)],
            [act(t("🗑 Take it out"), "rm", b.id, code),
             *([act(t("⭐ Main language"), "mn", b.id, code)] if code != b.draft.language else [])],
            [act(t("👁 Preview"), "pv", b.id), act(t("🌐 Languages"), "tx", b.id)],
            back_row(t, b),
        ]  # fmt: skip
        plain = templates.visible(variant.text)
        fits = not wrong and templates.utf16(plain) <= SHOWN
        shown = Markup(variant.text) if fits else plain[: SHOWN // 2] + "…"
        head = " · ".join(
            filter(None, (LANGUAGE_NAMES[code], media.get(variant.media.kind) if variant.media else ""))
        )  # fmt: skip
        warned = [f"❗ {line}" for line in wrong]
        return View(
            paragraphs(bold(head), shown, "\n".join(links), "\n".join(warned)), keyboard(rows)
        )

    async def write(self, case: Case) -> None:
        language = self._language(case)
        if language is None:
            return
        t = case.t
        text = t(
            "Send me the message in {language}, formatted as readers shall see it: a text, or one photo or document with its caption.",
            language=LANGUAGE_NAMES[language],
        )
        fills = t("{first_name}, {festival}, {local_date} and {ref_link} are filled in for each reader.", first_name="{first_name}", festival="{festival}", local_date="{local_date}", ref_link="{ref_link}")  # fmt: skip
        view = View(
            paragraphs(text, fills, t("/cancel leaves it as it is.")),
            keyboard([back_row(t, case.broadcast)]),
        )
        await self.ask(case.person, view, "text", {"id": case.broadcast.id, "language": language})

    async def written(self, case: Case, message: Message, data: Mapping[str, Any]) -> str | None:
        media = media_of(case.t, message)
        if isinstance(media, str):
            return media
        language = str(data.get("language", ""))
        source = message.text_html if message.text else message.caption_html
        old = case.broadcast.variants.get(language)
        variant = Variant(language, source or "", media, old.buttons if old else ())
        return await self._put(case, variant)

    async def _put(self, case: Case, variant: Variant) -> str | None:
        if variant.language not in LANGUAGES:
            return case.t("That message is gone.")
        try:
            self.tools.store.put_variant(case.broadcast.id, variant)
        except NotEditable:
            return case.t("It runs or is over, so it cannot be changed. Duplicate it instead.")
        case = self.fresh(case)
        self.noted(case, "broadcast.text", language=variant.language)
        if case.draft.language not in case.broadcast.variants:
            saved = await self.save(case, replace(case.draft, language=variant.language))
            case = saved or case
        self._s.dialogues.drop(case.person.user_id, case.person.chat_id)
        await self.answer(case.person, self._page(case, variant))
        return None

    async def ask_buttons(self, case: Case) -> None:
        language = self._language(case)
        if language is None or language not in case.broadcast.variants:
            return
        t = case.t
        text = t(
            "Write the buttons below the message, one a line: Terms - https://example.com/terms"
        )
        more = t("A dash alone takes them out. {ref_link} as an address leads to the reader's own invitation.", ref_link="{ref_link}")  # fmt: skip
        view = View(
            paragraphs(text, more, t("/cancel leaves it as it is.")),
            keyboard([back_row(t, case.broadcast)]),
        )
        data = {"id": case.broadcast.id, "language": language}
        await self.ask(case.person, view, "buttons", data)

    async def buttons_written(
        self, case: Case, message: Message, data: Mapping[str, Any]
    ) -> str | None:
        variant = case.broadcast.variants.get(str(data.get("language", "")))
        text = (message.text or "").strip()
        if variant is None:
            return case.t("That message is gone.")
        links, wrong = templates.read_buttons("" if text in ("-", "–") else text)
        if wrong or not text:
            lines = [problem_text(case.t, p) for p in wrong] or [case.t("I need it as text.")]
            return "\n".join(lines)
        return await self._put(case, replace(variant, buttons=tuple((b,) for b in links)))

    async def remove(self, case: Case) -> None:
        language = self._language(case)
        if language in case.broadcast.variants:
            try:
                self.tools.store.drop_variant(case.broadcast.id, language or "")
            except NotEditable:
                await self.too_late(case)
                return
            self.noted(case, "broadcast.text", language=language, removed=True)
        await self.overview(self.fresh(case))

    async def make_main(self, case: Case) -> None:
        language = self._language(case)
        if language in case.broadcast.variants:
            saved = await self.save(case, replace(case.draft, language=language or "en"))
            if saved:
                await self.overview(saved)


def media_of(t: Translator, message: Message) -> Media | str | None:
    """The photo or document of a message, none for a text, or what is wrong with it."""
    if message.media_group_id:
        return t("Send one photo alone: an album cannot have buttons.")
    if message.photo:
        photo = message.photo[-1]
        if (photo.file_size or 0) > templates.MAX_PHOTO_BYTES:
            return t("The photo is too large: Telegram takes {size} MB.", size=10)
        return Media("photo", photo.file_id)
    if message.document and not message.animation:
        if (message.document.file_size or 0) > templates.MAX_DOCUMENT_BYTES:
            return t("The document is too large: I take {size} MB.", size=20)
        return Media("document", message.document.file_id, message.document.file_name or "")
    if message.text:
        return None
    return t("I take a text, one photo or one document.")
