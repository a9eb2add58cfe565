"""Runs migrations inside the transaction that kefu.migrate has opened."""

from __future__ import annotations

from alembic import context

# Migrations say every step themselves, so no table definitions are loaded here.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
