"""Which images certainly are not published."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.facts.dockerfile.purposes import is_named_aside
from checks.source.snapshot import Snapshot

IMAGE = "FROM debian:13\nRUN true\n"
COMPOSE = "services: {web: {build: ., volumes: ['.:/srv']}}\n"
LINT = "on: pull_request\njobs:\n  lint:\n    runs-on: ubuntu-latest\n    steps: [{run: make lint}]\n"
PUSHES = """\
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., file: '%s', push: true, tags: 'ghcr.io/acme/web:1'}
"""
PUSH, TEST = ".github/workflows/push.yml", ".github/workflows/lint.yml"


def aside(files: dict[str, str], *paths: str) -> list[str]:
    """The Dockerfiles that are taken for ones that nobody ships."""
    repo = Repository(Snapshot.of(files, paths))
    return [one.path for one in repo.dockerfiles if one.is_aside]


def test_beside_those_that_are_published_the_others_stay_here() -> None:
    files = {"Dockerfile": IMAGE, "operations/Dockerfile": IMAGE, PUSH: PUSHES % "Dockerfile"}
    assert aside(files) == ["operations/Dockerfile"]


@pytest.mark.parametrize("dockerfile", ["${{ inputs.file }}", "${{ matrix.image }}/Dockerfile"])
def test_one_that_is_not_known_may_be_any(dockerfile: str) -> None:
    assert aside({"Dockerfile": IMAGE, "api/Dockerfile": IMAGE, PUSH: PUSHES % dockerfile}) == []


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ({"Makefile": "push:\n\tdocker buildx build --push .\n"}, ()),
        ({".github/workflows/release.yml": LINT.replace("make lint", "goreleaser release")}, ()),
        (
            {
                ".github/workflows/release.yml": "on: push\njobs: {it: {uses: acme/ci/.github/workflows/release.yml@v1}}\n"
            },
            (),
        ),
        ({}, (".gitlab-ci.yml",)),
        ({}, ("deploy/helm/web/Chart.yaml",)),
        ({}, ("infra/main.tf",)),
    ],
)
def test_what_is_not_read_here_may_publish_any(files: dict[str, str], paths: tuple[str, ...]) -> None:
    own = {"Dockerfile": IMAGE, "compose.yml": COMPOSE, TEST: LINT, **files}
    assert aside({**own, "api/Dockerfile": IMAGE, PUSH: PUSHES % "Dockerfile"}, *paths) == []
    assert aside(own, *paths) == []


def test_where_workflows_publish_nothing_what_compose_builds_stays_here() -> None:
    assert aside({"Dockerfile": IMAGE, "compose.yml": COMPOSE, TEST: LINT}) == ["Dockerfile"]
    assert aside({"Dockerfile": IMAGE, TEST: LINT}) == []
    assert aside({"Dockerfile": IMAGE, "compose.yml": COMPOSE}) == []


def test_a_push_that_waits_for_an_event_that_never_comes_publishes_nothing() -> None:
    push = PUSHES % "Dockerfile" + "        if: github.event_name == 'release'\n"
    assert aside({"Dockerfile": IMAGE, "compose.yml": COMPOSE, PUSH: push}) == ["Dockerfile"]


def test_names_of_tests_and_of_development() -> None:
    names = (
        "web.debug.Dockerfile",
        "Dockerfile.smoke_test",
        "build/apicodegen.Dockerfile",
        "devcontainer.Dockerfile",
        "mock-login/Dockerfile",
        "testenv-common/web/Dockerfile",
        "_deprecated/web/Dockerfile",
        "Dockerfile.race",
        "images/Dockerfile.race.build",
        "scripts/sanitizers/Dockerfile",
        "Dockerfile.asan",
        "build/valgrind.Dockerfile",
        "fuzz/Dockerfile",
    )
    others = (
        "sanitizer/Dockerfile",
        "Dockerfile.san",
        "fuzzer/Dockerfile",
        "Dockerfile.web",
        "Dockerfile.race-results",
        "race.Dockerfile",
        "latest/Dockerfile",
    )
    assert aside(dict.fromkeys((*names, *others), IMAGE)) == sorted(names)


@pytest.mark.parametrize(
    ("installed", "is_aside"),
    [
        ("apt-get install -y gdb vim", True),
        ("apt-get update && apt install -y --no-install-recommends build-essential strace nano", True),
        ("apk add valgrind && apk add neovim", True),
        ("apt-get install -y vim nano tmux", False),
        ("apt-get install -y gdb strace tmux screen", False),
        ("apt-get install -y gdbserver vim", False),
        ("echo gdb vim", False),
        ("apt-get purge -y gdb vim", False),
        ('apt-get install -y gdb vim\nCMD ["bash"]', True),
        ('apt-get install -y strace vim\nCMD ["java", "-jar", "/srv/web.jar"]', False),
        ("apt-get install -y strace vim\nEXPOSE 8080", False),
    ],
)
def test_an_image_to_work_in(installed: str, is_aside: bool) -> None:
    image = f"FROM debian:13\nRUN {installed}\n"
    assert aside({"Dockerfile": image}) == (["Dockerfile"] if is_aside else [])
    assert aside({"Dockerfile": image, PUSH: PUSHES % "Dockerfile"}) == []
    assert aside({"Dockerfile": f"{image.replace('13', '13 AS build')}FROM debian:13\nRUN true\n"}) == []


@pytest.mark.parametrize(
    ("comment", "is_aside"),
    [
        ("We need no cache here, since this is a dev container", True),
        ("We do not drop root as this is a dev container", True),
        ("Caches don't matter because it is a development image", True),
        ("Do not treat it as though this is a dev container", False),
        ("It is no longer true as of 2.0 that this is a development image", False),
        ("Do not say because of the name that this is a dev image", False),
        ("It's a local development image: never push it", True),
        ("For local development only", True),
        ("only for development.", True),
        ("Stops if this is a dev container", False),
        ("This is not a dev container", False),
        ("Do not think that this is a dev container", False),
        ("It is no longer true that this is a development image", False),
        ("Do not push: this is a development image", True),
        ("This is a dev container and the release", False),
        ("This is a developer portal's image", False),
        ("Keys for development only come from here", False),
        ("Development Dockerfile for the shop's pages", True),
        ("A local development environment image.", True),
        ("Dev container: the sources are mounted", True),
        ("Development-only Dockerfile", True),
        ("Development image tools are not installed", False),
        ("Development Dockerfiles are in dev/", False),
        ("Development image: see Dockerfile.dev", False),
        ("Frontend Development Dockerfile", True),
        ("Node.js API dev image", True),
        ("Beyond development container", False),
        ("Dev container: docker compose -f compose.dev.yaml up", False),
        ("Development image (not for production): see the readme", True),
        ("Development and production image", False),
        ("Not the development image: that is in .devcontainer", False),
    ],
)
def test_an_image_that_is_said_to_be_for_work(comment: str, is_aside: bool) -> None:
    image = f"FROM debian:13\n# {comment}\nCMD /srv/web\n"
    told = ["Dockerfile"] if is_aside else []
    assert aside({"Dockerfile": image}) == told
    assert aside({"Dockerfile": f"# {comment}\n{IMAGE}"}) == told
    assert aside({"Dockerfile": image, PUSH: PUSHES % "Dockerfile"}) == []
    assert aside({"Dockerfile": f"FROM debian:13 AS work\n# {comment}\nRUN true\n{IMAGE}"}) == []
    assert aside({"Dockerfile": f"{IMAGE}RUN true\n# {comment}\nCMD /srv/web\n"}) == []


ADDON = "name: Mail\nversion: 1.4.0\nslug: mail\narch: [amd64]\nstage: deprecated\n"


@pytest.mark.parametrize(
    ("path", "content", "is_aside"),
    [
        ("mail/config.yaml", ADDON, True),
        ("mail/config.yml", ADDON, True),
        ("mail/config.yaml", ADDON.replace("deprecated", "experimental"), False),
        ("mail/config.yaml", "stage: deprecated\nversion: 2\n", False),
        ("mail/config.yaml", ADDON.replace("stage: deprecated", "options: {stage: deprecated}"), False),
        ("mail/config.yaml", "# deprecated\n{{ stage", False),
        ("config.yaml", ADDON, False),
    ],
)
def test_an_add_on_that_its_makers_have_given_up(path: str, content: str, is_aside: bool) -> None:
    files = {"mail/Dockerfile": IMAGE, "web/Dockerfile": IMAGE, path: content}
    assert aside(files) == (["mail/Dockerfile"] if is_aside else [])


def test_an_add_on_that_is_given_up_and_still_published() -> None:
    files = {"mail/Dockerfile": IMAGE, "mail/config.yaml": ADDON, PUSH: PUSHES % "mail/Dockerfile"}
    assert aside(files) == []


RUN = "FROM debian:13\nUSER 1000\n"
SERVICES = "services: {web: {build: web}}\n"
EXTENDS = "services: {web: {build: web}, it: {extends: {file: ../test-env/common.yml, service: it}}}\n"


def shipped(files: dict[str, str], slug: str | None = None) -> list[str]:
    """The Dockerfiles whose image others may run."""
    repo = Repository(Snapshot.of(files), Outside(slug=slug))
    return [one.path for one in repo.dockerfiles if one.may_ship]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"Dockerfile": RUN, "api/Dockerfile": RUN}, ["Dockerfile", "api/Dockerfile"], id="all alike"
        ),
        pytest.param(
            {"Dockerfile": IMAGE, "api/Dockerfile": RUN}, ["api/Dockerfile"], id="one that nothing runs"
        ),
        pytest.param(
            {"Dockerfile": RUN, "api/Dockerfile": RUN, "main.tf": "", PUSH: PUSHES % "api/Dockerfile"},
            ["api/Dockerfile"],
            id="another is pushed",
        ),
        pytest.param(
            {"Dockerfile": RUN, "api/Dockerfile": RUN, PUSH: PUSHES % "${{ inputs.file }}"},
            ["Dockerfile", "api/Dockerfile"],
            id="which is pushed is not known",
        ),
        pytest.param(
            {
                "Dockerfile": RUN,
                "api/Dockerfile": RUN,
                "web/Dockerfile": RUN,
                "compose.yml": SERVICES,
                "main.tf": "",
            },
            ["Dockerfile"],
            id="Compose alone names another below the root",
        ),
        pytest.param(
            {"Dockerfile": RUN, "web/Dockerfile": RUN, "compose.e2e.yml": SERVICES},
            ["Dockerfile"],
            id="a Compose file for tests alone builds it",
        ),
        pytest.param(
            {"web/Dockerfile": RUN, "Dockerfile": RUN, "compose.it.yml": f"name: web-tests\n{SERVICES}"},
            ["Dockerfile"],
            id="a Compose project for tests alone builds it",
        ),
        pytest.param(
            {
                "web/Dockerfile": RUN,
                "Dockerfile": RUN,
                "testing/compose.yml": SERVICES.replace("web}", "../web}"),
                PUSH: PUSHES % "${{ inputs.file }}",
            },
            ["Dockerfile"],
            id="a Compose file in a folder of tests alone builds it",
        ),
        pytest.param(
            {
                "db/web/Dockerfile": RUN,
                "db/web/old/Dockerfile": RUN,
                "db/api/Dockerfile": RUN,
                "db/compose.yml": EXTENDS,
                PUSH: PUSHES % "${{ inputs.file }}",
            },
            ["db/api/Dockerfile"],
            id="a Compose file that extends services of tests builds it, or beside it",
        ),
        pytest.param(
            {
                "db/web/Dockerfile": RUN,
                "db/compose.yml": EXTENDS.replace("test-env", "latest-environment"),
                PUSH: PUSHES % "${{ inputs.file }}",
            },
            ["db/web/Dockerfile"],
            id="a Compose file extends services of another kind",
        ),
        pytest.param(
            {"db/web/Dockerfile": RUN, "db/compose.yml": EXTENDS, PUSH: PUSHES % "db/web/Dockerfile"},
            ["db/web/Dockerfile"],
            id="a Compose file for tests builds it, and it is pushed",
        ),
        pytest.param(
            {
                "web/Dockerfile": RUN,
                "compose.e2e.yml": SERVICES,
                "compose.yml": SERVICES,
                PUSH: "on: push\njobs: {}\n",
            },
            [],
            id="another Compose file builds it, too",
        ),
        pytest.param(
            {"Dockerfile": IMAGE, PUSH: PUSHES % "Dockerfile"}, ["Dockerfile"], id="nothing runs it, pushed"
        ),
        pytest.param(
            {"test/Dockerfile": RUN, PUSH: PUSHES % "test/Dockerfile"}, [], id="of tests, though pushed"
        ),
        pytest.param(
            {".devcontainer/ci.Dockerfile": RUN, PUSH: PUSHES % ".devcontainer/ci.Dockerfile"},
            [],
            id="of the repository's dev container, though pushed",
        ),
        pytest.param(
            {"src/go/.devcontainer/Dockerfile": RUN, PUSH: PUSHES % "src/go/.devcontainer/Dockerfile"},
            ["src/go/.devcontainer/Dockerfile"],
            id="a dev container for others, pushed",
        ),
        pytest.param(
            {"tools/Dockerfile": RUN, PUSH: PUSHES % "tools/Dockerfile"},
            ["tools/Dockerfile"],
            id="a tool, pushed",
        ),
    ],
)
def test_what_others_may_run(files: dict[str, str], expected: list[str]) -> None:
    assert shipped(files) == expected


@pytest.mark.parametrize("slug", ["acme/web-samples", "acme-examples/web", "acme/microservices-demo"])
def test_in_a_repository_of_examples_others_run_what_is_pushed(slug: str) -> None:
    files = {"Dockerfile": RUN, "api/Dockerfile": RUN}
    assert shipped(files, slug) == []
    assert shipped({**files, PUSH: PUSHES % "Dockerfile"}, slug) == ["Dockerfile"]
    assert shipped(files, "acme/democracy") == ["Dockerfile", "api/Dockerfile"]


OTHER = """\
on: push
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/actions-docker-build@v2
        with: {version: 1.2.3, target: release}
