r"""What other libraries minimise, and their hyperparameters converted to this one's and back.

"Mean squared error", "weight decay" and "sparsity" are the same words everywhere, with other factors: 1/2 or not, a
mean over examples or over all elements, a division by the number of features n. Here each library's cost stands
written out in NumPy, with its source, beside the conversion. A cost that is `scale` times J at every theta has its
minimum where J has it, so the scale changes the printed cost and the learning rate, and not the weights.

    theirs = sae.conventions.R(lambda_=0.0002, beta=6, rho=0.01, rescale_flag=True)
    objective = sae.Autoencoder(theirs.prepare(X), n_hidden, **theirs.to_sae(n=100).settings)
    sae.conventions.Matlab.from_sae(objective)  # what to tell MATLAB for the same minimum

`sae conventions` prints the same at the command line. X has m examples of n features as columns, a2 and a3 are the
outputs of hidden and output units, |.|^2 is a sum of squares, and rho_hat_j is the mean of a2_j over the examples.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from . import checks
from .activations import Activation, identity, relu, satlin, sigmoid, tanh
from .errors import SaeError
from .terms import L1, CrossEntropy, KLSparsity, SquaredError, Term, WeightDecay, classic

EPS = float(np.finfo(np.float64).eps)

CODE = {sigmoid: "sae.sigmoid", identity: "sae.identity", relu: "sae.relu", satlin: "sae.satlin", tanh: "sae.tanh"}


@dataclass(frozen=True)
class NormWeightedL1:
    r"""w \sum_j \|W_{2,\cdot j}\| |a^{(2)}_j|, summed over examples (J takes the mean).

    It is the same for a2/c with c W2, so that a unit can't escape it by small activations and large weights.
    Source: SAELens, sae_lens/saes/standard_sae.py, StandardTrainingSAE.calculate_aux_loss.
    """

    weight: float
    name: ClassVar[str] = "norm-weighted L1"
    per_example: ClassVar[bool] = True

    def __post_init__(self):
        object.__setattr__(self, "weight", checks.number("weight", self.weight, 0))

    def __call__(self, s):
        """Value, d/da2 and d/dW2."""
        sign = np.sign(np.real(s.a2))
        norms = np.sqrt((s.W2 * s.W2).sum(axis=0))
        sums = (sign * s.a2).sum(axis=1)
        directions = s.W2 / np.where(norms == 0, 1, norms)  # 0 for a column of zeros, where the norm has no derivative
        d = {"a2": self.weight * norms[:, None] * sign, "W2": self.weight * directions * sums}
        return self.weight * (norms @ sums), d


class Objective(Protocol):
    """What can be converted: a `Translation`, or an `Autoencoder`."""

    @property
    def n(self) -> int:
        """Number of features."""
        ...

    @property
    def terms(self) -> Any:
        """The addends of J."""
        ...

    @property
    def f(self) -> Activation:
        """Hidden activation."""
        ...

    @property
    def g(self) -> Activation:
        """Output activation."""
        ...


@dataclass(frozen=True)
class Translation:
    """Settings here that have their minimum where another library's cost has it.

    Attributes
    ----------
    n : int
        Number of features that it holds for.
    terms : tuple of Term
        The addends of J.
    f, g : Activation
        Hidden and output activation.
    scale : float
        Their cost is `scale` times J.
    b2_before_encoder : bool
        Their encoder sees x - b2: `theta` puts that into b1.
    notes : tuple of str
        What differs, or what to watch for.
    """

    n: int
    terms: tuple[Term, ...]
    f: Activation = sigmoid
    g: Activation = sigmoid
    scale: float = 1.0
    b2_before_encoder: bool = False
    notes: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Keyword arguments for `Autoencoder`: lam, rho and beta where these say it all, otherwise terms."""
        units = {"f": self.f, "g": self.g}
        kinds = [type(term) for term in self.terms]
        if kinds == [SquaredError, WeightDecay, KLSparsity]:
            part = _parts(self)
            return {"lam": part.lam, "rho": part.rho, "beta": part.beta, **units}
        return {"terms": list(self.terms), **units}

    @property
    def code(self) -> str:
        """The line of Python that makes the objective."""
        settings = self.settings
        units = [f"{name}={CODE[settings.pop(name)]}" for name in ("f", "g") if settings[name] is not sigmoid]
        settings = {name: value for name, value in settings.items() if name not in ("f", "g")}
        if "terms" in settings:
            settings["terms"] = f"[{', '.join(_call(term) for term in self.terms)}]"
        given = [f"{name}={value if isinstance(value, str) else _number(value)}" for name, value in settings.items()]
        return f"sae.Autoencoder(X, n_hidden, {', '.join([*given, *units])})"

    def theta(self, W1, W2, b1, b2) -> np.ndarray:
        """Return this library's theta for their weights, at which J is their cost over `scale`."""
        b1 = b1 - W1 @ b2 if self.b2_before_encoder else b1
        return np.concatenate([np.ravel(W1), np.ravel(W2), b1, b2])

    def parameters(self, W1, W2, b1, b2) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return their W1, W2, b1 and b2 for this library's: the way back from `theta`."""
        return W1, W2, b1 + W1 @ b2 if self.b2_before_encoder else b1, b2


