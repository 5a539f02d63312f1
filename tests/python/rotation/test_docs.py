"""docs/rotation.md tells operators what to type. Here it is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from harness import fernstone
from harness.oracle import REPOSITORY

TEXT = (REPOSITORY / "docs" / "rotation.md").read_text()


def blocks(language: str) -> list[str]:
    """The examples in one language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def run(*line: str, status: int = 0, **more) -> str:
    """Runs the binary to the end."""
    answer = subprocess.run([str(fernstone.binary()), *line], capture_output=True, text=True, cwd="/", check=False, **more)
    assert answer.returncode == status, f"{line}: {answer}"
    return answer.stdout


def commands() -> list[str]:
    """Every call of the program in an example."""
    text = "\n".join(blocks("console") + blocks("ini") + blocks("yaml"))
    calls = re.findall(r"^(?:\$ |ExecStart=\S*/| *# ExecStart=\S*/| *|.*[|] |.*ssh \S+ )(fernstone [^|&#\n]*)", text, re.MULTILINE)
    return sorted({call.strip() for call in calls})


def test_the_examples_were_found() -> None:
    verbs = {call.split()[2] for call in commands() if call.startswith("fernstone fernet ")}
    assert verbs == {"status", "plan", "rotate", "check", "export", "import", "identify"}
    assert any("credential_migrate" in call for call in commands()) and any("--records" in call for call in commands())


@pytest.mark.parametrize("call", commands())
def test_the_command_line_takes_it(call: str) -> None:
    # In the list of commands, `export / import` stands for both, and a token is read from a file.
    line = call.split(" / ")[0].split(" < ")[0].split()[1:]
    # Its help is shown only if all that stands before it could be parsed.
    assert "Usage:" in run(*line, "--help")


def test_the_table_of_rhythms() -> None:
    rows = re.findall(r"^\| (\d+ [dh]) \| (\d+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 5
    for every, keys in rows:
        said = run("fernet", "plan", "--every", every.replace(" ", ""), "--key-repository", "/nonexistent", "--json")
        assert json.loads(said)["max_active_keys_needed"] == int(keys), every


def test_the_units_of_systemd(tmp_path: Path) -> None:
    """systemd itself reads them; the programs are put where it finds them."""
    binary = tmp_path / "fernstone"
    binary.symlink_to(fernstone.binary())
    distribute = tmp_path / "distribute-fernet-keys"
    distribute.write_text("#!/bin/sh\n")
    distribute.chmod(0o755)
    units = []
    for unit in blocks("ini"):
        path = tmp_path / re.match(r"# \S+/(\S+)\n", unit)[1]
        path.write_text(unit.replace("/usr/bin/fernstone", str(binary)).replace("/usr/local/bin/distribute-fernet-keys", str(distribute)))
        units.append(str(path))
    assert sorted(Path(unit).suffix for unit in units) == [".service", ".timer"]
    verified = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def aged(keys: Path, hours: dict[str, int], now: float) -> None:
    """Gives the keys the times that daily rotations would have given them."""
    for name, ago in hours.items():
        os.utime(keys / name, (now - ago * 3600,) * 2)


def test_the_job_of_kubernetes(tmp_path: Path) -> None:
    """Its script, with a kubectl that keeps the secret in a file."""
    job = yaml.safe_load(blocks("yaml")[0])
    assert (job["kind"], job["spec"]["schedule"], job["spec"]["concurrencyPolicy"]) == ("CronJob", "0 3 * * *", "Forbid")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    secret = tmp_path / "secret.json"
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "fernstone").symlink_to(fernstone.binary())
    (tools / "kubectl").write_text(
        "#!/bin/sh\nset -eu\n"
        f'case "$1 $2" in\n"get secret") cat {secret};;\n'
        """"create secret") for word; do case "$word" in --from-file=keys.json=*) cat "${word#--from-file=keys.json=}";; esac; done;;\n"""
        f'"apply -f") cat > {secret}.new && mv {secret}.new {secret};;\n*) exit 9;;\nesac\n'
    )
    (tools / "kubectl").chmod(0o755)
    keys = tmp_path / "first"
    now = time.time()
    owner = ["--keystone-user", str(os.geteuid()), "--keystone-group", str(os.getegid())]
    config = tmp_path / "keystone.conf"
    config.write_text(f"[fernet_tokens]\nkey_repository = {keys}\nmax_active_keys = 5\n[fernet_receipts]\nkey_repository = {keys}\n")
    run("--config-file", str(config), "fernet_setup", *owner)
    aged(keys, {"0": 48, "1": 48}, now)
    run("fernet", "rotate", "--key-repository", str(keys), "--max-active-keys", "5")
    aged(keys, {"0": 24}, now)
    run("fernet", "export", "--key-repository", str(keys), "--output", str(secret))

    def scheduled(night: int) -> subprocess.CompletedProcess[str]:
        work = tmp_path / f"night-{night}"
        work.mkdir()
        script = container["args"][0].replace("/keys", str(work))
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": "/nonexistent"}
        return subprocess.run([*container["command"], script], capture_output=True, text=True, env=environment, check=False)

    first = scheduled(1)
    assert first.returncode == 0, first
    numbers = [key["number"] for key in json.loads(secret.read_text())["keys"]]
    assert numbers == ["0", "1", "2", "3"]
    # A second run in the same night is refused, and leaves the secret alone.
    kept = secret.read_text()
    again = scheduled(2)
    assert (again.returncode, secret.read_text()) == (3, kept), again
    # The sidecar brings the keys to Keystone's own directory.
    sidecar = re.search(r"`(fernstone fernet import --key-repository \S+)\s+(/secret/keys.json)`", TEXT)
    served = tmp_path / "served"
    shutil.copytree(keys, served)
    line = sidecar[1].replace("/etc/keystone/fernet-keys", str(served)).split()[1:]
    run(*line, str(secret))
    assert sorted(path.name for path in served.iterdir()) == ["0", "1", "2", "3"]
