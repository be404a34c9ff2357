"""One database, SQLite or PostgreSQL.

- `database`, `url`, `sqlite`, `sqlitereader`, `postgresql`: the engine, its address, SQLite and PostgreSQL.
- `tables`, `schema`, `migration`: tables, the current schema of a database, and its migration.
- `outage`, `timing`: errors of drivers, and durations of transactions.
"""
