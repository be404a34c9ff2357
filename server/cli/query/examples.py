"""Saved queries: those that fleetgraph ships (GraphiQL's tabs are the same), and the user's own files."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from platformdirs import user_config_path

from server.commanderrors import InputError

_SHIPPED: Final = Path(__file__).parents[3] / "web" / "graphiql" / "src" / "examples"
_SUFFIX: Final = ".graphql"


@dataclass(frozen=True, slots=True)
class Example:
    """One saved query.

    Attributes:
        name: The file's name in lower case, without its suffix.
        text: The document.
        about: Its leading comment, on one line.
    """

    name: str
    text: str
    about: str


def own_folder() -> Path:
    """Returns the folder of the user's own examples."""
    return user_config_path("fleetgraph") / "examples"


def examples() -> dict[str, Example]:
    """Returns all saved queries by name; the user's own replace shipped ones of the same name.

    Raises:
        InputError: A file cannot be read.
    """
    return {query.name: query for folder in (_SHIPPED, own_folder()) for query in _read(folder)}


def example(name: str) -> Example:
    """Returns one saved query by its name, in upper or lower case.

    Raises:
        InputError: No query has that name.
    """
    known = examples()
    if name.lower() not in known:
        raise InputError(f"No example is named {name[:80]!r}. There are: {', '.join(sorted(known))}.")
    return known[name.lower()]


def _read(folder: Path) -> Iterable[Example]:
    files = sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else ()
    for file in files:
        try:
            text = file.read_text()
        except OSError as error:
            raise InputError(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError:
            raise InputError(f"{file} is not text in UTF-8.") from None
        yield Example(file.name.removesuffix(_SUFFIX).lower(), text, _comment(text))


def _comment(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.strip("# "))
    return " ".join(lines)
