"""Connections to API servers and identity providers.

- `addresses`, `lookups`, `connector`: allowed addresses, host names, sockets.
- `tls`, `keyexchange`, `tlspieces`, `tlsturns`: TLS, its handshake, and decryption in small pieces.
- `httpprotocol`: HTTP, parsed a few milliseconds at a time.
"""
