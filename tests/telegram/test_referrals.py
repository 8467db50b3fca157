"""Referral campaigns in the chat: links, joins, the leaderboard, marketing's desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import FixedClock
from bot.desk.roles import Grant, Role
from bot.sandbox.methods import METHODS
from bot.telegram.referrals.room import JOB
from tests.conftest import Harness, run_bot_in_sandbox

OLA, DARA, SAM = 7_000_100_103, 7_000_100_102, 7_000_100_015
PHILIPPINES = -1_002_000_000_003
ANSWERS = {
    "called": "Barkada", "countries": "ph", "platform": "none", "when": "30 days",
    "count": "3 days", "get": "1 = a badge\n5 = a shirt", "many": "50 each, 1000 in all",
}  # fmt: skip


@pytest.fixture
async def desk(tmp_path: Path, clock: FixedClock) -> AsyncIterator[Harness]:
    async with run_bot_in_sandbox(tmp_path, clock, owners=str(OLA)) as running:
        running.running.services.staff.add(Grant(DARA, Role.MARKETING), OLA)
        groups = running.running.services.groups
        groups.join(PHILIPPINES, "Sampan Philippines")
        groups.configure(PHILIPPINES, country="PH", language="en")
        yield running


def labels(message: dict[str, Any]) -> list[str]:
    return [b["text"] for row in message["keyboard"] for b in row]


async def campaign(desk: Harness, **changed: str) -> dict[str, Any]:
    """Dara sets a campaign up by the dialogue; its dashboard."""
    await desk.people.say("Dara", "/referrals new")
    last: dict[str, Any] = {}
    for answer in {**ANSWERS, **changed}.values():
        last = await desk.people.say("Dara", answer)
    return (await desk.people.press("Dara", last, "Save"))["last"]


async def stranger(desk: Harness, name: str, **more: Any) -> str:
    made = await desk.people.act("people", first_name=name, language="en", **more)
    return str(made["user"]["id"])


async def link_of(desk: Harness, user: str = "Sam", number: int = SAM) -> str:
    """The code behind a member's /refer in the Philippines."""
    desk.running.services.members.set_country(number, "PH")
    page = await desk.people.say(user, "/refer")
    copied: str = next(
        b["copy_text"]["text"] for row in page["keyboard"] for b in row if "copy_text" in b
    )
    return copied.rpartition("start=")[2]


async def start(desk: Harness, user: str, payload: str) -> list[str]:
    """Opens the bot by a link: what the bot says."""
    before = len(await desk.people.messages(user))
    await desk.people.act("start", user=user, payload=payload)
    await desk.people.settle()
    return [m["text"] for m in (await desk.people.messages(user))[before:] if m["from"]["bot"]]


async def days_pass(desk: Harness, days: float) -> None:
    desk.clock.moment += timedelta(days=days)
    await desk.running.jobs.run(JOB)


def states(desk: Harness) -> list[str]:
    return [s for (s,) in desk.core.db.execute("SELECT state FROM referrals ORDER BY id")]


async def test_a_link_shared_joins_counted_and_a_self_referral_held(desk: Harness) -> None:
    """The whole way: shared, two join, one leaves at once, days pass, board, chart, evidence."""
    page = await campaign(desk)
    assert "Barkada" in page["text"] and "stays for 3 days" in page["text"]
    payload = await link_of(desk)
    ann, bob = await stranger(desk, "Ann"), await stranger(desk, "Bob")
    for one in (ann, bob):
        said = await start(desk, one, payload)
        assert "S••• invited you" in said[0]
        handed = (await desk.people.messages(one))[1]
        url = next(b["url"] for row in handed["keyboard"] for b in row if "url" in b)
        await desk.people.act("join", user=one, invite_link=url)
    await desk.people.settle()
    await desk.people.act("leave", user=bob, chat=PHILIPPINES)
    assert "your own link" in (await start(desk, "Sam", payload))[0]
    assert states(desk) == ["joined", "left", "held"]

    before = len(await desk.people.messages("Sam"))
    await days_pass(desk, 2)
    assert states(desk)[0] == "joined"
    await days_pass(desk, 1.1)
    await days_pass(desk, 1)
    assert states(desk) == ["qualified", "left", "held"]
    told = [m["text"] for m in (await desk.people.messages("Sam"))[before:]]
    assert len(told) == 1 and "1 more person whom you invited counts in Barkada" in told[0]
    assert "4 more for: a shirt" in told[0] and "Reached: a badge" in told[0]

    board = await desk.people.say("Dara", "/top")
    assert "1. 🇵🇭 S••• · 1" in board["text"]
    own = await desk.people.say("Sam", "/top")
    assert "You · 1" in own["text"]
    chart = (await desk.people.press("Dara", page, "Growth"))["last"]
    assert chart["photo"]["width"] > 400
    funnel = (await desk.people.press("Dara", page, "Funnel"))["last"]
    assert funnel["photo"]

    held = (await desk.people.press("Dara", page, "Review"))["last"]
    assert "opened their own link" in held["text"] and "S•••" in held["text"]
    assert not [label for label in labels(held) if "Accept" in label]
    done = await desk.people.press("Dara", held, "Reject")
    assert "Nobody is held" in done["last"]["text"]
    assert states(desk)[2] == "disqualified"


