"""`clusters import --snapshot` and `clusters snapshot`.

- `importing`: a dump turned into a registered cluster.
- `writing`, `archive`: the objects of a cluster in one archive, without secret values; `pagespool`: its pages before.
- `newfile`: files that are written completely or not at all.
"""
