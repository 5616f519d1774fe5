"""Builds, pushes, scans and SBOMs of steps and commands, as far as the files tell them."""

import datetime

import pytest

from checks.check import Outside, Repository
from checks.facts.build.builds import GIT_CONTEXT, Build
from checks.facts.dockerfile.end_of_life import release_of
from checks.facts.scan.scans import Target
from checks.facts.workflow.job_order import comes_before, needed_jobs
from checks.source.snapshot import Snapshot

_WORKFLOW = """\
on: push
env:
  REGISTRY: ghcr.io
  IMAGE: acme/web
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
"""


def of_steps(steps: str) -> Repository:
    """A repository whose only job has these steps."""
    lines = "".join(f"      {line}\n" for line in steps.strip("\n").split("\n"))
    return Repository(Snapshot.of({".github/workflows/build.yml": _WORKFLOW + lines}))


def one_build(steps: str) -> Build:
    (build,) = of_steps(steps).builds
    return build


def test_command_and_action_say_the_same() -> None:
    """The same build by two actions and by commands of four programs."""
    with_inputs = """
  with:
    context: ${{ github.workspace }}/services/web
    file: services/web/prod.Dockerfile
    target: run
    platforms: linux/amd64,linux/arm64
    push: true
    tags: ${{ env.REGISTRY }}/${{ env.IMAGE }}:1
    build-args: VERSION=1
"""
    action, depot = (
        one_build(f"- uses: {one}{with_inputs}")
        for one in ("docker/build-push-action@v7", "depot/build-push-action@v1")
    )
    options = "--platform linux/amd64,linux/arm64 -f services/web/prod.Dockerfile --target run --build-arg VERSION=1"
    commands = [
        one_build(f"- run: {program} {options} --push -t $REGISTRY/$IMAGE:1 services/web")
        for program in (
            "docker buildx build",
            "docker build",
            "podman build",
            "depot build --project x --lint",
        )
    ]
    assert [one.is_by_depot for one in (action, depot, *commands)] == [False, True, False, False, False, True]
    for build in (action, depot, *commands):
        assert build.context == "services/web"
        assert build.dockerfile == "services/web/prod.Dockerfile"
        assert build.target == "run"
        assert build.platforms == ("linux/amd64", "linux/arm64")
        assert [tag.value.literal for tag in build.tags] == ["ghcr.io/acme/web:1"]
        assert build.pushes is True
        assert [(one.name, one.value.literal) for one in build.build_args or ()] == [("VERSION", "1")]
        assert build.same_image_as(action)


@pytest.mark.parametrize(
    ("command", "pushes", "loads"),
    [
        ("docker build .", False, True),
        ("docker buildx build .", False, None),
        ("docker buildx build --load .", False, True),
        ("docker buildx build --push .", True, False),
        ("docker buildx build -o type=registry .", True, False),
        ("docker buildx build -o type=image,push=false .", False, False),
        ("docker buildx build -o type=oci,dest=x.tar .", False, False),
        ("docker build $BUILD_ARGS .", None, None),
        ("docker buildx bake --push", True, None),
        ("docker buildx bake", None, None),
        ("depot build .", False, False),
        ("depot build --load --save .", False, True),
        ("depot build --push .", True, False),
        ("depot bake --push", True, None),
    ],
)
def test_what_becomes_of_the_image(command: str, pushes: bool | None, loads: bool | None) -> None:
    """Whether a command pushes and loads; words that are not known make it unknown."""
    build = one_build(f"- run: {command}")
    assert (build.pushes, build.loads) == (pushes, loads)


@pytest.mark.parametrize(
    ("before", "is_by_depot"),
    [
        ("uses: depot/setup-action@v1", False),
        ("uses: depot/setup-action@v1\n  with: {configure-docker: false}", False),
        ("uses: depot/setup-action@v1\n  with: {configure-docker: true}", True),
        ("run: depot configure-docker", True),
    ],
)
def test_docker_that_is_told_to_have_depot_build(before: str, is_by_depot: bool) -> None:
    builds = of_steps(f"- {before}\n- uses: docker/build-push-action@v7\n- run: docker build .").builds
    assert {one.is_by_depot for one in builds} == {is_by_depot}


