"""Encryption keys.

- `encryption`: encryption and decryption; `keyring`: keys by version; `keyfile`: a file of keys.
- `rotation`, `reencryption`: the replacement of the current key, and of what old keys encrypt.
"""
