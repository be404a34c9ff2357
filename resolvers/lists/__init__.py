"""Lists over many clusters.

- `ask`, `question`, `answers`: one list of many clusters at once.
- `reading`, `visibility`: the list of one cluster, as far as its reader may see.
- `rows`, `paging`: objects in columns, and the page that is sent.
- `reports`, `quorum`: the envelope, and `minClusters`.
- `shares`: clusters that pay where all have too many objects together.
"""
