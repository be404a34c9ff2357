"""The history of the schema, applied by `store.database.migration`.

- `env`: the entry point of Alembic; `versions`: the steps.

A change of `store.database.tables` comes with a new file in `versions`: `rNNNN_what.py`, its `down_revision` the one
before. A test compares the migrated schema with the tables on every database and prints what is missing. Files never
change once they are released.
"""