async def test_refer_says_why_there_is_no_link(desk: Harness) -> None:
    asked = await desk.people.say("Sam", "/refer")
    assert "Choose your country first" in asked["text"]
    desk.running.services.members.set_country(SAM, "PH")
    none = await desk.people.say("Sam", "/refer")
    assert "No referral campaign runs" in none["text"] and "t.me/SampanDeskBot" in none["text"]
    await campaign(desk, countries="all")
    desk.running.services.members.set_country(SAM, "SG")
    refused = await desk.people.say("Sam", "/refer")
    assert "No invitations in Singapore" in refused["text"] and refused["keyboard"] == []
    assert "start=" not in refused["text"]
    desk.running.services.members.set_country(SAM, "PH")
    page = await desk.people.say("Sam", "/refer")
    assert "start=ref_" in page["text"]
    qr = (await desk.people.press("Sam", page, "QR"))["last"]
    assert qr["photo"]["width"] > 200


async def test_a_platforms_standing_decides(desk: Harness) -> None:
    preview_from = await campaign(desk, platform="Binance")
    assert "Platform: binance" in preview_from["text"]
    desk.running.services.members.set_country(SAM, "PH")
    refused = await desk.people.say("Sam", "/refer")
    assert (
        "No invitations in the Philippines" in refused["text"]
        and "start=ref_" not in refused["text"]
    )


async def test_in_a_group_the_link_is_for_its_owners_eyes_alone(desk: Harness) -> None:
    await campaign(desk)
    desk.running.services.members.set_country(7_000_100_004, "PH")
    answer = await desk.people.say("Maria", "/refer@SampanDeskBot", PHILIPPINES)
    assert answer["ephemeral_id"] and "start=ref_" in answer["text"]
    assert answer["keyboard"][0][0]["url"].endswith("?start=refer")
    assert "ref_" not in str([m["text"] for m in await desk.people.messages("Sam", PHILIPPINES)])


