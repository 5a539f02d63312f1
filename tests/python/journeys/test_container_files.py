"""`docker-compose.yml` and `Dockerfile`, as far as they can be checked where no Docker engine runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from harness.fernstone import binary
from harness.oracle import REPOSITORY
from harness.processes import run


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def dockerfile() -> list[str]:
    """The instructions of the Dockerfile, continuation lines joined, comments left out."""
    text = (REPOSITORY / "Dockerfile").read_text()
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def test_postgres_is_healthy_before_anything_uses_it(compose: dict) -> None:
    databases = [name for name, service in compose["services"].items() if service.get("image", "").startswith("postgres")]
    assert len(databases) == 1
    assert "pg_isready" in str(compose["services"][databases[0]]["healthcheck"]["test"])
    users = [service["depends_on"] for service in compose["services"].values() if databases[0] in service.get("depends_on", {})]
    assert users, "nothing waits for the database"
    assert all(depends[databases[0]]["condition"] == "service_healthy" for depends in users)


def test_dependencies_and_volumes_exist(compose: dict) -> None:
    services, volumes = compose["services"], compose.get("volumes", {})
    for name, service in services.items():
        assert "image" in service or "build" in service, name
        for other in service.get("depends_on", {}):
            assert other in services, f"{name} waits for {other}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            if source.startswith((".", "/")):
                assert (REPOSITORY / source).exists(), f"{name} mounts {source}"
            else:
                assert source in volumes, f"{name} uses volume {source}"
        for config in service.get("configs", []):
            assert (config if isinstance(config, str) else config["source"]) in compose["configs"]
    assert any("fernet" in str(service.get("volumes", "")) or "keys" in str(service.get("volumes", "")) for service in services.values())


def test_commands_are_fernstone_s(compose: dict) -> None:
    """Every word that the composition passes as a command is one that the binary knows."""
    known = run([str(binary()), "--help"])
    for name, service in compose["services"].items():
        if "build" not in service or "command" not in service:
            continue
        words = service["command"] if isinstance(service["command"], list) else service["command"].split()
        verbs = [word for word in words if re.fullmatch(r"[a-z]+([_-][a-z]+)*", word)]
        assert any(verb.replace("-", "_") in known.replace("-", "_") for verb in verbs), f"{name}: {words}"


def test_image_is_small_and_not_root(dockerfile: list[str]) -> None:
    stages = [index for index, line in enumerate(dockerfile) if line.startswith("FROM ")]
    assert len(stages) >= 2, "one stage builds, another runs"
    final = dockerfile[stages[-1] :]
    users = [line.split()[1] for line in final if line.startswith("USER ")]
    assert users and users[-1] not in ("root", "0", "0:0")
    assert any(line.startswith("COPY --from=") and "fernstone" in line for line in final)
    (entry,) = [line for line in final if line.startswith("ENTRYPOINT ")]
    if "entrypoint.sh" in entry:
        script = REPOSITORY / "docker" / "entrypoint.sh"
        run(["sh", "-n", str(script)])
        assert os.access(script, os.X_OK)
        assert "exec fernstone" in script.read_text()
    else:
        assert "fernstone" in entry


def test_copied_paths_exist(dockerfile: list[str]) -> None:
    for line in dockerfile:
        if not line.startswith(("COPY ", "ADD ")) or "--from=" in line:
            continue
        *sources, _target = [word for word in line.split()[1:] if not word.startswith("--")]
        for source in sources:
            assert list(Path(REPOSITORY).glob(source.rstrip("/"))) or source in (".", "./"), f"{source} is not in the repository"