def _number(value: float) -> str:
    return f"{value:.12g}"  # hides the last bits of a conversion, 0.30000000000000004


def _call(term: Term) -> str:
    """Return the code that makes a term."""
    numbers = {name: getattr(term, name) for name in ("lam", "rho", "beta", "weight") if hasattr(term, name)}
    module = "conventions" if isinstance(term, NormWeightedL1) else "terms"
    return f"sae.{module}.{type(term).__name__}({', '.join(_number(value) for value in numbers.values())})"


@dataclass(frozen=True)
class _Parts:
    """An objective taken apart; weights are 0 for what it does not have."""

    n: int
    f: Activation
    g: Activation
    error: str
    lam: float = 0.0
    rho: float | None = None
    beta: float = 0.0
    l1: float = 0.0
    norm_l1: float = 0.0
    b2_before_encoder: bool = False


def _parts(source: Objective) -> _Parts:
    found, errors = {}, []
    for term in source.terms:
        if isinstance(term, SquaredError | CrossEntropy):
            errors.append(term.name)
        elif isinstance(term, WeightDecay):
            found["lam"] = term.lam
        elif isinstance(term, KLSparsity):
            found |= {"rho": term.rho, "beta": term.beta}
        elif isinstance(term, L1):
            found["l1"] = term.weight
        elif isinstance(term, NormWeightedL1):
            found["norm_l1"] = term.weight
        else:
            raise SaeError(f"the term {term.name!r} has no equivalent in any library here; leave it out.")
    if len(errors) != 1:
        raise SaeError(f"the objective has the data terms {errors}; expected one, squared error or cross-entropy.")
    found["b2_before_encoder"] = getattr(source, "b2_before_encoder", False)
    return _Parts(source.n, source.f, source.g, errors[0], **found)


def _logistic(z):
    return 1 / (1 + np.exp(-z))


def _kl(rho, rho_hat):
    return (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()


def _square(W):
    return (W**2).sum()


# The units by the names that libraries give them: in NumPy for their cost, and here.
UNITS = {
    "sigmoid": (_logistic, sigmoid),
    "logistic": (_logistic, sigmoid),
    "logsig": (_logistic, sigmoid),
    "linear": (lambda z: z, identity),
    "purelin": (lambda z: z, identity),
    "relu": (lambda z: np.maximum(z, 0), relu),
    "satlin": (lambda z: np.clip(z, 0, 1), satlin),
    "tanh": (np.tanh, tanh),
}


class Convention:
    """A library's cost under its own names; a subclass is a frozen dataclass of its hyperparameters."""

    key: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]
    spelled: ClassVar[dict[str, str]] = {}  # names that Python does not allow, as the library spells them
    template: ClassVar[str] = ""

    @property
    def formula(self) -> str:
        """The cost with the library's names."""
        return self._filled({field: self.spelled.get(field, field) for field in self.hyperparameters})

    @property
    def objective(self) -> str:
        """The cost with the numbers."""
        return self._filled(self.hyperparameters)

    def _filled(self, values) -> str:
        return self._template().format(**{k: _number(v) if isinstance(v, float) else v for k, v in values.items()})

    def _template(self) -> str:
        return self.template

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """Values by the name of the field."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]

    def __str__(self) -> str:
        """Return the settings as the library spells them: L2WeightRegularization=0.001, ..."""
        shown = {self.spelled.get(k, k): v for k, v in self.hyperparameters.items()}
        return ", ".join(f"{k}={_number(v) if isinstance(v, float) else v}" for k, v in shown.items())

    def prepare(self, X) -> np.ndarray:
        """Return the data that the library trains on when it is given X (n, m): X itself, unless it rescales."""
        return checks.matrix(X)

    def cost(self, W1, W2, b1, b2, X) -> float:
        """Return the library's cost, as its formula says, for prepared data X (n, m)."""
        raise NotImplementedError

    def to_sae(self, n: int) -> Translation:
        """Return the settings here with the same minimum, for n features."""
        raise NotImplementedError

    @classmethod
    def from_sae(cls, objective: Objective) -> Self:
        """Return the library's settings with the minimum of an `Autoencoder`, or of a `Translation`.

        Raises
        ------
        SaeError
            Where the library has no equivalent, and why.
        """
        return cls._from(_parts(objective))

    @classmethod
    def _from(cls, parts: _Parts) -> Self:
        raise NotImplementedError

    def _check(self, numbers: dict[str, tuple[float, float]], **choices: tuple[Any, ...]) -> None:
        for field, (low, high) in numbers.items():
            value = checks.number(self.spelled.get(field, field), getattr(self, field), low, high)
            object.__setattr__(self, field, value)
        for field, expected in choices.items():
            value = getattr(self, field)
            if type(value) is not type(expected[0]) or value not in expected:  # 1 is no True
                names = ", ".join(str(name) for name in expected)
                raise SaeError(f"{self.spelled.get(field, field)} is {value!r}; expected one of {names}.")

    @classmethod
    def _refuse(cls, parts: _Parts, has: tuple[str, ...]) -> None:
        """Raise unless the library has every part."""
        used = {
            parts.error: 1,
            "weight decay": parts.lam,
            "KL sparsity": parts.beta,
            "L1": parts.l1,
            "norm-weighted L1": parts.norm_l1,
        }
        missing = [name for name, weight in used.items() if weight and name not in has]
        if missing:
            raise SaeError(f"{cls.title} has no {' and no '.join(missing)}, only {', '.join(has)}.")

    @classmethod
    def _unit(cls, which: str, activation: Activation, names: tuple[str, ...]) -> str:
        """Return the library's name of an activation."""
        for name in names:
            if UNITS[name][1] is activation:
                return name
        raise SaeError(f"{cls.title} has no {activation.name} {which} units, only {', '.join(names)}.")