"""
STAGES = "FROM a AS build\nFROM b AS release\nCOPY --from=build /web /web\nFROM c AS dev\n"


@pytest.mark.parametrize(
    ("more", "shipped", "built"),
    [
        pytest.param("", "dev", ["dev"], id="the last without a target"),
        pytest.param(", target: release", "release", ["build", "release"], id="the target"),
        pytest.param(", target: '${{ inputs.stage }}'", "dev", [], id="one that is not known"),
        pytest.param(", target: gone", "dev", ["dev"], id="one that is not there"),
    ],
)
def test_the_stage_that_is_published(more: str, shipped: str, built: list[str]) -> None:
    push = PUSHES.replace("push: true", f"push: true{more}") % "Dockerfile"
    (dockerfile,) = Repository(Snapshot.of({"Dockerfile": STAGES, PUSH: push})).dockerfiles
    assert dockerfile.shipped.name == shipped
    assert sorted(stage.name or "" for stage in dockerfile.built) == built


@pytest.mark.parametrize(("more", "shipped"), [(", target: release", "release"), ("", "dev")])
def test_a_stage_that_is_seen_to_be_published_beside_what_is_not_read(more: str, shipped: str) -> None:
    push = PUSHES.replace("push: true", f"push: true{more}") % "Dockerfile"
    files = {"Dockerfile": STAGES, PUSH: push + "      - run: make push-base\n"}
    (dockerfile,) = Repository(Snapshot.of(files)).dockerfiles
    assert dockerfile.shipped.name == shipped


def test_the_stage_that_another_action_is_asked_to_build() -> None:
    (dockerfile,) = Repository(Snapshot.of({"Dockerfile": STAGES, PUSH: OTHER})).dockerfiles
    assert dockerfile.shipped.name == "release"


@pytest.mark.parametrize(
    ("started", "is_shipped"),
    [
        ('CMD ["npm", "run", "dev"]', False),
        ('CMD ["npm", "run", "server:dev"]', False),
        ("CMD pnpm --filter web run dev:server", False),
        ('ENTRYPOINT ["yarn"]\nCMD ["start:dev"]', False),
        ("CMD nodemon src/index.js", False),
        ("CMD ember serve -p 4200", False),
        ("CMD ember build", True),
        ('CMD ["npx", "vue-cli-service", "serve"]', False),
        ('CMD ["node", "build/dev-server.js"]', False),
        ("CMD python3 /srv/dev_server.py", False),
        ('CMD ["node", "build/device-server.js"]', True),
        ('CMD ["node", "dev-servers.js"]', True),
        ("CMD nest start api --watch", False),
        ("CMD nest start api", True),
        ("CMD dotnet watch run", False),
        ('CMD ["node", "--inspect=0.0.0.0", "index.js"]', False),
        ("CMD uvicorn app:app --host 0.0.0.0 --reload", False),
        ("CMD flask --app web run --debug", False),
        ('CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]', False),
        ('CMD ["npx", "vite", "--host"]', False),
        ('CMD ["air", "-c", ".air.toml"]', False),
        ("CMD sh ./scripts/devnet-two-nodes.sh", False),
        ('CMD ["./start-localnet.sh"]', False),
        ('CMD ["./start-mainnet.sh"]', True),
        ("CMD web --network devnet", True),
        ('CMD ["npm", "start"]', True),
        ('CMD ["npm", "run", "device-api"]', True),
        ("CMD npm install --omit=dev && npm start", True),
        ("CMD uvicorn app:app --host 0.0.0.0", True),
        ('CMD ["vite", "preview"]', True),
        ('CMD ["node", "server.js", "airports"]', True),
    ],
)
def test_what_serves_those_who_work_on_the_project(started: str, is_shipped: bool) -> None:
    image = f"FROM node:24\n{started}\n"
    assert shipped({"Dockerfile": image}) == (["Dockerfile"] if is_shipped else [])
    assert shipped({"Dockerfile": image, PUSH: PUSHES % "Dockerfile"}) == ["Dockerfile"]


BESIDE = '{"scripts": {"start": "node main.js", "work": "nodemon main.js", "both": "nodemon a.js || node a.js", "live": "NODE_ENV=production nodemon a.js"}}'
COPIED = "FROM node:24\nWORKDIR /srv\nCOPY . /srv\n"


@pytest.mark.parametrize(
    ("lines", "script", "is_shipped"),
    [
        ('CMD ["npm", "run", "work"]', "", False),
        ('ENTRYPOINT ["yarn"]\nCMD ["work"]', "", False),
        ('ENTRYPOINT ["/srv/go.sh"]', "npm config set fund false && npm config ls\n\nnpm run work", False),
        ("CMD ./go.sh", "npm ci\nexec pnpm work\n", False),
        ("CMD ./go.sh", "npm ci\nnodemon main.js\n", False),
        ('CMD ["npm", "start"]', "", True),
        ('CMD ["npm", "run", "both"]', "", True),
        ('CMD ["npm", "run", "live"]', "", True),
        ('ENV NODE_ENV=production\nCMD ["npm", "run", "work"]', "", True),
        ('WORKDIR /srv/api\nCMD ["npm", "run", "work"]', "", True),
        ("CMD ./go.sh", "cd api\nnpm run work\n", True),
        ("CMD ./go.sh", "if [ $STAGE = live ]; then exec npm start; fi\nnpm run work\n", True),
        ("CMD ./go.sh", "if [ $STAGE = dev ]; then npm run work; fi\n", True),
        ("CMD ./other.sh", "npm run work\n", True),
    ],
)
def test_a_script_that_serves_those_who_work_on_the_project(
    lines: str, script: str, is_shipped: bool
) -> None:
    files = {"Dockerfile": f"{COPIED}{lines}\n", "package.json": BESIDE, "go.sh": f"#!/bin/sh\n{script}"}
    assert shipped(files) == (["Dockerfile"] if is_shipped else [])
    assert shipped({**files, PUSH: PUSHES % "Dockerfile"}) == ["Dockerfile"]


def test_a_script_of_a_package_that_the_image_does_not_have() -> None:
    image = 'FROM node:24\nWORKDIR /srv\nCOPY api /srv\nCMD ["npm", "run", "work"]\n'
    assert shipped({"Dockerfile": image, "package.json": BESIDE, "api/main.js": ""}) == ["Dockerfile"]


@pytest.mark.parametrize(
    ("said", "is_shipped"),
    [
        ('"name": "@acme/build-sample"', False),
        ('"name": "checkout-demo"', False),
        ('"description": "Tried by the editor. Not shipped."', False),
        ('"description": "A page that is used only in development"', False),
        ('"description": "For use only by the end-to-end suite in development (npm start)."', False),
        ('"description": "Small, closed context used ONLY by the runner in tests"', False),
        ('"description": "Answers as the bank. This service is only for testing."', False),
        ('"description": "A mock server only for tests"', False),
        ('"description": "The API of the shop. Its fixtures are only for testing."', True),
        ('"description": "The API of the shop, with a page that is only for testing"', True),
        ('"description": "The API of the shop. Uses SQLite only in tests."', True),
        ('"description": "The API of the shop (maps not shipped)"', True),
        ('"name": "samples"', True),
        ('"name": "democracy"', True),
        ('"description": "Lists orders that are not shipped yet"', True),
        ('"description": "The only server for testing and production"', True),
        ('"description": "Not only for development"', True),
    ],
)
def test_a_project_that_is_there_to_show_or_to_try_something(said: str, is_shipped: bool) -> None:
    files = {"web/Dockerfile": RUN, "web/package.json": f"{{{said}}}"}
    assert shipped(files) == (["web/Dockerfile"] if is_shipped else [])
    assert shipped({**files, PUSH: PUSHES % "web/Dockerfile"}) == ["web/Dockerfile"]


NAMED = "build:\n\tdocker build -t web:1 --target %s \\\n\t\t--file Dockerfile.web .\n"


@pytest.mark.parametrize(
    ("files", "shipped"),
    [
        ({"Makefile": NAMED % "release"}, "release"),
        ({"Makefile": "# of Dockerfile.web\n" + NAMED % "release"}, "release"),
        ({"build.sh": "docker build --target=release -f Dockerfile.web ."}, "release"),
        ({"Makefile": NAMED % "release" + NAMED % "build"}, "release"),
        ({"Makefile": NAMED % "build"}, "dev"),
        ({"Makefile": NAMED % "$(STAGE)"}, "dev"),
        ({"Makefile": NAMED % "release", "build.sh": "docker build -f Dockerfile.web ."}, "dev"),
        ({"Makefile": "FILE = Dockerfile.web\n" + NAMED % "release"}, "dev"),
        ({"Makefile": NAMED % "release", "compose.yml": COMPOSE.replace("build: .", "build: {dockerfile: Dockerfile.web}")}, "dev"),
        ({"Makefile": NAMED % "release", "api/Dockerfile.web": IMAGE}, "dev"),
        ({"Makefile": "build:\n\tdocker build --target release .\n"}, "dev"),
    ],
)  # fmt: skip
def test_the_stage_that_every_command_which_names_the_file_builds(
    files: dict[str, str], shipped: str
) -> None:
    repo = Repository(Snapshot.of({"Dockerfile.web": STAGES, **files}))
    (dockerfile,) = (one for one in repo.dockerfiles if one.path == "Dockerfile.web")
    assert dockerfile.shipped.name == shipped


def passed_over(files: dict[str, str], *paths: str) -> list[str]:
    """The Dockerfiles that nobody is expected to take."""
    repo = Repository(Snapshot.of(files, paths))
    return [one.path for one in repo.dockerfiles if one.shipping.is_passed_over]


TAKES_IN = {
    "gateway/Dockerfile": "FROM debian:13\nCOPY explorer /srv\n",
    "gateway/explorer/Dockerfile": IMAGE,
    "build.sh": "docker build gateway\n",
}


def test_the_dockerfile_of_a_project_that_another_image_takes_in() -> None:
    assert passed_over(TAKES_IN, "Jenkinsfile") == ["gateway/explorer/Dockerfile"]
    from_root = {**TAKES_IN, "gateway/Dockerfile": "FROM debian:13\nCOPY gateway/explorer /srv\n"}
    assert passed_over(from_root, "Jenkinsfile") == ["gateway/explorer/Dockerfile"]


@pytest.mark.parametrize(
    "files",
    [
        {"build.sh": "docker build gateway && docker build gateway/explorer\n"},
        {"build.sh": "docker build other\n"},
    ],
)
def test_one_that_something_speaks_of_is_an_image_of_its_own(files: dict[str, str]) -> None:
    assert "gateway/explorer/Dockerfile" not in passed_over({**TAKES_IN, **files}, "Jenkinsfile")


TRIED = {
    "Dockerfile": IMAGE,
    "api/Dockerfile": IMAGE,
    TEST: PUSHES.replace("push: true", "push: false") % "api/Dockerfile",
}
"""A build takes another one than that of the root."""


@pytest.mark.parametrize(
    ("path", "is_left"),
    [
        ("docs/install/openshift/route.yaml", True),
        ("openshift/build.yaml", False),
        ("openshift/console.png", True),
        ("mobile/android/build.gradle.kts", True),
        ("android/app/build.gradle", True),
        ("service/build.gradle.kts", False),
        ("android/Jenkinsfile", False),
    ],
)
def test_what_may_build_the_one_at_the_root(path: str, is_left: bool) -> None:
    """Pages about a platform build nothing, and what builds an application for phones builds no image."""
    assert ("Dockerfile" in passed_over(TRIED, path)) is is_left


def test_one_that_no_build_takes_and_nothing_speaks_of() -> None:
    service = "services: {web: {build: {context: ., dockerfile: Dockerfile.web}}}\n"
    names = ("Dockerfile.web", "Dockerfile.alpine", "Dockerfile.production", "Dockerfile")
    files = {"shop/compose.yml": service, **{f"shop/{name}": IMAGE for name in names}}
    push = {PUSH: PUSHES.replace("context: ., file: '%s'", "context: '${{ inputs.folder }}'")}
    assert passed_over({**files, **push}) == ["shop/Dockerfile.alpine"]
    named = {"Makefile": "alpine:\n\tdocker build -f shop/Dockerfile.alpine shop\n"}
    assert passed_over({**files, **push, **named}) == []


HAND = "TAGS='-t ghcr.io/acme/web:1 -t ghcr.io/acme/web:2'\ndocker buildx build -f %s $TAGS --push .\n"
"""A script whose command line has more words than are written."""


@pytest.mark.parametrize(
    ("name", "files", "is_left"),
    [
        ("Dockerfile.prod", {"push.sh": HAND % "Dockerfile.prod"}, True),
        ("release.Dockerfile", {"push.sh": HAND % "./ui/Dockerfile"}, True),
        ("Dockerfile.production", {"push.sh": HAND % "Dockerfile.prd", "compose.yml": COMPOSE}, True),
        ("Dockerfile.prod", {"push.sh": HAND % "Dockerfile"}, False),
        ("Dockerfile.prod", {"push.sh": HAND % "$FILE"}, False),
        ("Dockerfile.prod", {"push.sh": "docker buildx build $ARGS --push .\n"}, False),
        ("Dockerfile.prod", {"push.sh": HAND % "Dockerfile.prod", "compose.prod.yml": COMPOSE}, False),
        ("Dockerfile.web", {"push.sh": HAND % "Dockerfile.web"}, False),
        ("prod/Dockerfile", {"push.sh": HAND % "prod/Dockerfile"}, False),
    ],
)
def test_the_plain_one_beside_one_for_production(name: str, files: dict[str, str], is_left: bool) -> None:
    known = {"Dockerfile": IMAGE, "ui/Dockerfile": IMAGE, name: IMAGE, PUSH: PUSHES % name}
    assert ("Dockerfile" in passed_over({**known, **files})) is is_left


def test_an_action_is_built_by_those_who_run_it() -> None:
    files = {
        "Dockerfile": IMAGE,
        "breaking/Dockerfile": IMAGE,
        "breaking/action.yml": "runs: {using: docker, image: Dockerfile}\n",
        "old/Dockerfile": IMAGE,
        PUSH: PUSHES.replace("file: '%s', push: true", "file: Dockerfile"),
    }
    repo = Repository(Snapshot.of(files))
    assert [one.path for one in repo.dockerfiles if one.shipping.is_passed_over] == ["old/Dockerfile"]


WORKED_ON = """\
services:
  web:
    build: .
    command: bin/rails server
    environment:
      RAILS_ENV: development
    volumes:
      - .:/srv/shop
