"""Work in forked children: they start with everything imported, and what becomes of them is no harm to the parent."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import connection
from typing import Any, TypeVar

Result = TypeVar("Result")


def fork(body: Callable[[], object]) -> int:
    """Start the body in a child; its exit code is 0 when the body returns, 1 when it raises."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            body()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)
    return child


def wait(child: int) -> int:
    """Wait for a child; its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def answer_of(body: Callable[[], Any], *, seconds: float) -> Any:
    """What the body returns in a child, by way of JSON; a text that begins with `failed` when it raises or takes too long."""
    readable, writable = os.pipe()

    def tell() -> None:
        os.close(readable)
        try:
            answer = body()
        except Exception as error:
            answer = f"failed: {type(error).__name__}: {error}"
        with os.fdopen(writable, "w", encoding="utf-8") as pipe:
            json.dump(answer, pipe, ensure_ascii=False)

    child = fork(tell)
    os.close(writable)
    with os.fdopen(readable, encoding="utf-8") as pipe:
        if not select.select([pipe], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
            wait(child)
            return f"failed: not done within {seconds:.0f} s"
        text = pipe.read()
    code = wait(child)
    return json.loads(text) if text else f"failed: exit code {code}"


def results_of(work: Callable[[int], Iterable[Result]], children: int) -> Iterator[tuple[int, Result]]:
    """What several children yield, each given its number, as it comes; raises RuntimeError when one fails."""
    started: dict[connection.Connection, tuple[int, int]] = {}
    for number in range(children):
        receiving, sending = connection.Pipe(duplex=False)

        def tell(number: int = number, sending: connection.Connection = sending) -> None:
            for result in work(number):
                sending.send(result)

        started[receiving] = number, fork(tell)
        sending.close()
    while started:
        for receiving in connection.wait(list(started)):
            assert isinstance(receiving, connection.Connection)
            number, child = started[receiving]
            try:
                yield number, receiving.recv()
            except EOFError:
                del started[receiving]
                if code := wait(child):
                    raise RuntimeError(f"child {number} ended with {code}") from None
