"""Speed, as ratios to named baselines in the same run; each benchmark prints JSON."""
