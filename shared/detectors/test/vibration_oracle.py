"""What numpy says of a signal: read as JSON from stdin, answered as JSON. No library of ours."""
import json
import sys

import numpy as np

question = json.load(sys.stdin)
x = np.array(question["samples"], dtype=float)
n = len(x)
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
spectrum = np.fft.rfft((x - x.mean()) * window)
powers = 2 * np.abs(spectrum) ** 2 / (n * (window**2).sum())
powers[0] /= 2
powers[-1] /= 2


def band_pass(x, low, high, rate):
    """Fourth-order Butterworth at each end, by its gain on the periodic signal."""
    hz = np.fft.rfftfreq(len(x), 1 / rate)
    warp = lambda f: np.tan(np.pi * np.minimum(f, 0.4999 * rate) / rate)
    with np.errstate(divide="ignore", over="ignore"):
        up = 1 / np.sqrt(1 + (warp(low) / warp(hz)) ** 8)
        down = 1 / np.sqrt(1 + (warp(hz) / warp(high)) ** 8)
    up[0] = 0
    return np.fft.irfft(np.fft.rfft(x) * up * down, len(x))


y = band_pass(x, question["low"], question["high"], question["rate"])
z = x - x.mean()
print(
    json.dumps(
        {
            "powers": powers.tolist(),
            "band_rms": float(np.sqrt((y**2).mean())),
            "kurtosis": float((z**4).mean() / (z**2).mean() ** 2),
        }
    )
)
