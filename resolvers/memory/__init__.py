"""Memory of operations.

- `budget`: limits for operations, callers and the process; `share`: the memory of one operation.
- `weighing`: estimated bytes of rows.
"""
