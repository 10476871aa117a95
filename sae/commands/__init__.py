"""What the command line does, a file for each command or two; `sae/cli.py` is the entry.

`frame` is what all commands share. `train` has the options of `sae train`, `photographs` and `fit` its work, `config`
its files, `steps` its --scale. `apply` has encode, decode, reconstruct, denoise and anomalies, `trained` their work;
`look` has plot, export and info, `pictures` and `described` theirs.
"""
