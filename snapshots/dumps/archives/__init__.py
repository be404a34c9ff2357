"""Files of a dump, in a folder or an archive.

- `files`: all of them; `folder`, `tararchive`, `ziparchive`, `inflating`: folders, archives, gzip.
- `budget`, `spool`: the remaining limits, and objects on disk.
"""
