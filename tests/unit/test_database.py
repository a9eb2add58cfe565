"""What an error of the database tells, and what it keeps to itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kernel.database import make_engine, trouble_in


async def test_an_error_never_quotes_what_a_shopper_wrote(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'kefu.db'}")

    with pytest.raises(SQLAlchemyError) as failed:
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "三号楼"})
    await engine.dispose()

    assert "nowhere" in str(failed.value)
    assert "三号楼" not in str(failed.value)


async def test_trouble_with_a_database_is_told_in_one_line(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'kefu.db'}")

    with pytest.raises(SQLAlchemyError) as failed:
        async with engine.connect():
            pass
    await engine.dispose()

    assert trouble_in(failed.value) == "unable to open database file"
    assert trouble_in(ValueError("something else")) is None
