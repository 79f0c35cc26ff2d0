#!/usr/bin/env bash
# Runs the suite under every BLAS kernel that this processor can run, with one thread and with two.
#
#     make test-kernels                                      all tests, before each release
#     bash tests/kernels.sh -n 0 tests/unit/test_gram.py     arguments of pytest
#
# NumPy and SciPy bring an OpenBLAS each, which chooses its kernel by the processor. OPENBLAS_CORETYPE chooses another
# one, whose sums are rounded differently; what ran is asked of both libraries and printed.
set -u
cd "$(dirname "$0")/.." || exit 1
python=${PYTHON:-.venv/bin/python}

ran() {
    "$python" - <<'END'
import numpy.linalg, scipy.linalg
from threadpoolctl import threadpool_info
found = {f"{one['architecture']}, {one['num_threads']} threads" for one in threadpool_info() if one["internal_api"] == "openblas"}
print("; ".join(sorted(found)) or "no OpenBLAS")
END
}

able() { # a kernel of instructions that the processor lacks would end the process
    grep -q -w "$1" /proc/cpuinfo 2>/dev/null
}

failed=()
for kernel in Haswell Zen SkylakeX; do
    needed=avx2
    [ "$kernel" = SkylakeX ] && needed=avx512f
    if ! able "$needed"; then
        echo "== $kernel: skipped, since this processor has no $needed."
        continue
    fi
    for threads in 1 2; do
        export OPENBLAS_CORETYPE=$kernel OPENBLAS_NUM_THREADS=$threads OMP_NUM_THREADS=$threads
        found=$(ran)
        if [ "$found" != "$kernel, $threads threads" ]; then
            echo "== $kernel, $threads threads: skipped, since OpenBLAS runs $found in its place."
            continue
        fi
        echo "== $found"
        "$python" -m pytest "$@" || failed+=("$found")
    done
done
[ ${#failed[@]} -eq 0 ] || printf '== failed under %s\n' "${failed[@]}"
exit ${#failed[@]}
