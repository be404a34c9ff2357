"""Reasons why a JWT is not accepted; for the log, never for the client.

OidcError
├── TokenRefused        the token is not of a trusted issuer, or not valid now
└── KeysUnavailable     the issuer's keys cannot be fetched

A message never has anything of the token.
"""


class OidcError(Exception):
    """A JWT is not accepted."""


class TokenRefused(OidcError):
    """The token is not of a trusted issuer, or not valid now."""


class KeysUnavailable(OidcError):
    """The issuer's keys cannot be fetched."""
