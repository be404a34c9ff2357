"""Connections to API servers and identity providers.

- `addresses`, `lookups`, `connector`: allowed addresses, host names, sockets.
- `tls`, `contexts`: TLS to a cluster; the contexts that connections share.
- `keyexchange`, `tlspieces`, `tlsturns`: the handshake of TLS, and decryption in small pieces.
- `httpprotocol`: HTTP, parsed a few milliseconds at a time.
"""
