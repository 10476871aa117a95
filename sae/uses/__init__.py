"""The uses that textbooks name, each on real data beside honest alternatives: what `sae uses` runs."""
