"""How the rest of Kefu asks where a parcel is."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from connectors.backends.carriers.model import ParcelUnderWay, Shipment


class Carriers(Protocol):
    """All carriers of the shop behind one door."""

    async def track(self, tracking_number: str) -> Shipment:
        """What the carrier knows of this parcel; raises NotFound, BackendUnavailable.

        It does not ask whose parcel it is: ``Orders.find_by_parcel`` does.
        """

    async def under_way(
        self, since: datetime, after: str, limit: int
    ) -> tuple[ParcelUnderWay, ...]:
        """Parcels announced at ``since`` or later that have not come to rest, at most ``limit``.

        In the order of their tracking numbers; only those that come behind ``after`` in it, so
        that all can be asked for page by page. Raises BackendUnavailable.
        """
