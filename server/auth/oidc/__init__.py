"""JWTs of identity providers.

- `configuration`, `configurationfile`: the trusted issuers, and the file that names them.
- `configuredcallers`: callers by JWT or API token; `providers`: the issuer of a JWT, its key and its claims.
- `compact`, `signatures`, `claims`: the segments of a JWT, its signature, its validity and its user.
- `keys`, `fetching`: the keys of an issuer, and the HTTPS requests for them.
- `errors`: reasons why a JWT is refused, for the log alone.
"""