POSITIVE, SHARE, FLAG = (0.0, np.inf), (0.0, 1.0), (True, False)
CLASSIC = ("squared error", "weight decay", "KL sparsity")


@dataclass(frozen=True)
class Sae(Convention):
    """The cost here, with the defaults of `sae train`."""

    lam: float = 1e-4
    rho: float = 0.01
    beta: float = 3.0
    decoder: str = "sigmoid"

    key = "sae"
    title = "sae, classic terms"
    source = "sae/reference.py, equation (E4)"
    template = "J = 1/(2m) sum_i |a3 - x|^2 + {lam}/2 (|W1|^2 + |W2|^2) + {beta} sum_j KL({rho} || rho_hat_j)"

    def __post_init__(self):
        self._check({"lam": POSITIVE, "rho": SHARE, "beta": POSITIVE}, decoder=("sigmoid", "linear"))

    def cost(self, W1, W2, b1, b2, X):
        """(E4), written out."""
        m = X.shape[1]
        a2 = _logistic(W1 @ X + b1[:, None])
        a3 = UNITS[self.decoder][0](W2 @ a2 + b2[:, None])
        error = ((a3 - X) ** 2).sum() / (2 * m)
        return error + self.lam / 2 * (_square(W1) + _square(W2)) + self.beta * _kl(self.rho, a2.mean(axis=1))

    def to_sae(self, n):
        """Return what it is."""
        return Translation(n, tuple(classic(self.lam, self.rho, self.beta)), g=_here(self.decoder))

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, CLASSIC)
        cls._unit("hidden", parts.f, ("sigmoid",))
        decoder = cls._unit("output", parts.g, ("sigmoid", "linear"))
        return cls(parts.lam, _rho(parts, cls), parts.beta, decoder)


def _here(name: str) -> Activation:
    return UNITS[name][1]


