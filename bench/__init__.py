"""`make bench`: costs of fleetgraph and its alternatives, as ratios in one run on real API servers."""
