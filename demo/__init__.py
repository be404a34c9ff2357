"""The clusters of the demo.

- `fleet`: six clusters of a company, some of them in trouble.
- `real`: three real control planes, in a checkout with its tests.
"""
