#!/usr/bin/env python3
"""Records what `keystone-manage bootstrap` of Keystone 30.0.0 leaves in a database: bootstrap-first.json after a first
run, bootstrap-again.json after a second one with another password, other URLs and another region.

    record_bootstrap.py KEYSTONE_MANAGE

Works in a temporary directory, on SQLite. Ids become what they stand for, times `<time>`, hashes `<hash>`."""

import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

CONF = """[DEFAULT]
log_dir = {directory}
[database]
connection = sqlite:///{directory}/keystone.db
[identity]
password_hash_rounds = 4
[cache]
enabled = false
"""

LABELS = {
    "role": "SELECT id, name FROM role",
    "project": "SELECT id, name FROM project WHERE NOT is_domain",
    "user": "SELECT user_id, name FROM local_user",
    "service": "SELECT id, type FROM service",
    "endpoint": "SELECT id, interface || '@' || region_id FROM endpoint",
}


def dump(path):
    database = sqlite3.connect(path)
    labels = {}
    for kind, query in LABELS.items():
        labels.update({row[0]: f"{kind} {row[1]}" for row in database.execute(query)})

    def masked(column, value):
        if value is None:
            return None
        if column.endswith("_at") or column in ("created_at_int", "expires_at_int", "issued_before"):
            return "<time>"
        if column == "password_hash":
            return "<hash>"
        return labels.get(value, str(value))

    tables = {}
    names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    for (table,) in database.execute(names).fetchall():
        cursor = database.execute(f'SELECT * FROM "{table}"')
        columns = [column[0] for column in cursor.description]
        rows = [{c: masked(c, v) for c, v in zip(columns, row)} for row in cursor]
        if rows:
            tables[table] = sorted(rows, key=json.dumps)
    return tables


def main(keystone_manage):
    with tempfile.TemporaryDirectory() as directory:
        conf = pathlib.Path(directory, "keystone.conf")
        conf.write_text(CONF.format(directory=directory))

        def run(*arguments):
            subprocess.run([keystone_manage, "--config-file", conf, *arguments], check=True, capture_output=True)

        def bootstrap(password, region, host):
            urls = [f"--bootstrap-{name}-url=http://{name}.{host}/v3" for name in ("admin", "public", "internal")]
            run("bootstrap", f"--bootstrap-password={password}", f"--bootstrap-region-id={region}", *urls)

        def record(name):
            text = json.dumps(dump(f"{directory}/keystone.db"), indent=1) + "\n"
            (HERE / name).write_text(text)

        run("db_sync")
        bootstrap("one", "RegionOne", "first")
        record("bootstrap-first.json")
        bootstrap("two", "RegionTwo", "second")
        bootstrap("two", "RegionOne", "third")
        record("bootstrap-again.json")


main(sys.argv[1])
