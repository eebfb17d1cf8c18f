"""Measure the model that companies begin with on real data, and write the report: `make evaluate DATA=../shared/data`.

The report stands in `scoring/evaluations/`, named by the digest of the model's numbers, where model cards find it.
"""

import os
import sys
from pathlib import Path

from rich.progress import track

from bench.__main__ import bench_server

DATA = Path(os.environ.get("DATA", "../shared/data"))


def main() -> int:
    if not (DATA / "u-boot-interactions.csv.gz").exists():
        sys.stderr.write(f"There is no interaction data in {DATA}. Say where it is: make evaluate DATA=…\n")
        return 2
    with bench_server():
        from bench.quality.report import measured, write  # noqa: PLC0415 - models need the settings first

        write(measured(DATA, steps=lambda steps: track(steps, description="Measuring")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
