"""Words of a script that hint at no push."""

from __future__ import annotations

import pytest

from checks.facts.script.scripts import parse_script
from checks.facts.token.idle_words import idle_spans


@pytest.mark.parametrize(
    ("script", "is_idle"),
    [
        ("git show HEAD:notes.md", True),
        ("git show HEAD:notes.md | head -1", True),
        ("git show HEAD:notes.md | python3 parse.py", True),
        ("git show HEAD:notes.md | sh", False),
        ("git show HEAD:notes.md | tee all.sh | bash -s -- now", False),
        ("git show HEAD:notes.md; echo date | sh", True),
    ],
)
def test_what_only_asks_git(script: str, is_idle: bool) -> None:
    spans = list(idle_spans(parse_script(script)))
    assert ("git" in {script[one.start : one.end] for one in spans}) is is_idle


@pytest.mark.parametrize(
    ("script", "word", "is_idle"),
    [
        ("sudo apt-get install -y curl git", "git", True),
        ("curl git", "git", False),
        ("cargo build --release --features web", "--release", True),
        ("cargo release --execute", "release", False),
        ("cp target/release/web dist/", "target/release/web", True),
        ("./target/release/web --check", "./target/release/web", True),
        ("./target/release/git-tag v1", "./target/release/git-tag", False),
        ("cp dist/release/web dist/", "dist/release/web", False),
    ],
)
def test_what_installs_or_compiles(script: str, word: str, is_idle: bool) -> None:
    spans = list(idle_spans(parse_script(script)))
    assert (word in {script[one.start : one.end] for one in spans}) is is_idle


@pytest.mark.parametrize(
    ("head", "body", "is_idle"),
    [
        ("cat > notes.json << EOF", "docker run -v $PWD:/x web push", True),
        ('cat << EOF >> "$GITHUB_STEP_SUMMARY"', "docker run -v $(date):/x web push", True),
        ("cat > notes.json << EOF", "$(docker run -v $PWD:/x web push)", False),
        ("cat > all.sh << EOF", "docker run -v $PWD:/x web push", False),
        ("cat << EOF | tee notes.json", "docker run -v $PWD:/x web push", False),
        ("bash > notes.json << EOF", "docker run -v $PWD:/x web push", False),
    ],
)
def test_what_is_written_to_a_file_of_data(head: str, body: str, is_idle: bool) -> None:
    script = f"{head}\n{body}\nEOF\n"
    assert any(body in script[one.start : one.end] for one in idle_spans(parse_script(script))) is is_idle
