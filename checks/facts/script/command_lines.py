"""The command lines of docker, depot, cosign, syft, grype, trivy, crane, regctl and skopeo: what a script asks of them.

The options are those of each tool's own reference, with the ones that older releases had, since a script
outlives them: https://docs.docker.com/reference/cli/docker/,
https://github.com/sigstore/cosign/tree/main/doc, https://trivy.dev/latest/docs/references/configuration/cli/trivy/,
https://github.com/anchore/syft, https://github.com/anchore/grype
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checks.record import Record
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.shell import Command
from checks.source.word import Word
from checks.source.wrappers import basename


class Invocation(Record):
    """A tool's command line, read."""

    command: Command
    """The command of the script that it stands in."""
    name: str
    """Tool and subcommand in their usual names: `docker build`, `cosign sign`, `trivy image`, `grype`."""
    arguments: Arguments
    """Options and operands after the subcommand; global options before it are left out."""
    program: str
    """The program as it is called: `podman` where that stands in for docker."""
    image: Word | None = None
    """Of `docker run IMAGE …`, where the image is the tool: the image."""


_DOCKER_GLOBAL = Syntax.of(
    "config= context/c= debug/D host/H= log-level/l= tls tlscacert= tlscert= tlskey= tlsverify builder="
)
_BUILD = Syntax.of(
    "tag/t= file/f= push load platform= build-arg= build-context= cache-from= cache-to= output/o= provenance= sbom= "
    "attest= secret= ssh= target= label= annotation= no-cache no-cache-filter= pull quiet/q progress= metadata-file= "
    "iidfile= network= add-host= allow= builder= call= check cgroup-parent= shm-size= ulimit= policy= resource= "
    "debug/D compress squash rm force-rm isolation= security-opt= memory/m= memory-swap= cpu-shares/c= cpu-period= "
    "cpu-quota= cpuset-cpus= cpuset-mems= format= layers manifest= tls-verify authfile= creds="
)
_OF_DEPOT = Syntax.of(
    "project= token= build-platform= lint lint-fail-on= save save-tag= sbom-dir= suppress-no-output-warning"
)
"""What `depot build` and `depot bake` have beside Docker's: https://depot.dev/docs/cli/reference/container-builds"""
_PUSH = Syntax.of(
    "all-tags/a platform= quiet/q disable-content-trust tls-verify authfile= creds= digestfile= format/f="
)
_RUN = Syntax.of(
    "rm detach/d interactive/i tty/t init privileged read-only no-healthcheck oom-kill-disable publish-all/P quiet/q "
    "sig-proxy use-api-socket volume/v= mount= env/e= env-file= user/u= workdir/w= name= network/net= entrypoint= "
    "platform= pull= publish/p= add-host= annotation= attach/a= cap-add= cap-drop= cgroup-parent= cgroupns= cidfile= "
    "cpu-shares/c= cpu-period= cpu-quota= cpus= cpuset-cpus= cpuset-mems= detach-keys= device= device-cgroup-rule= "
    "dns= dns-option= dns-search= domainname= expose= gpus= group-add= health-cmd= health-interval= health-retries= "
    "health-timeout= hostname/h= ip= ipc= isolation= label/l= label-file= link= log-driver= log-opt= mac-address= "
    "memory/m= memory-reservation= memory-swap= network-alias= oom-score-adj= pid= pids-limit= restart= runtime= "
    "security-opt= shm-size= stop-signal= stop-timeout= storage-opt= sysctl= tmpfs= ulimit= userns= uts= "
    "volume-driver= volumes-from=",
    interspersed=False,
)
COSIGN = Syntax.of(
    "yes/y key= cert= certificate= certificate-chain= recursive/r upload no-upload type= predicate= predicate-type= "
    "statement= sbom= signature= payload= attestation= attachment= input-format= platform= bundle= annotations/a= "
    "output/o= output-file= output-signature= output-certificate= output-payload= output-attestation= policy= "
    "certificate-identity= certificate-identity-regexp= certificate-oidc-issuer= certificate-oidc-issuer-regexp= "
    "certificate-github-workflow-name= certificate-github-workflow-ref= certificate-github-workflow-repository= "
    "certificate-github-workflow-sha= certificate-github-workflow-trigger= certificate-email= cert-email= "
    "cert-oidc-issuer= allow-certificate-chain check-claims local-image offline max-workers= tlog-upload "
    "no-tlog-upload new-bundle-format use-signing-config signing-config= use-signed-timestamps trusted-root= "
    "rekor-url= fulcio-url= fulcio-auth-flow= oidc-issuer= oidc-client-id= oidc-client-secret-file= oidc-provider= "
    "oidc-redirect-url= oidc-disable-ambient-providers identity-token= insecure-skip-verify insecure-ignore-sct "
    "insecure-ignore-tlog private-infrastructure sk slot= sct= ca-roots= ca-intermediates= base-image-only "
    "registry-referrers-mode= experimental-oci11 registry-token= registry-username= registry-password= "
    "registry-cacert= registry-client-cert= registry-client-key= registry-server-name= allow-http-registry "
    "allow-insecure-registry k8s-keychain attachment-tag-prefix= sign-container-identity= issue-certificate "
    "record-creation-timestamp timestamp-server-url= timestamp-server-name= timestamp-certificate-chain= "
    "timestamp-client-cacert= timestamp-client-cert= timestamp-client-key= rfc3161-timestamp= replace only= "
    "signature-digest-algorithm= signing-algorithm= hash= force/f dir= kms= username/u= password/p= password-stdin "
    "mirror= root= root-checksum= staging timeout/t= verbose/d help/h b64"
)
_TRIVY = Syntax.of(
    "exit-code= severity/s= format/f= output/o= ignore-unfixed ignore-status= ignorefile= ignore-policy= input/i= "
    "scanners= security-checks= pkg-types= vuln-type= pkg-relationships= platform= image-src= list-all-pkgs "
    "dependency-tree template/t= report= compliance= config/c= cache-dir= timeout= quiet/q debug/d insecure version/v "
    "generate-default-config exit-on-eol= skip-dirs= skip-files= skip-update skip-db-update skip-java-db-update "
    "skip-policy-update skip-check-update skip-version-check skip-vex-repo-update download-db-only "
    "download-java-db-only db-repository= java-db-repository= checks-bundle-repository= policy-bundle-repository= "
    "no-progress light reset clear-cache offline-scan parallel= slow file-patterns= rekor-url= sbom-sources= vex= "
    "vuln-severity-source= detection-priority= distro= disable-telemetry show-suppressed table-mode= removed-pkgs "
    "image-config-scanners= misconfig-scanners= include-non-failures include-deprecated-checks include-dev-deps "
    "config-policy= policy= config-check= config-data= config-file-schemas= check-namespaces= policy-namespaces= "
    "helm-set= helm-set-file= helm-set-string= helm-values= helm-api-versions= helm-kube-version= tf-vars= "
    "tf-exclude-downloaded-modules cf-params= trace trace-rego rego-error-limit= render-cause= raw-config-scanners= "
    "secret-config= license-full ignored-licenses= license-confidence-level= docker-host= podman-host= "
    "max-image-size= username= password= password-stdin registry-token= server= token= token-header= remote= "
    "custom-headers= cache-backend= cache-ttl= redis-ca= redis-cert= redis-key= redis-tls module-dir= "
    "enable-modules= output-plugin-arg= ansible-extra-vars= ansible-inventory= ansible-playbook= branch= commit= "
    "tag= cacert= k8s-version= help/h"
)
_SYFT = Syntax.of(
    "output/o= file= scope/s= from= platform= exclude= name= source-name= source-version= source-supplier= base-path= "
    "template/t= catalogers= override-default-catalogers= select-catalogers= enrich= parallelism= key/k= config/c= "
    "quiet/q verbose/v profile= help/h"
)
_GRYPE = Syntax.of(
    "fail-on/f= only-fixed only-notfixed ignore-states= output/o= file= scope/s= from= platform= exclude= name= "
    "distro= add-cpes-if-none template/t= by-cve show-suppressed vex= sort-by= config/c= quiet/q verbose/v profile= "
    "help/h"
)
_SCOUT = Syntax.of(
    "details env= epss epss-date= epss-percentile= epss-score exit-code/e format= ignore-base ignore-suppressed locations "
    "multi-stage only-base only-cisa-kev only-cve-id= only-fixed only-metric= only-package= only-package-type= "
    "only-severity= only-stage= only-unfixed only-vex-affected only-vuln-packages org= output/o= platform= ref= vex "
    "vex-author= vex-location= debug verbose-debug"
)
"""https://docs.docker.com/reference/cli/docker/scout/cves/"""
_SNYK = Syntax.of(
    "print-deps org= file= project-name= project-environment= project-lifecycle= project-business-criticality= "
    "project-tags= tags= policy-path= json json-file-output= sarif sarif-file-output= severity-threshold= fail-on= "
    "app-vulns exclude-app-vulns nested-jars-depth= exclude-base-image-vulns exclude-node-modules "
    "target-reference= group-issues platform= username= password= debug/d"
)
"""https://docs.snyk.io/developer-tools/snyk-cli/commands/container-test"""
_CRANE = Syntax.of(
    "platform= insecure verbose/v allow-nondistributable-artifacts all-tags/a no-clobber/n jobs/j= index "
    "image-refs= full-ref tarball= format= new_tag= new_layer/f= base/b= entrypoint= cmd= user/u= workdir/w= exposed-ports= output/o= label/l= annotation/a= env/e= repo= tag/t="
)
_SKOPEO = Syntax.of(
    "all/a authfile= src-authfile= dest-authfile= src-creds= dest-creds= creds= src-tls-verify dest-tls-verify "
    "tls-verify format/f= digestfile= preserve-digests remove-signatures sign-by= sign-by-sigstore= multi-arch= "
    "additional-tag= quiet/q retry-times= policy= insecure-policy command-timeout= debug override-arch= override-os= "
    "src= dest= scoped raw config no-tags/n"
)
_REGCTL = Syntax.of(
    "digest-tags external fast force-recursive include-external platform/p= platforms= referrers referrers-src= "
    "referrers-tgt= format= host= logopt= user-agent= verbosity/v="
)
"""https://github.com/regclient/regclient/blob/main/docs/regctl.md"""
_NO_OPTIONS = Syntax.of("")

