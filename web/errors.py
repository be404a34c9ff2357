"""What the build of the browser's files raises; every message says what is the matter and the way out.

WebError
├── NodeUnavailable     no Node that can be used, and none could be installed
├── NpmFailed           npm, or a program that it installed, failed or took too long
└── SourcesMissing      this installation has no sources to build from
"""


class WebError(Exception):
    """The build cannot go on; the text is for a person."""


class NodeUnavailable(WebError):
    """There is no Node with npm, and it could not be installed."""


class NpmFailed(WebError):
    """A program of Node failed or took longer than it may."""


class SourcesMissing(WebError):
    """The folder with the sources is not there: this is an installed wheel."""
