"""Programs that replace Node and npm."""

from pathlib import Path

from web.node import NodeJs, Version


def write_program(path: Path, script: str) -> Path:
    """Writes an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def write_node(folder: Path, version: str = "v22.20.0", *, has_npm: bool = True) -> Path:
    """Writes a `node` that prints its version, and an `npm` beside it."""
    if has_npm:
        write_program(folder / "npm", "exit 0")
    return write_program(folder / "node", f"echo {version}")


def fake_node(folder: Path, npm: str) -> NodeJs:
    """Returns a Node whose npm is a shell script."""
    npm_program = write_program(folder / "npm", npm)
    program = write_program(folder / "node", 'exec sh "$@"')
    return NodeJs(program=program, version=Version((22, 20, 0)), npm=(str(npm_program),))
