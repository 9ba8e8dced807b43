"""Packages that several stages use. Nothing here imports a stage."""

VERSION = "0.2.0"  # of quire: it is part of every shard, and of every configuration
