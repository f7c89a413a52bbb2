"""What keeps an export from being pulled; every message is Chinese and says what to do."""


class PullError(Exception):
    """A source cannot be pulled until somebody mends it."""

    def __init__(self, cause: str, cure: str) -> None:
        self.cause = cause
        self.cure = cure
        super().__init__(f"{cause}。{cure}。")


class BrokenOff(PullError):
    """The way to a source broke off: worth another try, in `after` seconds where the source says so."""

    def __init__(self, cause: str, cure: str = "会自动再试；一直如此请核对网络和对方的服务", after: float | None = None) -> None:
        super().__init__(cause, cure)
        self.after = after


class Unready(Exception):
    """What is to be pulled is not whole yet, or changed on the way: it is left for the next pull. The message says which."""
