"""Runs in Keystone's own environment: opens tokens with Keystone's own code on directories named on standard input.

Each line is a JSON object. `{"mint": directory}` is answered with a token for each key file, by name. `{"open": directory,
"tokens": [...]}` is answered with `{"keys": count, "opens": [...]}`, or with `{"error": text}` where Keystone's code
raises. `{"seal": secret, "keys": directory}` is answered with what Keystone writes into `credential`, `{"unseal": blob, "keys":
directory}` with the secret.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keystone.conf
from cryptography import fernet
from keystone import exception
from keystone.common import fernet_utils
from keystone.credential.providers import fernet as credential_fernet
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


def seal(secret: str, directory: str) -> dict[str, str]:
    """A credential as Keystone encrypts it."""
    CONF.set_override("key_repository", directory, "credential")
    blob, key_hash = credential_fernet.Provider().encrypt(secret)
    return {"blob": blob.decode(), "key_hash": key_hash}


def unseal(blob: str, directory: str) -> dict[str, str]:
    """What Keystone reads of a credential."""
    CONF.set_override("key_repository", directory, "credential")
    try:
        return {"secret": credential_fernet.Provider().decrypt(blob)}
    except exception.CredentialEncryptionError as error:
        return {"error": str(error)}


def answer_to(asked: dict) -> dict:
    """One question, by what it names."""
    if "mint" in asked:
        return mint(Path(asked["mint"]))
    if "seal" in asked:
        return seal(asked["seal"], asked["keys"])
    if "unseal" in asked:
        return unseal(asked["unseal"], asked["keys"])
    return look(asked["open"], asked["tokens"])


def main() -> None:
    """Answers line by line."""
    keystone.conf.configure()
    CONF([], project="keystone")
    for line in sys.stdin:
        print(json.dumps(answer_to(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
