"""What runs a stage: the lock, the runner, workers, a cluster and its preflight."""
