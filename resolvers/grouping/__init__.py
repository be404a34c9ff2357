"""Groups of objects with equal values.

- `groups`: the groups of a list, and their order.
- `pairing`: values of the same element, of several paths through one list.
- `figures`, `totals`: sums, extremes and averages of values; exact sums.
"""
