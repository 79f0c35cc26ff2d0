"""Linear models on a Gram: splits, folds, ridge, partial least squares, and read-outs."""
