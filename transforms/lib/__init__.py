"""What several stages stand on. Nothing here imports a stage."""