@pytest.mark.parametrize(
    ("step", "is_saved"),
    [
        ("uses: depot/build-push-action@v1", False),
        ("uses: depot/build-push-action@v1\n  with: {save: false}", False),
        ("uses: depot/build-push-action@v1\n  with: {save: true}", True),
        ("uses: depot/build-push-action@v1\n  with: {save: '${{ inputs.save }}'}", True),
        ("uses: docker/build-push-action@v7\n  with: {save: true}", False),
        ("run: depot build .", False),
        ("run: depot build --save .", True),
        ("run: docker build --save .", False),
    ],
)
def test_what_depot_keeps_in_its_registry(step: str, is_saved: bool) -> None:
    assert one_build(f"- {step}").may_be_saved is is_saved


@pytest.mark.parametrize(
    ("inputs", "platforms"),
    [
        ("context: .", ()),
        ("build-platform: linux/arm64", None),
        ("build-platform: linux/arm64, platforms: linux/amd64", ("linux/amd64",)),
    ],
)
def test_the_machine_that_depot_builds_on(inputs: str, platforms: tuple[str, ...] | None) -> None:
    """Where no platform is asked for, the image is for that of the machine."""
    assert one_build(f"- uses: depot/build-push-action@v1\n  with: {{{inputs}}}").platforms == platforms