def _rho(parts: _Parts, cls: Any) -> float:
    """Return rho; the library's default where there is no sparsity and it plays no part."""
    names = {"rho", "sparsityParam", "SparsityProportion"}
    default = next(field.default for field in dataclasses.fields(cls) if field.name in names)
    return float(default) if parts.rho is None else parts.rho  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ufldl(Convention):
    """Stanford's UFLDL exercise "Sparse Autoencoder" and the CS294A notes; the defaults of its train.m.

    Its exercise "Linear Decoders" has linear output units, lambda 3e-3, sparsityParam 0.035 and beta 5.
    """

    lambda_: float = 1e-4
    sparsityParam: float = 0.01  # noqa: N815
    beta: float = 3.0
    decoder: str = "sigmoid"

    key = "ufldl"
    title = "UFLDL"
    source = (
        "A. Ng, CS294A lecture notes (2011), sections 2.2 and 3; "
        "http://ufldl.stanford.edu/wiki/index.php/Exercise:Sparse_Autoencoder, train.m and sparseAutoencoderCost.m"
    )
    spelled: ClassVar[dict[str, str]] = {"lambda_": "lambda"}
    template = (
        "J = 1/m sum_i 1/2 |a3 - x|^2 + {lambda_}/2 (|W1|^2 + |W2|^2) + {beta} sum_j KL({sparsityParam} || rho_hat_j)"
    )

    def __post_init__(self):
        self._check({"lambda_": POSITIVE, "sparsityParam": SHARE, "beta": POSITIVE}, decoder=("sigmoid", "linear"))

    def cost(self, W1, W2, b1, b2, X):
        """J_sparse(W, b) of the notes, an example at a time."""
        m = X.shape[1]
        output = UNITS[self.decoder][0]
        total, rho_hat = 0.0, np.zeros(len(W1))
        for x in X.T:
            a2 = _logistic(W1 @ x + b1)
            h = output(W2 @ a2 + b2)
            total += 1 / 2 * ((h - x) ** 2).sum() / m
            rho_hat = rho_hat + a2 / m
        decay = self.lambda_ / 2 * (_square(W1) + _square(W2))
        return total + decay + self.beta * _kl(self.sparsityParam, rho_hat)

    def to_sae(self, n):
        """Return the same numbers: this library follows the notes."""
        return Translation(n, tuple(classic(self.lambda_, self.sparsityParam, self.beta)), g=_here(self.decoder))

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, CLASSIC)
        cls._unit("hidden", parts.f, ("sigmoid",))
        decoder = cls._unit("output", parts.g, ("sigmoid", "linear"))
        return cls(parts.lam, _rho(parts, cls), parts.beta, decoder)


@dataclass(frozen=True)
class Matlab(Convention):
    """MATLAB's trainAutoencoder (msesparse) as its toolbox computes it.

    The toolbox divides the squared error by all n m elements, has no 1/2 on the weights and a 2 on the sparsity, and
    divides both by n. All of it is 2/n times UFLDL's J, so its three numbers are UFLDL's. The formula in its manual is
    another one: see `MatlabManual`.
    """

    L2WeightRegularization: float = 0.001
    SparsityRegularization: float = 1.0
    SparsityProportion: float = 0.05
    EncoderTransferFunction: str = "logsig"
    DecoderTransferFunction: str = "logsig"
    ScaleData: bool = True

    key = "matlab"
    title = "MATLAB trainAutoencoder"
    source = (
        "Neural Network Toolbox (MathWorks, 2014 to 2015), nnCalcLib.perfsGrad, msesparse.computeWeightRegularization "
        "and msesparse.computeSparsityRegularizationNNMex; defaults and ScaleData: Autoencoder.parseInputArguments and "
        "createNetwork; errors in the data's own units: "
        "https://www.mathworks.com/help/deeplearning/ug/normalize-errors-of-multiple-outputs.html"
    )
    template = (
        "E = 1/(n m) sum_i |a3 - x|^2 + {L2WeightRegularization}/n (|W1|^2 + |W2|^2) "
        "+ 2*{SparsityRegularization}/n sum_j KL({SparsityProportion} || rho_hat_j)"
    )
    caution: ClassVar[str] = "The manual states another formula: matlab-manual. This is what the toolbox computes."
    encoders: ClassVar[tuple[str, ...]] = ("logsig", "satlin")
    decoders: ClassVar[tuple[str, ...]] = ("logsig", "satlin", "purelin")

    def __post_init__(self):
        self._check(
            {"L2WeightRegularization": POSITIVE, "SparsityRegularization": POSITIVE, "SparsityProportion": SHARE},
            EncoderTransferFunction=self.encoders,
            DecoderTransferFunction=self.decoders,
            ScaleData=FLAG,
        )

    def prepare(self, X):
        """Return X, or with ScaleData X moved to the decoder's range: each feature from 0 to 1, for purelin -1 to 1.

        MATLAB stretches each feature to that range, but measures the error in the data's own units, so that a feature
        counts by the square of its range. Only where every feature spans 1 (2 for purelin) is there an equivalent here.

        Raises
        ------
        SaeError
            For data that MATLAB would stretch.
        """
        X = checks.matrix(X)
        if not self.ScaleData:
            return X
        bottom, width = (-1.0, 2.0) if self.DecoderTransferFunction == "purelin" else (0.0, 1.0)
        low, high = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
        ranges = (high - low).ravel()
        if not np.allclose(ranges, width, rtol=1e-9, atol=0):
            raise SaeError(
                f"the features of X span from {ranges.min():.6g} to {ranges.max():.6g}; expected {width:g} of each. "
                "With ScaleData MATLAB stretches the others and weighs their errors by the square of their range, "
                "which has no equivalent here: scale X yourself for both, and use ScaleData=false."
            )
        return X - low + bottom

    def _pass(self, W1, W2, b1, b2, X):
        a2 = UNITS[self.EncoderTransferFunction][0](W1 @ X + b1[:, None])
        return np.clip(a2.mean(axis=1), EPS, 1 - EPS), UNITS[self.DecoderTransferFunction][0](W2 @ a2 + b2[:, None])

    def cost(self, W1, W2, b1, b2, X):
        """As the toolbox computes it."""
        n, m = X.shape
        rho_hat, a3 = self._pass(W1, W2, b1, b2, X)
        weights = self.L2WeightRegularization * (_square(W1) + _square(W2)) / n
        sparsity = self.SparsityRegularization * _kl(self.SparsityProportion, rho_hat) / n
        return ((X - a3) ** 2).sum() / (n * m) + weights + 2 * sparsity

    def to_sae(self, n):
        """E = 2/n J: the same numbers."""
        terms = classic(self.L2WeightRegularization, self.SparsityProportion, self.SparsityRegularization)
        return self._translation(n, terms, 2 / n)

    def _translation(self, n, terms, scale):
        f, g = _here(self.EncoderTransferFunction), _here(self.DecoderTransferFunction)
        notes = [self.caution, "trainscg stops at 1000 epochs unless told otherwise, often before the minimum."]
        if self.ScaleData:
            notes.append(
                "ScaleData is on: exact only for features that each span 1 (2 for purelin), which `prepare(X)` checks; "
                "otherwise MATLAB weighs a feature's error by the square of its range. ScaleData=false is always exact."
            )
        if self.EncoderTransferFunction == "satlin":
            notes.append("MATLAB keeps rho_hat eps away from 0 and 1; here a satlin unit that is never on is an error.")
        return Translation(n, tuple(terms), f, g, scale, notes=tuple(notes))

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, CLASSIC)
        f, g = cls._unit("hidden", parts.f, cls.encoders), cls._unit("output", parts.g, cls.decoders)
        lam, beta = cls._factors(parts)
        return cls(lam, beta, _rho(parts, cls), f, g, ScaleData=False)

    @classmethod
    def _factors(cls, parts):
        return parts.lam, parts.beta


