#!/usr/bin/env python3
"""A plain reference for the value models, as one would write it with numpy and scipy: BG/NBD's likelihood
in logs, maximised without derivatives of its own, expected purchases by ₂F₁, and discounted value month by
month. Usage: clv_reference.py SUMMARY.csv; prints JSON with its seconds and figures."""
import json
import sys
import time

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1


def negative_log_likelihood(logs, x, recency, age):
    r, alpha, a, b = np.exp(logs)
    first = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    alive = -(r + x) * np.log(alpha + age)
    dead = np.where(x > 0, np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + recency), -np.inf)
    return -np.sum(first + np.logaddexp(alive, dead))


def alive_and_expected(parameters, x, recency, age, t):
    r, alpha, a, b = parameters
    odds = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + recency)) ** (r + x), 0)
    count = (a + b + x - 1) / (a - 1) * (
        1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t)))
    return 1 / (1 + odds), count / (1 + odds)


rows = pd.read_csv(sys.argv[1])
x, recency, age = (rows[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
scale = 1 / age.max()  # as peers do, so that the search has a chance
start = time.process_time()
found = minimize(negative_log_likelihood, np.log([0.5, 0.2, 0.8, 2.5]), args=(x, recency * scale, age * scale), method="L-BFGS-B")
fit_seconds = time.process_time() - start
parameters = np.exp(found.x) * [1, 1 / scale, 1, 1]
start = time.process_time()
alive, expected = alive_and_expected(parameters, x, recency, age, 364.0)
value, before = np.zeros(len(x)), np.zeros(len(x))
for month in range(1, 13):  # purchases of each month, discounted to its end
    _, until = alive_and_expected(parameters, x, recency, age, month * 364 / 12)
    value += (until - before) * 1.1 ** (-month / 12)
    before = until
score_seconds = time.process_time() - start
print(json.dumps({"rows": len(x), "fit_seconds": fit_seconds, "score_seconds": score_seconds, "parameters": list(parameters),
                  "log_likelihood": float(-found.fun - x.sum() * np.log(1 / scale)),
                  "expected": float(expected.sum()), "value": float(value.sum())}))
