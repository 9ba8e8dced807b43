"""Packages that several stages use. Nothing here imports a stage."""
