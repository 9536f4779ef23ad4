"""The commands of the site: ``python -m website build`` and ``python -m website serve``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from website.build import BuildError, build
from website.serve import serve

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m website", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    builder = commands.add_parser("build", help="build the site into _build/html")
    builder.add_argument(
        "--root", type=Path, default=ROOT, help="the folder of the book (default: this course)"
    )
    server = commands.add_parser("serve", help="serve the built site on this machine")
    server.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    if arguments.command == "serve":
        folder = ROOT / "_build" / "html"
        if not (folder / "index.html").is_file():
            print("There is no site yet: run 'make book' first.", file=sys.stderr)
            return 1
        serve(folder, arguments.port)
        return 0
    try:
        folder = build(arguments.root.resolve())
    except BuildError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"\nThe course is in {folder}\nTo read it: make serve, then open http://localhost:8000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
