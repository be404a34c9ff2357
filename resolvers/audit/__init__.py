"""The audit: who did what to what, and how it ended.

- `auditor`, `pendingevent`, `policy`: keeping events, one event, and how they are kept.
- `sender`: calls to clusters that are put on record.
- `aggregation`, `pruning`: equal events joined, old ones removed.
- `events`: events as administrators read them; `lines`, `lostevents`: events in the log.
"""
