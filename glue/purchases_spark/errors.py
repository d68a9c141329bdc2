"""Failures that the user can act on, by the names that the state machine and the command know."""


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
