"""Migrations of the schema, applied by `store.database.migration`.

- `env`: the entry point of Alembic; `versions`: the migrations.

A change of `store.database.tables` needs a new file in `versions`: `rNNNN_subject.py`, whose `down_revision` is the
former one. A test compares the migrated schema with the tables on every database and prints the differences. Files
never change after their release.
"""
