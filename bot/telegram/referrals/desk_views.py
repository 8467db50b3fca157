"""What marketing sees: campaigns, the dashboard, suspects with their evidence, payouts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot.charts import Chart, Series
from bot.i18n import N_, Translator, flag
from bot.knowledge.model import Duration
from bot.referrals import rules
from bot.referrals.board import Payout, Suspect
from bot.referrals.model import Campaign, Plan, Signal, Standing
from bot.referrals.plans import OPTIONS, Chosen, Option
from bot.telegram.keyboards import Row, keyboard
from bot.telegram.referrals.member_views import act, bold, html, lines, needs
from bot.telegram.views import View

SHOWN_PAYOUTS = 20

PROMPTS = {
    "name": N_("What is the campaign called? Members see the name."),
    "countries": N_("For which countries? Write their codes, such as PH, KR, or: all. Where rewards for inviting are not allowed it gives no links, whatever you write here."),
    "platform": N_("Which platform does it promote? Write its name, or: none. Its standing in a member's country decides whether they get a link."),
    "window": N_("From when to when? Write two days, such as 2026-12-01 2026-12-31 (UTC, both count), or: 30 days."),
    "rules": N_("When does somebody count? Such as: 7 days, 3 messages, country, human. The days are needed, the others are not."),
    "tiers": N_("What do they get? A line for each step, such as: 5 = a badge. Or: none."),
    "limits": N_("How many may count? Such as: 50 each, 1000 in all. Or: none."),
}  # fmt: skip
_UNCLEAR = {
    "name": N_("A name has 2 to 60 characters."),
    "countries": N_("I don't know one of these countries. Write codes such as PH, KR, or: all."),
    "platform": N_("I don't know that platform. Write its name, or: none."),
    "window": N_("Write two days such as 2026-12-01 2026-12-31, the last one not over yet, at most 400 days; or: 30 days."),
    "rules": N_("Write it such as: 7 days, 3 messages, country, human."),
    "tiers": N_("Write a line for each step, such as: 5 = a badge. Or: none."),
    "limits": N_("Write it such as: 50 each, 1000 in all. Or: none."),
    "number": N_("That number is too large, or none."),
}  # fmt: skip
_SIGNALS = {
    "self": N_("opened their own link"),
    "returned": N_("left and came back"),
    "rhythm": N_("one of {people} who came as regularly as a clock, about {seconds} s apart"),
    "silent_run": N_(
        "{hits} of {people} who came one after the other wrote at most {messages} messages"
    ),
    "silent_circle": N_(
        "{hits} of {people} whom this member invited wrote at most {messages} messages"
    ),
    "accounts": N_(
        "{hits} of {people} other accounts around this member were made at about the same time"
    ),
    "same_name": N_("{hits} of {people} others around this member have the same name"),
    "chain": N_("invited by somebody who was invited {hours} h before and wrote nothing"),
    "unnamed": N_("{hits} of {people} who came one after the other have no username"),
    "check": N_("missed the human check {misses} times"),
}


def refusal(t: Translator) -> str:
    return t("Only those who do the marketing can open that.")


def prompt(t: Translator, step: str, wrong: str | None = None, chosen: Chosen = ()) -> View:
    """A question; what is answered most often is a button below it."""
    said = [t(_UNCLEAR[wrong])] if wrong else []
    rows: list[Row] = [_row(t, step, group, chosen) for group in _rows_of(step)]
    if chosen:
        rows.append([(t("▶️ Go on"), act("ag", step))])
    text = html(*said, t(PROMPTS[step]), t("/cancel leaves everything as it was."))
    return View(text, keyboard(rows) if rows else None)


def _rows_of(step: str) -> list[list[tuple[int, int]]]:
    """Places of the options: numbers beside each other in twos."""
    found = []
    for group, options in enumerate(OPTIONS.get(step, ())):
        places = [(group, place) for place in range(len(options))]
        found += [places[n : n + 2] for n in range(0, len(places), 2)]
    return found


def _row(t: Translator, step: str, places: Sequence[tuple[int, int]], chosen: Chosen) -> Row:
    return [
        (("✅ " if (g, n) in chosen else "") + _label(t, step, OPTIONS[step][g][n]), act("an", step, g, n))
        for g, n in places
    ]  # fmt: skip


def _label(t: Translator, step: str, option: Option) -> str:
    n = option.number or 0
    match option.word:
        case "all":
            return t("🌏 All countries")
        case "days" if step == "window":
            return t.duration(Duration(amount=n, unit="day"))
        case "days":
            return t.plural("stays for {n} day", "stays for {n} days", n)
        case "messages":
            return t.plural("writes {n} message", "writes {n} messages", n)
        case "country":
            return t("sets a country")
        case "human":
            return t("passes the human check")
        case "each":
            return t("At most {n} for each member", n=t.number(n))
        case "in all":
            return t("At most {n} in all", n=t.number(n))
    return t("none")


def listing(t: Translator, campaigns: Sequence[Campaign], runs: Sequence[int]) -> View:
    rows: list[Row] = [
        [(f"{'🟢' if c.id in runs else '⚪'} {c.name[:48]}", act("d", c.id))]
        for c in campaigns[:20]
    ]
    rows.append([(t("➕ New campaign"), act("nw"))])
    text = t("Referral campaigns") if campaigns else t("There is no referral campaign yet.")
    return View(html(bold(text)), keyboard(rows))


def described(t: Translator, c: Campaign | Plan) -> Markup:
    """A campaign's terms, a line each."""
    where = t.listing([f"{flag(code)} {t.country(code)}" for code in sorted(c.countries)])
    tiers = [
        t("{n} people: {reward}", n=t.number(tier.people), reward=tier.reward) for tier in c.tiers
    ]
    return lines(
        t("Where: {countries}", countries=where or t("wherever it is allowed")),
        t("Platform: {platform}", platform=c.platform or t("none")),
        t("From {first} to {last}", first=t.date(c.starts_at.date()), last=t.date(c.ends_at.date())),
        t("Counts who {needs}", needs=needs(t, c.rules)),
        *tiers,
        t("At most {n} for each member", n=t.number(c.cap)) if c.cap else "",
        t("At most {n} in all", n=t.number(c.budget)) if c.budget else "",
    )  # fmt: skip


