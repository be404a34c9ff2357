"""The first look: clusters that do not exist.

- `fleet`: six clusters of a company, some of them in trouble.
- `real`: three real control planes instead, where there is a checkout with its tests.
"""
