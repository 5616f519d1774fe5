"""Where images run, and the policies that admit them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from checks.facts.answers import fact
from checks.facts.build.compose import Compose
from checks.facts.deployment.deployments import (
    DeployedImage,
    FunctionImage,
    function_images,
    images_in,
    task_images,
    workload_images,
)
from checks.facts.deployment.host_access import (
    dockerfiles_with_host,
    images_of_pods_with_host,
    images_of_services_with_host,
)
from checks.facts.deployment.kubernetes import Manifest, Manifests, files_of_tests, is_kustomization
from checks.facts.deployment.local_manifests import applying
from checks.facts.deployment.pods import Pod, pods_of_charts, pods_of_manifests
from checks.facts.deployment.production import HelmValues, production_images, started_in_terminals
from checks.facts.deployment.rollouts import Rollout
from checks.facts.policy.coverage import Coverage
from checks.facts.policy.kyverno import (
    ImageValidatingPolicy,
    ImageVerification,
    image_validating_policies_in,
    verifications_in,
)
from checks.facts.policy.policies import ClusterImagePolicy, policies_in
from checks.facts.project.node_projects import NodeProject
from checks.facts.repository.automation import Automation
from checks.facts.repository.terraform import Terraform
from checks.source.kind import Kind

T = TypeVar("T")


class Deployments(Automation, Terraform):
    @fact
    def manifests(self) -> tuple[Manifest, ...]:
        """The Kubernetes objects."""
        return tuple(manifest for file in self._manifests for manifest in file.objects)

    @fact
    def _manifests(self) -> tuple[Manifests, ...]:
        return self._all(Kind.KUBERNETES, Manifests)

    def _of_manifests(self, read: Callable[[tuple[Manifest, ...]], tuple[T, ...]]) -> tuple[T, ...]:
        """What the objects of each file are by themselves."""
        return tuple(one for file in self._manifests for one in self.memo(read, file.objects))

    @fact
    def pods(self) -> tuple[Pod, ...]:
        """What runs containers in Kubernetes, by manifests other than those that tests of policies try, and by charts."""
        of_charts = pods_of_charts(self.snapshot.texts, self._all(Kind.HELM_VALUES, HelmValues))
        kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
        applied = (self.memo(applying, text) for kind in kinds for text in self.texts(kind))
        tried = files_of_tests(self.manifests, [line for one in applied if one for line in one.lines])
        run = tuple(one for one in self.manifests if one.text.path not in tried) if tried else self.manifests
        return (*self.memo(pods_of_manifests, run), *of_charts)

    @fact
    def deployed_images(self) -> tuple[DeployedImage, ...]:
        """The images that Kubernetes workloads and Compose services name."""
        found = (one for file in self._manifests for one in self.memo(images_in, file.objects, ()))
        return (*found, *self.memo(images_in, (), self._all(Kind.COMPOSE, Compose)))

    @fact
    def running_images(self) -> tuple[DeployedImage, ...]:
        """The images that run after the files are applied.

        Those of workloads, as Kustomize sets them, of Helm values and Compose files for production, and of ECS tasks; but for
        Compose files that people start to look at them.
        """
        if any(is_kustomization(path) and path not in self.kinds for path in self.snapshot.paths):
            return self.task_images
        values = self._all(Kind.HELM_VALUES, HelmValues)
        composes = tuple(
            one for one in self._all(Kind.COMPOSE, Compose) if one.text.path not in self._looked_on
        )
        here = self.memo(workload_images, self.manifests) + self.memo(production_images, values, composes)
        return here + self.task_images

    @fact
    def _looked_on(self) -> frozenset[str]:
        """The Compose files whose services people start to look at them."""
        projects = self._all(Kind.NODE_PROJECT, NodeProject)
        return started_in_terminals(projects, self.snapshot.texts.values())

    @fact
    def task_images(self) -> tuple[DeployedImage, ...]:
        """The images of ECS task definitions in Terraform."""
        return self.memo(task_images, self.terraform, self.ecr_repositories)

    @fact
    def function_images(self) -> tuple[FunctionImage, ...]:
        """The images of Lambda functions in Terraform."""
        return self.memo(function_images, self.terraform, self.ecr_repositories)

    @fact
    def rollouts(self) -> tuple[Rollout, ...]:
        """The images that commands of steps put into a cluster."""
        return tuple(one for file in self._automated for one in file.rollouts)

    @fact
    def images_with_host(self) -> frozenset[str]:
        """The last part of the name of each image that Kubernetes or Compose runs with a part of the host."""
        services = self.memo(images_of_services_with_host, self._all(Kind.COMPOSE, Compose))
        return frozenset((*self._of_manifests(images_of_pods_with_host), *services))

    @fact
    def dockerfiles_with_host(self) -> frozenset[str]:
        """The paths of those that Compose builds for such services."""
        return self.memo(dockerfiles_with_host, self._all(Kind.COMPOSE, Compose))

    @fact
    def policies(self) -> tuple[ClusterImagePolicy, ...]:
        return self._of_manifests(policies_in)

    @fact
    def coverage(self) -> Coverage:
        """Which of the policies speak of which images."""
        return self.memo(Coverage, self.policies)

    @fact
    def image_verifications(self) -> tuple[ImageVerification, ...]:
        """The items of Kyverno's `verifyImages`."""
        return self._of_manifests(verifications_in)

    @fact
    def image_validating_policies(self) -> tuple[ImageValidatingPolicy, ...]:
        return self._of_manifests(image_validating_policies_in)
