"""Promises about the repository itself: its commands, its settings, its requirements and its containers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "SECRET_KEY": "for-this-test-alone",
    "DATABASE_URL": "postgres://portal@db/portal",
    "REDIS_URL": "redis://broker/0",
    "PORTAL_URL": "https://portal.example.ca",
    "ALLOWED_HOSTS": "portal.example.ca",
    "SMTP_HOST": "smtp.example.ca",
    "DEFAULT_FROM_EMAIL": "portal@example.ca",
}
PACKAGES = (
    "cases",
    "core",
    "credits",
    "desk",
    "echo_portal",
    "outbox",
    "participants",
    "sessions_app",
    "surveys",
)


def load_settings(environment: dict[str, str], tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Read the settings as a production process would, with this environment and no other."""
    return subprocess.run(
        [sys.executable, "-c", "import echo_portal.settings as s; print(s.SECRET_KEY, s.DEBUG)"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_every_setting_given(tmp_path: Path) -> None:
    loaded = load_settings(SETTINGS, tmp_path)
    assert loaded.stdout.split() == ["for-this-test-alone", "False"], loaded.stderr


@pytest.mark.parametrize("name", SETTINGS)
def test_production_names_the_missing_setting_and_how_to_set_it(name: str, tmp_path: Path) -> None:
    loaded = load_settings({key: value for key, value in SETTINGS.items() if key != name}, tmp_path)
    assert loaded.returncode != 0
    message = loaded.stderr.strip().splitlines()[-1]
    assert f"The setting {name} is missing." in message
    assert f"{name}_FILE" in message


def test_secret_comes_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("from-the-file\n", encoding="utf-8")
    environment = {key: value for key, value in SETTINGS.items() if key != "SECRET_KEY"}
    loaded = load_settings(environment | {"SECRET_KEY_FILE": str(secret)}, tmp_path)
    assert loaded.stdout.split()[0] == "from-the-file"


def test_keys_of_before_are_a_list(tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SECRET_KEY_FALLBACKS": "first, second,",
    }
    code = "import echo_portal.settings as s; print(s.SECRET_KEY_FALLBACKS)"
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment | SETTINGS,
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "['first', 'second']"


def test_readme_commands_exist_and_can_be_run() -> None:
    commands = set(re.findall(r"\./(script/[\w-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"script/server", "script/test", "script/manage"} <= commands
    for command in commands:
        assert os.access(ROOT / command, os.X_OK), command


def test_readme_links_lead_somewhere() -> None:
    for page in ("README.md", "CONTRIBUTING.md"):
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
            assert (ROOT / link).exists(), f"{page}: {link}"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"])
def test_requirements_are_hashed_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(
        r"^[a-z0-9][\w.\-\[\]]*==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE
    )
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 20
    assert "://" not in text


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("[project.optional-dependencies]")]
    lines = [line.strip() for line in block.splitlines()[1:] if line.strip() not in {"", "]"}]
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith('"'):
            assert before.startswith("# "), line


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
        and (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_containers_run_without_root_or_default_secrets() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    assert {"db", "broker", "migrate", "web", "worker", "beat", "mail"} == set(compose["services"])
    for name in ("web", "worker", "beat", "migrate"):
        service = compose["services"][name]
        assert service["environment"]["ECHO_ENV"] == "production"
        for secret in ("SECRET_KEY", "DATABASE_URL"):
            assert secret not in service["environment"]
            assert service["environment"][f"{secret}_FILE"].startswith("/run/secrets/")
    assert "healthcheck" in compose["services"]["db"]
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER portal$", dockerfile, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", dockerfile, re.MULTILINE)


def test_example_environment_names_every_setting_the_containers_ask_for() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\{([A-Z_]+)", compose))
    given = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert asked == given
