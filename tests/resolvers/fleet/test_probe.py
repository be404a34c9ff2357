"""Probes and reachability of clusters that answer some questions, and refuse others."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from k8s import errors
from k8s.errors import BrokenOff, NotConnected
from k8s.reading.reader import ClusterReader
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.status import status_error
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.probe import Probe, probe
from resolvers.fleet.reachability import read_reachability

VERSION, CORE = "/version", "/api/v1"
IDENTITY = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
EVERYWHERE = "/"
NOW = datetime(2026, 1, 1, tzinfo=UTC)

Refusal = Callable[[Call], errors.ClusterError]

ANSWERS = {
    VERSION: {"gitVersion": "v1.26.3"},
    CORE: {"kind": "APIResourceList", "resources": None},
    IDENTITY: {"status": {"userInfo": {"username": "ann"}}},
    ACCESS: {"status": {"allowed": True}},
}


def _status(status: int, *, is_of_kubernetes: bool = True) -> Refusal:
    body = b'{"kind":"Status","apiVersion":"v1"}' if is_of_kubernetes else b"<html>no</html>"
    return lambda call: status_error("a", status=status, body=body, verb=call.verb, target=call.target)


def _error(error: type[errors.ClusterError], cause: str = "an injected cause.") -> Refusal:
    return lambda _call: error("a", cause)


class PickySender:
    """Answers all questions but some, by the longest path that a call begins with; None never answers."""

    name = "a"

    def __init__(self, refusals: Mapping[str, Refusal | None]) -> None:
        self.calls: list[str] = []
        self._refusals = refusals

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        self.calls.append(call.path)
        for prefix in sorted(self._refusals, key=len, reverse=True):
            if call.path.startswith(prefix):
                refusal = self._refusals[prefix]
                if refusal is None:
                    with deadline.running():
                        await asyncio.sleep(deadline.left_s)
                    raise errors.TimedOut(self.name, "no complete answer.")
                raise refusal(call)
        return json.dumps(ANSWERS[call.path]).encode()


def _cluster(sender: PickySender) -> FleetCluster:
    return FleetCluster(
        id="1",
        name="a",
        labels={},
        description="",
        created_at=NOW,
        updated_at=NOW,
        reader=ClusterReader(sender),
        sender=sender,
    )


def _facts(probed: Probe) -> tuple[str | None, str | None, str]:
    return probed.version, probed.identity.user if probed.identity else None, probed.access


ALL, UNTOLD = "cluster administrator", "unknown, the cluster does not tell"


@pytest.mark.parametrize(
    ("refusals", "facts"),
    [
        ({}, ("v1.26.3", "ann", ALL)),
        ({VERSION: _status(403)}, (None, "ann", ALL)),
        ({VERSION: _status(404, is_of_kubernetes=False)}, (None, "ann", ALL)),
        ({VERSION: _error(errors.ProtocolBroken)}, (None, "ann", ALL)),
        ({VERSION: _error(errors.AnswerTooLarge)}, (None, "ann", ALL)),
        *(
            ({IDENTITY: refusal}, ("v1.26.3", None, ALL))
            for refusal in (
                _status(403),
                _status(404),
                _status(405, is_of_kubernetes=False),
                _status(429),
                _status(500, is_of_kubernetes=False),
                _status(501),
                _status(503),
                _error(errors.ProtocolBroken),
                _error(BrokenOff),
            )
        ),
        ({ACCESS: _status(405, is_of_kubernetes=False)}, ("v1.26.3", "ann", UNTOLD)),
        ({ACCESS: _status(500)}, ("v1.26.3", "ann", UNTOLD)),
        ({VERSION: _status(403), IDENTITY: _status(404), ACCESS: _status(403)}, (None, None, UNTOLD)),
        # a gateway that lets nothing through but reads of objects
        ({EVERYWHERE: _status(405, is_of_kubernetes=False), CORE: _status(403)}, (None, None, UNTOLD)),
    ],
)
async def test_a_question_that_is_refused_leaves_its_own_facts_unknown(
    refusals: Mapping[str, Refusal], facts: tuple[str | None, str | None, str]
) -> None:
    assert _facts(await probe(PickySender(refusals), timeout_s=10)) == facts


async def test_a_gateway_that_only_reads_is_reachable() -> None:
    sender = PickySender({EVERYWHERE: _status(500, is_of_kubernetes=False), CORE: _status(403)})

    assert (await read_reachability(_cluster(sender), Deadline(10))).error is None
    assert sender.calls == [VERSION, CORE]


@pytest.mark.parametrize("question", [IDENTITY, VERSION, ACCESS])
async def test_a_question_that_hangs_holds_up_the_others_for_a_part_of_the_time(question: str) -> None:
    sender = PickySender({question: None})

    probed = await probe(sender, timeout_s=1.2)

    whole = {VERSION: "v1.26.3", IDENTITY: "ann", ACCESS: ALL}
    unknown = {VERSION: None, IDENTITY: None, ACCESS: UNTOLD}
    expected = whole | {question: unknown[question]}
    assert _facts(probed) == (expected[VERSION], expected[IDENTITY], expected[ACCESS])


@pytest.mark.parametrize(
    ("refusals", "error"),
    [
        ({EVERYWHERE: _status(404, is_of_kubernetes=False)}, errors.ResourceNotFound),
        ({EVERYWHERE: _error(errors.ProtocolBroken)}, errors.ProtocolBroken),
        ({EVERYWHERE: _status(500)}, errors.ServerFailed),
        ({EVERYWHERE: _status(503)}, errors.ServerFailed),
        ({EVERYWHERE: _status(429)}, errors.TooManyRequests),
        ({EVERYWHERE: _error(BrokenOff)}, BrokenOff),
        ({IDENTITY: _status(401)}, errors.Unauthenticated),
        ({VERSION: _status(401)}, errors.Unauthenticated),
        ({EVERYWHERE: _error(errors.Unreachable)}, errors.Unreachable),
        ({EVERYWHERE: _error(errors.TlsFailed)}, errors.TlsFailed),
        ({EVERYWHERE: _error(errors.CircuitOpen)}, errors.CircuitOpen),
        ({EVERYWHERE: _error(NotConnected)}, NotConnected),
        ({EVERYWHERE: _error(errors.CredentialUnusable)}, errors.CredentialUnusable),
    ],
)
async def test_without_proof_a_cluster_is_not_reachable(
    refusals: Mapping[str, Refusal], error: type[errors.ClusterError]
) -> None:
    with pytest.raises(error):
        await probe(PickySender(refusals), timeout_s=10)


@pytest.mark.parametrize("error", [errors.Unreachable, errors.TlsFailed, NotConnected, errors.CredentialUnusable])
async def test_a_cluster_without_a_connection_is_asked_once(error: type[errors.ClusterError]) -> None:
    sender = PickySender({EVERYWHERE: _error(error)})

    reached = await read_reachability(_cluster(sender), Deadline(10))

    assert isinstance(reached.error, error)
    assert sender.calls == [VERSION]


@pytest.mark.parametrize(
    ("refusal", "version", "is_reachable"),
    [
        (None, "v1.26.3", True),
        (_status(403), None, True),
        (_status(404), None, True),
        (_status(401), None, False),
        (_status(500, is_of_kubernetes=False), None, True),
        (_status(405, is_of_kubernetes=False), None, True),
        (_error(errors.ProtocolBroken), None, True),
        (_error(BrokenOff), None, True),
        (_error(errors.CircuitOpen), None, True),
    ],
)
async def test_a_version_that_is_refused_makes_no_cluster_unreachable(
    refusal: Refusal | None, version: str | None, is_reachable: bool
) -> None:
    sender = PickySender({VERSION: refusal} if refusal else {})

    reached = await read_reachability(_cluster(sender), Deadline(10))

    assert (reached.version, reached.error is None) == (version, is_reachable)
    assert (reached.latency_ms is not None) is is_reachable


async def test_a_server_that_is_none_is_named_by_its_first_answer() -> None:
    sender = PickySender({EVERYWHERE: _status(404, is_of_kubernetes=False), CORE: _error(errors.ProtocolBroken)})

    assert isinstance((await read_reachability(_cluster(sender), Deadline(10))).error, errors.ResourceNotFound)
