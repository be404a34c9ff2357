"""The table of results, on the terminal and in docs/performance.md."""

from dataclasses import dataclass
from pathlib import Path

_BEGIN, _END = "<!-- bench:begin -->", "<!-- bench:end -->"


@dataclass(frozen=True, slots=True)
class Line:
    """One case: its name, figure and goal; `holds` is None without a goal."""

    case: str
    figure: str
    goal: str = ""
    holds: bool | None = None

    @property
    def mark(self) -> str:
        """Returns the result in words, for the last column."""
        return {None: "", True: "holds", False: "MISSED"}[self.holds]


def at_most(case: str, value: float, goal: float, *, unit: str = "", note: str = "", decimals: int = 2) -> Line:
    """Returns a line with an upper goal."""
    return Line(case, f"{value:,.{decimals}f}{unit}{note}", f"≤ {goal:,g}{unit}", value <= goal)


def at_least(case: str, value: float, goal: float, *, unit: str = "") -> Line:
    """Returns a line with a lower goal."""
    return Line(case, f"{value:.2f}{unit}", f"≥ {goal:g}{unit}", value >= goal)


def table(lines: list[Line]) -> str:
    """Returns the lines as a Markdown table."""
    rows = [("case", "measured", "goal", ""), ("---", "---", "---", "---")]
    rows += [(line.case, line.figure, line.goal, line.mark) for line in lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def keep(path: Path, text: str) -> None:
    """Puts the table between the marks of a document."""
    document = path.read_text()
    before, _, rest = document.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    path.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}")
