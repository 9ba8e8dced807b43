"""Packages that several stages use. Nothing here imports a stage."""

VERSION = "0.1.0"  # of quire: it is part of every shard, and of every configuration
