"""What is shipped for operators agrees with itself: image, compose, Kubernetes, variables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from medcover.settings.refusals import SLACK_COMMAND_NAMES

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ENV_EXAMPLE = (ROOT / ".env.example").read_text()
KUBERNETES = ROOT / "deploy/kubernetes/medcover.yaml"

#: Known to Python, Django or the library itself, or set by the image, and not for operators to set.
OF_THE_IMAGE = {
    "DJANGO_SETTINGS_MODULE",
    "PROMETHEUS_MULTIPROC_DIR",
    "PATH",
    "PYTHONUNBUFFERED",
    "PYTHONDONTWRITEBYTECODE",
}
#: Of tests and development alone; DEBUG is read only to be refused.
OF_DEVELOPMENT = {"TEST_DATABASE_NAME", "BENCH_SOCKET", "UID", "DEBUG"}
#: Read by libraries themselves.
OF_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "GOOGLE_APPLICATION_CREDENTIALS"}
#: Made by compose.yaml for the images of others.
OF_OTHERS = {"POSTGRES_USER", "POSTGRES_DB"}


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    """Return it as compose reads it: `<<` merges."""
    return yaml.safe_load((ROOT / name).read_text())


def described() -> set[str]:
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", ENV_EXAMPLE, re.MULTILINE))


def texts_of_the_program() -> str:
    places = [*(ROOT / "medcover/settings").glob("*.py"), ROOT / "gunicorn.conf.py"]
    return "\n".join(place.read_text() for place in places)


def read_by_the_program() -> set[str]:
    calls = r"""env\.(?:\w+)\(\s*["']([A-Z0-9_]+)["']|environ(?:\.get\(|\[)["']([A-Z0-9_]+)["']"""
    commands = {f"SLACK_COMMAND_{code.upper()}" for code in SLACK_COMMAND_NAMES}
    return commands | {first or second for first, second in re.findall(calls, texts_of_the_program())}


def read_by_the_files() -> set[str]:
    names = ("compose.yaml", "compose.dev.yaml", "deploy/entrypoint")
    return set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)", "\n".join((ROOT / name).read_text() for name in names)))


def containers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return (kind and name, spec of the pod, container) of everything that runs in Kubernetes."""
    found = []
    for document in yaml.safe_load_all(KUBERNETES.read_text()):
        if document["kind"] in ("Deployment", "Job"):
            pod = document["spec"]["template"]["spec"]
            found += [(document["metadata"]["name"], pod, container) for container in pod["containers"]]
    return found


def commands() -> list[list[str]]:
    """Return every command of ours that a file starts."""
    services = [*compose()["services"].values(), *compose("compose.dev.yaml")["services"].values()]
    found = [service.get("command", []) for service in services]
    found += [service.get("healthcheck", {}).get("test", [])[1:] for service in services]
    found += [container.get("args", []) for _name, _pod, container in containers()]
    probes = [container.get("livenessProbe", {}) for _name, _pod, container in containers()]
    found += [probe.get("exec", {}).get("command", []) for probe in probes]
    return [command for command in found if command[:2] == ["python", "manage.py"]]


class TestVariables:
    def test_every_one_that_is_read_is_described(self):
        wanted = read_by_the_program() | read_by_the_files()
        assert wanted - described() - OF_THE_IMAGE - OF_DEVELOPMENT == set()

    def test_every_one_that_is_described_is_read(self):
        named = set(re.findall(r"""["']([A-Z][A-Z0-9_]+)["']""", texts_of_the_program()))
        assert described() - named - read_by_the_program() - read_by_the_files() - OF_LIBRARIES == set()

    def test_nothing_in_it_could_be_a_secret(self):
        for line in ENV_EXAMPLE.splitlines():
            name, sign, value = line.lstrip("#").partition("=")
            if sign and re.fullmatch(r"[A-Z_]*(KEY|SECRET|PASSWORD|TOKEN)(_\w+)?", name) and "_ID" not in name:
                assert value == "", name

    @pytest.mark.parametrize("name", ["compose.yaml", "compose.dev.yaml"])
    def test_compose_sets_only_what_is_described(self, name):
        for service in compose(name)["services"].values():
            assert set(service.get("environment", {})) - described() - OF_THE_IMAGE - OF_OTHERS == set()

    def test_kubernetes_sets_only_what_is_described(self):
        documents = [*yaml.safe_load_all(KUBERNETES.read_text())]
        documents.append(yaml.safe_load((KUBERNETES.parent / "secret.example.yaml").read_text()))
        named = {name for one in documents for name in one.get("data", {}) | one.get("stringData", {})}
        assert {"SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "BASE_URL"} <= named <= described()


class TestImage:
    def test_does_not_run_as_root_and_has_a_check(self):
        last = DOCKERFILE.rpartition("\nFROM ")[2]
        assert re.search(r"^USER 10001$", last, re.MULTILINE)
        assert "HEALTHCHECK" in last
        assert 'ENTRYPOINT ["/app/deploy/entrypoint"]' in last
        assert (ROOT / "deploy/entrypoint").stat().st_mode & 0o111

    def test_says_what_it_is(self):
        assert "ARG GIT_COMMIT" in DOCKERFILE
        assert "GIT_COMMIT=$GIT_COMMIT" in DOCKERFILE
        for label in ("version", "revision", "licenses", "title"):
            assert f"org.opencontainers.image.{label}=" in DOCKERFILE

    def test_rules_of_linters(self):
        for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
            assert ":" in image
            assert not image.endswith(":latest")
        assert "ADD " not in DOCKERFILE
        assert "sudo" not in DOCKERFILE
        for run in re.findall(r"^RUN (.*(?:\\\n.*)*)", DOCKERFILE, re.MULTILINE):
            if "apt-get install" in run:
                assert "--no-install-recommends" in run
                assert "rm -rf /var/lib/apt/lists" in run
            if "pip install" in run:
                assert "--no-cache-dir --require-hashes" in run

    def test_secrets_of_a_checkout_get_neither_into_it_nor_into_git(self):
        assert "/.env" in (ROOT / ".gitignore").read_text().splitlines()
        lines = (ROOT / ".dockerignore").read_text().splitlines()
        assert "*" in lines
        assert not {"!.env", "!var", "!."} & set(lines)

    def test_everything_it_copies_and_needs_is_let_in(self):
        let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        assert all((ROOT / name).exists() for name in let_in)
        apps = {app.split(".")[0] for app in settings.INSTALLED_APPS if (ROOT / app.split(".")[0]).is_dir()}
        assert apps <= let_in
        for sources in re.findall(r"^COPY ((?!--from)[^\n]+) \S+$", DOCKERFILE, re.MULTILINE):
            for name in sources.split():
                assert name == "." or any(name == one or name.startswith(f"{one}/") for one in let_in), name

    def test_client_programs_are_those_of_the_server(self):
        (client,) = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
        for name in ("compose.yaml", "compose.dev.yaml"):
            assert compose(name)["services"]["db"]["image"] == f"postgres:{client}"
        assert f"PostgreSQL {client} " in KUBERNETES.read_text()


class TestFiles:
    def test_commands_exist(self):
        named = {command[2] for command in commands()}
        assert {"qcluster", "migrate_safely", "worker_alive"} <= named <= set(get_commands())

    def test_the_entry_point_verifies_before_it_serves(self):
        entry = (ROOT / "deploy/entrypoint").read_text()
        assert set(re.findall(r"manage\.py (\w+)\n", entry)) == {"migrate_safely", "verify_schema"}
        assert entry.rstrip().endswith('exec "$@"')

    @pytest.mark.parametrize("role", ["migrate", "web", "worker", "proxy", "db"])
    def test_a_service_may_do_no_more_than_it_must(self, role):
        service = compose()["services"][role]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("read_only") is (None if role == "db" else True)
        assert "ports" not in service or role == "proxy"
        assert "privileged" not in service

    def test_volumes_and_networks_are_declared(self):
        found = compose()
        for service in found["services"].values():
            for volume in service["volumes"]:
                assert volume.startswith("./") or volume.partition(":")[0] in found["volumes"]
            assert set(service["networks"]) <= set(found["networks"])
        assert found["services"]["db"]["networks"] == ["inside"]

    def test_ports_are_the_one_that_the_program_listens_on(self):
        (exposed,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)
        assert f"0.0.0.0:{exposed}" in (ROOT / "gunicorn.conf.py").read_text()
        assert f"reverse_proxy web:{exposed}" in (ROOT / "deploy/Caddyfile").read_text()
        ports = [port["containerPort"] for _name, _pod, one in containers() for port in one.get("ports", [])]
        assert ports == [int(exposed)]

    def test_probes_ask_addresses_that_there_are_by_a_host_that_is_allowed(self):
        documents = [*yaml.safe_load_all(KUBERNETES.read_text())]
        (hosts,) = [one["data"]["ALLOWED_HOSTS"] for one in documents if one["kind"] == "ConfigMap"]
        (web,) = [one for name, _pod, one in containers() if name == "medcover-web"]
        asked = {probe: web[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe")}
        assert [resolve(one["path"]).view_name for one in asked.values()] == ["healthz", "readyz"]
        assert {one["httpHeaders"][0]["value"] for one in asked.values()} == {hosts}

    @pytest.mark.parametrize(
        ("name", "pod", "container"), containers(), ids=lambda one: one if isinstance(one, str) else ""
    )
    def test_pods_may_do_no_more_than_they_must(self, name, pod, container):
        (user,) = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, int(user))
        assert pod["automountServiceAccountToken"] is False
        allowed = container["securityContext"]
        assert allowed["readOnlyRootFilesystem"] is True
        assert allowed["allowPrivilegeEscalation"] is False
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        assert {"requests", "limits"} == set(container["resources"])

    def test_selectors_find_their_pods(self):
        documents = [*yaml.safe_load_all(KUBERNETES.read_text())]
        labels = [one["spec"]["template"]["metadata"]["labels"] for one in documents if one["kind"] == "Deployment"]
        for one in documents:
            if one["kind"] in ("Deployment", "PodDisruptionBudget"):
                assert one["spec"]["selector"]["matchLabels"] in labels
            if one["kind"] == "Service":
                assert one["spec"]["selector"] in labels

    def test_the_proxy_lets_through_what_the_program_takes(self):
        (limit,) = re.findall(r"max_size (\d+)MB", (ROOT / "deploy/Caddyfile").read_text())
        assert int(limit) * 1_000_000 > settings.REQUEST_BODY_LIMIT
