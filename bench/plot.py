"""A small chart as SVG: lines over a few measured points, both axes logarithmic."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from pathlib import Path
from typing import Final

_WIDTH: Final = 560
_HEIGHT: Final = 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 130, 40, 50
_COLOURS: Final = ("#1f6feb", "#bf4b00", "#1a7f37")

Points = Sequence[tuple[float, float]]


def chart(path: Path, title: str, lines: Mapping[str, Points], *, x: str, y: str) -> None:
    """Writes a chart of lines by name; points are (x, y), both more than 0."""
    xs = sorted({point[0] for points in lines.values() for point in points})
    ys = [point[1] for points in lines.values() for point in points]
    low, high = _decade(min(ys), up=False), _decade(max(ys), up=True)

    def at_x(value: float) -> float:
        span = log10(xs[-1] / xs[0]) or 1
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * log10(value / xs[0]) / span

    def at_y(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * log10(value / low) / (log10(high / low) or 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{escape(x)}</text>',
        f'<text x="{_LEFT}" y="{_TOP - 6}" fill="#57606a">{escape(y)}</text>',
    ]
    tick = low
    while tick <= high * 1.001:
        parts.append(_tick(_LEFT, _WIDTH - _RIGHT, at_y(tick), f"{tick:g}"))
        tick *= 10
    for value in xs:
        parts.append(
            f'<text x="{at_x(value):.0f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{value:,.0f}</text>'
        )
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        parts += _line(name, [(at_x(a), at_y(b), b) for a, b in points], colour)
    path.write_text("\n".join([*parts, "</svg>\n"]))


def _tick(left: float, right: float, y: float, text: str) -> str:
    return (
        f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>'
        f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
    )


def _line(name: str, points: Sequence[tuple[float, float, float]], colour: str) -> list[str]:
    way = " ".join(f"{a:.1f},{b:.1f}" for a, b, _ in points)
    dots = [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b, _ in points]
    last = points[-1]
    label = f'<text x="{last[0] + 10:.1f}" y="{last[1] + 4:.1f}" fill="{colour}">{escape(name)} {last[2]:,.0f}</text>'
    return [f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots, label]


def _decade(value: float, *, up: bool) -> float:
    exponent = log10(value)
    whole = int(exponent) if exponent >= 0 else int(exponent) - 1
    return float(10 ** (whole + 1)) if up else float(10**whole)
