"""Functions with docstrings: found by ast, cut by bytes, gated before any parser sees them."""


def warm_up() -> None:
    """Load what workers need: not at import, for the killable process imports this package too."""
    from transforms.functions import stage

    stage.warm_up()