_DOCKER: Mapping[str, tuple[str, Syntax]] = {
    **dict.fromkeys(
        ("build", "image build", "builder build", "buildx build", "buildx b"), ("docker build", _BUILD)
    ),
    **dict.fromkeys(
        ("push", "image push", "manifest push"), ("docker push", _PUSH | Syntax.of("purge/p insecure"))
    ),
    **dict.fromkeys(("tag", "image tag"), ("docker tag", _NO_OPTIONS)),
    **dict.fromkeys(("load", "image load"), ("docker load", Syntax.of("input/i= platform= quiet/q"))),
    **dict.fromkeys(("save", "image save"), ("docker save", Syntax.of("output/o= platform= format="))),
    **dict.fromkeys(("pull", "image pull"), ("docker pull", Syntax.of("all-tags/a platform= quiet/q"))),
    **dict.fromkeys(("run", "container run"), ("docker run", _RUN)),
    "login": ("docker login", Syntax.of("username/u= password/p= password-stdin")),
    "scout cves": ("scout cves", _SCOUT),
    "manifest create": ("docker manifest create", Syntax.of("amend/a insecure")),
    "buildx imagetools create": (
        "docker buildx imagetools create",
        Syntax.of(
            "tag/t= file/f= annotation= append dry-run builder= metadata-file= platform/p= prefer-index progress= debug/D"
        ),
    ),
    "buildx bake": (
        "docker buildx bake",
        Syntax.of(
            "file/f= set= var= push load print no-cache pull builder= allow= call= check list= metadata-file= policy= "
            "progress= provenance= sbom= debug/D"
        ),
    ),
    "buildx create": (
        "docker buildx create",
        Syntax.of(
            "use name= driver= driver-opt= platform= bootstrap append leave node= timeout= buildkitd-config/config= "
            "buildkitd-flags= debug/D"
        ),
    ),
}
_BUILDAH: Mapping[str, tuple[str, Syntax]] = {
    **dict.fromkeys(("bud", "build"), _DOCKER["build"]),
    "push": _DOCKER["push"],
    "tag": _DOCKER["tag"],
    "pull": _DOCKER["pull"],
    "login": _DOCKER["login"],
}

