"""Memory of operations.

- `budget`: its bounds; `share`: what one operation holds; `weighing`: bytes of rows, estimated.
"""