@pytest.mark.parametrize(
    ("steps", "context", "dockerfile"),
    [
        ("- run: docker build .", "", "Dockerfile"),
        ("- run: docker build web", "web", "web/Dockerfile"),
        ("- run: docker build -f x/Dockerfile web", "web", "x/Dockerfile"),
        ("- run: docker build .\n  working-directory: api", "api", "api/Dockerfile"),
        ("- run: cd api && docker build .", "api", "api/Dockerfile"),
        ("- run: |\n    cd api\n    docker build ../web -f Dockerfile", "web", "api/Dockerfile"),
        ("- run: |\n    cd api\n    cd jobs\n    docker build .", "api/jobs", "api/jobs/Dockerfile"),
        ("- run: cd api && docker build .\n  working-directory: jobs", "jobs/api", "jobs/api/Dockerfile"),
        ("- run: 'HERE=$(cd api && pwd); docker build .'", "", "Dockerfile"),
        ("- run: if [ $A ]; then cd api; docker build .; fi", "api", "api/Dockerfile"),
        ("- run: if [ $A ]; then cd api; fi; docker build .", None, None),
        ("- run: if cd api; then make; fi; docker build .", None, None),
        ("- run: cd api || true; docker build .", None, None),
        ("- run: (cd api && make); docker build .", None, None),
        ("- run: for one in a b; do cd api; docker build .; done", None, None),
        ("- run: for one in a b; do docker build .; cd ..; done", None, None),
        ("- run: cd $FOLDER && docker build .", None, None),
        ("- run: cd - && docker build .", None, None),
        ("- run: cd /tmp && docker build .", None, None),
        ("- run: cd .. && docker build .", None, None),
        ("- run: cd && docker build .", None, None),
        ("- run: pushd api && docker build .", None, None),
        ("- run: docker build - < Dockerfile", None, None),
        ("- run: docker build https://github.com/acme/web.git", None, None),
        ("- run: docker build $FOLDER", None, None),
        ("- uses: docker/build-push-action@v7", GIT_CONTEXT, "Dockerfile"),
        ("- uses: depot/build-push-action@v1", GIT_CONTEXT, "Dockerfile"),
        ("- run: depot build -f x/Dockerfile web", "web", "x/Dockerfile"),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: '{{defaultContext}}'}",
            GIT_CONTEXT,
            "Dockerfile",
        ),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: '{{defaultContext}}:web'}",
            f"{GIT_CONTEXT}web",
            "web/Dockerfile",
        ),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: '{{ defaultContext }}:web/', file: ./x/Dockerfile}",
            f"{GIT_CONTEXT}web",
            "web/x/Dockerfile",
        ),
        ("- uses: docker/build-push-action@v7\n  with: {context: '{{defaultContext}}:../web'}", None, None),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: '{{defaultContext}}:${{ inputs.x }}'}",
            None,
            None,
        ),
        ("- uses: docker/build-push-action@v7\n  with: {context: ../other}", None, None),
        ("- run: echo FROM alpine > Dockerfile\n- run: docker build .", "", None),
        (
            "- run: |\n    cat > web/Dockerfile <<EOF\n    FROM alpine\n    EOF\n- run: docker build web",
            "web",
            None,
        ),
        ("- run: cp ci/Dockerfile.${{ matrix.os }} Dockerfile\n- run: docker build .", "", None),
        ("- run: cp -f ci/${{ matrix.os }}/Dockerfile .\n- run: docker build .", "", None),
        ("- run: ln -sfn ci/web.Dockerfile ./web/Dockerfile\n- run: docker build web", "web", None),
        ("- run: curl -fsSLo Dockerfile https://acme.example/it\n- run: docker build .", "", None),
        ("- run: ./make.sh | tee Dockerfile\n- run: docker build .", "", None),
        ("- run: |\n    mv ci/Dockerfile .\n    docker build .", "", None),
        ("- run: |\n    docker build .\n    mv ci/Dockerfile .", "", "Dockerfile"),
        ("- run: cp -n ci/Dockerfile .\n- run: docker build .", "", "Dockerfile"),
        ("- run: cp Dockerfile ci/Dockerfile\n- run: docker build .", "", "Dockerfile"),
        ("- run: ./list.sh | tee -a Dockerfile\n- run: docker build .", "", "Dockerfile"),
        (
            "- run: cp ci/Dockerfile .\n- uses: docker/build-push-action@v7",
            GIT_CONTEXT,
            "Dockerfile",
        ),
        ("- run: echo USER 1 >> Dockerfile\n- run: docker build .", "", "Dockerfile"),
        ("- run: echo FROM alpine > old/Dockerfile\n- run: docker build .", "", "Dockerfile"),
        ("- run: echo FROM alpine > Dockerfile\n  if: inputs.small\n- run: docker build .", "", "Dockerfile"),
    ],
)
def test_context_and_dockerfile(steps: str, context: str | None, dockerfile: str | None) -> None:
    """From the root of the repository; None where a step leaves it, an earlier one writes it anew or the value is not known."""
    build = one_build(steps)
    assert (build.context, build.dockerfile) == (context, dockerfile)


@pytest.mark.parametrize(
    ("inputs", "context", "dockerfile"),
    [
        ("repository: acme/web", "", "Dockerfile"),
        ("path: services/web", "services/web", "services/web/Dockerfile"),
        ("{path: services/web, dockerfile: prod.Dockerfile}", "services/web", "prod.Dockerfile"),
        ("path: ${{ inputs.path }}", None, None),
        ("dockerfile: ${{ inputs.file }}", "", None),
    ],
)
def test_first_action_builds_the_workspace(inputs: str, context: str | None, dockerfile: str | None) -> None:
    """The commit itself is what it builds from its second version on."""
    build = one_build(f"""
- uses: docker/build-push-action@v1.1.2
  with:
    {inputs}
""")
    assert (build.context, build.dockerfile, build.pushes) == (context, dockerfile, None)


