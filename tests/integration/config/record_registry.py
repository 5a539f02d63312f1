"""Writes src/config/registry.jsonl: every option that Keystone registers, one JSON array a line.

    [section, option, type, default, deprecated names, flags]

Run it with the Python of an environment that holds `keystone==30.0.0` and nothing configured:

    python record_registry.py > src/config/registry.jsonl

What is registered depends on who asks: a running service registers the options of Keystone and of the libraries it
imports, the sample generator lists those of libraries that register theirs late (oslo.policy, oslo.middleware,
oslo.messaging). Both are taken.
"""

import json
import socket
import sys
from importlib.metadata import entry_points

sys.argv = ["keystone"]

import keystone.conf
import keystone.server.flask.core  # what a running service imports registers options of its own, e.g. keystonemiddleware's
from keystone.common import sql
from oslo_config import cfg, generator, types

NAMESPACES = [
    "keystone",
    "oslo.cache",
    "oslo.log",
    "oslo.messaging",
    "oslo.policy",
    "oslo.db",
    "oslo.middleware",
    "osprofiler",
]


def describe(kind):
    """The parts of an option's type that decide which values it takes."""
    if kind is cfg._identity:  # --config-file
        return {"kind": "list", "of": {"kind": "text"}}
    if kind is str:
        return {"kind": "text"}
    bounds = {}
    for name in ("min", "max"):
        value = getattr(kind, name, None)
        if value is not None:
            bounds[name] = value
    if isinstance(kind, types.Boolean):
        return {"kind": "bool"}
    if isinstance(kind, types.Port):
        return {"kind": "int", "min": 0, "max": 65535}
    if isinstance(kind, types.Integer):
        return {"kind": "int", **bounds}
    if isinstance(kind, types.Float):
        return {"kind": "float", **bounds}
    if isinstance(kind, types.List):
        assert not kind.min_length, kind
        return {"kind": "list", "of": describe(kind.item_type), **({"bounds": True} if kind.bounds else {})}
    if isinstance(kind, types.Dict):
        assert not kind.bounds and not kind.min_length and kind.key_value_separator == ":", kind
        return {"kind": "dict", "of": describe(kind.value_type)}
    if isinstance(kind, types.URI):
        limits = {"schemes": list(kind.schemes or []), "max_length": kind.max_length}
        return {"kind": "uri", **{name: limit for name, limit in limits.items() if limit}}
    if isinstance(kind, types.String):
        assert not kind.regex and not kind.quotes and not kind.max_length, kind
        described = {"kind": "text"}
        if kind.choices is not None:
            described["choices"] = list(kind.choices)
            if kind.ignore_case:
                described["ignore_case"] = True
        return described
    raise TypeError(kind)


def portable(value):
    """Takes this machine's name out of a default."""
    return "<host name>" if value == socket.gethostname() else value


def main():
    conf = cfg.CONF
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.set_config_defaults()
    conf([], project="keystone", default_config_files=[], default_config_dirs=[])

    rows = {}

    def add(section, opt, default):
        kind = describe(opt.type)
        if opt.multi:
            kind = {"kind": "multi", "of": kind}
        deprecated = []
        for old in opt.deprecated_opts:
            if old.name or old.group:
                name = [old.group or section, old.name or opt.dest]
                # Only the form with underscores can be met in a file and in the environment alike; oslo.config
                # looks up both, so both are kept.
                if name not in deprecated:
                    deprecated.append(name)
        flags = []
        if opt.secret:
            flags.append("secret")
        if opt.deprecated_for_removal:
            flags.append("deprecated")
        rows[(section, opt.dest)] = [section, opt.dest, kind, portable(default), deprecated, flags]

    # The plugin of a method has an option of its own, registered only where the method is configured.
    methods = [name.removeprefix("keystone.auth.") for name in sorted(entry_points().groups)
               if name.startswith("keystone.auth.")]
    conf.set_override("methods", methods, group="auth")
    keystone.conf.auth.setup_authentication(conf)
    conf.clear_override("methods", group="auth")

    for _, groups in generator._list_opts(NAMESPACES):
        for group, opts in groups:
            for opt in opts:
                add(getattr(group, "name", group) or "DEFAULT", opt, opt.default)
    for section, infos in [("DEFAULT", conf._opts)] + [(name, g._opts) for name, g in conf._groups.items()]:
        for info in infos.values():
            add(section, info["opt"], info.get("default", info["opt"].default))

    for key in sorted(rows, key=lambda k: (k[0] != "DEFAULT", k)):
        print(json.dumps(rows[key], ensure_ascii=False, separators=(",", ":")))


main()
