"""Trains scikit-learn's IsolationForest on each given set and tells its scores and trees, as JSON."""
import json
import sys

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score


def answer(given):
    rows = np.array(given["rows"], dtype=np.float32).reshape(-1, given["width"])
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=given["seed"], n_jobs=1)
    forest.fit(rows)
    scores = -forest.score_samples(rows)
    trees = [
        {
            "left": tree.children_left.tolist(),
            "right": tree.children_right.tolist(),
            "feature": tree.feature.tolist(),
            "threshold": tree.threshold.tolist(),
            "count": tree.n_node_samples.tolist(),
        }
        for tree in (estimator.tree_ for estimator in forest.estimators_)
    ]
    auc = roc_auc_score(given["labels"], scores)
    return {"scores": scores.tolist(), "auc": auc, "trees": trees}


json.dump([answer(given) for given in json.load(sys.stdin)], sys.stdout)
