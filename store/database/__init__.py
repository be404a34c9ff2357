"""One database, SQLite or PostgreSQL.

- `database`: transactions; `url`: the address; `sqlite`, `postgresql`: the engine of each.
- `tables`, `schema`, `migration`: tables, the current schema of a database, and its migration.
- `migrationwait`: the wait for a migration by another process.
- `outage`: errors of drivers.
"""
