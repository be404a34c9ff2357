"""A connection as one of our service accounts, with tokens that are requested as they are needed."""

import asyncio
from collections.abc import Collection

from k8s import errors
from k8s.account import Account
from k8s.accounts import keep_account, request_token
from k8s.bindings import BoundRole
from k8s.body import OnPrefix
from k8s.call import Call
from k8s.connection import Connection
from k8s.deadline import Deadline
from k8s.tokensource import IssuedToken, RenewedToken


class AccountTokens:
    """Issues tokens of one account with just some roles, of which it takes care before the first."""

    def __init__(
        self, administrator: Connection, account: Account, roles: Collection[BoundRole], *, timeout_s: float
    ) -> None:
        """Takes whom the cluster lets make accounts.

        Args:
            administrator: Asks as the cluster's own credential.
            account: Whose tokens are wanted.
            roles: All that it may do.
            timeout_s: Seconds in which a token must be there, the account made before included.
        """
        self._administrator = administrator
        self._account = account
        self._roles = tuple(roles)
        self._timeout_s = timeout_s
        self._is_kept = False

    async def issue(self) -> IssuedToken:
        """A new token; raises ClusterError."""
        deadline = Deadline(self._timeout_s)
        if not self._is_kept:
            await self._keep(deadline)
        try:
            return await request_token(self._administrator, self._account, deadline)
        except errors.NotFound:  # somebody removed the account
            await self._keep(deadline)
            return await request_token(self._administrator, self._account, deadline)

    async def _keep(self, deadline: Deadline) -> None:
        await keep_account(self._administrator, self._account, self._roles, deadline)
        self._is_kept = True


class AccountConnection:
    """Sends calls to one cluster as one account."""

    def __init__(self, administrator: Connection, account: Connection, tokens: RenewedToken) -> None:
        """Takes both connections, which end with it.

        Args:
            administrator: What the account's tokens are requested through.
            account: What bears them.
            tokens: Where `account` has them from.
        """
        self.name = account.name
        self._administrator = administrator
        self._account = account
        self._tokens = tokens

    def __repr__(self) -> str:
        return f"AccountConnection({self._account!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer to `call`; raises ClusterError.

        The token is there before the request is let out: of a cluster that failed only one request is, and if that one
        had to wait for a token, nothing could ask for it.
        """
        with deadline.running():
            await self._have_token(call, deadline)
        return await self._account.send(call, deadline, on_prefix=on_prefix)

    async def _have_token(self, call: Call, deadline: Deadline) -> None:
        try:
            async with asyncio.timeout(deadline.left_s):
                await self._tokens.token()
        except TimeoutError as error:
            cause = f"its {deadline.timeout_s:.3g} s were over before it could be asked to {call.verb} {call.target}."
            raise errors.TimedOut(self.name, cause) from error

    async def close(self) -> None:
        """Ends all connections at once; requests under way fail, that for a token, too."""
        await self._tokens.close()
        await self._account.close()
        await self._administrator.close()

    async def retire(self) -> None:
        """Ends all connections as soon as nothing is under way on them."""
        await self._account.retire()
        await self._administrator.retire()