_DEPOT: Mapping[str, tuple[str, Syntax]] = {
    "build": ("docker build", _BUILD | _OF_DEPOT),
    "bake": ("docker buildx bake", _DOCKER["buildx bake"][1] | _OF_DEPOT),
}


def _subcommands(tool: str, syntax: Syntax, names: str) -> dict[str, tuple[str, Syntax]]:
    return {name: (f"{tool} {name}", syntax) for name in names.split(",")}


class _Tool(Record):
    subcommands: Mapping[str, tuple[str, Syntax]]
    """Words of the subcommand, to its usual name and its options."""
    before: Syntax
    """Options that may stand before the subcommand."""
    without: tuple[str, Syntax] | None = None
    """What it is without a subcommand that we know."""


_TOOLS: Mapping[str, _Tool] = MappingProxyType(
    {
        **dict.fromkeys(("docker", "podman", "nerdctl", "finch"), _Tool(_DOCKER, _DOCKER_GLOBAL)),
        "docker-buildx": _Tool({"build": _DOCKER["build"], "bake": _DOCKER["buildx bake"]}, _DOCKER_GLOBAL),
        "buildah": _Tool(_BUILDAH, _DOCKER_GLOBAL),
        "depot": _Tool(_DEPOT, _NO_OPTIONS),
        "cosign": _Tool(
            _subcommands(
                "cosign",
                COSIGN,
                "sign,verify,attest,verify-attestation,sign-blob,verify-blob,attest-blob,verify-blob-attestation,"
                "attach sbom,attach signature,attach attestation,copy,clean,tree,triangulate,generate,"
                "generate-key-pair,import-key-pair,public-key,download sbom,download attestation,"
                "download signature,load,save,login,initialize,version",
            ),
            Syntax.of("output-file= timeout/t= verbose/d"),
        ),
        "trivy": _Tool(
            {
                **_subcommands("trivy", _TRIVY, "image,sbom,rootfs,vm,convert,server,version,clean"),
                **dict.fromkeys(("i", "client"), ("trivy image", _TRIVY)),
                **dict.fromkeys(("filesystem", "fs"), ("trivy fs", _TRIVY)),
                **dict.fromkeys(("config", "conf"), ("trivy config", _TRIVY)),
                **dict.fromkeys(("repository", "repo"), ("trivy repo", _TRIVY)),
                **dict.fromkeys(("kubernetes", "k8s"), ("trivy k8s", _TRIVY)),
            },
            _TRIVY,
            ("trivy", _TRIVY),
        ),
        "syft": _Tool(
            _subcommands("syft", _SYFT, "scan,packages,attest,convert,login,version,cataloger list,config"),
            _SYFT,
            ("syft scan", _SYFT),
        ),
        "grype": _Tool(
            _subcommands(
                "grype", _GRYPE, "db update,db check,db status,db import,db list,version,explain,config"
            ),
            _GRYPE,
            ("grype", _GRYPE),
        ),
        "crane": _Tool(
            {
                **_subcommands("crane", _CRANE, "copy,push,tag,digest,append,mutate,pull"),
                "cp": ("crane copy", _CRANE),
            },
            _CRANE,
        ),
        "snyk": _Tool(_subcommands("snyk", _SNYK, "container test,container monitor"), _SNYK),
        "regctl": _Tool(
            dict.fromkeys(("image copy", "image cp"), ("regctl image copy", _REGCTL)),
            _REGCTL,
        ),
        "skopeo": _Tool(_subcommands("skopeo", _SKOPEO, "copy,sync,inspect,delete"), _SKOPEO),
    }
)
_LONGEST_SUBCOMMAND = 3
_IMAGES: Mapping[str, str] = MappingProxyType(
    {
        "aquasec/trivy": "trivy",
        "aquasecurity/trivy": "trivy",
        "anchore/syft": "syft",
        "anchore/grype": "grype",
        "projectsigstore/cosign": "cosign",
        "sigstore/cosign": "cosign",
        "go-containerregistry/crane": "crane",
        "skopeo/stable": "skopeo",
    }
)
"""The end of the name of images whose entry point is a tool."""


