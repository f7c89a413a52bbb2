"""What can go wrong in the pool; every message is Chinese and says what to do."""


class PoolError(Exception):
    """The pool cannot do what was asked; the message names the object, the cause and the remedy."""


class PoolBusy(PoolError):
    """Someone else holds the lock that is needed; the message says who."""


class AlreadySealed(PoolError):
    """A folder that is written once has been written; what it holds stays as it is."""
