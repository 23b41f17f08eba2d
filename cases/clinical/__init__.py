"""Clinical arithmetic: pure, on plain values, each number from a named source. Standard library only."""
