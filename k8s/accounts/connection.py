"""A connection as one of our service accounts, with tokens that are requested as they are needed."""

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
"""Seconds between tries after bindings were made: an authorizer hears of them a moment later."""


class AccountTokens:
    """Issues tokens of one account with just some roles, of which it takes care before the first."""

    def __init__(
        self,
        administrator: Connection,
        account: Account,
        roles: Collection[BoundRole],
        *,
        timeout_s: float,
        is_granted: IsGranted | None = None,
    ) -> None:
        """Takes whom the cluster lets make accounts.

        Args:
            administrator: Asks as the cluster's own credential.
            account: Whose tokens are wanted.
            roles: All that it may do.
            timeout_s: Seconds in which a token must be there, the account made before included.
            is_granted: Whether just these roles are granted now, or ClusterError if nobody can tell; for a request that
                began when others were, an account is not changed. None: for as long as this lives.
        """
        self._administrator = administrator
        self._account = account
        self._roles = tuple(roles)
        self._timeout_s = timeout_s
        self._is_granted = is_granted
        self._is_reconciled = False

    async def issue(self) -> IssuedToken:
        """A new token; raises ClusterError."""
        deadline = Deadline(self._timeout_s)
        if not self._is_reconciled:
            await self._reconcile(deadline)
        try:
            return await request_token(self._administrator, self._account, deadline)
        except errors.ResourceNotFound:  # somebody removed the account
            await self._reconcile(deadline)
            return await request_token(self._administrator, self._account, deadline)

    async def reconcile(self) -> ReconcileResult:
        """Brings the account to its roles once more, within the same time; raises ClusterError."""
        return await self._reconcile(Deadline(self._timeout_s))

    async def _reconcile(self, deadline: Deadline) -> ReconcileResult:
        """Asks before and afterwards whether it may: who takes a grant back finds no binding that is not made yet."""
        if not await self._is_still_granted():
            raise self._revoked()
        try:
            result = await reconcile_account(self._administrator, self._account, self._roles, deadline)
        except errors.ClusterError:  # behind some of the bindings, perhaps
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
        cause = "what was granted there was taken back, or changed meanwhile."
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
        """Takes both connections, which end with it.

        Args:
            administrator: What the account's tokens are requested through.
            account: What bears them.
            tokens: Where `account` has them from.
            repair: Looks after the account where it is refused something.
        """
        self.name = account.name
        self._administrator = administrator
        self._account = account
        self._tokens = tokens
        self._repair = repair

    def __repr__(self) -> str:
        return f"AccountConnection({self._account!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The decoded body of the answer to `call`; raises ClusterError.

        The token is there before the request is let out: of a cluster that failed only one request is, and if that one
        had to wait for a token, nothing could ask for it.

        A request that is refused is sent again if the account was not as it should be (`k8s.accounts.repair`). Reviews,
        the only writes that go this way, change nothing.
        """
        repair = self._repair
        if repair is None:
            return await self._sent(call, deadline, on_prefix)
        changes = repair.changes
        try:
            body = await self._sent(call, deadline, on_prefix)
        except (errors.Forbidden, errors.Unauthenticated) as refusal:
            if not await self._repaired(repair, call, refusal, since=changes, deadline=deadline):
                raise
            body = await self._sent_again(call, deadline, on_prefix)
        repair.allowed(call)
        return body

    async def _sent(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        with deadline.running():
            await self._have_token(call, deadline)
        return await self._account.send(call, deadline, on_prefix=on_prefix)

    async def _sent_again(self, call: Call, deadline: Deadline, on_prefix: OnPrefix | None) -> bytes:
        """The answer as soon as the API server's authorizer has seen the new bindings."""
        for wait_s in _AUTHORIZED_AFTER_S:
            try:
                return await self._sent(call, deadline, on_prefix)
            except errors.Forbidden:
                with deadline.running():
                    await asyncio.sleep(min(wait_s, deadline.left_s))
        return await self._sent(call, deadline, on_prefix)

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
            cause = f"its {deadline.timeout_s:.3g} s were over before it could be asked to {call.verb} {call.target}."
            raise errors.TimedOut(self.name, cause) from error

    async def close(self) -> None:
        """Ends all connections at once; requests under way fail, that for a token, too."""
        if self._repair is not None:
            await self._repair.close()
        await self._tokens.close()
        await self._account.close()
        await self._administrator.close()

    async def retire(self) -> None:
        """Ends all connections as soon as nothing is under way on them."""
        await self._account.retire()
        await self._administrator.retire()