def test_names_that_commands_give() -> None:
    """Tags and copies, and which of them are pushes."""
    repo = of_steps(
        """
- run: |
    docker tag web:ci ghcr.io/acme/web:1
    docker push ghcr.io/acme/web:1
    docker buildx imagetools create -t ghcr.io/acme/web:2 ghcr.io/acme/web:1
    crane tag ghcr.io/acme/web:1 stable
    skopeo copy docker-daemon:web:ci docker://ghcr.io/acme/web:3
    skopeo copy docker://ghcr.io/acme/web:3 docker-archive:web.tar
"""
    )
    assert [(str(one.source), str(one.target), one.is_push) for one in repo.aliases] == [
        ("web:ci", "ghcr.io/acme/web:1", False),
        ("ghcr.io/acme/web:1", "ghcr.io/acme/web:2", True),
        ("ghcr.io/acme/web:1", "ghcr.io/acme/web:stable", True),
        ("web:ci", "ghcr.io/acme/web:3", True),
    ]
    assert [str(one.value) for one in repo.pushes] == [
        "ghcr.io/acme/web:1",
        "ghcr.io/acme/web:2",
        "ghcr.io/acme/web:stable",
        "ghcr.io/acme/web:3",
    ]


@pytest.mark.parametrize(
    ("steps", "tool", "target", "subject", "platform", "gates"),
    [
        ("- run: trivy image --exit-code 1 web:1", "trivy", Target.IMAGE, "web:1", None, True),
        ("- run: trivy image --input web.tar", "trivy", Target.ARCHIVE, "web.tar", None, False),
        ("- run: trivy fs --exit-code 0 .", "trivy", Target.FOLDER, ".", None, False),
        ("- run: trivy image --config t.yaml web:1", "trivy", Target.IMAGE, "web:1", None, None),
        (
            "- run: grype web:1 --fail-on high --platform linux/arm64",
            "grype",
            Target.IMAGE,
            "web:1",
            "linux/arm64",
            True,
        ),
        ("- run: grype sbom:./s.json", "grype", Target.SBOM, "./s.json", None, False),
        ("- run: grype docker-archive:w.tar", "grype", Target.ARCHIVE, "w.tar", None, False),
        (
            "- uses: aquasecurity/trivy-action@v0.36.0\n  env: {TRIVY_PLATFORM: linux/arm64}\n  with: {image-ref: 'web:1'}",
            "trivy",
            Target.IMAGE,
            "web:1",
            "linux/arm64",
            False,
        ),
        (
            "- uses: aquasecurity/trivy-action@v0.36.0\n  with: {input: w.tar, exit-code: 1}",
            "trivy",
            Target.ARCHIVE,
            "w.tar",
            None,
            True,
        ),
        (
            "- uses: aquasecurity/trivy-action@v0.36.0\n  with: {image-ref: w, exit-code: '${{ inputs.c }}'}",
            "trivy",
            Target.IMAGE,
            "w",
            None,
            None,
        ),
        (
            "- uses: anchore/scan-action@v7\n  with: {image: 'web:1'}",
            "grype",
            Target.IMAGE,
            "web:1",
            None,
            True,
        ),
        (
            "- uses: anchore/scan-action@v7\n  with: {sbom: s.json, fail-build: false}",
            "grype",
            Target.SBOM,
            "s.json",
            None,
            False,
        ),
        (
            "- uses: docker/scout-action@v1\n  with: {command: cves, image: 'local://web:1', exit-code: true}",
            "scout",
            Target.IMAGE,
            "web:1",
            None,
            True,
        ),
    ],
)
def test_scan(
    steps: str, tool: str, target: Target, subject: str, platform: str | None, gates: bool | None
) -> None:
    (scan,) = of_steps(steps).scans
    found = scan.platform.literal if scan.platform else None
    assert (scan.tool, scan.target, str(scan.subject), found, scan.gates) == (
        tool,
        target,
        subject,
        platform,
        gates,
    )


def test_sbom_is_no_scan() -> None:
    """`trivy image --format cyclonedx` lists packages and judges nothing."""
    repo = of_steps("- run: trivy image --format cyclonedx --output bom.json web:1")
    assert not repo.scans
    (sbom,) = repo.sboms
    assert (str(sbom.source), str(sbom.file), sbom.target) == ("web:1", "bom.json", Target.IMAGE)


