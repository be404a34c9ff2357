"""`make bench`: what fleetgraph costs beside the alternatives, as ratios in one run on real API servers."""
