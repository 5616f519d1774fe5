"""The demo: the server reviews pull requests of an example repository on a fake GitHub. `make demo` runs it."""
