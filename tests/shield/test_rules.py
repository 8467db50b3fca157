"""What speaks against a message, and when the bot may act."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.knowledge.model import LANGUAGES
from bot.shield.names import Person
from bot.shield.raids import Pulse
from bot.shield.rules import (
    Evidence,
    Kind,
    Mode,
    Said,
    Standing,
    may_act,
    message_evidence,
    name_evidence,
)
from bot.shield.seed import asks_for_seed
from bot.shield.words import read_words

NOW = datetime(2026, 11, 21, tzinfo=UTC)
WORDS = read_words()
QUESTIONS = Path(__file__).parent.parent / "eval" / "questions.jsonl"
LONG_AGO = NOW - timedelta(days=60)
MEMBER = Standing(LONG_AGO, spoke=True)
NEWCOMER = Standing(NOW - timedelta(hours=1), joined=True)

SCAMS = {
    "en": "Dear user, kindly send your seed phrase to our support to validate your wallet",
    "en2": "DM me your 12 words and I will fix it",
    "en3": "To fix this, enter your private key at validate.example",
    "vi": "Vui lòng nhập cụm từ khôi phục của bạn tại đây để xác minh ví",
    "th": "กรุณาส่งซีดเฟส 12 คำให้แอดมินเพื่อยืนยันกระเป๋า",
    "fil": "Ipadala mo ang seed phrase mo sa amin para ma-verify",
    "id": "Silakan kirim frasa pemulihan Anda ke admin untuk verifikasi",
    "ms": "Sila hantar 12 perkataan wallet kepada kami",
    "ko": "지갑 복구를 위해 시드구문 12단어를 보내주세요",
    "ja": "ウォレット確認のためシードフレーズを入力してください",
    "zh-Hans": "请把您的助记词发给客服，我们帮您解锁",
    "zh-Hant": "請提供您的助記詞以驗證錢包",
    "hi": "अपना सीड फ्रेज भेजें, हम वॉलेट ठीक कर देंगे",
    "hi-Latn": "wallet verify karne ke liye apna private key bhejo",
    "ur": "اپنی سیڈ فریز بھیجیں تاکہ ہم والٹ ٹھیک کریں",
    "bn": "আপনার সিড ফ্রেজ পাঠান আমরা ওয়ালেট ঠিক করে দেব",
    "hidden": "send y\u200bour s\u200beed phrase",
    "homoglyphs": "sеnd your sееd phrаse to us",
}
INNOCENT = [
    "someone asked for my seed phrase, is that normal?",
    "an admin told me to send my 12 words, should i?",
    "Never share your seed phrase with anyone",
    "Warning: scammers say send your private key. Don't.",
    "i typed my seed phrase on a site, what now",
    "what is a seed phrase",
    "có người kêu mình gửi cụm từ khôi phục, có phải lừa đảo không",
    "Đừng bao giờ gửi cụm từ khôi phục của bạn cho ai",
    "อย่าส่งซีดเฟสให้ใคร",
    "Huwag ipadala ang seed phrase mo kahit kanino",
    "Jangan kirim seed phrase Anda ke siapa pun",
    "시드구문은 절대 알려주세요 하는 사람에게 주지 마세요",
    "シードフレーズを教えてくださいと言われたら詐欺です",
    "有人让我把助记词发给他",
    "千万不要把您的助记词发给客服",
    "कोई मेरा सीड फ्रेज मांग रहा है",
    "কেউ একজন আমার সিড ফ্রেজ চাইছে",
    "Keep your seed phrase safe, write it on paper",
    "You can restore it with your recovery phrase",
    "Simpan frasa pemulihan Anda di tempat yang aman",
    "apna seed phrase safe rakho",
    "请把助记词抄在纸上保管好",
    "Itago nang maayos ang seed phrase mo",
    "เก็บซีดเฟสของคุณไว้ให้ดี",
    "send your CV to hr", "please enter your name",
]  # fmt: skip


@pytest.mark.parametrize("text", SCAMS.values(), ids=SCAMS.keys())
def test_who_asks_for_a_seed_phrase_is_found(text: str) -> None:
    assert asks_for_seed(text, WORDS.seed)


@pytest.mark.parametrize("text", INNOCENT)
def test_victims_and_warnings_are_left_alone(text: str) -> None:
    assert not asks_for_seed(text, WORDS.seed)


MESSAGES = yaml.safe_load((Path(__file__).parent / "seed_messages.yaml").read_text("utf-8"))


def test_the_messages_are_of_all_languages() -> None:
    assert set(MESSAGES) == set(LANGUAGES)


@pytest.mark.parametrize("language", MESSAGES)
def test_what_scammers_write_is_found_and_its_neighbours_are_not(language: str) -> None:
    assert [t for t in MESSAGES[language]["scam"] if not asks_for_seed(t, WORDS.seed)] == []
    assert [t for t in MESSAGES[language]["harmless"] if asks_for_seed(t, WORDS.seed)] == []


@pytest.mark.parametrize("language", MESSAGES)
def test_a_moderators_warning_that_quotes_the_scam_is_no_scam(language: str) -> None:
    """'Never', 'beware' in the words of each language, before or behind the scammer's own words."""
    warning = {
        "en": "Beware of this", "vi": "Cảnh báo lừa đảo", "th": "ระวังมิจฉาชีพ", "fil": "Ingat sa scammer",
        "id": "Waspada penipuan", "ms": "Awas penipu", "ko": "사기 주의", "ja": "詐欺に注意",
        "zh-Hans": "小心骗子", "zh-Hant": "小心騙子", "hi": "सावधान, यह धोखा है", "ur": "ہوشیار، یہ فراڈ ہے",
        "bn": "সাবধান, এটা প্রতারণা",
    }[language]  # fmt: skip
    for scam in MESSAGES[language]["scam"]:
        assert not asks_for_seed(f"{warning}: {scam}", WORDS.seed)
        assert not asks_for_seed(f"{scam} - {warning}", WORDS.seed)