@dataclass(frozen=True)
class MatlabManual(Matlab):
    """MATLAB's trainAutoencoder as its manual states it, for numbers that were chosen by that formula.

    Not what the toolbox computes (`Matlab`): beside its squared error, decay and sparsity count half as much.
    """

    key = "matlab-manual"
    title = "MATLAB's manual"
    source = (
        'https://www.mathworks.com/help/deeplearning/ref/trainautoencoder.html, "Sparse Autoencoders": '
        "E = mse + lambda Omega_weights + beta Omega_sparsity"
    )
    template = (
        "E = 1/m sum_i |a3 - x|^2 + {L2WeightRegularization}/2 (|W1|^2 + |W2|^2) "
        "+ {SparsityRegularization} sum_j KL({SparsityProportion} || rho_hat_j)"
    )
    caution: ClassVar[str] = (
        "The toolbox computes another cost, matlab: weights that MATLAB returned belong to that one."
    )

    def cost(self, W1, W2, b1, b2, X):
        """As the manual states it."""
        rho_hat, a3 = self._pass(W1, W2, b1, b2, X)
        mse = ((X - a3) ** 2).sum(axis=0).mean()
        omega_weights = (_square(W1) + _square(W2)) / 2
        omega_sparsity = _kl(self.SparsityProportion, rho_hat)
        return mse + self.L2WeightRegularization * omega_weights + self.SparsityRegularization * omega_sparsity

    def to_sae(self, n):
        """E = 2 J with half of each number."""
        terms = classic(self.L2WeightRegularization / 2, self.SparsityProportion, self.SparsityRegularization / 2)
        return self._translation(n, terms, 2.0)

    @classmethod
    def _factors(cls, parts):
        return 2 * parts.lam, 2 * parts.beta


