"""Conditions, orders and groups.

- `conditions`, `predicates`, `comparisonlimits`, `operands`: comparisons, and the values that they are given.
- `comparing`, `quantities`, `versions`, `untyped`, `folding`: values as Kubernetes means them.
- `patterns`, `textsearch`: patterns and texts, in bounded time.
- `ordering`, `grouping`, `totals`: orders, groups and exact sums.
- `expansion`, `jsonsizes`, `jsondigests`, `shorttexts`: bounds of values, large JSON, and short texts remembered.
"""
