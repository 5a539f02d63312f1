"""Runs in Keystone's own environment: prints what `keystone-manage doctor` thinks of each configuration file that is named.

A JSON list, for each file `{symptom: whether it is there}`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys

import keystone.conf
from keystone.cmd import doctor
from keystone.common import sql
from oslo_log import log


def symptoms(config: str) -> dict[str, bool]:
    """All symptoms by name."""
    keystone.conf.CONF.reset()
    keystone.conf.CONF(["--config-file", config], project="keystone", default_config_files=[])
    with contextlib.redirect_stdout(io.StringIO()):
        return {symptom.__name__.removeprefix("symptom_"): bool(symptom()) for symptom in doctor.gather_symptoms()}


def main() -> None:
    """Prints them."""
    keystone.conf.configure()
    log.register_options(keystone.conf.CONF)
    sql.initialize()
    print(json.dumps([symptoms(config) for config in sys.argv[1:]]))


if __name__ == "__main__":
    main()
