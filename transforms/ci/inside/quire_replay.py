"""Makes a recorded call again, and returns what came of it as the tracer writes it.

The text of this module is put behind a problem's program and the harness that defines `call`.
"""

_QUIRE_TRACER = {}


def _quire_replay(candidate, arguments, tracer):
    """The harness's answer, the outcome, the value, and each argument after the call."""
    if not _QUIRE_TRACER:
        _QUIRE_TRACER["__name__"] = _QUIRE_TRACER["__file__"] = "quire_tracer"
        exec(tracer, _QUIRE_TRACER)
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
            after = [[name, written(each)[0]] for name, each in [*zip([""] * 255, values), *named.items()]]
            seen.extend((outcome, written(value)[0], after))

    answer = call(recorded, arguments)  # noqa: F821
    return [answer, *seen]
