from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sympy
import torch
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from edgewise import KANClassifier, KANRegressor
from edgewise.errors import InputError, TableWarning
from edgewise.estimators import formula_of
from edgewise.estimators.columns import fit_encoder
from edgewise.estimators.estimator import importances_of
from edgewise.network import set_formula
from edgewise.network.build import build


def test_the_formula_keeps_what_matters_and_says_how_well():
    model = build([2, 1], seed=0, dtype=torch.float64)
    model = set_formula(set_formula(model, (0, 0, 0), "sin"), (0, 1, 0), "x^2", (1.0, 0.0, 1e-4, 0.0))
    x = torch.rand(200, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    found = formula_of(model, x)
    assert str(found.expr).startswith("sin(x_1)") or "sin" in str(found.expr)
    assert "x_2" not in str(found.expr)
    assert found.r2 > 0.999


def test_r2_is_to_the_network_that_was_given_not_to_the_symbolic_one():
    model = build([1, 1], grid=12, dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.normal_(generator=torch.Generator().manual_seed(0))
    x = torch.linspace(-1, 1, 400, dtype=torch.float64)[:, None]
    found = formula_of(model, x)
    want = model(x).detach().numpy()
    lost = np.square(found(x.numpy()) - want).sum() / np.square(want - want.mean()).sum()
    assert found.r2 == pytest.approx(1 - lost, abs=1e-12)


def test_levels_of_noise_do_not_add_up_to_importance():
    random = np.random.default_rng(0)
    levels = np.array([f"l{n}" for n in range(16)], dtype=object)[random.integers(0, 16, 1000)]
    table = np.column_stack([levels, random.normal(size=1000)])
    columns = fit_encoder(table, ["level", "x"]).encoder
    model = build([17, 1], dtype=torch.float64)
    with torch.no_grad():
        model.layers[0].basis.coef.zero_()
        model.layers[0].basis.scale_base.fill_(0.1)
    shares = importances_of(model, torch.from_numpy(columns.transform(table)), columns)
    assert shares.sum() == pytest.approx(1)
    assert shares[0] < 0.6  # sixteen spreads of 0.017 each beside one of about 0.06


def mixed(rows=240, seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "flag": random.random(rows) < 0.5,
            "code": random.choice(["007", "008", "100"], rows),
            "size": pd.Categorical(
                random.choice(["low", "mid", "high"], rows), ["low", "mid", "high"], ordered=True
            ),
            "when": pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 900, rows), "D"),
            "took": pd.to_timedelta(random.integers(1, 50, rows), "h"),
            "whole": random.integers(0, 30, rows),
        }
    )
    y = 2.0 * frame["flag"] + (frame["code"] == "007") + frame["size"].cat.codes + frame["whole"] / 10
    return frame, y + (frame["when"].dt.year - 2020) + frame["took"].dt.total_seconds() / 1e5


@pytest.fixture(scope="module")
def learned():
    frame, y = mixed()
    return KANRegressor(hidden=0).fit(frame, y), frame


DRESSES = {
    "flag": [
        lambda flag: flag.astype(int), lambda flag: flag.astype(float), lambda flag: flag.astype(str),
        lambda flag: flag.astype("boolean"), lambda flag: flag.astype("category"), lambda flag: flag.map({True: "yes", False: "no"}),
        lambda flag: flag.astype(object), lambda flag: flag.map({True: "TRUE", False: "FALSE"}),
    ],
    "code": [
        lambda code: code.astype(int), lambda code: code.astype(float), lambda code: code.astype("category"),
        lambda code: code.astype("string"), lambda code: code.astype(int).astype("Int64"), lambda code: code.astype(float).astype(str),
    ],
    "size": [
        lambda size: size.astype(str), lambda size: size.astype(object), lambda size: size.cat.set_categories(["high", "low", "mid"]),
        lambda size: size.astype("string"),
    ],
    "when": [
        lambda when: when.astype(str), lambda when: when.dt.strftime("%d.%m.%Y"), lambda when: when.dt.tz_localize("UTC"),
        lambda when: when.dt.date, lambda when: when.astype("datetime64[s]"), lambda when: when.astype(object), lambda when: when.dt.to_period("D"),
    ],
    "took": [lambda took: took.astype("timedelta64[s]"), lambda took: took.astype(object)],
    "whole": [
        lambda whole: whole.astype(float), lambda whole: whole.astype(str), lambda whole: whole.astype("Int64"),
        lambda whole: whole.astype("category"), lambda whole: whole.astype(np.int8), lambda whole: whole.astype(object),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "place"), [(name, n) for name, forms in DRESSES.items() for n in range(len(forms))]
)
def test_the_same_values_in_another_dress_mean_the_same(learned, name, place):
    model, frame = learned
    other = frame.assign(**{name: DRESSES[name][place](frame[name])})
    np.testing.assert_array_equal(model.predict(other), model.predict(frame))