@dataclass(frozen=True)
class R(Convention):
    """R's package autoencoder, `autoencode()`; lambda, beta and rho of its manual's example, as it has no defaults."""

    lambda_: float = 0.0002
    beta: float = 6.0
    rho: float = 0.01
    unit_type: str = "logistic"
    rescale_flag: bool = False
    rescaling_offset: float = 0.001

    key = "r"
    title = "R autoencoder"
    source = (
        "CRAN package autoencoder, R/autoencoder.R (J.matrix, find.rho.hat.matrix, rescale) and man/autoencode.Rd: "
        "https://github.com/cran/autoencoder"
    )
    spelled: ClassVar[dict[str, str]] = {
        "lambda_": "lambda",
        "unit_type": "unit.type",
        "rescale_flag": "rescale.flag",
        "rescaling_offset": "rescaling.offset",
    }
    template = (
        "J = mean_i 1/2 |a3 - x|^2 + {lambda_}/2 (|W1|^2 + |W2|^2) + {beta} sum_j KL({rho} || rho_hat_j)"
        "   (tanh: rho_hat_j = (1 + mean a2_j)/2)"
    )

    def __post_init__(self):
        self._check(
            {"lambda_": POSITIVE, "beta": POSITIVE, "rho": SHARE, "rescaling_offset": (0.0, 0.5)},
            unit_type=("logistic", "tanh"),
            rescale_flag=FLAG,
        )

    def prepare(self, X):
        """Return X, or with rescale.flag all of it mapped to the range of the units, less the offset."""
        X = checks.matrix(X)
        if not self.rescale_flag:
            return X
        if X.min() == X.max():
            raise SaeError("X has one value only; expected some that differ, for rescale.flag.")
        unit, offset = (X - X.min()) / (X.max() - X.min()), self.rescaling_offset
        return (
            unit * (1 - 2 * offset) + offset if self.unit_type == "logistic" else 2 * unit * (1 - offset) + offset - 1
        )

    def cost(self, W1, W2, b1, b2, X):
        """J.matrix, for both types of units."""
        f = UNITS[self.unit_type][0]
        a2 = f(W1 @ X + b1[:, None])
        a3 = f(W2 @ a2 + b2[:, None])
        rho_hat = a2.mean(axis=1) if self.unit_type == "logistic" else (a2 + 1).mean(axis=1) / 2
        error = np.mean(0.5 * ((a3 - X) ** 2).sum(axis=0))
        return error + (_square(W1) + _square(W2)) * self.lambda_ / 2 + self.beta * _kl(self.rho, rho_hat)

    def to_sae(self, n):
        """Return the same numbers: the package follows the notes."""
        notes = [
            "R keeps examples as rows: X here is its t(X.train). W and b are the same.",
            "Give rescale.flag in R: its default c(F, T) stops R 4.2 and later.",
        ]
        if self.rescale_flag:
            notes.append("rescale.flag is on: R maps all of X to the units' range; `prepare(X)` does it.")
        if self.unit_type == "tanh":
            notes.append("R's own gradient lacks the 1/2 of rho_hat, so that it does not minimise its J.")
        f = _here(self.unit_type)
        return Translation(n, tuple(classic(self.lambda_, self.rho, self.beta)), f, f, notes=tuple(notes))

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, CLASSIC)
        unit_type = cls._unit("hidden", parts.f, ("logistic", "tanh"))
        cls._unit("output", parts.g, (unit_type,))
        return cls(parts.lam, parts.beta, _rho(parts, cls), unit_type)


