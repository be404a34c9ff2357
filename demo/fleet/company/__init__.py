"""A fictitious company.

- `profile`: its clusters; `application`: its applications, in `businessapplications`, `platformapplications` and
  `systemapplications`.
- `troubles`: its intended troubles.
"""
