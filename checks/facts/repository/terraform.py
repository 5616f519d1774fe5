"""What Terraform declares: ECR repositories and their rules, and IAM roles."""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.answers import fact
from checks.facts.asides import is_vendored
from checks.facts.build.submodules import SUBMODULES
from checks.facts.ecr.aws import accounts_in
from checks.facts.ecr.lifecycle import LifecyclePolicy, lifecycle_policies_in, policies_of, targets_of
from checks.facts.ecr.registry import Registry, registry_in
from checks.facts.ecr.repositories import EcrRepository, by_name, repositories_in
from checks.facts.identity.roles import Role, roles_in
from checks.facts.image.references import Reference, declared
from checks.facts.repository.files import Files
from checks.facts.terraform.module_calls import folders_called, modules_of
from checks.facts.terraform.modules import Module
from checks.source.hcl import Body
from checks.source.kind import Kind


class Terraform(Files):
    @fact
    def terraform(self) -> tuple[Module, ...]:
        """The Terraform modules, by folder, without other projects' copies and data of tests."""
        return self.memo(
            modules_of,
            tuple(body for body in self._all(Kind.TERRAFORM, Body) if not is_vendored(body.text.path)),
            self._all(Kind.TERRAFORM_LOCK, Body),
            tuple(self.texts(Kind.DOCUMENT)),
        )

    @fact
    def terraform_left_alone(self) -> frozenset[str]:
        """The paths of Terraform that can't be initialised, or is applied to a stand-in for AWS where a test runs."""
        modules = (one for one in self.terraform if one.is_for_stand_in or self._lacks_module(one))
        return frozenset(body.text.path for module in modules for body in module.bodies)

    def _lacks_module(self, module: Module) -> bool:
        """Whether Terraform calls a module by a folder that certainly isn't there; it stops before it plans anything.

        https://developer.hashicorp.com/terraform/language/block/module#local-paths
        """
        snapshot = self.snapshot
        if not snapshot.complete or SUBMODULES in snapshot.paths:
            return False
        return any(folder not in snapshot.folders for folder in folders_called(module) if folder)

    @fact
    def accounts(self) -> frozenset[str]:
        """The AWS accounts that the files name, whatever they are."""
        texts = self.snapshot.texts.values()
        return frozenset[str]().union(*(self.memo(accounts_in, text) for text in texts))

    @fact
    def roles(self) -> tuple[Role, ...]:
        """The IAM roles that Terraform declares."""
        return self.memo(roles_in, self.terraform)

    @fact
    def registry(self) -> Registry:
        """What Terraform says of ECR registries."""
        return self.memo(registry_in, self.terraform)

    @fact
    def ecr_repositories(self) -> tuple[EcrRepository, ...]:
        return self.memo(repositories_in, self.terraform)

    def declared(self, image: Reference) -> EcrRepository | None:
        """The one ECR repository that an image's name means; None if there is none, or more than one."""
        return declared(image, self.ecr_by_name)

    @fact
    def ecr_by_name(self) -> Mapping[str, EcrRepository]:
        """Those of known names, left out whose name another has, too."""
        return self.memo(by_name, self.ecr_repositories)

    @fact
    def lifecycle_policies(self) -> tuple[LifecyclePolicy, ...]:
        return self.memo(lifecycle_policies_in, self.terraform)

    @fact
    def lifecycle_targets(self) -> Mapping[LifecyclePolicy, tuple[EcrRepository, ...]]:
        """The ECR repositories whose each lifecycle policy certainly is."""
        return self.memo(targets_of, self.lifecycle_policies, self.ecr_repositories)

    @fact
    def lifecycle_policies_of(self) -> Mapping[EcrRepository, tuple[LifecyclePolicy, ...]]:
        """The lifecycle policies that certainly are each ECR repository's."""
        return self.memo(policies_of, self.lifecycle_policies, self.ecr_repositories)
