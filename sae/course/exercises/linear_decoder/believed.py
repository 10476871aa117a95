"""What is believed wrongly of the linear decoder; for linear_cost_and_grad the library's catalogue knows more."""

from sae.course import Misconception

SIGMOID = "the outputs are linear: a3 is z3 itself, whatever its size"
SLOPE = "the outputs are linear, so g'(z3) is 1: a3 (1 - a3) belongs to sigmoid outputs"
NO_SIGMOID = "only the outputs are linear: without a sigmoid in the hidden layer two matrices are no more than one"
ROWS = "each hidden unit has a row of W1: its norm is taken along that row"
NO_WHITENING = "W1 sees whitened patches: what a unit likes before the whitening is W1 T"

SIGMOID_SLOPE = "(a3 - X) * a3 * (1 - a3)"

misconceptions = [
    Misconception("forward", "E2", SIGMOID, {"a3": "sigmoid(z3)"}),
    Misconception("forward", "E2", "an output is no probability: it may leave 0 to 1", {"a3": "np.clip(z3, 0, 1)"}),
    Misconception("forward", "E2", "an output may be negative", {"a3": "np.maximum(z3, 0)"}),
    Misconception("forward", "E1", NO_SIGMOID, {"a2": "z2"}),
    Misconception("forward", "E1", "the biases are missing", {"z2": "W1 @ X", "z3": "W2 @ a2"}),
    Misconception("forward", "E2", "what comes in is a2, not z2", {"z3": "W2 @ z2 + b2[:, None]"}),
    Misconception("forward", "E2", "the weights are not tied: W2 is not W1 transposed",
                  {"z3": "W1.T @ a2 + b2[:, None]"}),
    Misconception("output_delta", "E5", SLOPE, {"delta3": SIGMOID_SLOPE}),
    Misconception("output_delta", "E5", "the error is a3 - x, not x - a3", {"delta3": "X - a3"}),
    Misconception("output_delta", "E5", "the 1/m belongs to (E7) to (E10)", {"delta3": "(a3 - X) / m"}),
    Misconception("output_delta", "E5", "the 1/2 of (E4) cancels the 2 of the square's derivative",
                  {"delta3": "2 * (a3 - X)"}),
    Misconception("output_delta", "E5", "delta3 has an entry for each output, not the squared error",
                  {"delta3": "(a3 - X) ** 2 / 2"}),
    Misconception("linear_cost_and_grad", "E5", SLOPE, {"delta3": SIGMOID_SLOPE}, order=0),
    Misconception("linear_cost_and_grad", "E2", SIGMOID, {"a3": "sigmoid(z3)", "delta3": SIGMOID_SLOPE}, order=0),
    Misconception("linear_cost_and_grad", "E2", SIGMOID, {"a3": "sigmoid(z3)"}, order=0),
    Misconception("linear_cost_and_grad", "E6", "the hidden units are sigmoid units still: f'(z2) stays",
                  {"delta2": "W2.T @ delta3 + sparsity[:, None]"}, order=0),
    Misconception("features", "L1", NO_WHITENING, {"W": "W1"}),
    Misconception("features", "L1", "the whitening is applied, not undone", {"W": "W1 @ np.linalg.inv(T)"}),
    Misconception("features", "F1", ROWS, {"F": "W / np.sqrt((W ** 2).sum(axis=0))"}),
    Misconception("features", "F1", "the norm has a square root", {"norms": "(W ** 2).sum(axis=1)"}),
    Misconception("features", "F1", "the norm is that of W1 T, not of W1", {"norms": "np.sqrt((W1 ** 2).sum(axis=1))"}),
    Misconception("features", "F1", "the norm is the root of the sum of squares, not the largest value",
                  {"norms": "np.abs(W).max(axis=1)"}),
    Misconception("features", "F1", "nothing is added to the norm: small weights must come out with norm 1, too",
                  {"F": "W / (norms[:, None] + 1e-8)"}),
    Misconception("features", "F1", "the mean of a row stays where it is",
                  {"W": "W1 @ T - (W1 @ T).mean(axis=1)[:, None]"}),
]  # fmt: skip
