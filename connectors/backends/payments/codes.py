"""What banks and wallets mean by their codes: response codes of cards, errors of wallets.

Cards: ISO 8583 response codes (field 39). Wallets: the error codes of WeChat Pay, the sub codes of
Alipay, the issues of PayPal. What is about fraud is RISK_CONTROL, which is never told.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from connectors.backends.orders.model import Tender


class Failure(StrEnum):
    """Why an attempt failed, as the provider told us; a code that we do not know is UNKNOWN."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"
    BANK_DECLINED = "bank_declined"
    EXPIRED_CARD = "expired_card"
    WRONG_DETAILS = "wrong_details"
    TENDER_NOT_SUPPORTED = "tender_not_supported"
    AUTHENTICATION_NEEDED = "authentication_needed"
    BANK_UNAVAILABLE = "bank_unavailable"
    CANCELLED_BY_SHOPPER = "cancelled_by_shopper"
    RISK_CONTROL = "risk_control"
    UNKNOWN = "unknown"


_CARDS: Mapping[str, Failure] = {
    "05": Failure.BANK_DECLINED,
    "14": Failure.WRONG_DETAILS,
    "33": Failure.EXPIRED_CARD,
    "34": Failure.RISK_CONTROL,
    "41": Failure.RISK_CONTROL,
    "43": Failure.RISK_CONTROL,
    "51": Failure.INSUFFICIENT_FUNDS,
    "54": Failure.EXPIRED_CARD,
    "55": Failure.WRONG_DETAILS,
    "57": Failure.TENDER_NOT_SUPPORTED,
    "59": Failure.RISK_CONTROL,
    "61": Failure.LIMIT_EXCEEDED,
    "63": Failure.RISK_CONTROL,
    "65": Failure.LIMIT_EXCEEDED,
    "75": Failure.WRONG_DETAILS,
    "82": Failure.WRONG_DETAILS,
    "91": Failure.BANK_UNAVAILABLE,
    "96": Failure.BANK_UNAVAILABLE,
    "1A": Failure.AUTHENTICATION_NEEDED,
}
_WECHAT_PAY: Mapping[str, Failure] = {
    "NOTENOUGH": Failure.INSUFFICIENT_FUNDS,
    "NOT_ENOUGH": Failure.INSUFFICIENT_FUNDS,
    "USERPAYING": Failure.AUTHENTICATION_NEEDED,
    "USER_PAYING": Failure.AUTHENTICATION_NEEDED,
    "BANKERROR": Failure.BANK_UNAVAILABLE,
    "BANK_ERROR": Failure.BANK_UNAVAILABLE,
    "SYSTEMERROR": Failure.BANK_UNAVAILABLE,
    "SYSTEM_ERROR": Failure.BANK_UNAVAILABLE,
    "NOTSUPORTCARD": Failure.TENDER_NOT_SUPPORTED,
    "RULELIMIT": Failure.RISK_CONTROL,
    "RULE_LIMIT": Failure.RISK_CONTROL,
    "TRADE_ERROR": Failure.BANK_DECLINED,
}
_ALIPAY: Mapping[str, Failure] = {
    "BUYER_BALANCE_NOT_ENOUGH": Failure.INSUFFICIENT_FUNDS,
    "BUYER_BANKCARD_BALANCE_NOT_ENOUGH": Failure.INSUFFICIENT_FUNDS,
    "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": Failure.LIMIT_EXCEEDED,
    "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": Failure.LIMIT_EXCEEDED,
    "ERROR_BALANCE_PAYMENT_DISABLE": Failure.TENDER_NOT_SUPPORTED,
    "PULL_MOBILE_CASHIER_FAIL": Failure.AUTHENTICATION_NEEDED,
    "PAYMENT_REQUEST_HAS_RISK": Failure.RISK_CONTROL,
    "RISK_MERCHANT_IP_NOT_EXIST": Failure.RISK_CONTROL,
    "SYSTEM_ERROR": Failure.BANK_UNAVAILABLE,
}
_PAYPAL: Mapping[str, Failure] = {
    "INSTRUMENT_DECLINED": Failure.BANK_DECLINED,
    "PAYER_ACTION_REQUIRED": Failure.AUTHENTICATION_NEEDED,
    "CARD_EXPIRED": Failure.EXPIRED_CARD,
    "TRANSACTION_LIMIT_EXCEEDED": Failure.LIMIT_EXCEEDED,
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": Failure.LIMIT_EXCEEDED,
    "PAYEE_BLOCKED_TRANSACTION": Failure.RISK_CONTROL,
    "COMPLIANCE_VIOLATION": Failure.RISK_CONTROL,
}
CODES: Mapping[Tender, Mapping[str, Failure]] = {
    Tender.BANK_CARD: _CARDS,
    Tender.CREDIT_CARD: _CARDS,
    Tender.WECHAT_PAY: _WECHAT_PAY,
    Tender.ALIPAY: _ALIPAY,
    Tender.PAYPAL: _PAYPAL,
}


def failure_of(tender: Tender, code: str) -> Failure:
    """What ``code`` says of a payment by ``tender``; UNKNOWN for one that we do not know.

    Case, surrounding space and a prefix such as ``ACQ.`` do not matter.
    """
    key = code.strip().upper().rpartition(".")[2]
    return CODES.get(tender, {}).get(key, Failure.UNKNOWN)


def code_of(tender: Tender, failure: Failure | None) -> str:
    """A code by which ``tender`` says ``failure``; empty where it has none."""
    known = CODES.get(tender, {})
    return next((code for code, meant in known.items() if meant is failure), "")