def test_where_to_enter_it_may_be_advice() -> None:
    assert asks_for_seed("To restore it, enter your seed phrase in the app", WORDS.seed) == "enter"
    assert asks_for_seed("send your seed phrase", WORDS.seed) == "ask"


def test_no_ordinary_question_is_reported() -> None:
    """All of the question set, seed-phrase victims and scam reports among them."""
    texts = [json.loads(line)["text"] for line in QUESTIONS.read_text("utf-8").splitlines()]
    listed = frozenset({"evil.com", "t.me/badgroup", "airdrop-claim.net"})
    found = {
        text: kinds
        for text in texts
        if (kinds := message_evidence(Said(text), NEWCOMER, listed, WORDS, NOW, LONG_AGO))
    }
    assert len(texts) > 1000 and found == {}


def kinds(said: Said, standing: Standing = MEMBER, on_since: datetime = LONG_AGO) -> list[Kind]:
    found = message_evidence(said, standing, frozenset({"evil.com"}), WORDS, NOW, on_since)
    return [one.kind for one in found]


def test_a_newcomers_first_link_is_reported_once() -> None:
    link = Said("see https://site.example", has_link=True)
    assert kinds(link, NEWCOMER) == [Kind.FIRST_LINK]
    assert kinds(link, Standing(NEWCOMER.first_seen, joined=True, spoke=True)) == []
    assert kinds(link, Standing(NEWCOMER.first_seen, joined=True, trusted=True)) == []
    assert kinds(link, Standing(LONG_AGO, joined=True)) == []


def test_old_members_are_no_newcomers_when_the_shield_is_switched_on() -> None:
    link = Said("see https://site.example", has_link=True)
    heard_first_now = Standing(NOW)
    assert kinds(link, heard_first_now, on_since=NOW - timedelta(hours=1)) == []
    assert kinds(link, heard_first_now, on_since=LONG_AGO) == [Kind.FIRST_LINK]


def test_asking_about_a_bad_link_is_left_to_a_person() -> None:
    def sure(text: str) -> bool:
        (one,) = message_evidence(Said(text), MEMBER, frozenset({"evil.com"}), WORDS, NOW, LONG_AGO)
        return one.sure

    assert sure("join evil.com now")
    assert not sure("is evil.com a scam?")
    assert not sure("warning, evil.com stole from me")


def test_the_bot_acts_only_where_it_may_on_what_is_sure_and_not_on_regulars() -> None:
    sure, doubtful = [Evidence(Kind.SEED, sure=True)], [Evidence(Kind.STAFF_NAME)]
    assert may_act(Mode.ACT, sure, NEWCOMER, NOW)
    assert not may_act(Mode.REPORT, sure, NEWCOMER, NOW)
    assert not may_act(Mode.ACT, doubtful, NEWCOMER, NOW)
    assert not may_act(Mode.ACT, sure, MEMBER, NOW)
    assert not may_act(Mode.ACT, sure, Standing(NOW, trusted=True), NOW)


def test_the_staff_may_bear_any_name() -> None:
    ola = Person(1, "Admin")
    assert name_evidence(ola, [ola], "Group", WORDS) is None
    found = name_evidence(Person(2, "Admin"), [Person(1, "Ola")], "Group", WORDS)
    assert found and found.kind is Kind.STAFF_NAME and not found.sure


def test_a_pulse_tells_many_in_a_minute_from_many_in_a_day() -> None:
    quick, slow = Pulse(5), Pulse(5)
    assert [quick.beat(n) for n in range(6)] == [False, False, False, False, True, True]
    assert not any(slow.beat(n * 30.0) for n in range(50))
