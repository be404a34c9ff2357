"""The browser's files: GraphiQL, built by Vite from `graphiql/` into `dist/`, and the plain landing page.

- `node`, `npm`: Node, from the PATH or from PyPI, and packages exactly as a lock file says; tests use them as well.
- `build`: `python -m web.build`, which does nothing when nothing has changed.
- `lock`: one process at a time works on a folder; `errors`: the errors of all of these.

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
    """Returns the folder with `index.html` and `assets/`, or None if it has not been built."""
    folder = Path(__file__).parent / "dist"
    return folder if (folder / "index.html").is_file() else None
