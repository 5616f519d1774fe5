#!/bin/sh
# Lists what is in an image and looks it up: scripts/sbom.sh IMAGE@DIGEST
set -eu

image=$1
syft scan "$image" --output cyclonedx-json=sbom.cdx.json --output spdx-json=sbom.spdx.json
grype sbom:sbom.cdx.json --fail-on high
cosign attach sbom --sbom sbom.spdx.json --type spdx "$image"
