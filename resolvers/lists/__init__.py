"""Lists over many clusters.

- `question`, `pagewindow`: what is asked, and the part of a list that a page needs.
- `ask`, `answers`: one list of many clusters at once, and what they answer.
- `reading`, `visibility`: the list of one cluster, as far as its reader may see.
- `rows`, `paging`: objects in columns, and the page that is sent.
- `reports`: the envelope.
- `shares`: clusters that pay where all have too many objects together.
"""
