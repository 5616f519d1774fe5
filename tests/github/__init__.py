"""A GitHub for tests and the demo: real HTTP on loopback, content from git, GitHub's own descriptions.

It refuses what GitHub refuses. `FakeGitHub` in `fake.py` is the way in.
"""
