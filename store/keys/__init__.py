"""Encryption keys.

- `encryption`: encryption and decryption; `keyring`: keys by version; `keyfile`: a file of keys.
"""
