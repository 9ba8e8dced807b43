"""Whatever foreign code raises, caught."""

from types import TracebackType


class Caught:
    """Catches whatever foreign code raises within `with`, SystemExit too; it is then in `error`."""

    error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True
