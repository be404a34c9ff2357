"""Alembic's entry point: runs migrations on the connection and in the transaction of `store.database.migration`."""

from alembic import context

from store.database.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
