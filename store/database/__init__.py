"""One database, SQLite or PostgreSQL.

- `database`, `url`, `sqlite`, `postgresql`: the engine, its address, SQLite and PostgreSQL.
- `tables`, `schema`, `migration`: tables, the current schema of a database, and its migration.
- `outage`: errors of drivers.
"""
