"""Failures that the user can act on, by the names that the state machine and the command know."""

import re


class PurchasesError(Exception):
    """`name` is the error's name elsewhere, `hint` what to do."""

    def __init__(self, name, message, hint):
        super().__init__(message)
        self.name = name
        self.hint = hint

    def __reduce__(self):
        return (PurchasesError, (self.name, str(self), self.hint))


class Unreadable(Exception):
    """An object that cannot be read at all; the message says what is wrong with it and what to do."""


CHANGED = re.compile(r"^(?:\S*\.)?PurchasesError: (.* changed while it was read\.)$", re.MULTILINE)


def bronze_changed(key):
    return PurchasesError(
        "BronzeChanged", f"{key} changed while it was read.", "The run plans again with what is there now."
    )


def what_changed(error):
    """What a task on a worker said of an object that is another by now; None where the failure is another. Of a worker's error only its text comes here."""
    if isinstance(error, PurchasesError):
        return str(error) if error.name == "BronzeChanged" else None
    found = CHANGED.search(str(error))
    return None if found is None else found[1]
