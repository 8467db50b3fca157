"""The staff list, roles and scopes, and the audit log, as text and buttons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from bot.desk.appointing import GIVEN, group_of
from bot.desk.roles import EVERYWHERE, Grant, Role
from bot.desk.staff import Entry
from bot.i18n import N_, Translator, flag
from bot.knowledge.model import COUNTRIES
from bot.members.store import Group
from bot.telegram.callbacks import Action, RoomAction
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.markup import bold, grid, paragraphs
from bot.telegram.views import View

ROOM = "st"
PAGE = 8
ROLE = {
    Role.OWNER: N_("owner"),
    Role.ADMIN: N_("admin"),
    Role.MODERATOR: N_("moderator"),
    Role.MARKETING: N_("marketing"),
}
_ROLE_DOES = {
    Role.ADMIN: N_("does all of this and keeps the staff list"),
    Role.MODERATOR: N_("answers members, keeps the facts, sets groups up"),
    Role.MARKETING: N_("broadcasts, promotions and referral campaigns"),
}
_DETAIL = 160
"""Characters of an audit entry's detail that are shown."""

Titles = Mapping[int, str]
"""Groups' titles by chat id."""


def act(verb: str, *args: object) -> Action:
    return RoomAction(ROOM, verb, tuple(str(a) for a in args))


def scope_text(t: Translator, scope: str, titles: Titles) -> str:
    if scope == EVERYWHERE:
        return t("everywhere")
    if scope in COUNTRIES:
        return f"{flag(scope)} {t.country(scope)}"
    return titles.get(group_of(scope) or 0, scope)


def person(name: str, user_id: int) -> Markup:
    number = Markup("<code>{}</code>").format(user_id)
    return Markup("{} ({})").format(name, number) if name else number


def list_page(
    t: Translator, grants: Sequence[Grant], owners: int, titles: Titles, page: int
) -> View:
    """`owners`: how many the settings name; they can't be removed here."""
    pages = max(1, -(-len(grants) // PAGE))
    page = min(page, pages - 1)
    shown = grants[page * PAGE : (page + 1) * PAGE]
    lines = [
        Markup("{}. {} · {} · {}").format(
            number, person(g.name, g.user_id), t(ROLE[g.role]), scope_text(t, g.scope, titles)
        )
        for number, g in enumerate(shown, page * PAGE + 1)
    ]
    removing = [
        (f"🗑 {number}. {g.name or g.user_id}", act("ask", g.user_id, g.role.value, g.scope))
        for number, g in enumerate(shown, page * PAGE + 1)
    ]
    turning: list[tuple[str, Action]] = []
    if page:
        turning.append(("◀", act("list", page - 1)))
    if page + 1 < pages:
        turning.append(("▶", act("list", page + 1)))
    rows: list[Row] = [*grid(removing, 2), *([turning] if turning else [])]
    return View(
        paragraphs(
            bold(t("The team")),
            t.plural("{n} owner, named in the settings.", "{n} owners, named in the settings.", owners),
            Markup("\n").join(lines) if lines else t("Nobody else has a role yet."),
        ),
        keyboard([*rows, [(t("➕ Add a person"), act("add"))]]),
    )  # fmt: skip


def role_page(t: Translator, user_id: int, name: str) -> View:
    lines = Markup("\n").join(
        Markup("<b>{}</b>: {}").format(t(ROLE[role]), t(text)) for role, text in _ROLE_DOES.items()
    )
    rows: list[Row] = [[(t(ROLE[role]), act("role", user_id, role.value))] for role in GIVEN]
    return View(
        paragraphs(bold(t("Which role should they have?")), person(name, user_id), lines),
        keyboard(rows),
    )


def scope_page(
    t: Translator, user_id: int, role: Role, *, everywhere: bool, countries: Sequence[str],
    groups: Sequence[Group],
) -> View:  # fmt: skip
    """What the one who appoints may give: only that is offered."""

    def button(text: str, scope: str) -> tuple[str, Action]:
        return text, act("scope", user_id, role.value, scope)

    rows: list[Row] = [[button(t("everywhere"), EVERYWHERE)]] if everywhere else []
    rows += grid([button(f"{flag(c)} {t.country(c)}", c) for c in countries], 2)
    rows += [[button(group.title or str(group.chat_id), str(group.chat_id))] for group in groups]
    return View(paragraphs(bold(t("Where may they act?")), t("Role: {role}", role=t(ROLE[role]))), keyboard(rows))  # fmt: skip


def held_page(t: Translator, name: str, grants: Iterable[Grant], titles: Titles) -> View:
    """One person's roles, to take one away."""
    rows: list[Row] = [
        [(f"🗑 {t(ROLE[g.role])} · {scope_text(t, g.scope, titles)}",
          act("ask", g.user_id, g.role.value, g.scope))]
        for g in grants
    ]  # fmt: skip
    if not rows:
        return View(t("They have no role that you could take away."))
    return View(paragraphs(bold(t("Which role of {name} should go?", name=name))), keyboard(rows))


def removal_page(t: Translator, grant: Grant, titles: Titles) -> View:
    where = scope_text(t, grant.scope, titles)
    return View(
        paragraphs(
            bold(t("Take this role away?")),
            Markup("{} · {} · {}").format(person(grant.name, grant.user_id), t(ROLE[grant.role]), where),
        ),
        keyboard([[
            (t("Yes, take it away"), act("drop", grant.user_id, grant.role.value, grant.scope)),
            (t("Keep the role"), act("list", 0)),
        ]]),
    )  # fmt: skip


def audit_page(t: Translator, entries: Sequence[Entry], names: Mapping[int, str]) -> View:
    lines = [
        Markup("{} · {}\n<code>{}</code> {}").format(
            t.datetime(e.at),
            names.get(e.user_id, str(e.user_id)) if e.user_id is not None else t("unknown person"),
            e.what,
            f"{e.target} {_detail(e.detail)}".strip(),
        )
        for e in entries
    ]
    if not lines:
        return View(t("Nothing is noted yet."))
    return View(
        paragraphs(bold(t("The latest changes")), *lines, t("Times are in UTC.")),
    )


def _detail(detail: Mapping[str, object]) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in detail.items())
    return text if len(text) <= _DETAIL else text[: _DETAIL - 1] + "…"
