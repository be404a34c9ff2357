"""Types as bytes for a store: the same types, unless limits or the release have changed."""

import pytest
from msgspec.structs import replace

from k8s.kinds.structure import Structure
from k8s.schemas.clustertypes import ClusterTypes, learned
from k8s.schemas.limits import SchemaLimits
from k8s.schemas.storedtypes import TypesUnreadable, decode_types, encode_types
from tests.k8s.schemas.schemas import STANDARD, kind_schema

KIND = kind_schema({"type": "object", "properties": {"a": {"type": "string"}}})
TYPES = ClusterTypes((learned("apis/acme.io/v1", "1", [KIND]),))


def test_stored_types_are_the_same() -> None:
    again = decode_types(encode_types(TYPES, {("acme.io", "Goose"): 7}, STANDARD), STANDARD)

    assert again.types == TYPES
    assert again.types.fingerprint == TYPES.fingerprint
    assert again.types.kinds() == (KIND,)
    assert again.types.kinds()[0].structures[0] == Structure("0", "", KIND.structures[0].fields)
    assert again.since == {("acme.io", "Goose"): 7}
    assert again.is_current


def test_types_of_other_limits_stay_and_are_read_again() -> None:
    again = decode_types(encode_types(TYPES, {}, STANDARD), SchemaLimits(depth=65))

    assert not again.is_current
    assert again.types.documents == (replace(TYPES.documents[0], hash=""),)


@pytest.mark.parametrize("content", [b"", b"0", b"1", b"2", b"2abc", b"\xff" * 100])
def test_bytes_of_another_release_are_refused(content: bytes) -> None:
    with pytest.raises(TypesUnreadable):
        decode_types(content, STANDARD)
