"""Encryption keys.

- `encryption`: sealing; `keyring`: keys by version; `keyfile`: a file that holds them.
"""
