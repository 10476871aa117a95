"""What is called what: the notes' symbols, and the names in MATLAB, R and Keras, beside those here.

Names only; README has both tables, put there by `python -m tests.readme`. What the weights of the penalties are worth
differs by factors of 2, m and n: sae.conventions converts those. Sources: the CS294A notes; MATLAB's reference pages of
trainAutoencoder and of the class Autoencoder; the manuals of `autoencode`, `predict.autoencoder` and
`visualize.hidden.units` of R's package autoencoder; Keras's API reference.
"""

from __future__ import annotations

from typing import NamedTuple


class Symbol(NamedTuple):
    """A symbol of the notes, the argument or result of the objective sae.Autoencoder, and the name at the estimator."""

    notes: str
    objective: str
    estimator: str


class Equivalent(NamedTuple):
    """What one wants to do, here (`ae` is a fitted SparseAutoencoder) and elsewhere; "" where there is nothing."""

    here: str
    matlab: str
    r: str
    keras: str


SYMBOLS = (
    Symbol("x, m examples as columns, (n, m)", "X", "X.T, (m, n)"),
    Symbol("n", "n", "n_features_in_, input_dim"),
    Symbol("s_2, number of hidden units", "n_hidden", "hidden_dim"),
    Symbol("lambda", "lam", "weight_decay"),
    Symbol("rho", "rho", "sparsity_param"),
    Symbol("beta", "beta", "beta"),
    Symbol("f, hidden", "f", "hidden_activation"),
    Symbol("f, output", "g", "output_activation"),
    Symbol("W^(1), W^(2), b^(1), b^(2)", "weights(theta)", "W1_, W2_, b1_, b2_"),
    Symbol("a^(2)", "encode(theta, X)", "transform(X)"),
    Symbol("a^(3) = h(x)", "reconstruct(theta, X)", "reconstruct(X)"),
    Symbol("rho hat", "rho_hat(theta)", "rho_hat_"),
    Symbol("J", "costs(theta)", "loss_curve_, history_"),
)

EQUIVALENTS = (
    Equivalent(
        "SparseAutoencoder(25).fit(X)", "trainAutoencoder(X', 25)", "autoencode(X, N.hidden=25, ...)", "model.fit(X, X)"
    ),
    Equivalent(
        "ae.transform(X)", "encode(ae, X')", "predict(ae, X, hidden.output=TRUE)$X.output", "encoder.predict(X)"
    ),
    Equivalent("ae.inverse_transform(H)", "decode(ae, H')", "", "decoder.predict(H)"),
    Equivalent(
        "ae.reconstruct(X)", "predict(ae, X')", "predict(ae, X, hidden.output=FALSE)$X.output", "model.predict(X)"
    ),
    Equivalent(
        "-ae.score(X), mean squared error",
        "",
        "predict(ae, X, hidden.output=FALSE)$mean.error, a sum over features",
        "model.evaluate(X, X)",
    ),
    Equivalent("sae.plot_filters(ae.W1_)", "plotWeights(ae)", "visualize.hidden.units(ae, 8, 8)", ""),
    Equivalent(
        "sae.StackedAutoencoder((100, 50)).fit(X)",
        "stack(ae1, ae2)",
        "",
        "Sequential([encoder1, encoder2])",
    ),
    Equivalent("sae.plot_network(ae.n_features_in_, ae.hidden_dim)", "view(ae)", "", "keras.utils.plot_model(model)"),
    Equivalent('ae.export_encoder("encoder.py")', "generateFunction(ae)", "", ""),
    Equivalent(
        'ae.save("ae.safetensors")', 'save("ae.mat", "ae")', 'save(ae, file="ae.RData")', 'model.save("ae.keras")'
    ),
    Equivalent("ae.encoder_, ae.decoder_", "", "", "encoder, decoder as Models of their own"),
    Equivalent("hidden_dim", "hiddenSize", "N.hidden", "Dense(units)"),
    Equivalent("sparsity_param", "SparsityProportion", "rho", ""),
    Equivalent("beta", "SparsityRegularization", "beta", "l1 of activity_regularizer, penalty='l1'"),
    Equivalent("weight_decay", "L2WeightRegularization", "lambda", "l2 of kernel_regularizer"),
    Equivalent(
        "hidden_activation='sigmoid', 'satlin', 'tanh'",
        "EncoderTransferFunction 'logsig', 'satlin'",
        "unit.type='logistic', 'tanh'",
        "Dense(activation='sigmoid')",
    ),
    Equivalent(
        "output_activation='sigmoid', 'satlin', 'identity'",
        "DecoderTransferFunction 'logsig', 'satlin', 'purelin'",
        "unit.type",
        "Dense(activation='sigmoid')",
    ),
    Equivalent(
        "loss='mse', 'bce'", "LossFunction 'msesparse'", "", "loss='mse', 'binary_crossentropy' (means over features)"
    ),
    Equivalent("solver='lbfgs', 'adam', 'sgd'", "TrainingAlgorithm 'trainscg'", "optim.method", "optimizer"),
    Equivalent("max_iter", "MaxEpochs", "max.iterations", "epochs"),
    Equivalent("tol", "", "rel.tol", ""),
    Equivalent("data_range='auto'; one map", "ScaleData=true; a map per feature", "rescale.flag=TRUE; one map", ""),
    Equivalent("verbose=1", "ShowProgressWindow=true", "", "verbose=1"),
    Equivalent("batch_size, shuffle, callback", "", "", "batch_size, shuffle, callbacks"),
    Equivalent("validation_fraction=0.2", "", "X.test", "validation_split=0.2"),
    Equivalent(
        "early_stopping=True, n_iter_no_change=10",
        "",
        "",
        "EarlyStopping(patience=10, restore_best_weights=True)",
    ),
)


def equivalents() -> str:
    """Return both tables as Markdown."""
    return "\n\n".join(
        (
            _table(("notes", "sae.Autoencoder", "sae.SparseAutoencoder"), SYMBOLS),
            _table(("here", "MATLAB", "R autoencoder", "Keras"), EQUIVALENTS),
        )
    )


def _table(heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    cells = [[f"`{cell}`" if cell else "" for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *cells])
