"""A sender of one-time codes whose texts and mails a test can read."""

from __future__ import annotations

from connectors.backends.customers.codes import OneTimeCodes, OutgoingCode


class CodeOutbox:
    """(see CodeSender) ``sent``: the codes, the last at the end; ``checks``: those of nobody.

    ``typed``: what a shopper wrote for a code, right or wrong, as it was written.
    """

    def __init__(self) -> None:
        self.is_down = False
        self.sent: list[OutgoingCode] = []
        self.checks = 0
        self.typed: set[str] = set()

    @property
    def codes(self) -> OneTimeCodes:
        """What a shop is made with that sends by this."""
        return OneTimeCodes(self, "a key of this test")

    def send(self, code: OutgoingCode) -> None:
        """(see CodeSender)"""
        self.sent.append(code)

    def check(self) -> None:
        """(see CodeSender)"""
        self.checks += 1

    @property
    def wrong(self) -> str:
        """Six digits that are not the last code."""
        return f"{(int(self.sent[-1].code) + 1) % 1_000_000:06d}" if self.sent else "000000"

    def fill_in(self, words: str) -> str:
        """``words`` with the last code for ``{code}``; ``{co de}`` is spaced, ``{wide}`` wide."""
        if "{" not in words:
            return words
        code = self.sent[-1].code if self.sent else self.wrong
        wide = code.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
        shapes = {"{code}": code, "{co de}": f"{code[:3]} {code[3:]}", "{wide}": wide}
        for shape, shaped in {**shapes, "{wrong}": self.wrong}.items():
            if self.sent and shape in words:
                self.typed.add(shaped)
            words = words.replace(shape, shaped)
        return words
