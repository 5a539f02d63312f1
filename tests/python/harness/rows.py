"""What a change did to the database: the rows that went and the rows that came, of every table.

Numbers that only tie two tables together are replaced by what they stand for, or left out: they are each database's own.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg2

from .postgres import Postgres

Rows = Counter[tuple[str, tuple[Any, ...]]]
Effects = dict[str, dict[str, list[dict[str, Any]]]]

# Versions of the schema, and a table that nothing fills.
LEFT_OUT = {"alembic_version", "token"}
# Columns that are counted up, and what is read in their place.
INSTEAD: dict[tuple[str, str], str | None] = {
    ("access_rule", "id"): None,
    ("application_credential", "internal_id"): None,
    ("application_credential_access_rule", "access_rule_id"): "SELECT external_id FROM access_rule WHERE id = access_rule_id",
    ("application_credential_access_rule", "application_credential_id"): (
        "SELECT id FROM application_credential WHERE internal_id = application_credential_id"
    ),
    ("application_credential_role", "application_credential_id"): (
        "SELECT id FROM application_credential WHERE internal_id = application_credential_id"
    ),
    ("federated_user", "id"): None,
    ("limit", "internal_id"): None,
    ("local_user", "id"): None,
    ("password", "id"): None,
    ("password", "local_user_id"): "SELECT user_id FROM local_user WHERE id = local_user_id",
    ("registered_limit", "internal_id"): None,
    ("revocation_event", "id"): None,
}
# A random text each, of one form.
RANDOM = {("revocation_event", "audit_id"), ("revocation_event", "audit_chain_id")}


class Database:
    """One database whose changes are followed from outside."""

    # Table, column and type of each.
    COLUMNS: str

    def __init__(self, execute: Callable[..., list[tuple[Any, ...]]]) -> None:
        """`execute`: runs a statement, with `%s` for its values, and answers its rows."""
        self.execute = execute
        self.columns: dict[str, list[str]] = {}
        self.booleans: dict[str, list[bool]] = {}
        for table, column, kind in self.execute(self.COLUMNS):
            if table in LEFT_OUT or INSTEAD.get((table, column), "") is None:
                continue
            self.columns.setdefault(table, []).append(column)
            self.booleans.setdefault(table, []).append("bool" in kind.lower())
        self.seen = self._rows()

    def _rows(self) -> Rows:
        rows: Rows = Counter()
        for table, columns in self.columns.items():
            wanted = ", ".join(f"({instead})" if (instead := INSTEAD.get((table, column))) else f'"{column}"' for column in columns)
            rows.update((table, row) for row in self.execute(f'SELECT {wanted} FROM "{table}"'))
        return rows

    def effects(self) -> Effects:
        """What has changed since the last call."""
        rows = self._rows()
        changed: Effects = {}
        for kind, difference in (("gone", self.seen - rows), ("new", rows - self.seen)):
            for (table, row), times in difference.items():
                changed.setdefault(table, {"gone": [], "new": []})[kind] += [self._readable(table, row)] * times
        self.seen = rows
        return changed

    def _readable(self, table: str, row: tuple[Any, ...]) -> dict[str, Any]:
        described = zip(self.columns[table], self.booleans[table], row, strict=True)
        return {column: _value(table, column, boolean, value) for column, boolean, value in described}


class OnPostgres(Database):
    """A database of the tests' cluster."""

    COLUMNS = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"

    def __init__(self, cluster: Postgres, database: str) -> None:
        connection = psycopg2.connect(cluster.dsn(database))
        connection.autocommit = True

        def execute(statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []

        super().__init__(execute)


class OnSqlite(Database):
    """A SQLite file."""

    COLUMNS = (
        "SELECT m.name, p.name, p.type FROM sqlite_master m, pragma_table_info(m.name) p "
        "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
    )

    def __init__(self, file: Path) -> None:
        connection = sqlite3.connect(file, timeout=10, isolation_level=None, check_same_thread=False)
        alone = Lock()

        def execute(statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
            with alone:
                return connection.execute(statement.replace("%s", "?") if values else statement, values).fetchall()

        super().__init__(execute)


def _value(table: str, column: str, boolean: bool, value: Any) -> Any:
    if value is None:
        return None
    if (table, column) in RANDOM:
        return f"{len(value)} characters"
    if boolean:
        return bool(value)
    if isinstance(value, date):
        return str(value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    # SQLAlchemy writes every time into SQLite with six digits.
    return value.removesuffix(".000000") if isinstance(value, str) else value