@dataclass(frozen=True)
class Keras(Convention):
    """Two Dense layers of Keras with activity_regularizer=l1 on the first and kernel_regularizer=l2 on both.

    The defaults are those of the sparse autoencoder in Keras's blog, as Keras has none (`regularizers.l1()` and `l2()`
    alone mean 0.01). `activity_l1` and `kernel_l2` are the numbers given to `regularizers.l1` and `l2`.
    """

    activity_l1: float = 10e-5
    kernel_l2: float = 0.0
    loss: str = "binary_crossentropy"
    activation: str = "relu"
    output_activation: str = "sigmoid"

    key = "keras"
    title = "Keras activity_regularizer"
    source = (
        "keras-team/keras: keras/src/regularizers/regularizers.py (L1, L2), keras/src/layers/layer.py "
        "(Layer.__call__ divides activity losses by the batch size), keras/src/losses/losses.py; "
        "defaults: https://blog.keras.io/building-autoencoders-in-keras.html"
    )
    activations: ClassVar[tuple[str, ...]] = ("relu", "sigmoid", "linear", "tanh")

    def __post_init__(self):
        self._check(
            {"activity_l1": POSITIVE, "kernel_l2": POSITIVE},
            loss=("mse", "binary_crossentropy"),
            activation=self.activations,
            output_activation=("sigmoid", "linear"),
        )
        if self.loss == "binary_crossentropy" and self.output_activation != "sigmoid":
            raise SaeError(f"output_activation is {self.output_activation!r}; binary_crossentropy expects sigmoid.")

    def _template(self):
        squared = "1/(n m) sum_i |a3 - x|^2"
        entropy = "1/(n m) sum_i sum_k -[x_k log a3_k + (1 - x_k) log(1 - a3_k)]"
        rest = "{activity_l1}/m sum_i sum_j |a2_j| + {kernel_l2} (|W1|^2 + |W2|^2)"
        return f"loss = {squared if self.loss == 'mse' else entropy} + {rest}"

    def cost(self, W1, W2, b1, b2, X):
        """The loss of one batch that holds all examples."""
        m = X.shape[1]
        a2 = UNITS[self.activation][0](W1 @ X + b1[:, None])
        a3 = UNITS[self.output_activation][0](W2 @ a2 + b2[:, None])
        if self.loss == "mse":
            loss = np.mean(np.square(X - a3))
        else:
            p = np.clip(a3, 1e-7, 1 - 1e-7)
            loss = np.mean(-(X * np.log(p) + (1 - X) * np.log(1 - p)))
        return loss + self.activity_l1 * np.abs(a2).sum() / m + self.kernel_l2 * (_square(W1) + _square(W2))

    def to_sae(self, n):
        """Loss = 2/n J for mse, 1/n J for binary_crossentropy."""
        scale = (2 if self.loss == "mse" else 1) / n
        terms: list[Term] = [SquaredError() if self.loss == "mse" else CrossEntropy()]
        if self.kernel_l2:
            terms.append(WeightDecay(2 * self.kernel_l2 / scale))
        if self.activity_l1:
            terms.append(L1(self.activity_l1 / scale))
        notes = [
            "Keras keeps examples as rows and kernels transposed: W1 is the first layer's kernel.T, W2 the second's.",
            "The loss is a batch's: of all examples if batch_size is m, otherwise its mean over an epoch's batches.",
        ]
        if self.activity_l1:
            notes.append(
                "Early Keras 2, before TensorFlow took it up, did not divide the activity loss by the batch size: "
                "there multiply activity_l1 by batch_size."
            )
        if self.loss == "binary_crossentropy":
            notes.append("Keras clips outputs to [1e-7, 1 - 1e-7]; J does not.")
        return Translation(
            n, tuple(terms), _here(self.activation), _here(self.output_activation), scale, notes=tuple(notes)
        )

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, ("squared error", "cross-entropy", "weight decay", "L1"))
        f, g = cls._unit("hidden", parts.f, cls.activations), cls._unit("output", parts.g, ("sigmoid", "linear"))
        squared = parts.error == "squared error"
        scale = (2 if squared else 1) / parts.n
        loss = "mse" if squared else "binary_crossentropy"
        return cls(parts.l1 * scale, parts.lam * scale / 2, loss, f, g)


@dataclass(frozen=True)
class SaeLens(Convention):
    """SAELens 6, architecture "standard" (StandardTrainingSAEConfig)."""

    l1_coefficient: float = 1.0
    lp_norm: float = 1.0
    apply_b_dec_to_input: bool = True

    key = "saelens"
    title = "SAELens standard"
    source = (
        "decoderesearch/SAELens (was jbloomAus/SAELens), version 6: sae_lens/saes/standard_sae.py "
        "(StandardTrainingSAE.calculate_aux_loss, StandardTrainingSAEConfig) and sae_lens/saes/sae.py "
        "(SAE.process_sae_in, TrainingSAE.training_forward_pass)"
    )

    def __post_init__(self):
        self._check({"l1_coefficient": POSITIVE}, apply_b_dec_to_input=FLAG)
        object.__setattr__(self, "lp_norm", checks.number("lp_norm", self.lp_norm, 0, open_ends=True))

    def _template(self):
        x = "(x - b2)" if self.apply_b_dec_to_input else "x"
        sparsity = "{l1_coefficient}/m sum_i (sum_j (a2_j |W2_.j|)^{lp_norm})^(1/{lp_norm})"
        return f"loss = 1/m sum_i |a3 - x|^2 + {sparsity}, a2 = relu(W1 {x} + b1), a3 = W2 a2 + b2"

    def cost(self, W1, W2, b1, b2, X):
        """The loss of one batch that holds all examples; W_enc is W1.T, W_dec is W2.T, b_enc is b1, b_dec is b2."""
        sae_in = X - b2[:, None] if self.apply_b_dec_to_input else X
        a2 = np.maximum(W1 @ sae_in + b1[:, None], 0)
        a3 = W2 @ a2 + b2[:, None]
        weighted = a2 * np.linalg.norm(W2, axis=0)[:, None]
        sparsity = (weighted**self.lp_norm).sum(axis=0) ** (1 / self.lp_norm)
        return ((a3 - X) ** 2).sum(axis=0).mean() + (self.l1_coefficient * sparsity).mean()

    def to_sae(self, n):
        """Loss = 2 J, at the theta that `Translation.theta` returns."""
        if self.lp_norm != 1:
            raise SaeError(f"lp_norm is {self.lp_norm:g}; there is an equivalent here for 1 only.")
        terms: list[Term] = [SquaredError()]
        if self.l1_coefficient:
            terms.append(NormWeightedL1(self.l1_coefficient / 2))
        notes = (
            "SAELens keeps examples as rows and weights transposed: W1 is W_enc.T, W2 is W_dec.T.",
            "For the same minimum train without l1_warm_up_steps, and normalise X yourself (normalize_activations).",
            "No equivalent here: the architectures gated, jumprelu and topk.",
        )
        if self.apply_b_dec_to_input:
            notes = ("Its encoder sees x - b_dec: b1 here is b_enc - W1 b_dec, as `theta` says.", *notes)
        return Translation(n, tuple(terms), relu, identity, 2.0, self.apply_b_dec_to_input, notes)

    @classmethod
    def _from(cls, parts):
        cls._refuse(parts, ("squared error", "norm-weighted L1"))
        cls._unit("hidden", parts.f, ("relu",))
        cls._unit("output", parts.g, ("linear",))
        return cls(2 * parts.norm_l1, apply_b_dec_to_input=parts.b2_before_encoder)