def invocation(command: Command) -> Invocation | None:
    """What a command asks of one of the tools; None for other programs and for subcommands not listed.

    `docker run` of an image whose entry point is one of the tools is that tool's invocation.
    """
    if command.program is None:
        return None
    found = _read(command, command.program, command.arguments)
    if found and found.name == "docker run":
        return _in_container(found) or found
    return found


def _read(command: Command, program: str, words: tuple[Word, ...]) -> Invocation | None:
    tool = _TOOLS.get(program)
    if tool is None:
        return None
    at = _subcommand_at(words, tool.before)
    for length in range(_LONGEST_SUBCOMMAND, 0, -1):
        written = " ".join(word.literal or "…" for word in words[at : at + length])
        if written in tool.subcommands:
            name, syntax = tool.subcommands[written]
            rest = (*words[:at], *words[at + length :]) if tool.without else words[at + length :]
            return Invocation(command, name, read_arguments(rest, syntax), program)
    if tool.without:
        return Invocation(command, tool.without[0], read_arguments(words, tool.without[1]), program)
    return None


def _subcommand_at(words: tuple[Word, ...], before: Syntax) -> int:
    """Index of the first word that is neither an option nor the value of one."""
    first = read_arguments(words, before).operands[:1]
    return next((index for index, word in enumerate(words) if first and word is first[0]), len(words))


def _in_container(run: Invocation) -> Invocation | None:
    """The tool's invocation in `docker run IMAGE …`."""
    if not run.arguments.operands or run.arguments.plural:
        return None
    image, *words = run.arguments.operands
    written = (image.literal or image.prefix).partition("@")[0]
    repository = written[: written.rindex(":")] if ":" in written.rpartition("/")[2] else written
    tool = _IMAGES.get("/".join(repository.split("/")[-2:]))
    entrypoint = run.arguments.last("entrypoint")
    if entrypoint is not None:
        tool = basename(entrypoint)
    inner = _read(run.command, tool, tuple(words)) if tool else None
    return Invocation(inner.command, inner.name, inner.arguments, inner.program, image) if inner else None
