"""`tidewaiter chain`: as text, as JSON, as a diagram."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.__main__ import main
from app.report.chain import MOST_IN_DIAGRAM, mermaid, text
from app.report.text import Terminal
from checks.chain import Image, Kind, Link, State
from checks.check import code
from checks.source.snapshot import path_elsewhere
from checks.source.text import Location, Span, Text, Unreadable
from tests.app.test_ways import ALL, IMAGE
from tests.app.test_worktree import commit, git

FILES = {
    "Dockerfile": "FROM scratch\n",
    ".github/workflows/build.yml": """\
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def test_as_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chain", str(folder)]) == 0
    assert (
        capsys.readouterr().out
        == """\
ghcr.io/acme/web
  built     ✓ Dockerfile                              .github/workflows/build.yml:6
  scanned   ✗ nothing here scans it
  pushed    ✓ <commit>                                .github/workflows/build.yml:7
  signed    ✗ nothing here signs it
  attested  ✗ nothing here attests it
  admitted  ? no policy here speaks of it
  deployed  ? nothing here deploys it
  expires   ? only ECR's lifecycle policies are read

1 image; 8 links: 2 seen, 3 missing, 3 unknown
"""
    )


def test_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chain", "--format", "json", str(folder)]) == 0
    (image,) = json.loads(capsys.readouterr().out)["images"]
    assert image["name"] == "ghcr.io/acme/web"
    assert [link["kind"] for link in image["links"]] == [kind.value for kind in Kind]
    assert image["links"][0] == {
        "kind": "build",
        "state": "seen",
        "path": ".github/workflows/build.yml",
        "line": 6,
        "detail": "`Dockerfile`",
    }
    assert image["links"][1] == {
        "kind": "scan",
        "state": "missing",
        "path": None,
        "line": None,
        "detail": "nothing here scans it",
    }


def test_as_a_diagram(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chain", "--format", "mermaid", str(folder)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        'flowchart TB\n  subgraph i0["ghcr.io/acme/web"]\n    direction LR\n    i0build["built<br/>✓ Dockerfile"]\n'
    )
    assert 'i0scan["scanned<br/>✗ nothing here scans it"]:::missing' in out
    assert 'i0push["pushed<br/>✓ #60;commit#62;"]' in out


def test_the_slug_that_a_workflow_gives_counts(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build = folder / ".github/workflows/build.yml"
    build.write_text(build.read_text().replace("acme/web", "${{ github.repository }}"))
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    assert main(["chain", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("ghcr.io/acme/shop\n")


def test_a_folder_without_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "mermaid"):
        assert main(["chain", "--format", form, str(tmp_path)]) == 0
        assert "o image is built, pushed, declared or deployed here" in capsys.readouterr().out
    assert main(["chain", "--format", "json", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == {"images": []}


def test_a_file_that_can_t_be_read_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tf").write_text("resource {{{\n")
    assert main(["chain", str(folder)]) == 0
    assert "\na.tf:1: can't be read: " in capsys.readouterr().out


def test_what_is_no_folder_can_t_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chain", str(tmp_path / "none")]) == 2
    assert "no such folder" in capsys.readouterr().err


@pytest.fixture
def branch(folder: Path) -> Path:
    """The folder under git, on a branch off `main` whose change touches the image."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    git(folder, "checkout", "--quiet", "-b", "change")
    (folder / "Dockerfile").write_text("FROM scratch\nUSER 1000\n")
    return folder


def test_a_review_tells_the_way_of_the_images_that_the_change_touches(
    branch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["review", str(branch), "--base", "main"])
    out = capsys.readouterr().out
    assert out.startswith("The way of acme/web: built Dockerfile → scanned ✗")
    assert "\n\nNothing new in 2 files\n" in out
    main(["review", str(branch)])
    assert "The way of" not in capsys.readouterr().out
    git(branch, "checkout", "--quiet", "Dockerfile")
    main(["review", str(branch), "--base", "main"])
    assert "The way of" not in capsys.readouterr().out


def test_a_kind_is_named_once_and_signs_are_coloured() -> None:
    shown = text([IMAGE], Terminal(colour=True))
    assert shown.count("pushed") == 2  # its word, and "another build is pushed"
    assert "\x1b[31;1m✗\x1b[0m main-latest: web refuses to move a tag" in shown
    assert "\x1b" not in text([IMAGE], Terminal())


def test_a_place_in_another_repository_names_it() -> None:
    other = Text(path_elsewhere("acme/infra", "ecr.tf"), "a = 1\n")
    links = (*ALL[:-1], Link(Kind.EXPIRE, State.SEEN, "", "", Location(other, Span(0, 1))))
    assert "ecr.tf line 1 in acme/infra" in text([Image("x", "x", links)], Terminal())


def test_nothing_of_a_name_steers_the_terminal() -> None:
    name = "web\x1b[2J\u202e"
    links = (Link(Kind.BUILD, State.SEEN, f"`{name}`"), *ALL[1:])
    shown = text([Image(name, name, links)], Terminal(), [Unreadable(name, 1, name)])
    assert not {"\x1b", "\u202e"} & set(shown)


HOSTILE = (
    '"]; click i0build "javascript:alert(1)"',
    '%%{init: {"theme": "forest"}}%%',
    "<img src=x onerror=alert(1)>",
    "a\nend\nsubgraph x",
    "#quot;",
    "`**bold**`",
    "[x](javascript:alert(1))",
    "$$$x^2$$$",
    ":::missing",
    "@{ shape: x }",
    "\u202eabc",
    "|x|",
    "\\",
    "-->",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_a_name_means_anything_in_a_diagram(name: str) -> None:
    links = tuple(Link(kind, State.SEEN, code(name), code(name)) for kind in Kind)
    made = mermaid([Image(name, name, links)])
    assert len(made.splitlines()) == len(mermaid([IMAGE]).splitlines())
    for label in re.findall(r'\["(.*)"\]', made):
        inside = label.replace("<br/>", "")
        assert not set(inside) & set('"`<>[]{}|\\$%@&*_~^\n')
        assert "#" not in re.sub(r"#\d+;", "", inside)
        assert "#36;#36;" not in inside


def test_a_diagram_stays_within_what_mermaid_takes() -> None:
    links = tuple(Link(kind, State.SEEN, code(str(n) * 200)) for kind in Kind for n in range(9))
    made = mermaid([Image("w" * 300, "w", links)] * (MOST_IN_DIAGRAM + 3))
    assert made.count("subgraph") == MOST_IN_DIAGRAM
    assert 'more["and 3 more images"]' in made
    assert made.count("-->") < 500
