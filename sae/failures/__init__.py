"""What goes wrong with a sparse autoencoder: measured cases, and which of them a run is like."""
