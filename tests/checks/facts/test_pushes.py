"""Names under which images are pushed."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.builds import Build
from checks.facts.image.pushes import Push
from checks.facts.mention import speaks_of
from checks.facts.value import UNKNOWN
from checks.facts.workflow.events import Event, RefKind
from checks.source.snapshot import Snapshot

PUSH = Event("push", RefKind.BRANCH, None)
PULL = Event("pull_request", RefKind.PULL, None)


def pushed(*steps: str) -> tuple[Push, ...]:
    """The pushes of a workflow with these steps."""
    return with_steps(*steps).pushes


def builds_of(*steps: str) -> tuple[Build, ...]:
    return with_steps(*steps).builds


def with_steps(*steps: str) -> Repository:
    lines = "".join(f"      - {step}\n" for step in steps)
    content = f"on: [push, pull_request]\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n{lines}"
    return Repository(Snapshot.of({".github/workflows/w.yml": content}))


def by_action(inputs: str) -> Push:
    (found,) = pushed(f"uses: docker/build-push-action@v7\n        with:\n          {inputs}")
    return found


@pytest.mark.parametrize("option", ["-a", "--all-tags"])
def test_all_tags_are_tags_that_are_not_known(option: str) -> None:
    (found,) = pushed(f"run: docker push {option} ghcr.io/acme/web")
    assert found.reference.path.literal == "acme/web"
    assert found.reference.tag is not None
    assert found.reference.tag.is_unknown


@pytest.mark.parametrize(
    ("script", "number"),
    [
        ("docker buildx build $NAMES --push .", 1),
        ("docker buildx build $TAG_ARGS --push .", 1),
        ('docker buildx build "${NAMES[@]}" --push .', 1),
        ("docker buildx bake $TARGETS --push", 1),
        ("docker buildx build $NAMES .", 0),
        ("docker buildx build $NAMES --push=$PUSH .", 0),
        ("docker buildx build --push .", 0),
        ("NAMES='-t localhost:5000/web' && docker buildx build $NAMES --push .", 0),
    ],
)
def test_names_in_a_variable_are_pushed_and_not_known(script: str, number: int) -> None:
    found = pushed(f"run: |\n          {script}")
    assert len(found) == number
    assert all(one.reference.path.literal is None and one.certain for one in found)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ("push: true\n          tags: ghcr.io/acme/web:latest", False),
        ("push: true\n          tags: localhost:5000/acme/web:latest", True),
        ("outputs: type=image,push-by-digest=true,push=true\n          tags: ghcr.io/acme/web", True),
        (
            "outputs: type=image,push-by-digest=false,push=true\n          tags: ghcr.io/acme/web:latest",
            False,
        ),
        (
            "push: true\n          tags: ghcr.io/acme/web:latest\n          outputs: ${{ vars.A && 'type=registry' || 'type=image,push-by-digest=true' }}",
            False,
        ),
        (
            "push: true\n          tags: ghcr.io/acme/web:latest\n          outputs: ${{ vars.A && 'type=docker' || 'type=image,push-by-digest=true' }}",
            True,
        ),
    ],
)
def test_a_push_by_digest_or_to_the_jobs_own_registry_moves_nothing(inputs: str, expected: bool) -> None:
    assert by_action(inputs).moves_nothing is expected


@pytest.mark.parametrize(
    ("flag", "on_push", "on_pull_request"),
    [
        ("true", True, True),
        ("${{ github.event_name == 'push' }}", True, False),
        ("${{ github.event_name != 'push' }}", False, True),
        ("${{ vars.PUSH == 'yes' }}", False, False),
    ],
)
def test_a_push_is_certain_for_an_event_by_its_input(flag: str, on_push: bool, on_pull_request: bool) -> None:
    found = by_action(f"push: {flag}\n          tags: ghcr.io/acme/web:latest")
    assert (found.is_certain_for(PUSH), found.is_certain_for(PULL)) == (on_push, on_pull_request)


def test_a_tag_of_metadata_action_knows_the_step_that_makes_it() -> None:
    found = pushed(
        "id: meta\n        uses: docker/metadata-action@v6\n        with: {images: ghcr.io/acme/web, tags: type=sha}",
        "uses: docker/build-push-action@v7\n        with: {push: true, tags: '${{ steps.meta.outputs.tags }}'}",
    )
    assert {push.maker.id if push.maker else "" for push in found} == {"meta"}


def test_an_image_that_may_be_left_out_of_metadata_action_is_no_image_without_a_name() -> None:
    found = pushed(
        "id: meta\n        uses: docker/metadata-action@v6\n        with:\n          images: |\n            ghcr.io/acme/web\n"
        "            ${{ vars.HOST && 'quay.io/acme/web' || '' }}\n          tags: type=raw,value=latest",
        "uses: docker/build-push-action@v7\n        with: {push: true, tags: '${{ steps.meta.outputs.tags }}'}",
    )
    assert {push.value.literal for push in found} == {"ghcr.io/acme/web:latest", "quay.io/acme/web:latest"}


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("podman push web:1 docker://ghcr.io/acme/web:1", ["ghcr.io/acme/web:1"]),
        ("buildah push web:1 ghcr.io/acme/web:1", ["ghcr.io/acme/web:1"]),
        ('podman push "$TAG" dir:"$FOLDER/web"', []),
        ("buildah push web oci-archive:web.tar", []),
        ("podman push ghcr.io/acme/web:1", ["ghcr.io/acme/web:1"]),
    ],
)
def test_where_podman_pushes_to(command: str, names: list[str]) -> None:
    assert [str(one.value) for one in pushed(f"run: {command}")] == names


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        ("type=image,name=ghcr.io/acme/web,push-by-digest=true,push=true", ["acme/web"]),
        ("type=registry,name=ghcr.io/acme/web", ["acme/web"]),
        ("type=image,name=ghcr.io/acme/web", []),
        ("type=image,name=ghcr.io/acme/web,push=false", []),
    ],
)
def test_an_exporter_that_pushes_names_the_image_where_no_tag_does(outputs: str, names: list[str]) -> None:
    found = pushed(f"uses: docker/build-push-action@v7\n        with: {{outputs: '{outputs}'}}")
    assert [push.reference.path.literal for push in found] == names


@pytest.mark.parametrize(
    ("inputs", "paths"),
    [
        ("push: true, outputs: 'type=image,name=ghcr.io/acme/web,push-by-digest=true'", ["acme/web"]),
        ("push: '${{ inputs.push }}', outputs: 'type=image,name=ghcr.io/acme/web'", ["acme/web"]),
        ("push: true, outputs: 'type=image,name=${{ steps.name.outputs.image }}'", [None]),
        ("push: false, outputs: 'type=image,name=ghcr.io/acme/web,push-by-digest=true'", []),
        ("push: true, outputs: 'type=oci,name=ghcr.io/acme/web,dest=web.tar'", []),
    ],
)
def test_an_image_that_the_step_pushes_has_the_name_of_its_exporter(
    inputs: str, paths: list[str | None]
) -> None:
    found = pushed(f"uses: docker/build-push-action@v7\n        with: {{{inputs}}}")
    assert [push.reference.path.literal for push in found] == paths


@pytest.mark.parametrize(
    ("options", "is_push"),
    [("", True), ("--dry-run", False)],
)
def test_images_that_are_joined_under_names_that_a_command_computes(options: str, is_push: bool) -> None:
    found = pushed(
        f"run: docker buildx imagetools create {options} $(jq -cr .tags tags.json) $(printf 'a@%s ' *)"
    )
    assert [push.reference.path.literal for push in found] == [None] * is_push


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ghcr.io/${{ github.repository_lower }}:1", 0),
        ("ghcr.io/${{ github.owner }}/web:1", 0),
        ("ghcr.io/acme/${{ github.image }}:1", 0),
        ("ghcr.io/acme/web:${{ github.short_sha }}", 0),
        ("ghcr.io/acme/web:${{ github.short_sha }}-arm64", 0),
        ("ghcr.io/acme/web:sha-${{ github.short_sha }}", 1),
        ("ghcr.io/acme/web:${{ vars.VERSION }}-arm64", 1),
        ("ghcr.io/acme/web-${{ github.image }}:1", 1),
        ("ghcr.io/${{ github.event.repository.full_name }}:1", 1),
        ("ghcr.io/${{ vars.NAMESPACE }}/web:1", 1),
        ("${{ github.registry }}web:1", 1),
    ],
)
def test_a_name_with_an_empty_part_is_refused(name: str, number: int) -> None:
    assert len(pushed(f"run: docker push {name}")) == number
    (build,) = builds_of(f"uses: docker/build-push-action@v7\n        with: {{push: true, tags: '{name}'}}")
    assert build.may_publish is bool(number)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("pack build ghcr.io/acme/web:1 --builder acme/builder --publish", {"ghcr.io/acme/web:1"}),
        ("pack build -B acme/builder ghcr.io/acme/web:1 -t ghcr.io/acme/web:2 --publish", {"ghcr.io/acme/web:1", "ghcr.io/acme/web:2"}),
        ("pack builder create ghcr.io/acme/builder --config builder.toml --publish", {"ghcr.io/acme/builder"}),
        ("pack buildpack package ghcr.io/acme/node --config package.toml -t linux/amd64 --publish", {"ghcr.io/acme/node"}),
        ("pack buildpack package --publish --target linux/arm64 ghcr.io/acme/node", {"ghcr.io/acme/node"}),
        ("pack build ghcr.io/acme/web:1 --publish=false", set[str]()),
        ("pack build ghcr.io/acme/web:1 --publish --help", set[str]()),
        ("pack build ghcr.io/acme/web:1 --builder acme/builder", set[str]()),
        ("pack build oci:web --publish", set[str]()),
        ("crane push web.tar ghcr.io/acme/web:1", {"ghcr.io/acme/web:1"}),
        ("regctl image copy ghcr.io/acme/web:1 quay.io/acme/web:1", {"quay.io/acme/web:1"}),
        ("regctl image copy ghcr.io/acme/web:1 ocidir://web", set[str]()),
        ("/kaniko/executor --context . --destination ghcr.io/acme/web:1", {"ghcr.io/acme/web:1"}),
        ("/kaniko/executor --context . --destination ghcr.io/acme/web:1 --no-push", set[str]()),
        ("./executor --destination ghcr.io/acme/web:1", set[str]()),
        ("gcloud builds submit --project acme --tag eu.gcr.io/acme/web:1 .", {"eu.gcr.io/acme/web:1"}),
        ("gcloud builds submit --config cloudbuild.yaml .", set[str]()),
    ],
)  # fmt: skip
def test_what_other_builders_push_by_name(script: str, expected: set[str]) -> None:
    found = pushed(f"run: {script}")
    assert {str(one.value) for one in found} == expected
    assert all(one.certain for one in found)


@pytest.mark.parametrize(
    ("script", "is_pushed"),
    [
        ("az acr build --registry acme --image web:1 .", True),
        ("az acr build --registry acme --image web:1 --no-push .", False),
        ("az acr build --registry acme .", False),
        ("KO_DOCKER_REPO=ghcr.io/acme ko build ./cmd/web", True),
        ("KO_DOCKER_REPO=ghcr.io/acme ko build --push=false ./cmd/web", False),
        ("KO_DOCKER_REPO=ghcr.io/acme ko build -L ./cmd/web", False),
        ("KO_DOCKER_REPO=ghcr.io/acme ko build -BL ./cmd/web", False),
        ("KO_DOCKER_REPO=ghcr.io/acme ko build -B ./cmd/web", True),
        ("KO_DOCKER_REPO=kind.local ko apply -f deploy", False),
        ("KO_DOCKER_REPO=ghcr.io/acme ko deps ghcr.io/acme/web", False),
        ("ko build ./cmd/web", False),
        ("./mvnw -B package jib:build", True),
        ("mvn com.google.cloud.tools:jib-maven-plugin:3.4.0:build", True),
        ("mvn package jib:dockerBuild", False),
        ("mvn package jib:build -Djib.skip", False),
        ("mvn jib:build -Djib.to.image=localhost:5000/web", False),
        ("mvn spring-boot:build-image -Dspring-boot.build-image.publish=true", True),
        ("mvn spring-boot:build-image", False),
        ("mvn install -Dquarkus.container-image.push=true", True),
        ("mvn install -Dquarkus.container-image.push=false", False),
        ("./gradlew :web:jib", True),
        ("./gradlew build -x jib", False),
        ("./gradlew jibDockerBuild", False),
        ("./gradlew bootBuildImage --publishImage", True),
        ("./gradlew bootBuildImage", False),
        ("quarkus image push", True),
        ("quarkus image push --dry-run", False),
        ("sbt 'project web' docker:publish", True),
        ("sbt 'clean; web / Docker / publish'", True),
        ("sbt Docker/publishLocal", False),
        ("sbt '+docker:publish'", True),
        ("sbt 'set Docker / publish / skip := true' test", False),
        ("sbt 'set Docker / publish := {}; Docker / publishLocal'", False),
        ("sbt 'set version := System.getenv.get(0); Docker / publish'", True),
        ("sbt 'inspect docker:publish'", False),
        ("dotnet publish -t:PublishContainer -p:ContainerRegistry=ghcr.io", True),
        ("dotnet publish /t:PublishContainer", False),
        ("dotnet publish -t:PublishContainer -p ContainerRegistry=ghcr.io", True),
        ("dotnet publish -p PublishProfile=DefaultContainer --property ContainerRegistry=$REGISTRY", True),
        ("dotnet publish -t:PublishContainer -p ContainerRegistry=", False),
        (
            "dotnet publish -t:PublishContainer -p:ContainerRegistry=ghcr.io -p:ContainerArchiveOutputPath=web.tar",
            False,
        ),
        (
            "dotnet publish -t:PublishContainer -p ContainerRegistry=ghcr.io -p ContainerArchiveOutputPath=$OUT",
            False,
        ),
        ("skaffold build --push", True),
        ("skaffold build --push --dry-run", False),
        ("skaffold build", False),
        ("skaffold run --push", False),
    ],
)
def test_what_other_builders_push_by_a_name_that_they_do_not_show(script: str, *, is_pushed: bool) -> None:
    found = pushed(f'run: "{script}"')
    assert [one.value for one in found] == [UNKNOWN] * is_pushed


@pytest.mark.parametrize(
    ("lines", "certain"),
    [
        ("FLAGS=--publish\npack build $NAME $FLAGS", True),
        ("FLAGS='--builder acme/builder --publish'\npack build $NAME ${FLAGS}", True),
        ('[ "$NEW" ] && FLAGS="--publish --cache-image $CACHE"\npack build "$NAME" ${FLAGS}', False),
        ('pack build "$NAME" ${NEW:+--publish}', False),
        ('MORE=(--publish)\npack build "$NAME" "${MORE[@]}"', False),
        ("FLAGS=--publish-later\npack build $NAME $FLAGS", None),
        ('FLAGS="--publish --verbose"\npack build $NAME "$FLAGS"', None),
        ("pack build $NAME $FLAGS\nFLAGS=--publish", None),
        ("pack build $NAME $FLAGS", None),
    ],
)
def test_a_variable_has_pack_publish(lines: str, certain: bool | None) -> None:
    script = lines.replace("\n", "\n          ")
    found = pushed(f"run: |\n          {script}")
    assert [one.certain for one in found] == ([] if certain is None else [certain])
    assert all("NAME" in str(one.value) for one in found)


@pytest.mark.parametrize("command", ["sbt Docker/publish", "docker buildx build $NAMES --push ."])
def test_a_file_is_looked_through_once_for_all_its_commands(command: str) -> None:
    speaks_of.cache_clear()
    assert len(pushed(*(f"run: {command}" for _ in range(9)))) == 9
    asked = speaks_of.cache_info()
    assert (asked.misses, asked.hits) == (1, 8)
