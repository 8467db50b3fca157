"""What members see of referrals: their link, their numbers, the leaderboard."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.compliance.gate import Decision
from bot.i18n import N_, Translator, flag, isolate
from bot.knowledge.base import Knowledge
from bot.members.store import Group
from bot.referrals import rules
from bot.referrals.model import Campaign, Place, Rules, Standing
from bot.referrals.service import CHOICES, Came
from bot.telegram.callbacks import RoomAction
from bot.telegram.keyboards import Copy, Row, Url, keyboard, share
from bot.telegram.views import View

ROOM = "rf"
PICTURES = ("⛵", "🍋", "🎈", "🔑")
_NAMES = (N_("the boat"), N_("the lemon"), N_("the balloon"), N_("the key"))
MAX_GROUPS = 8


def html(*paragraphs: str | Markup) -> str:
    return str(Markup("\n\n").join(escape(p) for p in paragraphs if p))


def bold(text: str) -> Markup:
    return Markup("<b>{}</b>").format(text)


def lines(*texts: str | Markup) -> Markup:
    return Markup("\n").join(escape(text) for text in texts if text)


def act(verb: str, *args: object) -> RoomAction:
    return RoomAction(ROOM, verb, tuple(str(arg) for arg in args))


def in_private(t: Translator, url: str) -> View:
    text = t("Your invitations are between us: open them in private.")
    return View(html(text), keyboard([[(t("🔒 Open in private"), Url(url))]]))


def ask_country(t: Translator) -> View:
    from bot.telegram.callbacks import OpenMenu

    text = t(
        "Choose your country first: where rewards for inviting are not allowed, I give no link."
    )
    return View(html(text), keyboard([[(t("🌏 Country"), OpenMenu("country"))]]))


def refused(t: Translator, country: str, decision: Decision, knowledge: Knowledge) -> View:
    """Why there is no link, with the rule that says so."""
    said: list[str | Markup] = [
        bold(t("No invitations in {country}", country=t.place(country))),
        t("Rewards for inviting people to crypto are not allowed there, so I give no link."),
    ]
    for fact in filter(None, (decision.rule, decision.standing)):
        sources = knowledge.sources(fact)
        source = sources[0].name if sources else ""
        said.append(lines(t.prose(fact.text)[0], f"{source} · {t.partial_date(fact.as_of)}"))
    return View(html(*said))


def none_runs(t: Translator, url: str | None) -> View:
    """Says so plainly; the plain link only where the gate allows."""
    text = t("No referral campaign runs for your country now, so nothing is counted.")
    if url is None:
        return View(html(text))
    plain = t("You can still share me: {link}", link=isolate(url) if t.right_to_left else url)
    return View(html(text, plain), keyboard([[(t("📤 Share"), share(url))]]))


def needs(t: Translator, wanted: Rules) -> str:
    """What a referral needs in order to count, as a list."""
    parts = [t.plural("stays for {n} day", "stays for {n} days", wanted.days)]
    if wanted.messages:
        parts.append(t.plural("writes {n} message", "writes {n} messages", wanted.messages))
    if wanted.needs_country:
        parts.append(t("sets a country"))
    if wanted.human:
        parts.append(t("passes the human check"))
    return t.listing(parts)


def refer_page(
    t: Translator, campaign: Campaign, url: str, mine: Standing, others: Sequence[Campaign],
    warn: bool,
) -> View:  # fmt: skip
    said: list[str | Markup] = [
        bold(t("🤝 {campaign}", campaign=campaign.name)),
        Markup("<code>{}</code>").format(url),
        t("Somebody counts who is new here, came by your link, and {needs}.", needs=needs(t, campaign.rules)),
        numbers(t, mine),
        tier_line(t, campaign, mine.qualified),
        t("Until {date}.", date=t.date(campaign.ends_at.date())),
    ]  # fmt: skip
    if warn:
        said.append(
            t(
                "Crypto is risky: people can lose all that they put in. Share it only with those who asked."
            )
        )
    rows: list[Row] = [
        [(t("📋 Copy"), Copy(url)), (t("📤 Share"), share(url))],
        [(t("🔳 QR code"), act("qr", campaign.id)), (t("👥 Group links"), act("gl", campaign.id))],
        [(t("🏆 Leaderboard"), act("top", campaign.id, "", 0))],
        *([(c.name, act("me", c.id))] for c in others),
    ]
    return View(html(*said), keyboard(rows))


def numbers(t: Translator, mine: Standing) -> Markup:
    """One's own numbers; those that stand at nothing are left out."""
    waiting = mine.opened + mine.joined
    shown = [
        t.plural("✅ {n} counts", "✅ {n} count", mine.qualified),
        t.plural("⏳ {n} on the way", "⏳ {n} on the way", waiting) if waiting else "",
        t.plural("🔎 {n} being looked at", "🔎 {n} being looked at", mine.held) if mine.held else "",
        t.plural("🚪 {n} left", "🚪 {n} left", mine.departed) if mine.departed else "",
        t.plural("✖️ {n} does not count", "✖️ {n} do not count", mine.disqualified) if mine.disqualified else "",
    ]  # fmt: skip
    return lines(*shown)


