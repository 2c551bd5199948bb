"""The commands: flags and one call into the library each. `scripts/`, `export/` and `spt-...` run them."""
