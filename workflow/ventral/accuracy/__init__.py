"""Accuracy: how well does a network's own classifier name the class of labeled images?"""
