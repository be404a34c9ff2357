"""Kinds of the API group autoscaling.

- `horizontalpodautoscaler`: autoscalers; `metrictargets`: their metrics; `scaled`: what they scale, in both directions.
"""