"""

SAT_AT = """\
services:
  web:
    build: .
    env_file: [shop.env]
    volumes:
      - .:/srv/shop
    stdin_open: true
    tty: true
"""


@pytest.mark.parametrize(
    ("composed", "others", "may_ship"),
    [
        (WORKED_ON, {}, False),
        (WORKED_ON, {"Procfile": "web: bin/rails server\n"}, False),
        (WORKED_ON.replace(".:/srv", "./:/srv").replace("shop\n", "shop:cached\n"), {}, False),
        (WORKED_ON.replace("- .:/srv/shop", "- {type: bind, source: ., target: /srv/shop/}"), {}, False),
        (WORKED_ON.replace("      RAILS_ENV: development", "      - RAILS_ENV=development"), {}, False),
        (WORKED_ON.replace(": development", ": production"), {}, True),
        (SAT_AT, {}, False),
        (SAT_AT.replace("    tty: true\n", ""), {}, True),
        (f"{SAT_AT}    restart: unless-stopped\n", {}, True),
        (f"{SAT_AT}    environment: [RAILS_ENV=production]\n", {}, True),
        (SAT_AT.replace("[shop.env]", "[.env.production]"), {}, True),
        (SAT_AT.replace("[shop.env]", "live.env"), {}, True),
        (SAT_AT.replace("- .:/srv/shop", "- ./log:/srv/shop/log"), {}, True),
        (WORKED_ON.replace("- .:/srv/shop", "- ./log:/srv/shop/log"), {}, True),
        (WORKED_ON.replace("- .:/srv/shop", "- shop:/srv/shop"), {}, True),
        (WORKED_ON.replace("- .:/srv/shop", "- .:/srv"), {}, True),
        (WORKED_ON.replace("build: .", "build: {context: ., target: work}"), {}, True),
        (WORKED_ON.replace("build: .", "build: .\n    image: acme/shop"), {}, True),
        (f"{WORKED_ON}  job:\n    build: .\n", {}, True),
        (WORKED_ON, {"compose.prod.yaml": "services: {web: {build: .}}\n"}, True),
        (WORKED_ON, {"build.sh": "#!/bin/sh\ndocker build -t acme/shop .\n"}, True),
        (WORKED_ON, {"fly.toml": "app = 'shop'\n"}, True),
    ],
)
def test_images_that_compose_has_a_checkout_lie_over(
    composed: str, others: dict[str, str], *, may_ship: bool
) -> None:
    dockerfile = 'FROM ruby:3.4\nWORKDIR /srv/shop\nCOPY . .\nEXPOSE 3000\nCMD ["bin/rails", "server"]\n'
    files = {"Dockerfile": dockerfile, "docker-compose.yml": composed, **others}
    (one,) = Repository(Snapshot.of(files)).dockerfiles
    assert one.may_ship is may_ship


@pytest.mark.parametrize(
    ("compose", "others", "may_ship"),
    [
        ("compose.dev.yaml", {}, False),
        ("compose.yaml", {}, True),
        ("compose.dev.yaml", {"compose.prod.yaml": "{compose}"}, True),
        ("compose.dev.yaml", {PUSH: PUSHES % "Dockerfile.web"}, True),
        ("compose.dev.yaml", {"fly.toml": ""}, True),
        ("compose.dev.yaml", {"Makefile": "image:\n\tdocker build -f Dockerfile.web .\n"}, True),
        ("compose.dev.yaml", {"Makefile": "image:\n\tdocker build -f Dockerfile.$(NAME) .\n"}, True),
        (
            "compose.dev.yaml",
            {"package.json": '{"scripts": {"image": "docker build -f Dockerfile.web ."}}'},
            True,
        ),
    ],
)
def test_a_dockerfile_of_its_own_name_that_only_compose_for_development_builds(
    compose: str, others: dict[str, str], *, may_ship: bool
) -> None:
    composed = "services: {web: {build: {context: ., dockerfile: Dockerfile.web}}}\n"
    files = {path: content.replace("{compose}", composed) for path, content in others.items()}
    named = {"Dockerfile.web": f"{RUN}CMD /srv/web\n", compose: composed, **files}
    assert bool(shipped(named)) is may_ship
    for usual in ("Dockerfile", "dockerfile", "Dockerfile.prod"):
        written = {usual: named["Dockerfile.web"], compose: composed.replace("Dockerfile.web", usual)}
        assert shipped(written) == [usual]


@pytest.mark.parametrize(
    ("dockerfile", "others", "may_ship"),
    [
        pytest.param(
            "FROM node:24\nWORKDIR /srv\nCMD yarn start", {}, False, id="a script of the project beside it"
        ),
        pytest.param(
            "FROM node:24\nWORKDIR /srv\nCMD yarn serve", {}, True, id="a script that the project lacks"
        ),
        pytest.param("FROM acme/shop\nCMD yarn start", {}, True, id="a base that may have the project"),
        pytest.param("FROM node:24\nCOPY . .\nCMD yarn start", {}, True, id="the project is copied"),
        pytest.param(
            "FROM node:24\nRUN git clone https://acme.example/shop .\nCMD yarn start",
            {},
            True,
            id="it is fetched",
        ),
        pytest.param(
            "FROM node:24\nRUN --mount=type=bind,target=/in cp -r /in/. .\nCMD yarn start",
            {},
            True,
            id="it is mounted",
        ),
        *(
            pytest.param(f"FROM node:24\nRUN {run}\nCMD yarn start", {}, ships, id=run)
            for run, ships in (
                ("curl -L https://acme.example/shop.tar.gz | tar xz --strip 1", True),
                ("wget https://acme.example/shop.zip && unzip shop.zip", True),
                ("git init && git fetch https://acme.example/shop main && git checkout FETCH_HEAD", True),
                ("aws s3 sync s3://acme/shop .", True),
                ("--mount=target=/in cp -r /in/. .", True),
                ("--mount=from=shop,target=/in cp -r /in/. .", True),
                ("--mount=type=cache,target=/root/.npm npm install -g yarn", False),
                ("--mount=target=/root/.npm,type=cache npm install -g yarn", False),
                ("apt-get update && apt-get install -y git", False),
            )
        ),
        pytest.param("FROM node:8-onbuild\nCMD yarn start", {}, True, id="its base copies the project"),
        pytest.param(
            "FROM node:24\nENV NODE_ENV=production\nCMD yarn start", {}, True, id="it is for production"
        ),
        pytest.param('FROM debian:13\nCMD ["./stubs.sh"]', {}, False, id="a program beside it"),
        pytest.param('FROM debian:13\nCMD ["./other.sh"]', {}, True, id="a program that is not there"),
        pytest.param(
            'FROM debian:13\nRUN curl -O https://acme.example/stubs.sh\nCMD ["./stubs.sh"]',
            {},
            True,
            id="it is downloaded",
        ),
        pytest.param(
            'FROM python:3.14\nCMD ["python", "-u", "app.py"]', {}, False, id="a program for an interpreter"
        ),
        pytest.param('FROM python:3.14\nCMD ["proxy", "app.py"]', {}, True, id="a file for another program"),
        pytest.param(
            'FROM python:3.14\nCMD ["python", "/app.py"]', {}, True, id="a program at another place"
        ),
        *(
            pytest.param(
                f"FROM golang:1.27\nWORKDIR /work\nCMD {command}",
                {"api/stubs/make.sh": ""},
                ships,
                id=command,
            )
            for command, ships in (
                ("bash /work/api/stubs/make.sh", False),
                ("bash api/stubs/make.sh", False),
                ("/work/stubs.sh", False),
                ("/work/api/stubs/other.sh", True),
                ("bash /srv/api/stubs/make.sh", True),
            )
        ),
        *(
            pytest.param(f"FROM node:24\nWORKDIR /work\n{lines}", {}, ships, id=lines)
            for lines, ships in (
                ('CMD ["bash", "-c", "cd web && yarn install && yarn stubs"]', False),
                ("CMD npm ci --ignore-scripts; npm run stubs", False),
                ("CMD cd web && yarn && yarn stubs", False),
                ("CMD npm install -g shop@2 && shop", True),
                ("CMD npm install --omit=dev shop && shop", True),
                ("CMD git clone https://acme.example/shop && cd shop && npm ci && npm start", True),
                ("RUN git clone https://acme.example/shop .\nCMD npm ci && npm start", True),
                ("RUN gem install rails && rails new .\nCMD bundle install && bin/rails server", True),
                ("COPY . .\nCMD npm ci && npm start", True),
                ("CMD npm install --production && npm start", True),
                ("CMD composer install --no-dev && composer serve", True),
                ("CMD poetry install --only=main && poetry run shop", True),
                ("ENV BUNDLE_WITHOUT=development\nCMD bundle install && rackup", True),
                ("CMD gh repo clone acme/shop . && npm ci && npm start", True),
                ("RUN svn export https://acme.example/shop .\nCMD npm ci && npm start", True),
                ("RUN npx express-generator .\nCMD npm i && npm start", True),
                ("RUN bundle init\nCMD bundle install && rackup", True),
                ("RUN curl -O https://acme.example/Gemfile\nCMD bundle install && rackup", True),
                ("CMD bundle install --gemfile=Gemfile && rackup", False),
                ("RUN export A=b\nCMD npm ci && npx vite", False),
            )
        ),
        pytest.param(
            "FROM node:24\nWORKDIR /srv\nCMD yarn start",
            {PUSH: PUSHES % "shop/Dockerfile"},
            True,
            id="it is pushed",
        ),
    ],
)
def test_an_image_that_starts_what_has_to_be_mounted(
    dockerfile: str, others: dict[str, str], *, may_ship: bool
) -> None:
    project = {
        "shop/package.json": '{"scripts": {"start": "shop serve"}}',
        "shop/stubs.sh": "true\n",
        "shop/app.py": "",
    }
    repo = Repository(Snapshot.of({"shop/Dockerfile": dockerfile + "\n", **project, **others}))
    assert [one.may_ship for one in repo.dockerfiles] == [may_ship]


@pytest.mark.parametrize(
    ("path", "is_aside"),
    [("ci/web/Dockerfile", True), ("cicd/web/Dockerfile", True), ("civic/web/Dockerfile", False)],
)
def test_folders_of_pipelines(path: str, is_aside: bool) -> None:
    assert is_named_aside(path) is is_aside


BUILD = """\
on:
  workflow_call:
    inputs: {file: {type: string}, folder: {type: string, default: .}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: '${{ inputs.folder }}', file: '${{ inputs.file }}', push: true, tags: 'ghcr.io/acme/web:1'}
