"""A made-up company.

- `profile`: its clusters; `application`: its applications, in `businessapplications`, `platformapplications` and
  `systemapplications`.
- `troubles`: what is broken on purpose.
"""
