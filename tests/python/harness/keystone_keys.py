"""Runs in Keystone's own environment: opens tokens with Keystone's own code on directories named on standard input.

Each line is a JSON object. `{"mint": directory}` is answered with a token for each key file, by name. `{"open": directory,
"tokens": [...]}` is answered with `{"keys": count, "opens": [...]}`, or with `{"error": text}` where Keystone's code
raises.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cryptography import fernet
from keystone import exception
from keystone.common import fernet_utils
import keystone.conf
from keystone.token import token_formatters

CONF = keystone.conf.CONF


def mint(directory: Path) -> dict[str, str]:
    """A token of each key, whatever it does."""
    keys = (path for path in directory.iterdir() if path.name.isdigit())
    return {path.name: fernet.Fernet(path.read_text()).encrypt(path.name.encode()).decode().rstrip("=") for path in keys}


def opens(formatter: token_formatters.TokenFormatter, token: str) -> bool:
    """Whether the formatter that a Keystone uses takes the token for one of its own."""
    try:
        formatter.unpack(token)
    except exception.ValidationError:
        return False
    return True


def look(directory: str, tokens: list[str]) -> dict[str, object]:
    """What a Keystone with this key repository makes of the tokens."""
    CONF.set_override("key_repository", directory, "fernet_tokens")
    utils = fernet_utils.FernetUtils(directory, CONF.fernet_tokens.max_active_keys, "fernet_tokens")
    try:
        keys = utils.load_keys()
        formatter = token_formatters.TokenFormatter()
        return {"keys": len(keys), "opens": [opens(formatter, token) for token in tokens] if keys else [False] * len(tokens)}
    except Exception as error:  # noqa: BLE001 - whatever it is, every request to this Keystone would fail with it
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answers line by line."""
    keystone.conf.configure()
    CONF([], project="keystone")
    for line in sys.stdin:
        asked = json.loads(line)
        answer = mint(Path(asked["mint"])) if "mint" in asked else look(asked["open"], asked["tokens"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
