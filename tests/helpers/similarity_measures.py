"""Every measure of similarity, and Gram matrices with other ids to compare."""

import numpy as np

from ventral.representational_similarity import debiased_cka, linear_cka, procrustes_distance, rsa

ALL = [linear_cka, debiased_cka, rsa, procrustes_distance]


def with_ids(G, ids):
    return type(G)(**(vars(G) | {"stimulus_id": np.array(list(ids), dtype=object)}))
