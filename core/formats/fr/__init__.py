"""French, as in Canada."""
