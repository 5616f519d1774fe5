"""Verification names no signer, or accepts every one

Keyless signatures are made by anybody who can log in somewhere. `cosign verify` of cosign 2 and later refuses
to run without `--certificate-identity` and `--certificate-oidc-issuer`, so that the step never passes. With
an expression such as `.*` it passes for the signature of a stranger.

Name the workflow that signs, and the issuer of GitHub Actions.

The check is silent for keys and certificates' keys, for cosign 1, for expressions that hold to an
organisation or a repository, where the same job has signed the image before, and for options that can't be
read.

References:

- https://docs.sigstore.dev/cosign/verifying/verify/#keyless-verification-using-openid-connect
- https://github.com/sigstore/cosign/blob/main/doc/cosign_verify.md
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.identity.job_identity import ISSUER
from checks.facts.image.references import reference
from checks.facts.image.signing import CosignCall, name_of
from checks.facts.policy import go_regexp
from checks.facts.policy.admission import subject_for
from checks.facts.policy.policies import is_test
from checks.facts.value import literal

_CALLS = ("cosign verify", "cosign verify-attestation")
_NAMING = tuple(f"certificate-{of}{form}" for of in ("identity", "oidc-issuer") for form in ("", "-regexp"))
_STRANGERS = (
    "somebody@example.com",
    "https://example.com/somebody",
    "https://github.com/another/repository/.github/workflows/another.yml@refs/pull/1/merge",
)
_ISSUERS = ("https://accounts.google.com", "https://issuer.example.com", "https://gitlab.com")

check = Check(
    id="verify-without-identity",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "cosign", "verify"),
    security_severity=7.0,
    examples=(
        Example(
            title="an expression that everybody matches, and no identity at all",
            files="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign verify --certificate-identity-regexp '.*' --certificate-oidc-issuer-regexp '.*' ghcr.io/acme/web:1
      - run: cosign verify ghcr.io/acme/web:1
""",
            at=(
                "cosign verify --certificate-identity-regexp '.*' --certificate-oidc-issuer-regexp '.*' ghcr.io/acme/web:1",
                "cosign verify ghcr.io/acme/web:1",
            ),
        ),
        Example(
            title="a workflow of the repository signs it",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write, packages: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes "ghcr.io/acme/web@$DIGEST"
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign verify ghcr.io/acme/web:1
""",
            at="cosign verify ghcr.io/acme/web:1",
            fixed="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign verify --certificate-identity=https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main --certificate-oidc-issuer=https://token.actions.githubusercontent.com ghcr.io/acme/web:1
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="expressions that everybody matches, for an image that a workflow here signs",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write, packages: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: cosign sign --yes "ghcr.io/acme/web@$DIGEST"
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: |
          cosign verify --certificate-identity-regexp='.*' \\
            --certificate-oidc-issuer-regexp='.*' ghcr.io/acme/web:1
""",
            at="""cosign verify --certificate-identity-regexp='.*' \\
            --certificate-oidc-issuer-regexp='.*' ghcr.io/acme/web:1""",
            fixed="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: |
          cosign verify --certificate-identity=https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main \\
            --certificate-oidc-issuer=https://token.actions.githubusercontent.com ghcr.io/acme/web:1
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="an identity, an organisation, a key, cosign 1, options that are not known",
            files="""\
-- .github/workflows/deploy.yml --
on: {push: {branches: [main]}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: |
          cosign verify --certificate-identity https://github.com/acme/web/.github/workflows/x.yml@refs/heads/main \\
            --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/acme/web:1
          cosign verify --certificate-identity-regexp 'https://github.com/acme/web/.*' \\
            --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/acme/web:1
          cosign verify --key cosign.pub ghcr.io/acme/web:1
          cosign verify $COSIGN_ARGS ghcr.io/acme/web:1
          cosign verify --certificate-identity="$WHO" --certificate-oidc-issuer="$ISSUER" ghcr.io/acme/web:1
          cosign verify-attestation --certificate-github-workflow-repository acme/web --certificate-identity-regexp '.*' --certificate-oidc-issuer https://token.actions.githubusercontent.com ghcr.io/acme/web:1
-- .github/workflows/old.yml --
on: {push: {branches: [main]}}
env: {COSIGN_EXPERIMENTAL: "1"}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v2.8.1
      - run: cosign verify ghcr.io/acme/web:1
-- verify.sh --
cosign verify ghcr.io/acme/web:1
""",
        ),
        Example(
            title="the job has signed another image",
            files="""\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - run: cosign sign --yes "ghcr.io/acme/web@$DIGEST"
      - run: cosign verify --certificate-identity-regexp '.*' --certificate-oidc-issuer-regexp '.*' "ghcr.io/acme/base@$BASE"
""",
            at="cosign verify --certificate-identity-regexp '.*' --certificate-oidc-issuer-regexp '.*' \"ghcr.io/acme/base@$BASE\"",
        ),
        Example(
            title="the job looks at the signature that it has just made",
            files="""\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  sign:
    runs-on: ubuntu-latest
    permissions: {id-token: write}
    steps:
      - run: cosign sign --yes "ghcr.io/acme/web@$DIGEST"
      - run: cosign verify --certificate-identity-regexp '.*' --certificate-oidc-issuer-regexp '.*' "ghcr.io/acme/web@$DIGEST"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for call in repo.cosign_calls:
        if call.name not in _CALLS or not call.arguments.certain or is_test(call.location.path):
            continue
        if call.has_any("key", "sk", "certificate"):
            continue
        wide = _wide(call)
        if wide and any(_is_signed_before(call, one) for one in repo.cosign_calls):
            continue
        if wide:
            yield Finding(
                message=f"{code(call.name)} accepts the signature of anybody: {' and '.join(wide)}.",
                consequence="An image that a stranger has signed passes the step, and what comes after it trusts that image.",
                location=call.location,
                fixes=_fixes(repo, call),
            )
        elif _has_no_identity(call):
            yield Finding(
                message=f"{code(call.name)} names neither the identity nor the issuer of the signer.",
                consequence="cosign 2 and later refuse to verify without both: the step fails for every image.",
                location=call.location,
                fixes=_fixes(repo, call),
            )


def _is_signed_before(call: CosignCall, other: CosignCall) -> bool:
    """Whether the job has signed the image itself by another call, so that its own signature is what passes."""
    step, signing = call.step, other.step
    if step is None or signing is None or step.job is None or step.job is not signing.job:
        return False
    if signing.condition is not None or _images_written(call).isdisjoint(_images_written(other)):
        return False
    is_earlier = (signing.index, other.location.span.start) < (step.index, call.location.span.start)
    return is_earlier and other.name == call.name.replace("verify-attestation", "attest").replace(
        "verify", "sign"
    )


def _images_written(call: CosignCall) -> set[str]:
    """The images of a call, as its script writes them."""
    script = call.invocation.script
    return {script[word.span].strip("\"'") for word in call.subjects}


def _has_no_identity(call: CosignCall) -> bool:
    """Whether none of the options is given, in a release that certainly asks for them."""
    return (call.cosign.major or 0) >= 2 and not call.has_any(*_NAMING) and call.variable("COSIGN_KEY") == ""


def _wide(call: CosignCall) -> list[str]:
    """The expressions that accept every identity or every issuer, shown."""
    if any(
        name.startswith("certificate-github-workflow") for name in (o.name for o in call.arguments.options)
    ):
        return []
    found: list[str] = []
    for name, probes in (
        ("certificate-identity-regexp", _STRANGERS),
        ("certificate-oidc-issuer-regexp", _ISSUERS),
    ):
        word = call.arguments.last(name)
        values = call.invocation.values(word) if word is not None else ()
        text = values[0].literal if len(values) == 1 else None
        if text is not None and all(go_regexp.accepts(text, literal(one)) is True for one in probes):
            found.append(code(f"--{name} {text}"))
    return found


def _fixes(repo: Repository, call: CosignCall) -> tuple[Fix, ...]:
    """The workflow of this repository that signs the image, where that is one."""
    images = {name_of(reference(value)) for word in call.subjects for value in call.invocation.values(word)}
    kind = call.name == "cosign verify-attestation"
    signing = [
        one for one in repo.signatures if one.is_attestation is kind and images.intersection(one.images)
    ]
    found = [signer for one in signing if one.uses_public_sigstore for signer in repo.signers(one)]
    subject = subject_for(found) if len(signing) == 1 and repo.outside.slug else None
    if subject is None:
        return ()
    form, value = ("", subject.text) if subject.field == "subject" else ("-regexp", f"'{subject.text}'")
    options = (f"--certificate-identity{form}={value}", f"--certificate-oidc-issuer={ISSUER}")
    return offer(
        "name the workflow that signs",
        Applicability.UNSAFE,
        *_written(call, options),
        caution="Does nothing else sign the image, another repository or a person?",
    )


def _written(call: CosignCall, options: tuple[str, str]) -> tuple[Edit | None, ...]:
    """The options in place of those that name a signer now, or behind the subcommand."""
    spans = sorted(span for name in _NAMING if (span := call.arguments.span_of(name)) is not None)
    if not spans:
        return (call.with_option(" ".join(options)),)
    if len(spans) == 1:
        return (call.replaced(spans[0], " ".join(options)),)
    texts = (*options, *("" for _ in spans[2:]))
    return tuple(call.replaced(span, text) for span, text in zip(spans, texts, strict=True))
