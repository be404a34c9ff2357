"""One database, of two kinds of server.

- `database`, `url`, `sqlite`, `sqlitereader`, `postgresql`: the engine, its address, SQLite and PostgreSQL.
- `tables`, `timecolumn`, `schema`, `migration`: tables, the schema that a database has, and bringing it up to date.
- `outage`, `timing`: errors of drivers, and times of transactions.
"""
