"""`clusters import --snapshot` and `clusters snapshot`.

- `importing`, `importresult`: a dump turned into a registered cluster.
- `writing`, `archive`, `secretvalues`, `writeresult`: the objects of a cluster in one archive, without secret values.
- `newfile`: a file that is there as a whole or not at all.
"""
