"""What a payment provider or the shop's cashier tells of a refund by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.backends.refunds.model import RefundStatus


@dataclass(frozen=True)
class RefundReport:
    """A refund has got so far."""

    number: str
    status: RefundStatus
    at: datetime


class RefundReports(Protocol):
    """Where such reports are written down; may raise BackendUnavailable."""

    async def refund_moved(self, report: RefundReport) -> bool:
        """Store how far the refund is; False if that was known.

        Raises NotFound for a refund that the shop does not know, InvalidTransition for a step
        that ``REFUND_TRANSITIONS`` does not know.
        """
