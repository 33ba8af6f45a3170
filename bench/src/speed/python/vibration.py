"""numpy on the same seconds, one thread: spectrum through a Hann window, RMS, peak, kurtosis of each axis,
and scipy's filter before them where scipy is."""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

try:
    import scipy
    from scipy.signal import butter, sosfilt
except ImportError:
    scipy = None

given = json.load(sys.stdin)
# machine, instant, axis
samples = np.fromfile(given["file"], dtype="<i2").reshape(given["machines"], -1, 3) * 0.01
seconds = samples.shape[1] // 1000
size = 4096
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
norm = 2 / (size * (window**2).sum())
if scipy:
    sos = np.vstack([butter(4, 10, "high", fs=1000, output="sos"), butter(4, 400, "low", fs=1000, output="sos")])
    states = np.zeros((len(samples), len(sos), 2, 3))


def figures(second):
    for i, machine in enumerate(samples):
        end = (second + 1) * 1000
        newest = machine[end - 1000 : end]
        if scipy:
            newest, states[i] = sosfilt(sos, newest, axis=0, zi=states[i])
        squares = newest**2
        power = squares.mean(axis=0)
        (np.sqrt(power), np.abs(newest).max(axis=0), (squares**2).mean(axis=0) / power**2)
        block = machine[end - size : end]
        block = block - block.mean(axis=0)
        spectrum = np.fft.rfft(block * window[:, None], axis=0)
        (spectrum.real**2 + spectrum.imag**2) * norm


figures(seconds - 1)
started = time.process_time()
count = 0
for second in range(4, seconds):
    figures(second)
    count += 1
spent = time.process_time() - started
work = "spectrum, RMS, peak, kurtosis only"
version = f"numpy {np.__version__}"
if scipy:
    version += f", scipy {scipy.__version__}"
    work = "band-pass, " + work
print(json.dumps({"version": f"{version}: {work}", "ms_per_second": 1_000 * spent / count}))
