"""Imports go down only, the small things load fast, and nothing leaves a mark on import."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sae

FLOORS = [
    names.split()
    for names in [
        "errors equations checks files activations layout terms conventions reference hessian worked explain kernels "
        "blocks maps filters interrupts safe_header model_file checkpoint schedules "
        "smooth_l1 images convolution convolution_kernels pooling "
        "isolation isolation.student isolation.process isolation.answer isolation.worker "
        "isolation.parcel isolation.question isolation.refusal isolation.saying isolation.examinee "
        "isolation.submission isolation.traces "
        "data data.tables data.numbers data.arrays data.text data.pictures data.mnist "
        "data.photographs data.whitening data.patches data.corruption data.sets "
        "data.series data.ratings data.words",
        "fused autoencoder variational softmax deep fused_deep sparse_coding rica ica",
        "optimise newton scipy_solvers minibatch adam sgd running projected alternating "
        "gradient_check gradient_check.check gradient_check.report gradient_check.probe "
        "gradient_check.witnesses gradient_check.trial gradient_check.verdict "
        "diagnosis diagnosis.page diagnosis.cells diagnosis.vocabulary "
        "diagnosis.slips diagnosis.rules diagnosis.mistakes diagnosis.misconceptions diagnosis.misconceptions.make "
        "diagnosis.misconceptions.sparsity diagnosis.misconceptions.data diagnosis.misconceptions.decay "
        "diagnosis.misconceptions.arguments diagnosis.misconceptions.examples diagnosis.misconceptions.activations "
        "diagnosis.misconceptions.derivatives diagnosis.misconceptions.order diagnosis.misconceptions.inputs "
        "diagnosis.misconceptions.gradients diagnosis.catalogue diagnosis.search diagnosis.student "
        "diagnosis.probes diagnosis.forward diagnosis.evidence diagnosis.regression diagnosis.report "
        "diagnosis.findings diagnosis.region diagnosis.where diagnosis.verdict",
        "plots table_plots progress bench bench.peers bench.evaluation "
        "preprocessing preprocessing.base preprocessing.range_scaler preprocessing.mean_remover "
        "preprocessing.patch_normalizer preprocessing.axes preprocessing.pca preprocessing.pca_whitening "
        "preprocessing.zca_whitening preprocessing.patch_extractor preprocessing.travel "
        "estimators estimators.base estimators.coders estimators.ranges estimators.solvers estimators.one_hidden "
        "estimators.face estimators.stages estimators.stacked estimators.classifiers estimators.deep "
        "estimators.variational estimators.components estimators.anomaly estimators.export estimators.export_steps "
        "estimators.equivalents estimators.files estimators.deep_files estimators.component_files estimators.whole",
        "experiment studies studies.measures studies.tables studies.comparison studies.dictionary studies.denoising "
        "studies.problem studies.gradients studies.missed studies.curvature studies.laboratory "
        "studies.batches "
        "ufldl ufldl.exercise ufldl.digits ufldl.confusion ufldl.pretraining ufldl.noisy ufldl.vectorization ufldl.pca "
        "ufldl.softmax ufldl.selftaught ufldl.stacked ufldl.lineardecoder ufldl.convolution ufldl.sparsecoding "
        "ufldl.ica ufldl.rica ufldl.labels ufldl.tuned ufldl.summary ufldl.run "
        "uses uses.use uses.summary uses.dimension_plots uses.dimensions uses.pictures uses.denoising_plots "
        "uses.denoising uses.coding uses.compression_plots uses.compression "
        "uses.detectors uses.anomaly_plots uses.anomalies uses.windows uses.forecasting uses.series_plots uses.series "
        "uses.word_counts uses.interpretability uses.word_plots uses.words "
        "uses.rating_models uses.recommendation_plots uses.recommendation "
        "uses.tuning_advice uses.tuning_plots uses.tuning uses.run "
        "report report.run report.check report.markup report.style report.facts report.gradient report.page "
        "report.material report.draw report.pictures report.glance report.shown report.reconstructions "
        "course course.exercise course.judge course.source course.library course.direct course.slips course.mutants "
        "course.matrix course.matrix_shown course.public course.feedback course.explanation course.examine "
        "course.shown course.notebook "
        "course.folder course.submissions course.own_gradient course.repeated course.diagnosed course.autoencoders "
        "course.handed_in course.grade course.marks course.overview course.counting "
        "course.needed course.notebook_tests course.export course.export.page course.export.bundle "
        "course.export.gradescope course.export.autograder course.export.nbgrader course.export.otter "
        "commands.course_grading commands.course commands.course_teaching "
        "failures failures.look failures.symptoms failures.wrong_mean failures.recipe failures.cases failures.bands "
        "failures.matching failures.remedies failures.of_run failures.gallery commands.failures "
        "commands commands.frame commands.going_on commands.config commands.options commands.steps commands.train "
        "commands.fit commands.photographs commands.trained commands.apply commands.look commands.pictures "
        "commands.described commands.gradcheck commands.laboratory commands.explain commands.page commands.bench "
        "commands.compare commands.conventions commands.ufldl commands.uses "
        "info gradcheck gradcheck.check gradcheck.report gradcheck.plots cli __main__",
    ]
]
PROTOCOL_ONLY = ["optimise", *(name for name in FLOORS[2] if name.startswith("gradient_check"))]  # and each other
ROOT = Path(sae.__file__).parent


EXERCISES = ROOT / "course" / "exercises"  # files of exercises, no modules


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        if EXERCISES in path.parents:
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def floor(name):
    return next(i for i, names in enumerate(FLOORS) if name in names)


def imports(name, path):
    """Modules of this package that a module imports when it runs (not what it imports for type checkers)."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body.clear()
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            targets = [node.module] if node.module else [alias.name for alias in node.names]
            for target in targets:
                if target != "__version__":
                    yield ".".join([*base, target])


def test_every_module_has_a_floor():
    assert sorted(name for name, _ in modules() if name) == sorted(name for names in FLOORS for name in names)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, path in modules() if name])
def test_imports_go_down_only(name, path):
    for target in imports(name, path):
        assert floor(target) <= floor(name), f"{name} imports {target}"
        if name in PROTOCOL_ONLY:
            assert floor(target) == 0 or target in PROTOCOL_ONLY, (
                f"{name} knows only the protocol, but imports {target}"
            )


def test_an_import_upwards_would_be_noticed(tmp_path):
    path = tmp_path / "terms.py"
    path.write_text(
        "from . import optimise\nfrom .plots import plot_filters\n\n\ndef late():\n    from .cli import main\n"
    )
    found = list(imports("terms", path))
    assert found == ["optimise", "plots", "cli"]  # late imports count too
    assert all(floor(target) > floor("terms") for target in found)
    assert list(imports("data.patches", path)) == [
        "data.optimise",
        "data.plots",
        "data.cli",
    ]  # relative to its package


def run(code):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("COV")}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    return result.stdout


@pytest.mark.parametrize("code", ["import sae", "import sae.cli", "import sae.reference"])
def test_import_is_light(code):
    heavy = "('numba', 'scipy', 'matplotlib', 'skimage', 'sklearn')"
    assert run(f"import sys\n{code}\nprint([name for name in {heavy} if name in sys.modules])").strip() == "[]"


def test_plots_leave_pyplot_alone():
    code = "import sys, sae; sae.plot_network(3, 2); print('matplotlib.pyplot' in sys.modules)"
    assert run(code).strip() == "False"
