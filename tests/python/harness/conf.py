"""Writes `keystone.conf` files that a real Keystone and Fernstone both read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

Options = Mapping[str, Mapping[str, object]]


def merged(*layers: Options) -> dict[str, dict[str, object]]:
    """Later layers win, option by option; an option set to None is left out."""
    result: dict[str, dict[str, object]] = {}
    for layer in layers:
        for section, options in layer.items():
            result.setdefault(section, {}).update(options)
    return result


def write(path: Path, options: Options) -> Path:
    """Writes the options as oslo.config reads them."""
    lines: list[str] = []
    for section, values in options.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            if value is None:
                continue
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{name} = {str(one).lower() if isinstance(one, bool) else one}")
    path.write_text("\n".join(lines) + "\n")
    return path