async def test_where_nothing_can_be_whispered_a_button_leads_to_private(
    desk: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(METHODS, "deleteephemeralmessage")
    await campaign(desk)
    desk.running.services.members.set_country(7_000_100_004, "PH")
    answer = await desk.people.say("Maria", "/refer@SampanDeskBot", PHILIPPINES)
    button = answer["keyboard"][0][0]
    assert "ref_" not in answer["text"] and button["url"].endswith("?start=refer")
    said = await start(desk, "Maria", "refer")
    assert len(said) == 1 and "start=ref_" in said[0]


@pytest.mark.parametrize("command", ["/top", "/refer"])
async def test_one_person_cannot_fill_a_group_with_it(desk: Harness, command: str) -> None:
    """Told once that it was a lot, then silence; others are answered still."""
    before = len(await desk.people.messages("Maria", PHILIPPINES))
    for _ in range(16):
        await desk.people.act(
            "say", user="Maria", chat=PHILIPPINES, text=f"{command}@SampanDeskBot"
        )
    await desk.people.settle()
    said = (await desk.people.messages("Maria", PHILIPPINES))[before:]
    answers = [m["text"] for m in said if m["from"]["bot"]]
    assert len(answers) < 16 and len(set(answers)) == 2
    assert answers.count(answers[-1]) == 1, "told once"
    other = await desk.people.say("Jun", f"{command}@SampanDeskBot", PHILIPPINES)
    assert other["text"] != answers[-1]


async def test_who_left_while_the_bot_was_down_does_not_count(desk: Harness) -> None:
    """Telegram is asked when the time has come; where it cannot tell, it is asked again."""
    await campaign(desk)
    payload = await link_of(desk)
    ann, bob, cat = [await stranger(desk, name) for name in ("Ann", "Bob", "Cat")]
    for one in (ann, bob, cat):
        await start(desk, one, payload)
        await desk.people.act("join", user=one, chat=PHILIPPINES)
    await desk.people.settle()
    members = desk.world.chats[PHILIPPINES].members
    members[int(ann)].status = "left"  # no update tells it
    members[int(bob)].status = "restricted"  # muted, but there
    await days_pass(desk, 2)
    desk.clock.moment += timedelta(days=1.1)
    await desk.people.act("faults", method="getChatMember", kind="500", times=3)
    await desk.running.jobs.run(JOB)
    assert states(desk) == ["joined"] * 3
    await days_pass(desk, 0.1)
    assert states(desk) == ["left", "qualified", "qualified"]


async def test_a_personal_invite_link_counts_and_ends_with_the_campaign(desk: Harness) -> None:
    page = await campaign(desk)
    payload = await link_of(desk)
    mine = await desk.people.say("Sam", "/refer")
    groups = (await desk.people.press("Sam", mine, "Group links"))["last"]
    made = (await desk.people.press("Sam", groups, "Philippines"))["last"]
    again = (await desk.people.press("Sam", groups, "Philippines"))["last"]
    url = next(b["copy_text"]["text"] for row in made["keyboard"] for b in row if "copy_text" in b)
    assert url in again["text"]
    link = desk.world.chats[PHILIPPINES].links[url]
    assert link.name.startswith("S•••") and not link.is_revoked
    ann = await stranger(desk, "Ann")
    await desk.people.act("join", user=ann, invite_link=url)
    await desk.people.settle()
    assert (await start(desk, ann, payload))[0].startswith("You came by an invitation already")
    assert states(desk) == ["joined"]

    sure = (await desk.people.press("Dara", page, "End"))["last"]
    await desk.people.press("Dara", sure, "End")
    await desk.running.jobs.run(JOB)
    assert link.is_revoked
    assert "no longer in use" in (await start(desk, await stranger(desk, "Cat"), payload))[0]
    await days_pass(desk, 4)
    assert states(desk) == ["qualified"]


async def test_a_group_that_took_the_right_away_is_named(desk: Harness) -> None:
    await campaign(desk)
    payload = await link_of(desk)
    await desk.people.act("member", chat=PHILIPPINES, user="bot", status="member")
    mine = await desk.people.say("Sam", "/refer")
    groups = (await desk.people.press("Sam", mine, "Group links"))["last"]
    said = (await desk.people.press("Sam", groups, "Philippines"))["last"]
    assert "I may not make links in Sampan Philippines" in said["text"]
    ann = await stranger(desk, "Ann")
    assert "S••• invited you" in (await start(desk, ann, payload))[0]
    assert states(desk) == ["opened"]


async def test_join_requests_wait_for_the_human_check(desk: Harness) -> None:
    await campaign(desk, count="1 day, human")
    await link_of(desk)
    mine = await desk.people.say("Sam", "/refer")
    groups = (await desk.people.press("Sam", mine, "Group links"))["last"]
    made = (await desk.people.press("Sam", groups, "Philippines"))["last"]
    url = next(b["copy_text"]["text"] for row in made["keyboard"] for b in row if "copy_text" in b)
    ann = await stranger(desk, "Ann")
    await desk.people.act("join", user=ann, invite_link=url)
    await desk.people.settle()
    check = (await desk.people.messages(ann))[-1]
    assert "To show that you are a person" in check["text"]
    right = desk.running.referrals.referrals.right_picture(1)
    wrong = await desk.people.press(ann, check, data=f"rf.hc|1|{(right + 1) % 4}")
    assert "Not that one" in wrong["answer"]["text"]
    forged = await desk.people.press("Sam", mine, data=f"rf.hc|1|{right}")
    assert "nothing to check" in forged["answer"]["text"]
    assert not desk.world.chats[PHILIPPINES].has(int(ann))
    await desk.people.press(ann, check, data=f"rf.hc|1|{right}")
    await desk.people.settle()
    assert desk.world.chats[PHILIPPINES].has(int(ann))
    await days_pass(desk, 1.1)
    assert states(desk) == ["qualified"]


async def test_a_join_request_counts_for_whose_link_it_was(desk: Harness) -> None:
    """Let in by a person of the group; who is turned away is no referral that counts."""
    await campaign(desk, count="1 day, human")
    await link_of(desk)
    mine = await desk.people.say("Sam", "/refer")
    groups = (await desk.people.press("Sam", mine, "Group links"))["last"]
    made = (await desk.people.press("Sam", groups, "Philippines"))["last"]
    url = next(b["copy_text"]["text"] for row in made["keyboard"] for b in row if "copy_text" in b)
    ann, bob = await stranger(desk, "Ann"), await stranger(desk, "Bob")
    for one, approve in ((ann, True), (bob, False)):
        await desk.people.act("join", user=one, invite_link=url)
        await desk.people.settle()
        await desk.people.act(
            "answer-request", user=one, chat=PHILIPPINES, by="Nok", approve=approve
        )
    await desk.people.settle()
    assert states(desk) == ["joined", "opened"]
    rows = desk.core.db.execute("SELECT via, referrer_id, chat_id FROM referrals").fetchall()
    assert rows == [("request", 1, PHILIPPINES), ("request", 1, None)]
    await days_pass(desk, 1.1)
    assert states(desk)[0] == "joined", "the human check is still to come"
    check = (await desk.people.messages(ann))[-1]
    right = desk.running.referrals.referrals.right_picture(1)
    await desk.people.press(ann, check, data=f"rf.hc|1|{right}")
    await days_pass(desk, 0.1)
    assert states(desk) == ["qualified", "opened"]


async def test_bad_payloads_are_answered_plainly_and_count_nothing(desk: Harness) -> None:
    await campaign(desk)
    payload = await link_of(desk)
    ann = await stranger(desk, "Ann")
    for bad in ("ref_", payload[:-1], payload + "x", " ".join([payload] * 50), "ref_' OR 1=1 --"):
        assert "not one of mine" in (await start(desk, ann, bad))[0]
    assert states(desk) == []
    # Ann has met the bot by now: even the true link does not make her new.
    assert "You were here before" in (await start(desk, ann, payload))[0]


async def test_two_links_at_the_same_moment_count_once(desk: Harness) -> None:
    await campaign(desk)
    one, other = await link_of(desk), await link_of(desk, "Ola", OLA)
    ann = await stranger(desk, "Ann")
    await desk.people.act("start", user=ann, payload=one)
    await desk.people.act("start", user=ann, payload=other)
    await desk.people.act("join", user=ann, chat=PHILIPPINES)
    await desk.people.settle()
    assert states(desk) == ["joined"]


async def test_marketing_alone_opens_the_desk(desk: Harness) -> None:
    page = await campaign(desk)
    refused = await desk.people.say("Sam", "/referrals")
    assert "Only those who do the marketing" in refused["text"]
    for data in ("rf.cs|1", "rf.po|1", "rf.ok|1", "rf.en|1|1", "rf.sv", "rf.pd|1|0"):
        forged = await desk.people.press("Sam", refused, data=data)
        assert forged["answer"]["text"].startswith("Only those")
    for data in (
        "rf.cs|x",
        "rf.rv|1|-1",
        "rf.zz|1",
        "rf.d|99",
        "rf.top|1|XX|0",
        "rf.gk|1|1|1",
        "rf.ok|99",
    ):
        junk = await desk.people.press("Dara", page, data=data)
        assert "no longer in use" in junk["answer"]["text"], data
    # A right that was taken away is gone in the middle of a dialogue.
    await desk.people.say("Dara", "/referrals new")
    desk.running.services.staff.remove(DARA)
    assert "Only those" in (await desk.people.say("Dara", "Barkada"))["text"]


async def test_a_scope_keeps_to_its_countries(desk: Harness) -> None:
    await campaign(desk)
    staff = desk.running.services.staff
    staff.remove(DARA)
    staff.add(Grant(DARA, Role.MARKETING, "KR"), OLA)
    listing = await desk.people.say("Dara", "/referrals")
    assert "Barkada" not in str(listing["keyboard"])
    forged = await desk.people.press("Dara", listing, data="rf.cs|1")
    assert "no longer in use" in forged["answer"]["text"]
    await desk.people.say("Dara", "/referrals new")
    for answer in ANSWERS.values():
        last = await desk.people.say("Dara", answer)
    saved = await desk.people.press("Dara", last, "Save")
    assert "Only those" in saved["answer"]["text"]


async def test_wrong_answers_are_asked_again(desk: Harness) -> None:
    await desk.people.say("Dara", "/referrals new")
    tried = {
        "called": "x", "countries": "XX, PH", "platform": "no such thing qq", "when": "2020-01-01 2020-02-01",
        "count": "soon", "get": "0 = all", "many": "many",
    }  # fmt: skip
    for step, wrong in tried.items():
        again = await desk.people.say("Dara", wrong)
        assert "/cancel" in again["text"], step
        await desk.people.say("Dara", ANSWERS[step])
    assert desk.running.referrals.referrals.campaigns.all() == []


async def test_a_campaign_needs_no_word_of_english(desk: Harness) -> None:
    """Names, numbers in the person's own digits and buttons are enough."""
    desk.running.services.members.set_language(DARA, "bn")
    await desk.people.say("Dara", "/referrals new")
    asked = await desk.people.say("Dara", "বন্ধু")
    for place in ("an|countries|0|0", "an|platform|0|0", "an|window|1|0"):
        asked = (await desk.people.press("Dara", asked, data=f"rf.{place}"))["last"]
    assert not [label for label in labels(asked) if "✅" in label]
    asked = (await desk.people.press("Dara", asked, "7 "))["message"]
    asked = (await desk.people.press("Dara", asked, "10"))["message"]
    asked = (await desk.people.press("Dara", asked, data="rf.an|rules|3|0"))["message"]
    asked = (await desk.people.press("Dara", asked, data="rf.an|rules|0|1"))["message"]
    ticked = [label for label in labels(asked) if "✅" in label]
    assert len(ticked) == 3 and ticked[0].startswith("✅ 3 ")
    tiers = (await desk.people.press("Dara", asked, data="rf.ag|rules"))["last"]
    assert labels(tiers)
    await desk.people.say("Dara", "৫ = ব্যাজ")
    preview = await desk.people.say("Dara", "৫০, ১০০০")
    again = await desk.people.say("Dara", "?")
    assert again["text"] == preview["text"]
    await desk.people.press("Dara", again, data="rf.sv")
    (made,) = desk.running.referrals.referrals.campaigns.all()
    assert (made.name, made.countries, made.platform) == ("বন্ধু", frozenset(), None)
    assert (made.rules.days, made.rules.messages, made.rules.human) == (3, 10, True)
    assert not made.rules.needs_country
    assert [(t.people, t.reward) for t in made.tiers] == [(5, "ব্যাজ")]
    assert (made.cap, made.budget) == (50, 1000)
    assert (made.ends_at - made.starts_at).days == 30


async def test_buttons_of_another_question_and_forged_ones_do_nothing(desk: Harness) -> None:
    asked = await desk.people.say("Dara", "/referrals new")
    named = await desk.people.say("Dara", "Barkada")
    for data in (
        "rf.an|rules|0|0", "rf.an|countries|9|9", "rf.an|countries|-1|0", "rf.an|x|0|0",
        "rf.ag|countries", "rf.ag|name", "rf.an|countries|0", "rf.an|countries|0|00",
    ):  # fmt: skip
        pressed = await desk.people.press("Dara", asked, data=data)
        assert "no longer in use" in pressed["answer"]["text"], data
    assert labels(named)
    rules = await desk.people.press("Dara", named, data="rf.an|countries|0|0")
    assert "platform" in rules["last"]["text"]


async def test_rules_of_a_running_campaign_are_changed_by_buttons(desk: Harness) -> None:
    page = await campaign(desk)
    asked = (await desk.people.press("Dara", page, "Change the rules"))["last"]
    asked = (await desk.people.press("Dara", asked, "writes 3 messages"))["message"]
    refused = (await desk.people.press("Dara", asked, "Go on"))["last"]
    assert "Write it such as" in refused["text"], "the days are needed"
    asked = (await desk.people.press("Dara", refused, "stays for 14 days"))["message"]
    said = (await desk.people.press("Dara", asked, "Go on"))["last"]
    assert "keeps the rules of that day" in said["text"]
    now = desk.running.referrals.referrals.campaigns.get(1)
    assert now is not None and (now.rules.version, now.rules.days) == (2, 14)


async def test_payouts_and_spreadsheets(desk: Harness) -> None:
    page = await campaign(desk, called="=cmd|evil", count="0 days")
    payload = await link_of(desk)
    ann = await stranger(desk, "Ann")
    await start(desk, ann, payload)
    await desk.people.act("join", user=ann, chat=PHILIPPINES)
    await desk.people.settle()
    await days_pass(desk, 0.1)
    payouts = (await desk.people.press("Dara", page, "Payouts"))["last"]
    assert "To be paid: 1" in payouts["text"] and "a badge" in payouts["text"]
    stale = await desk.people.press("Dara", payouts, data="rf.pd|1|7")
    assert "changed meanwhile" in stale["answer"]["text"]
    paid = (await desk.people.press("Dara", payouts, "Note 1 as paid"))["last"]
    assert "To be paid: 0" in paid["text"]
    for label in ("CSV",):
        sent = (await desk.people.press("Dara", payouts, label))["last"]
        assert sent["document"]["name"] == "payouts-1.csv"
    sent = (await desk.people.press("Dara", page, "CSV"))["last"]
    assert sent["document"]["name"] == "referrals-1.csv"
    noted = [entry.what for entry in desk.running.services.audit.latest(what="referrals.")]
    assert noted[:2] == ["referrals.csv", "referrals.payouts"] and "referrals.new" in noted
