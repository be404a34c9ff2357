"""The browser's files: GraphiQL, built by Vite from `graphiql/` into `dist/`, and the plain landing page.

A tour:

- `node`, `npm`: Node, from the PATH or from PyPI, and packages exactly as a lock file says; tests use them, too.
- `build`: `python -m web.build`, which does nothing when nothing has changed.
- `lock`: one process at a time works on a folder; `errors`: what those raise.

Only the standard library is imported here: the build runs before anything else is installed.
"""

from pathlib import Path

HOW_TO_BUILD = "GraphiQL is not built in this installation; 'make setup' or 'python -m web.build' builds it."

# Styles alone may be inline: the Monaco editor measures and colours with style elements and attributes of its own.
GRAPHIQL_CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def dist() -> Path | None:
    """The folder with `index.html` and `assets/`, or None if it has not been built."""
    folder = Path(__file__).parent / "dist"
    return folder if (folder / "index.html").is_file() else None
