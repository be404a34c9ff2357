"""Older versions of other shapes: the table of docs/schema.md names each."""

import re
from pathlib import Path

from k8s.kinds.builtin import BUILT_IN, CRON_JOB
from k8s.kinds.othershapes import has_shape_of

_SCHEMA = Path(__file__).parents[3] / "docs" / "schema.md"
_ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`v\w+`(?:, )?)+) \|$", re.MULTILINE)
_STAGES = ("", *(f"{stage}{number}" for stage in ("alpha", "beta") for number in range(1, 5)))
_VERSIONS = [f"v{major}{stage}" for major in (1, 2) for stage in _STAGES]


def test_the_manual_has_the_same_table() -> None:
    documented = {
        (kind, version)
        for kinds, versions in _ROW.findall(_SCHEMA.read_text())
        for kind in re.findall(r"\w+", kinds)
        for version in re.findall(r"\w+", versions)
    }

    assert documented == {
        (kind.name, version) for kind in BUILT_IN for version in _VERSIONS if not has_shape_of(kind, version)
    }


def test_unknown_versions_have_the_same_shape() -> None:
    assert has_shape_of(CRON_JOB, "v2alpha1")
