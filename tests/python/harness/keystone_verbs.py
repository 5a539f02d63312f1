"""Runs in Keystone's own environment: prints what keystone-manage's own parser takes, as JSON.

`{"global": [option, ...], "verbs": {verb: [option, ...]}}`; an option is `{"names": [...], "value": bool}`, an argument without
dashes is left out.
"""

from __future__ import annotations

import argparse
import json

import keystone.conf
from keystone.cmd import cli
from oslo_log import log


def options(parser: argparse.ArgumentParser) -> list[dict]:
    """The options of a parser but `--help`."""
    mine = [action for action in parser._actions if action.option_strings and action.dest != "help"]
    return [{"names": action.option_strings, "value": action.nargs != 0} for action in mine]


def main() -> None:
    """Prints them."""
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers()
    for command in cli.CMDS:
        command.add_argument_parser(verbs)
    keystone.conf.configure()
    log.register_options(keystone.conf.CONF)
    # The parser of the line before the verb exists only once something was parsed.
    keystone.conf.CONF([], project="keystone", version="0", default_config_files=[])
    print(json.dumps({"global": options(keystone.conf.CONF._oparser), "verbs": {name: options(verb) for name, verb in verbs.choices.items()}}))


if __name__ == "__main__":
    main()
