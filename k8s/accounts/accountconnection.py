"""A connection as one of our service accounts, with tokens that are requested on demand."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeAlias

from k8s import errors
from k8s.accounts.account import Account
from k8s.accounts.accounts import ReconcileResult, reconcile_account, unbind_account
from k8s.accounts.bindings import BoundRole
from k8s.accounts.repair import AccountRepair
from k8s.accounts.tokenrequest import request_token
from k8s.credentials.tokens import IssuedToken, RenewedToken
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.connection import Connection
from k8s.transport.deadline import Deadline

IsGranted: TypeAlias = Callable[[], Awaitable[bool]]

_AUTHORIZED_AFTER_S: Final = (0.05, 0.2)
"""Seconds between tries after bindings were created: the authorizer sees them a moment later."""


class AccountTokens:
    """Issues tokens of one account, which is reconciled with its roles before the first."""

    def __init__(
        self,
        administrator: Connection,
        account: Account,
        roles: Collection[BoundRole],
        *,
        timeout_s: float,
        is_granted: IsGranted | None = None,
    ) -> None:
        """Takes the connection that may create accounts.

        Args:
            administrator: Sends with the cluster's own credential.
            account: The account of the tokens.
            roles: All granted roles.
            timeout_s: Seconds for a token, including the creation of the account.
            is_granted: Returns whether exactly these roles are granted now; raises ClusterError if that is unknown. A
                request that began with other roles does not change an account. None: granted for the lifetime of this
                object.
        """
        self._administrator = administrator
        self._account = account
        self._roles = tuple(roles)
        self._timeout_s = timeout_s
        self._is_granted = is_granted
        self._is_reconciled = False

    async def issue(self) -> IssuedToken:
        """Returns a new token; raises ClusterError."""
        deadline = Deadline(self._timeout_s)
        if not self._is_reconciled:
            await self._reconcile(deadline)
        try:
            return await request_token(self._administrator, self._account, deadline)
        except errors.ResourceNotFound:  # the account was removed
            await self._reconcile(deadline)
            return await request_token(self._administrator, self._account, deadline)

    async def reconcile(self) -> ReconcileResult:
        """Reconciles the account with its roles again, within the same timeout; raises ClusterError."""
        return await self._reconcile(Deadline(self._timeout_s))

    async def _reconcile(self, deadline: Deadline) -> ReconcileResult:
        """Checks the grant before and after, because a revocation finds no binding that is not created yet."""
        if not await self._is_still_granted():
            raise self._revoked()
        try:
            result = await reconcile_account(self._administrator, self._account, self._roles, deadline)
        except errors.ClusterError:  # perhaps after some of the bindings
            await self._undo_if_revoked()
            raise
        await self._undo_if_revoked()
        self._is_reconciled = True
        return result

    async def _undo_if_revoked(self) -> None:
        if not await self._is_still_granted():
            await unbind_account(self._administrator, self._account, Deadline(self._timeout_s))
            raise self._revoked()

    async def _is_still_granted(self) -> bool:
        return self._is_granted is None or await self._is_granted()

    def _revoked(self) -> errors.Forbidden:
        cause = "its grants were revoked or changed meanwhile."
        return errors.Forbidden(self._administrator.name, cause, status=403)


class AccountConnection:
    """Sends calls to one cluster as one account."""

    def __init__(
        self,
        administrator: Connection,
        account: Connection,
        tokens: RenewedToken,
        *,
        repair: AccountRepair | None = None,
    ) -> None:
        """Takes both connections, and closes them in the end.

        Args:
            administrator: The connection for requesting the account's tokens.
            account: The connection with these tokens.
            tokens: The source of the tokens of `account`.
            repair: Repairs the account after a refusal.
        """
        self.name = account.name
        self._administrator = administrator
        self._account = account
        self._tokens = tokens
        self._repair = repair

    def __repr__(self) -> str:
        return f"AccountConnection({self._account!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the decoded body of the answer to `call`; raises ClusterError.

        The token is obtained before the request is admitted: a cluster that failed admits one request only, and if that
        one waited for a token, the request for the token could not be admitted.

        A refused request is sent again if the account had to be repaired (`k8s.accounts.repair`). The only writes on
        this path are reviews, which change nothing.
        """
        repair = self._repair
        if repair is None:
            return await self._send_with_token(call, deadline, on_prefix)
        changes = repair.changes
        try:
            body = await self._send_with_token(call, deadline, on_prefix)
        except (errors.Forbidden, errors.Unauthenticated) as refusal:
            if not await self._repaired(repair, call, refusal, since=changes, deadline=deadline):
                raise
            body = await self._resend(call, deadline, on_prefix)
        repair.allowed(call)
        return body

    async def _send_with_token(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        if not self._tokens.has_token:
            await self._administrator.prepare(deadline)
        with deadline.running():
            await self._have_token(call, deadline)
        return await self._account.send(call, deadline, on_prefix=on_prefix)

    async def _resend(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        """Sends a call until the API server's authorizer has seen the new bindings."""
        for wait_s in _AUTHORIZED_AFTER_S:
            try:
                return await self._send_with_token(call, deadline, on_prefix)
            except errors.Forbidden:
                with deadline.running():
                    await asyncio.sleep(min(wait_s, deadline.left_s))
        return await self._send_with_token(call, deadline, on_prefix)

    @staticmethod
    async def _repaired(
        repair: AccountRepair, call: Call, refusal: errors.StatusError, *, since: int, deadline: Deadline
    ) -> bool:
        with deadline.running():
            try:
                async with asyncio.timeout(deadline.left_s):
                    return await repair.repairs(call, refusal, since=since)
            except TimeoutError:
                return False

    async def _have_token(self, call: Call, deadline: Deadline) -> None:
        try:
            async with asyncio.timeout(deadline.left_s):
                await self._tokens.token()
        except TimeoutError as error:
            cause = (
                f"its timeout of {deadline.timeout_s:.3g} s passed before the request to {call.verb} {call.target} "
                "was sent."
            )
            raise errors.TimedOut(self.name, cause) from error

    async def close(self) -> None:
        """Closes all connections at once; requests in progress fail, including one for a token."""
        if self._repair is not None:
            await self._repair.close()
        await self._tokens.close()
        await self._account.close()
        await self._administrator.close()

    async def retire(self) -> None:
        """Closes all connections as soon as they are idle."""
        await self._account.retire()
        await self._administrator.retire()
