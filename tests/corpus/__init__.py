"""All checks and all fixes over a folder of checkouts: `make corpus DIR=…` and `make corpus-fixes DIR=…`."""
