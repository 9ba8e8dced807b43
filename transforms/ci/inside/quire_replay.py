"""Makes a recorded call again, and returns what came of it as the tracer writes it.

The text of this module is put behind a problem's program and the harness that defines `call`.
"""

_QUIRE_TRACER = {"__name__": "quire_tracer", "__file__": "quire_tracer"}


def _quire_replay(candidate, arguments, tracer=b""):
    """The harness's answer, the outcome, the value, and each argument after the call.

    The first call brings the code of the tracer, and nothing else.
    """
    if tracer:
        import marshal

        exec(marshal.loads(tracer), _QUIRE_TRACER)
        return None
    written = _QUIRE_TRACER["_encoded"]
    seen = []

    def recorded(*values, **named):
        outcome, value = "return", None
        try:
            value = candidate(*values, **named)
            if type(value) is type(_ for _ in ()):
                outcome, value = "generator", list(value)
            return value
        except BaseException as error:
            kind = type(error)
            outcome, value = f"{kind.__module__}:{kind.__qualname__}", None
            raise
        finally:
            after = [written(each)[0] for each in [*values, *named.values()]]
            seen.extend((outcome, written(value)[0], after))

    answer = call(recorded, (arguments,))  # noqa: F821
    return [answer, *seen]
