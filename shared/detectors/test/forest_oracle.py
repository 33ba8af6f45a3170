"""Trains scikit-learn's IsolationForest and tells its scores and its first trees, as JSON."""
import json
import sys

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

given = json.load(sys.stdin)
train = np.array(given["train"], dtype=np.float32).reshape(-1, given["width"])
test = np.array(given["test"], dtype=np.float32).reshape(-1, given["width"])
forest = IsolationForest(n_estimators=100, max_samples=256, random_state=given["seed"], n_jobs=1)
forest.fit(train)
scores = -forest.score_samples(test)
trees = []
for estimator in forest.estimators_:
    tree = estimator.tree_
    trees.append(
        {
            "left": tree.children_left.tolist(),
            "right": tree.children_right.tolist(),
            "feature": tree.feature.tolist(),
            "threshold": tree.threshold.tolist(),
            "count": tree.n_node_samples.tolist(),
        }
    )
json.dump(
    {"scores": scores.tolist(), "auc": roc_auc_score(given["labels"], scores), "trees": trees},
    sys.stdout,
)
