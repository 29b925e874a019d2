"""The one error that a user is meant to read."""


class GlmError(Exception):
    """Something in the input, the configuration or the machine that the user can fix.

    The message names the file, the record or key, and the fix. `glm.logs.reporting` prints it as
    one line; its traceback goes to the rule's log.
    """


class NotRunError(Exception):
    """A number or a table is not there, because something (the message) is missing."""