def test_files_of_syft() -> None:
    """One file for each output, by `=`, by `--file` and by standard output."""
    repo = of_steps(
        """
- run: syft scan web:1 -o spdx-json=./a.json -o cyclonedx-json=b.json
- run: syft web:1 -o spdx-json --file c.json
- run: syft dir:src -o spdx-json > out/d.json
"""
    )
    assert [(str(one.source), str(one.file), one.target) for one in repo.sboms] == [
        ("web:1", "a.json", Target.IMAGE),
        ("web:1", "b.json", Target.IMAGE),
        ("web:1", "c.json", Target.IMAGE),
        ("src", "out/d.json", Target.FOLDER),
    ]


def test_order_of_jobs() -> None:
    """What a job needs, directly or not, has ended before it; others have not."""
    jobs = "".join(
        f"  {name}:\n    runs-on: x\n{needs}    steps:\n      - run: docker build -t {name} .\n"
        for name, needs in (("a", ""), ("b", "    needs: a\n"), ("c", "    needs: [b]\n"), ("d", ""))
    )
    repo = Repository(Snapshot.of({".github/workflows/w.yml": f"on: push\njobs:\n{jobs}"}))
    (workflow,) = repo.workflows
    assert {job.id for job in needed_jobs(workflow.jobs[2])} == {"a", "b"}
    a, _, c, d = repo.builds
    assert comes_before(a.step, a.location, c.step, c.location)
    assert not comes_before(c.step, c.location, a.step, a.location)
    assert not comes_before(d.step, d.location, c.step, c.location)


@pytest.mark.parametrize(
    ("image", "version", "end", "successor"),
    [
        ("node:20-alpine", "20", "2026-04-30", "24-alpine"),
        ("docker.io/library/node:20.11.1", "20", "2026-04-30", "24.19.0"),
        ("python:3.9-slim-bookworm", "3.9", "2025-10-31", "3.14-slim-bookworm"),
        ("debian:buster-slim", "10", "2024-06-30", "trixie-slim"),
        ("ubuntu:20.04", "20.04", "2025-05-29", "26.04"),
        ("node:18-buster", "18", "2025-04-30", None),
        ("alpine:3.1", "3.1", "2016-11-01", "3.24"),
    ],
)
def test_end_of_life(image: str, version: str, end: str, successor: str | None) -> None:
    """The line of a tag, its last day, and the tag of the same variant and precision to move to."""
    release = release_of(image)
    assert release is not None
    assert (release.version, release.end, release.successor) == (
        version,
        datetime.date.fromisoformat(end),
        successor,
    )


@pytest.mark.parametrize(
    "image", ["node", "node:lts", "node:alpine", "acme/node:12", "ghcr.io/x/node:12", "node:999"]
)
def test_no_release(image: str) -> None:
    assert release_of(image) is None


@pytest.mark.parametrize(("copied", "dockerfile"), [("Dockerfile", None), ("old/Dockerfile", "Dockerfile")])
def test_a_composite_action_that_copies_its_dockerfile(copied: str, dockerfile: str | None) -> None:
    """The steps of an action are in no job."""
    steps = f"    - {{shell: bash, run: cp image/Dockerfile {copied}}}\n    - {{shell: bash, run: docker build .}}\n"
    action = f"runs:\n  using: composite\n  steps:\n{steps}"
    files = {".github/actions/image/action.yml": action}
    caller = "      - uses: actions/checkout@v7\n      - uses: ./.github/actions/image\n"
    (build,) = Repository(Snapshot.of({**files, ".github/workflows/build.yml": _WORKFLOW + caller})).builds
    assert build.dockerfile == dockerfile


def test_builds_of_composite_actions_and_scripts() -> None:
    """They are found too, without a job."""
    action = "runs:\n  using: composite\n  steps:\n    - uses: docker/build-push-action@v7\n      with: {context: .}\n"
    files = {"image/action.yml": action, "build.sh": "#!/bin/sh\ndocker build -t web .\n"}
    builds = Repository(Snapshot.of(files), Outside(slug="acme/web")).builds
    assert [(build.text.path, build.events) for build in builds] == [
        ("image/action.yml", None),
        ("build.sh", None),
    ]
