"""Files of a dump, whatever holds them.

- `files`: all of them; `folder`, `tararchive`, `ziparchive`, `inflating`: folders, archives, gzip.
- `budget`, `spool`: the limits that are left, and objects on disk.
"""
