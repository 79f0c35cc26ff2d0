"""Processor seconds that each job takes to start Python and to import what it needs before it works.

    python tests/benchmarks/start_of_jobs.py [SCRIPT ...]

The lowest of five starts of each script of the workflow, without its work. The first start compiles the modules.
"""

import ast
import os
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STARTS = 5


def main(chosen: list[str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow"), "PYTHONDONTWRITEBYTECODE": ""}
    print("| job | of the processor, s |\n|---|---|")
    for script in sorted((ROOT / "workflow" / "scripts").glob("*.py")):
        if not chosen or script.stem in chosen:
            body = ast.parse(script.read_text()).body
            imports = "\n".join(ast.unparse(one) for one in body if isinstance(one, ast.Import | ast.ImportFrom))
            seconds = min(processor_seconds([sys.executable, "-c", imports], environment) for _ in range(STARTS))
            print(f"| {script.stem} | {seconds:.2f} |", flush=True)


def processor_seconds(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
