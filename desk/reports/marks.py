"""Marks on sums that do not say any more what their cases say.

Adding up takes a while, and cases change meanwhile: each change leaves another mark, and only the
mark that was seen before adding up is taken off. So nobody has to wait for the adding up.
"""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Table, delete

from desk.work import Work


async def mark(work: Work, table: Table, key: str) -> None:
    """Have the sums of ``key``, a day or a month, made anew."""
    [column] = table.primary_key
    fresh = {"mark": uuid4().hex}
    await work.insert_or_update(table, {column.name: key, **fresh}, fresh)


async def take_off(work: Work, table: Table, key: str, seen: str | None) -> bool:
    """Take the mark ``seen`` off; False: there is another one by now, or somebody was faster."""
    [column] = table.primary_key
    gone = await work.connection.execute(
        delete(table).where(column == key, table.c.mark.is_not_distinct_from(seen))
    )
    return gone.rowcount == 1