def tier_line(t: Translator, campaign: Campaign, qualified: int) -> Markup:
    reached = rules.reached(campaign.tiers, qualified)
    coming = rules.next_tier(campaign.tiers, qualified)
    found = [t("Reached: {reward}", reward=reached.reward)] if reached else []
    if coming:
        found.append(
            t.plural(
                "{n} more for: {reward}", "{n} more for: {reward}", coming.people - qualified,
                reward=coming.reward,
            )
        )  # fmt: skip
    return lines(*found)


def groups_page(t: Translator, campaign: Campaign, groups: Sequence[Group]) -> View:
    if not groups:
        return View(html(t("There is no group for this campaign: use your link to me.")))
    rows: list[Row] = [
        [(group.title[:40] or str(group.chat_id), act("gk", campaign.id, group.chat_id))]
        for group in groups[:MAX_GROUPS]
    ]
    text = t(
        "Choose a group: I make an invite link of your own for it. A link to me is counted more surely, as Telegram does not always tell by which link somebody joined."
    )
    return View(html(text), keyboard(rows))


def group_link(t: Translator, title: str, url: str) -> View:
    return View(
        html(bold(title), Markup("<code>{}</code>").format(url)),
        keyboard([[(t("📋 Copy"), Copy(url)), (t("📤 Share"), share(url))]]),
    )


def no_right(t: Translator, title: str) -> str:
    return t(
        "I may not make links in {group} any more: ask its administrators, or use your link to me.",
        group=title,
    )


def top_page(
    t: Translator, title: str, places: Sequence[Place], own: Place | None, rows: Sequence[Row]
) -> View:
    listed = [
        place_line(t, place, own is not None and place.person_id == own.person_id)
        for place in places
    ]
    said: list[str | Markup] = [bold(t("🏆 {campaign}", campaign=title))]
    said.append(lines(*listed) if listed else t("Nobody has a place yet. It can be you: /refer"))
    if own and own.person_id not in {place.person_id for place in places}:
        said.append(place_line(t, own, True))
    return View(html(*said), keyboard(rows))


def place_line(t: Translator, place: Place, own: bool) -> Markup:
    home = flag(place.country) if place.country else "  "
    name = bold(t("You")) if own else escape(place.name)
    return Markup("{}. {} {} · {}").format(
        t.number(place.rank), home, name, t.number(place.qualified)
    )


_CAME = {
    Came.AGAIN: N_("You came by an invitation already: the first one counts."),
    Came.KNOWN: N_("You were here before, so this invitation does not count. Welcome back!"),
    Came.OWN: N_("That is your own link: send it to somebody else. Nothing is counted."),
    Came.OVER: N_("That invitation is no longer in use. You are welcome all the same."),
    Came.INVALID: N_("That invitation link is not one of mine. You are welcome all the same."),
    Came.NOT_ALLOWED: N_("Invitations do not count where you are. You are welcome all the same."),
}


def arrival(
    t: Translator, came: Came, inviter: str, groups: Sequence[tuple[str, str]],
    check: tuple[int, int] | None,
) -> View:  # fmt: skip
    """`groups` are titles and links; `check` is the referral and the picture to tap."""
    if came is not Came.NEW:
        return View(html(t(_CAME[came])))
    said = [t("{name} invited you. Good to have you here!", name=inviter)]
    rows: list[Row] = [[(f"👥 {title[:40]}", Url(url))] for title, url in groups]
    if groups:
        said.append(t("Join the group of your country here:"))
    if check:
        said.append(check_text(t, check[1]))
        rows = [check_row(check[0]), *rows]
    return View(html(*said), keyboard(rows) if rows else None)


def check_text(t: Translator, picture: int) -> str:
    return t("To show that you are a person, tap {picture}.", picture=t(_NAMES[picture]))


def check_row(referral_id: int) -> Row:
    return [(PICTURES[n], act("hc", referral_id, n)) for n in range(CHOICES)]


def news(t: Translator, campaign: Campaign, more: int, qualified: int) -> str:
    said = [
        t.plural(
            "🎉 {n} more person whom you invited counts in {campaign}.",
            "🎉 {n} more people whom you invited count in {campaign}.",
            more, campaign=campaign.name,
        ),
        t.plural("Now {n} counts.", "Now {n} count.", qualified),
        tier_line(t, campaign, qualified),
        t("Your numbers: /refer"),
    ]  # fmt: skip
    return html(lines(*said))
