"""Programs that only work on files and accounts of the machine they run on, and bring nothing from elsewhere."""

LAYS_OUT = frozenset(
    (
        "[", "addgroup", "adduser", "cat", "cd", "chmod", "chown", "cp", "echo", "groupadd", "install", "ln", "ls", "mkdir",
        "mv", "printf", "rm", "set", "tar", "test", "touch", "useradd",
    )
)  # fmt: skip
"""What lays out files, unpacks them, and makes those whom they are for."""