"""
CALLS = """\
on: push
jobs:
  api:
    strategy: {matrix: {name: [api, web]}}
    uses: ./.github/workflows/build.yml
    with: {file: '${{ matrix.name }}/Dockerfile'}
  admin:
    uses: ./.github/workflows/build.yml
    with: {file: %s}
"""


@pytest.mark.parametrize(
    ("file", "left"), [("admin/Dockerfile", ["board/Dockerfile"]), ("'${{ vars.FILE }}'", [])]
)
def test_a_called_workflow_publishes_what_each_leg_of_its_callers_hands_it(
    file: str, left: list[str]
) -> None:
    files = {f"{name}/Dockerfile": IMAGE for name in ("admin", "api", "board", "web")}
    called = ".github/workflows/build.yml"
    assert aside({**files, called: BUILD, PUSH: CALLS % file}) == left
    dispatched = BUILD.replace("on:\n", "on:\n  workflow_dispatch: {inputs: {file: {}}}\n")
    assert aside({**files, called: dispatched, PUSH: CALLS % file}) == []


def test_more_builds_than_are_told_by_call_are_those_of_the_file() -> None:
    names = ", ".join(f"n{one}" for one in range(200))
    several = "    runs-on: ubuntu-latest\n    strategy: {matrix: {kind: [a, b, c, d, e, f]}}\n"
    called = BUILD.replace("    runs-on: ubuntu-latest\n", several)
    calls = (CALLS % "admin/Dockerfile").replace("api, web", names)
    repo = Repository(Snapshot.of({".github/workflows/build.yml": called, PUSH: calls}))
    assert repo.builds == repo.builds_as_written


def test_builds_as_written_are_those_of_which_pushes_tell() -> None:
    files = {".github/workflows/build.yml": BUILD, PUSH: CALLS % "admin/Dockerfile"}
    repo = Repository(Snapshot.of(files))
    assert {push.build for push in repo.pushes} == set(repo.builds_as_written)
    assert [one.dockerfile for one in repo.builds] == ["api/Dockerfile", "web/Dockerfile", "admin/Dockerfile"]


def test_calls_that_hand_over_the_same_come_to_one_build() -> None:
    again = "  again:\n    uses: ./.github/workflows/build.yml\n    with: {file: admin/Dockerfile}\n"
    calls = CALLS.replace("api, web", "admin") % "admin/Dockerfile" + again
    repo = Repository(Snapshot.of({".github/workflows/build.yml": BUILD, PUSH: calls}))
    assert [one.dockerfile for one in repo.builds] == ["admin/Dockerfile"]
