"""Callers who bring a JWT of an identity provider (OpenID Connect), of any number of providers.

A tour:

- `configuration`, `configurationfile`: the file that names issuers and administrators, checked at start and followed.
- `configuredcallers`: from any bearer token to a caller, as the configuration says.
- `identityproviders`: from a JWT to a caller: the issuer that it names, its signature, its claims.
- `compact`: a JWT taken apart; nothing of it is believed yet.
- `keys`, `fetching`: an issuer's keys: fetched with bounds, kept, fetched anew.
- `signatures`: which key and algorithm, and whether the signature is right.
- `claims`: for whom and how long a token is valid, and who its bearer is.
- `errors`: why a token is refused, which only the log says.
"""
