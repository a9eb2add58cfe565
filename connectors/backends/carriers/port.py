"""How the rest of Kefu asks where a parcel is."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.carriers.model import Shipment


class Carriers(Protocol):
    """All carriers of the shop behind one door."""

    async def track(self, tracking_number: str) -> Shipment:
        """What the carrier knows of this parcel; raises NotFound, BackendUnavailable.

        It does not ask whose parcel it is: ``Orders.find_by_parcel`` does.
        """