LIBRARIES: dict[str, type[Convention]] = {
    kind.key: kind for kind in (Sae, Ufldl, Matlab, MatlabManual, R, Keras, SaeLens)
}


def library(name: str) -> type[Convention]:
    """Return a library by its key, in any case: sae, ufldl, matlab, matlab-manual, r, keras, saelens."""
    checks.one_of("library", name.lower(), LIBRARIES)
    return LIBRARIES[name.lower()]


def read(name: str, settings: list[str]) -> Convention:
    """Return a library's convention from settings as a user writes them, such as ["L2WeightRegularization=0.004"].

    Raises
    ------
    SaeError
        For a library, a name or a value that does not exist.
    """
    kind = library(name)
    defaults = kind().hyperparameters
    fields = {kind.spelled.get(field, field): field for field in defaults}
    given: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = (part.strip() for part in setting.partition("="))
        if not equals:
            raise SaeError(f"the setting is {setting!r}; expected name=value, for example {next(iter(fields))}=0.1.")
        if key not in fields:
            raise SaeError(f"{kind.title} has no setting {key!r}; expected one of {', '.join(fields)}.")
        if fields[key] in given:
            raise SaeError(f"{key} is given twice; expected it once.")
        given[fields[key]] = _value(key, value, defaults[fields[key]])
    return kind(**given)


def _value(name: str, text: str, like: Any) -> Any:
    """Return a setting's value, of the type of its default."""
    if isinstance(like, bool):
        checks.one_of(name, text.lower(), ("true", "false"))
        return text.lower() == "true"
    if not isinstance(like, float):
        return text
    try:
        return float(text)
    except ValueError:
        raise SaeError(f"{name} is {text!r}; expected a number.") from None


def convert(theirs: Convention, to: type[Convention], n: int) -> Convention:
    """Return another library's settings with the same minimum, for n features.

    Raises
    ------
    SaeError
        Where that library has no equivalent, and why.
    """
    return to.from_sae(theirs.to_sae(checks.count("n", n)))


def equivalents(theirs: Convention, n: int) -> list[tuple[str, str, str]]:
    """Return for every library its title, its settings with the minimum of `theirs`, and how its cost relates to J.

    Where there is no equivalent, the second says why.
    """
    here = theirs.to_sae(checks.count("n", n))
    rows = []
    for kind in LIBRARIES.values():
        try:
            other = kind.from_sae(here)
            rows.append((kind.title, str(other), f"{_number(other.to_sae(n).scale)} J"))
        except SaeError as error:
            rows.append((kind.title, f"no equivalent: {error}", ""))
    return rows


def table(lam: float, rho: float, beta: float, n: int) -> str:
    """Return every library's settings for the same minimum as a Markdown table.

    Parameters
    ----------
    lam, rho, beta : float
        This library's weight decay, sparsity target and weight of the sparsity.
    n : int
        Number of features.
    """
    rows = [f"| library, n = {n} | settings | its cost |", "|---|---|---|"]
    rows += [f"| {' | '.join(row)} |" for row in equivalents(Sae(lam, rho, beta), n)]
    return "\n".join(rows)
