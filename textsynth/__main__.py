"""`python -m textsynth`: the command line, for those whose environment has no `textsynth` on its path."""

from __future__ import annotations

from textsynth.commands.main import main

if __name__ == "__main__":
    main()
