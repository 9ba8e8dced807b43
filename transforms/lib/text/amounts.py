"""Amounts as people read them: a number with its noun, bytes in a unit."""

UNITS = ("B", "kB", "MB", "GB", "TB")


def amount(count: int, noun: str) -> str:
    """A number with its noun, which has an `s` unless there is one.

    >>> amount(1, "row"), amount(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown_bytes(count: float) -> str:
    """A number of bytes in the unit that reads well.

    >>> shown_bytes(999), shown_bytes(1234567)
    ('999 B', '1.2 MB')
    """
    for unit in UNITS:
        if count < 1000 or unit == UNITS[-1]:
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == UNITS[0] else f"{count:,.1f} {unit}"
