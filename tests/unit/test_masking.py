"""What nobody may read is hidden where it is, and everything else stays readable."""

from __future__ import annotations

import pytest

from kernel.masking import hide_digits, mask, places_of, without_secrets


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("用卡 4111 1111 1111 1111 付", "用卡 **** **** **** 1111 付"),
        ("卡号4111111111111111 12/27", "卡号************1111 12/27"),
        ("４１１１１１１１１１１１１１１１", "************１１１１"),
        ("我的卡6200000000000000018", "我的卡***************0018"),
        ("my card is 5555-5555-5555-4444, exp 12/27", "my card is ****-****-****-4444, exp 12/27"),
        ("378282246310005 please", "***********0005 please"),
        ("2 5555 5555 5555 4444", "2 **** **** **** 4444"),
        ("cvv 123", "cvv ***"),
        ("安全码是 456", "安全码是 ***"),
        ("the security code is 9999", "the security code is ****"),
        ("my pin is 4321", "my pin is ****"),
        ("我的密码是abc12345，登不上", "我的密码是******，登不上"),
        ("支付密码123456", "支付密码******"),
        ("my password is Sunf1ower! please help", "my password is ******! please help"),
        ("password: hunter2", "password: ******"),
        ("my password hunter22 fails", "my password ****** fails"),
    ],
)
def test_cards_codes_and_passwords_are_hidden(said: str, kept: str) -> None:
    assert without_secrets(said) == kept
    assert without_secrets(kept) == kept


@pytest.mark.parametrize(
    "said",
    [
        "KF2611190042",
        "快递单号 4111111111111111",
        "订单 4111 1111 1111 1111 到哪了",
        "tracking number 4111111111111111",
        "SF1234567890123",
        "4111111111111112",
        "13800138000",
        "2026-11-20 10:00",
        "验证码 473829",
        "忘记密码 13812345678",
        "忘记密码KF2611190042",
        "密码错了3次",
        "密码是6位数吗",
        "I forgot my password",
        "my password is wrong",
        "reset the password of mei1@example.com",
        "password mei1@example.com",
        "the pin is 12 cm long",
        "size 42, 2 pairs, $1234",
    ],
)
def test_what_the_shop_needs_can_still_be_read(said: str) -> None:
    assert without_secrets(said) == said


def test_a_log_has_neither_people_nor_secrets() -> None:
    logged = mask("mei@example.com 13800138000 378282246310005 password: hunter2 KF2611220001")
    assert logged == "<email> <phone> ***********0005 password: ****** KF2611220001"


def test_digits_are_hidden_however_they_are_written_and_wherever_they_are() -> None:
    told = {
        "text": "the code is 473 829",
        "entities": [{"value": 473829}, {"value": "４７３８２９"}],
    }
    hidden = {"text": "the code is *** ***", "entities": [{"value": "******"}, {"value": "******"}]}
    assert hide_digits(told, "473829") == hidden
    assert places_of("the code is 473 829", "473829") == [(12, 19)]
    others = {"text": "1473829 and 473828", "at": 1473829.5, "yes": True}
    assert hide_digits(others, "473829") == others
