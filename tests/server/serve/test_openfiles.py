"""Files are left over for everything but callers' connections, at any limit of the system."""

import resource

import pytest

from server.serve.connectionbounds import raise_file_limit


@pytest.mark.parametrize(
    ("limits", "fitting", "raised_to"),
    [
        ((1024, 4096), 2000, 4096),
        ((1024, 1024), 512, None),
        ((4096, 4096), 2000, None),
        ((256, 256), 1, None),
        ((1024, resource.RLIM_INFINITY), 2000, 1_048_576),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), 2000, None),
    ],
)
def test_the_limit_is_raised_and_what_does_not_fit_is_not_accepted(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], fitting: int, raised_to: int | None
) -> None:
    was_set: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: was_set.append(limits))

    assert raise_file_limit(2000) == fitting
    assert was_set == ([] if raised_to is None else [(raised_to, limits[1])])
