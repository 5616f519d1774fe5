"""Words of folders whose files run nowhere: of tests, of samples, of pages, of other projects. Parts of patterns.

What a word means differs by the kind of file: Terraform in `website/` makes a site, a policy there is text on one.
"""

from __future__ import annotations

TESTS = r"tests?|testing|test[-_]?data|fixtures?|e2e|conformance|acceptance|chainsaw"
SAMPLES = r"examples?|samples?|demos?|tutorials?|workshops?|quickstarts?|playgrounds?"
PAGES = r"docs?|website"
FOREIGN = r"vendor|third_party|node_modules"