def preview(t: Translator, plan: Plan, no_links: Sequence[str]) -> View:
    """`no_links`: countries of the campaign where the gate says no."""
    said: list[str | Markup] = [bold(plan.name), described(t, plan)]
    if no_links:
        said.append(
            t(
                "No links are given in: {countries}",
                countries=t.listing([t.country(c) for c in no_links]),
            )
        )
    return View(html(*said), keyboard([[(t("💾 Save"), act("sv")), (t("✖️ Leave"), act("lv"))]]))


def dashboard(t: Translator, c: Campaign, totals: Standing, runs: bool) -> View:
    state = t("runs now") if runs else t("does not run")
    said: list[str | Markup] = [
        bold(f"{c.name} · {state}"),
        described(t, c),
        lines(
            t("Came: {n}", n=t.number(totals.invited)),
            t("Count: {n}", n=t.number(totals.qualified)),
            t("Paid: {n}", n=t.number(totals.rewarded)),
            t("On the way: {n}", n=t.number(totals.opened + totals.joined)),
            t("Left: {n}", n=t.number(totals.departed)),
            t("Held for a person: {n}", n=t.number(totals.held)),
            t("Do not count: {n}", n=t.number(totals.disqualified)),
        ),
    ]
    rows: list[Row] = [
        [(t("📈 Growth"), act("gr", c.id)), (t("🔻 Funnel"), act("fn", c.id))],
        [(t("🔎 Review ({n})", n=t.number(totals.held)), act("rv", c.id, 0)),
         (t("💰 Payouts"), act("po", c.id))],
        [(t("🏆 Leaderboard"), act("top", c.id, "", 0)), (t("📄 CSV"), act("cs", c.id))],
        [(t("📏 Change the rules"), act("ru", c.id)), (t("⏹ End"), act("en", c.id, 0))]
        if runs else [(t("🗄 Archive"), act("ar", c.id))],
    ]  # fmt: skip
    return View(html(*said), keyboard(rows))


