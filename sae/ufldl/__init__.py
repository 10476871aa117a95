"""The exercises of the UFLDL tutorial, each with its own hyperparameters: what `sae ufldl` runs."""