def test_polars_and_arrays_of_objects_mean_the_same(learned):
    model, frame = learned
    want = model.predict(frame)
    with pytest.warns(UserWarning, match="feature names"):
        np.testing.assert_array_equal(model.predict(frame.to_numpy(dtype=object)), want)
    polars = pytest.importorskip("polars")
    same = polars.DataFrame({name: frame[name].tolist() for name in frame if name not in ("when", "took")})
    enum = polars.Series(frame["size"].tolist(), dtype=polars.Enum(["low", "mid", "high"]))
    moments = [polars.Series(name, frame[name].to_numpy()) for name in ("when", "took")]
    same = same.with_columns(enum.alias("size"), *moments).select(list(frame.columns))
    np.testing.assert_array_equal(model.predict(same), want)
    dates = same.with_columns(polars.col("when").cast(polars.Date))
    np.testing.assert_array_equal(model.predict(dates), want)
    y = want + 0.0
    np.testing.assert_array_equal(
        KANRegressor(hidden=0).fit(same, y).predict(same), KANRegressor(hidden=0).fit(frame, y).predict(frame)
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("whole", ["many"]),
        ("when", [17.5]),
        ("took", [5.0]),
        ("whole", [pd.Timestamp("2020-01-01")]),
        ("flag", [[1]]),
    ],
)
def test_what_cannot_be_meant_is_an_error_that_names_the_column(learned, name, values):
    model, frame = learned
    with pytest.raises(InputError, match=f"predict: column '{name}' must hold"):
        model.predict(frame.assign(**{name: values * len(frame)}))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("flag", "perhaps", 'flag: 1 of 1 rows has a level never seen in training: "perhaps" (1)'),
        ("code", 9, 'code: 1 of 1 rows has a level never seen in training: "9" (1)'),
        ("size", "huge", 'size: 1 of 1 rows has a level never seen in training: "huge" (1)'),
        ("size", None, 'size: 1 of 1 rows has a gap, and training had none; "mid" stands in'),
        ("whole", 300, "whole: 1 of 1 rows is outside the range of training, 0 to 29, and as far as 300"),
        (
            "when",
            pd.Timestamp("2030-01-01"),
            "when: 1 of 1 rows is outside the range of training, 2020-01-0",
        ),
        (
            "took",
            pd.Timedelta(days=50),
            "took: 1 of 1 rows is outside the range of training, 0.041667 days to ",
        ),
    ],
)
def test_what_is_unlike_the_training_rows_is_said(learned, name, value, said):
    model, frame = learned
    new = frame.head(1).assign(**{name: pd.Series([value], index=frame.index[:1])})
    with pytest.warns(TableWarning) as caught:
        model.predict(new)
    assert said in str(caught[0].message) and caught[0].filename == __file__


def test_an_order_of_levels_is_a_curve_and_text_dates_are_dates():
    frame, y = mixed()
    frame = frame.assign(when=frame["when"].dt.strftime("%d.%m.%Y"))
    model = KANRegressor(hidden=0).fit(frame, y)
    assert model.get_feature_names_out().tolist() == [
        "flag=True", "code=007", "code=008", "code=100", "size", "when", "took", "whole"
    ]  # fmt: skip
    assert [rule.kind for rule in model.encoder_.rules[2:]] == ["ordered", "date", "duration", "number"]
    assert model.score(frame, y) > 0.9


def tails(rows=3000, levels=600, seed=0):
    random = np.random.default_rng(seed)
    places, effects = random.integers(0, levels, rows), random.normal(size=levels)
    frame = pd.DataFrame({"tail": [f"N{place}" for place in places], "x": random.uniform(-1, 1, rows)})
    return frame, effects[places] + frame["x"].to_numpy() + 0.5 * random.normal(size=rows)


