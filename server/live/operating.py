"""The operations of live connections: subscriptions, and queries and mutations as over HTTP."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from graph.answer import Answer
from graph.incremental.payloads import PayloadFormat
from graph.live.subscription import SubscriptionFailed
from graph.request import GraphqlRequest
from resolvers.caller import Caller
from server.app.persisteddocuments import PersistedDocuments
from server.http.graphqlexecutor import Payloads
from server.http.request import decode_body
from server.http.responses import Refusal
from server.live.websocket import OperationRefused
from server.operationexecutor import OperationExecutor


class Operations:
    """Executes operations whose parameters are the JSON of a POST."""

    def __init__(self, executor: OperationExecutor, documents: PersistedDocuments, *, most_values: int) -> None:
        """Takes the executor, the persisted documents, and the most values of parameters."""
        self._executor = executor
        self._documents = documents
        self._most_values = most_values

    async def operate(self, payload: bytes, caller: Caller) -> AsyncGenerator[bytes, None]:
        """Yields the responses to an operation, or its payloads, as JSON.

        Raises:
            OperationRefused: The operation is invalid, or ends with errors.
        """
        request = self._request(payload)
        question = await self._executor.subscribe(request, caller)
        if question is None:
            async with aclosing(self._answers(request, caller)) as answers:
                async for body in answers:
                    yield body
        elif isinstance(question, Answer):
            raise OperationRefused(question.errors)
        else:
            try:
                async with aclosing(question.payloads(caller)) as payloads:
                    async for body in payloads:
                        yield body
            except SubscriptionFailed as failed:
                raise OperationRefused(failed.errors) from None

    def _request(self, payload: bytes) -> GraphqlRequest:
        try:
            parameters = decode_body(payload, most_values=self._most_values)
            text = self._documents.text(parameters)
        except Refusal as refusal:
            raise OperationRefused([{"message": str(refusal), "extensions": {"code": refusal.code}}]) from None
        return GraphqlRequest(
            text, parameters.variables, parameters.operation_name, is_persisted=parameters.query is None
        )

    async def _answers(self, request: GraphqlRequest, caller: Caller) -> AsyncGenerator[bytes, None]:
        answer = await self._executor.deliver(request, caller, PayloadFormat.IDS)
        if not isinstance(answer, Payloads):
            yield answer.to_json()
            return
        try:
            async with aclosing(answer.payloads()) as payloads:
                async for body in payloads:
                    yield body
        finally:
            await answer.close()
