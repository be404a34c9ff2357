"""Authentication of callers.

- `bearer`: the caller of a request, by its token.
- `callers`: callers by their API tokens; `oidc`: callers by JWTs of identity providers.
- `shared`: one verification of a token for all requests that present it at once.
- `accesslost`: why a caller may not see the rest of a response.
- `development`: the caller without a token, on loopback.
"""