def test_thousands_of_levels_are_worth_what_they_say_on_new_rows():
    frame, y = tails()
    model = KANRegressor(hidden=0).fit(frame[:2400], y[:2400])
    assert model.get_feature_names_out().tolist() == ["mean by tail", "x"]
    with pytest.warns(TableWarning, match=r"tail: \d+ of 600 rows have a level never seen"):
        assert model.score(frame[2400:], y[2400:]) > 0.6  # 0.76 where effects are known
    assert model.feature_importances_.shape == (2,) and model.feature_importances_[0] > 0.5
    assert model.contributions(frame[:5]).names == ("tail", "x")
    classes = KANClassifier(hidden=0).fit(frame[:2400], np.digitize(y[:2400], [-0.5, 0.5]))
    assert classes.encoder_.names[:2] == ["share of 0 by tail", "share of 1 by tail"]
    seen = frame["tail"][2400:].isin(set(frame["tail"][:2400]))
    assert classes.score(frame[2400:][seen], np.digitize(y[2400:][seen], [-0.5, 0.5])) > 0.6


def test_levels_that_say_nothing_are_said_to_be_left_out_and_are_not_learned_by_heart():
    frame, _ = tails()
    y = np.random.default_rng(1).normal(size=len(frame))
    with pytest.warns(TableWarning, match="tail: its .* levels tell the target apart no better than chance"):
        model = KANRegressor().fit(frame, y)
    assert model.score(frame, y) < 0.02
    assert model.feature_importances_[0] == 0


def test_codes_of_levels_do_not_depend_on_the_order_of_rows_or_on_how_weights_are_written():
    frame, y = tails(400, 50)
    weights = 1 + np.arange(400) % 3
    once = KANRegressor(hidden=0).fit(frame, y, sample_weight=weights).predict(frame)
    order = np.random.default_rng(0).permutation(np.repeat(np.arange(400), weights))
    again = KANRegressor(hidden=0).fit(frame.iloc[order], y[order]).predict(frame)
    np.testing.assert_array_equal(again, once)


def test_sparse_matrices_are_taken_and_refused_where_they_do_not_fit():
    x = np.random.default_rng(0).uniform(-1, 1, (60, 3)) * (np.arange(180).reshape(60, 3) % 2)
    for form in (sparse.csr_matrix, sparse.csc_array, sparse.dok_matrix):
        model = KANRegressor(hidden=0).fit(form(x), x[:, 0])
        np.testing.assert_array_equal(model.predict(form(x)), model.predict(x))
    with pytest.raises(InputError, match="sparse X of shape .* must fit into memory"):
        KANRegressor().fit(sparse.csr_matrix((10**7, 10**6)), np.zeros(10**7))


def test_columns_and_outputs_keep_their_names_through_transformers():
    frame, y = tails(200, 3)
    prepared = ColumnTransformer(
        [("scaled", StandardScaler(), ["x"]), ("levels", OneHotEncoder(sparse_output=False), ["tail"])]
    ).set_output(transform="pandas")
    search = GridSearchCV(make_pipeline(prepared, KANRegressor(hidden=0)), {"kanregressor__grid": [3]}, cv=2)
    model = search.fit(frame, y).best_estimator_
    assert list(model[-1].feature_names_in_) == ["scaled__x", *(f"levels__tail_N{n}" for n in range(3))]
    both = KANRegressor(hidden=0).fit(frame, pd.DataFrame({"up": y, "down": -y}))
    assert both.target_names_ == ("up", "down") == both.contributions(frame[:2]).outputs
    assert KANRegressor(hidden=0).fit(frame, pd.Series(y, name="price")).target_names_ == ("price",)


def linear_tables():
    random = np.random.default_rng(0)
    x = random.integers(0, 100, (300, 2)).astype(float)
    yield "whole numbers", x, x @ [2.0, 5.0] + 8 * random.normal(size=300)
    x = random.normal(size=(400, 2))
    yield "much noise", x, x @ [3.0, -2.0] + 5 + 1.8 * random.normal(size=400)
    x = np.column_stack([random.integers(1950, 2025, 300), random.normal(size=300)])
    yield "years", x, x @ [0.5, 3.0] - 980 + random.normal(size=300)
    x = random.uniform(1e5, 9e5, (300, 2))
    yield "large units", x, x @ [2e-3, 7e-3] - 400 + 100 * random.normal(size=300)


@pytest.mark.parametrize(("x", "y"), [pytest.param(*one[1:], id=one[0]) for one in linear_tables()])
def test_tables_that_are_lines_but_for_noise_come_out_as_lines(x, y):
    found = KANRegressor(hidden=0).fit(x, y).formula_
    assert sympy.Poly(found.expr, *found.symbols).total_degree() == 1
    slopes = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0][:2]
    ours = [float(sympy.diff(found.expr, symbol)) for symbol in found.symbols]
    np.testing.assert_allclose(ours, slopes, rtol=0.1)