def sure_to_end(t: Translator, c: Campaign) -> View:
    text = t(
        "End {campaign} now? Its links stop; those who are on the way may still come to count.",
        campaign=c.name,
    )
    return View(
        html(text), keyboard([[(t("⏹ End"), act("en", c.id, 1)), (t("✖️ Leave"), act("d", c.id))]])
    )


def evidence(t: Translator, signal: Signal) -> str:
    shown = {k: t.number(v) for k, v in signal.detail.items() if isinstance(v, int | float)}
    return t(_SIGNALS[signal.name], **shown) if signal.name in _SIGNALS else signal.name


def suspect(t: Translator, one: Suspect) -> View:
    own = one.reason == "self"
    who = Markup('<a href="tg://user?id={}">{}</a>').format(one.referrer_user, one.referrer)
    said: list[str | Markup] = [
        bold(t("Held for a person: {n}", n=t.number(one.waiting))),
        Markup("#{} · {} → {}").format(one.referral_id, who if one.referrer_user else one.referrer, one.invitee),
        lines(*[f"• {evidence(t, signal)}" for signal in one.signals]),
    ]  # fmt: skip
    number = one.referral_id
    decide = [] if own else [(t("✅ Accept"), act("ok", number))]
    rows: list[Row] = [
        [*decide, (t("🚫 Reject"), act("no", number))],
        [(t("⛔ Ban {name} from the campaign", name=one.referrer), act("bn", number))],
        [
            (t("⏭ Next"), act("rv", one.campaign_id, number)),
            (t("⬅️ Back"), act("d", one.campaign_id)),
        ],
    ]
    return View(html(*said), keyboard(rows))


def none_held(t: Translator, campaign_id: int) -> View:
    return View(
        html(t("Nobody is held: nothing to decide.")),
        keyboard([[(t("⬅️ Back"), act("d", campaign_id))]]),
    )


def payouts(t: Translator, c: Campaign, people: Sequence[Payout]) -> View:
    open_ = sum(p.qualified - p.rewarded for p in people)
    shown = [_payout(t, c, one) for one in people[:SHOWN_PAYOUTS]]
    if len(people) > SHOWN_PAYOUTS:
        shown.append(Markup(t("The CSV has all {n}.", n=t.number(len(people)))))
    total = lines(
        t("Count: {n}", n=t.number(sum(p.qualified for p in people))),
        t("Paid: {n}", n=t.number(sum(p.rewarded for p in people))),
        t("To be paid: {n}", n=t.number(open_)),
    )
    rows: list[Row] = [[(t("📄 CSV"), act("pc", c.id)), (t("⬅️ Back"), act("d", c.id))]]
    if open_:
        rows.insert(0, [(t("💰 Note {n} as paid", n=t.number(open_)), act("pd", c.id, open_))])
    return View(
        html(bold(t("Payouts · {campaign}", campaign=c.name)), lines(*shown), total), keyboard(rows)
    )


def _payout(t: Translator, c: Campaign, one: Payout) -> Markup:
    tier = rules.reached(c.tiers, one.qualified)
    who = (
        Markup('<a href="tg://user?id={}">{}</a>').format(one.user_id, one.name)
        if one.user_id else Markup("•••")
    )  # fmt: skip
    return Markup("{} · {} ({}) · {}").format(
        who,
        t.number(one.qualified),
        t.number(one.qualified - one.rewarded),
        tier.reward if tier else "-",
    )


def growth_chart(t: Translator, c: Campaign, days: dict[date, tuple[int, int]]) -> Chart:
    """Running sums, so that a day without anybody is level."""
    came = counted = 0
    sums: list[tuple[int, int]] = []
    for new, good in days.values():
        came, counted = came + new, counted + good
        sums.append((came, counted))
    return Chart(
        "lines", c.name, [t.date(day) for day in days],
        [Series(t("Came"), [s[0] for s in sums]), Series(t("Count"), [s[1] for s in sums])],
    )  # fmt: skip


def funnel_chart(t: Translator, c: Campaign, numbers: tuple[int, int, int, int]) -> Chart:
    labels = [t("Came"), t("Joined a group"), t("Count"), t("Paid")]
    return Chart("funnel", c.name, labels, [Series("", numbers)])
