"""`python -m simulators.whatsapp`: the simulated WhatsApp as a process."""

from __future__ import annotations

import argparse
import dataclasses
import json

from simulators.whatsapp.server import serve
from simulators.whatsapp.world import Config


def main() -> None:
    """The command; every setting of `Config` may be given as --set name=value (JSON or text)."""
    parser = argparse.ArgumentParser(prog="python -m simulators.whatsapp", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    config = Config()
    for entry in options.set:
        name, _, value = entry.partition("=")
        text = isinstance(getattr(Config, name, None), str)
        config.change({name: value if text else json.loads(value)})
    assert dataclasses.is_dataclass(config)
    serve(config, host=options.host, port=options.port)


if __name__ == "__main__":
    main()
