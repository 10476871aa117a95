"""Studies: what the autoencoders of this library find and do, on data where the right answer is known."""
