"""Why a JWT is not accepted; for the log, never for whoever sent it.

OidcError
├── TokenRefused        the token is none of ours, or not valid now
└── KeysUnavailable     the issuer's keys cannot be had

A message never holds anything of the token.
"""


class OidcError(Exception):
    """A JWT is not accepted."""


class TokenRefused(OidcError):
    """The token is none of ours, or not valid now."""


class KeysUnavailable(OidcError):
    """The issuer does not say which keys it has."""
