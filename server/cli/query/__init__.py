"""`fleetgraph query`, `explain` and `examples`.

- `ask`: a query in this process; `explain`: its cost as a tree.
- `examples`, `examplelisting`: saved queries and their list.
- `outputformat`, `printing`, `table`: answers as JSON, YAML, CSV or tables.
"""
