"""`clusters import --snapshot` and `clusters snapshot`.

- `importing`: a dump turned into a registered cluster.
- `standardinput`, `results`: a dump from a pipe; the result, with everything that is missing.
- `writing`, `archive`: the objects of a cluster in one archive, without masked values; `pagespool`: its pages before.
- `schemas`: the OpenAPI documents of custom kinds in the archive.
- `newfile`: files that are written completely or not at all.
"""
