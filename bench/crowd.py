"""The load processes: started on the cores of the clients, talked to in lines of JSON, ended."""

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import _bootstrap as house

from bench import machine
from bench.writer import Plan

PATIENCE = 90.0


class Load:
    """A process of bench/load.py or the like, on the cores of the clients."""

    def __init__(self, module: str, told: dict[str, Any]) -> None:
        with machine.pinned(machine.client_cores()):
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self.tell(json.dumps(told))

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            print(line, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # what it has to say about that is heard next

    def hear(self) -> dict[str, Any]:
        stdout = self.process.stdout
        assert stdout is not None
        ready, _, _ = select.select([stdout], [], [], PATIENCE)
        said: dict[str, Any] = json.loads(stdout.readline() or "{}") if ready else {}
        if not said or "failed" in said:
            why = said.get("failed", "no answer")
            raise house.Problem(f"the load could not be brought to its end: {why}.")
        return said

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def crowd(plans: list[Plan]) -> Iterator[list[Load]]:
    """Load processes whose writers have all come in."""
    loads: list[Load] = []
    try:
        for plan in plans:
            loads.append(Load("bench.load", vars(plan)))
        for load in loads:
            load.hear()
        yield loads
    finally:
        for load in loads:
            load.end()
