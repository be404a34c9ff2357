"""The audit: caller, action, object and outcome of reads of secrets, of changes and of denials.

- `auditor`, `policy`: the audit of one process, and its settings; `pendingevent`: one event until it is stored.
- `auditedsender`: the audit of calls to clusters; `commandline`: that of changes by the command line.
- `aggregation`, `pruning`: equal events are aggregated, old ones removed.
- `auditfields`: the GraphQL fields of events; `lines`, `lostevents`: events in the log.
"""
