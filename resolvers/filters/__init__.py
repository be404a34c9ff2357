"""Conditions and orders.

- `conditions`: comparisons, and groups of them.
- `operators`, `pairs`, `predicates`: the tests of values that comparisons become.
- `operands`, `comparisonlimits`: values of comparisons, and their limits.
- `comparing`, `quantities`, `versions`, `untyped`, `folding`: comparison of values by their type in Kubernetes.
- `patterns`, `textsearch`: search for patterns and texts, in limited time.
- `ordering`: orders.
- `expansion`: the limit of values through links; `jsonsizes`, `jsondigests`: large JSON.
- `shorttexts`: a cache for functions of short texts.
"""
