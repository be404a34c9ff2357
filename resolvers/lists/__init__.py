"""Lists over many clusters.

- `question`, `ask`, `answers`: one list of many clusters at once, and what they answer.
- `visibility`: the namespaces of a cluster that a reader may see.
- `rows`, `paging`: objects in columns, and the page that is sent.
- `reports`: the envelope.
- `shares`: the clusters that are left out if all have too many objects together.
"""
