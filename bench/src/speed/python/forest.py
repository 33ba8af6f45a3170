"""scikit-learn's IsolationForest on one thread; CPU time in milliseconds, medians of the given rounds."""
import json
import os
import statistics
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest

given = json.load(sys.stdin)
rows = np.fromfile(given["file"], dtype=np.float32).reshape(-1, given["width"])


def median_ms(task):
    times = []
    for _ in range(given["rounds"]):
        started = time.process_time()
        task()
        times.append(1_000 * (time.process_time() - started))
    return statistics.median(times)


forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1, n_jobs=1)
answer = {"version": f"scikit-learn {sklearn.__version__}, Python {sys.version.split()[0]}"}
answer["train"] = median_ms(lambda: forest.fit(rows))
answer["all"] = median_ms(lambda: forest.score_samples(rows))
answer["hundred"] = median_ms(lambda: forest.score_samples(rows[:100]))
answer["one"] = median_ms(lambda: forest.score_samples(rows[:1]))
json.dump(answer, sys.stdout)
