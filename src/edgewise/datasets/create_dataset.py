"""Training and test samples, drawn from a function or split from arrays.

Numbers are drawn from a local generator, so no global random state changes, and on the CPU, so a seed gives the same
samples on every device.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError, ShapeError, unknown_name


class Dataset(dict[str, Tensor]):
    """Four tensors by name: `train_input`, `train_label`, `test_input`, `test_label`.

    Inputs are `(samples, variables)` and labels `(samples, outputs)`. The normalisation is given by a shift
    and a scale per column, `normalised = (original - shift) / scale`; without it they are 0 and 1.

    Attributes:
        input_shift: `(variables,)`, subtracted from each input column.
        input_scale: `(variables,)`, each input column was divided by it.
        label_shift: `(outputs,)`, subtracted from each label column.
        label_scale: `(outputs,)`, each label column was divided by it.

    Example:
        >>> data = create_dataset(lambda x: x[:, 0] * x[:, 1], n_var=2, train_num=100, test_num=20)
        >>> {name: tuple(tensor.shape) for name, tensor in data.items()}
        {'train_input': (100, 2), 'train_label': (100, 1), 'test_input': (20, 2), 'test_label': (20, 1)}
    """

    input_shift: Tensor
    input_scale: Tensor
    label_shift: Tensor
    label_scale: Tensor

    def __init__(self, train_input: Tensor, train_label: Tensor, test_input: Tensor, test_label: Tensor):
        super().__init__(
            train_input=train_input, train_label=train_label, test_input=test_input, test_label=test_label
        )
        self.input_shift, self.input_scale = _identity(train_input)
        self.label_shift, self.label_scale = _identity(train_label)

    def original_inputs(self, inputs: Tensor) -> Tensor:
        """Give normalised inputs `(..., variables)` back in the units they were drawn in.

        Example:
            >>> data = create_dataset(lambda x: x[:, 0], n_var=1, ranges=(10, 20), normalize_input=True)
            >>> original = data.original_inputs(data["train_input"])
            >>> bool(original.min() > 9.99), bool(original.max() < 20.01)
            (True, True)
        """
        return inputs * self.input_scale + self.input_shift

    def original_labels(self, labels: Tensor) -> Tensor:
        """Give normalised labels, or a model's outputs, `(..., outputs)` back in the function's units.

        Example:
            >>> data = create_dataset(lambda x: 7 + 0 * x[:, 0], n_var=1, normalize_label=True)
            >>> float(data.original_labels(data["test_label"])[0, 0])
            7.0
        """
        return labels * self.label_scale + self.label_shift


def create_dataset(
    f: Callable[[Tensor], Tensor],
    n_var: int = 2,
    ranges: object = (-1, 1),
    train_num: int = 1000,
    test_num: int = 1000,
    *,
    f_mode: str = "col",
    normalize_input: bool = False,
    normalize_label: bool = False,
    seed: int = 0,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Dataset:
    """Sample a function at uniformly random points, for training and testing.

    Args:
        f: The function. It takes the points as `(samples, n_var)`, or `(n_var, samples)` if `f_mode`
            is "row", and returns `(samples,)` or `(samples, outputs)`.
        n_var: Number of variables, at least 1.
        ranges: `(low, high)` for all variables, or one such pair per variable: numbers, array or tensor.
        train_num: Number of training samples, at least 1.
        test_num: Number of test samples; 0 gives empty test tensors.
        f_mode: "col" if `f` finds variable i in `x[:, i]`, "row" if in `x[i]`.
        normalize_input: Shift and scale each input column to mean 0 and standard deviation 1, as computed on
            the training samples. `f` still sees the original units.
        normalize_label: The same for the label columns.
        seed: The same seed gives the same samples; at the same dtype they are those of pykan.
        dtype: Floating dtype of the tensors; torch's default dtype if None.
        device: Device of the tensors and of the calls of `f`; the CPU if None.

    Returns:
        A `Dataset`, which also stores the shifts and scales of the normalisation.

    Raises:
        InputError: An argument is out of bounds, or `f` returns values that are not finite and real.
        ShapeError: `ranges` or the result of `f` has the wrong shape.
        UnknownName: `f_mode` is neither "col" nor "row".

    Example:
        >>> import torch
        >>> f = lambda x: torch.exp(torch.sin(torch.pi * x[:, 0]) + x[:, 1] ** 2)
        >>> data = create_dataset(f, n_var=2, ranges=[(-1, 1), (0, 2)], seed=1)
        >>> data["train_input"].shape, data["train_label"].shape
        (torch.Size([1000, 2]), torch.Size([1000, 1]))
    """
    n_var = _count("create_dataset", "n_var", n_var, least=1)
    train_num = _count("create_dataset", "train_num", train_num, least=1)
    test_num = _count("create_dataset", "test_num", test_num, least=0)
    if f_mode not in ("col", "row"):
        raise unknown_name("create_dataset", "f_mode", f_mode, ("col", "row"))
    dtype = _floating("create_dataset", dtype)
    bounds = _ranges(ranges, n_var)
    # Half precision is too coarse to draw or to evaluate in.
    work = dtype if dtype in (torch.float32, torch.float64) else torch.float32
    generator = made_generator("create_dataset", seed)
    inputs = {
        "train": torch.empty(train_num, n_var, dtype=work),
        "test": torch.empty(test_num, n_var, dtype=work),
    }
    for i, (low, high) in enumerate(bounds):
        for points in inputs.values():
            points[:, i] = torch.rand(len(points), generator=generator, dtype=work) * (high - low) + low
    train_input, test_input = inputs["train"].to(device), inputs["test"].to(device)
    train_label = _labels(f, train_input, f_mode)
    test_label = _labels(f, test_input, f_mode) if test_num else train_label[:0]
    data = Dataset(train_input, train_label, test_input, test_label)
    if normalize_input:
        data.input_shift, data.input_scale = _normalise(data, "train_input", "test_input")
    if normalize_label:
        data.label_shift, data.label_scale = _normalise(data, "train_label", "test_label")
    return _cast(data, dtype)


def create_dataset_from_data(
    inputs: object,
    labels: object,
    train_ratio: float = 0.8,
    seed: int = 0,
    *,
    dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Dataset:
    """Split measured inputs and labels at random into training and test sets.

    Args:
        inputs: `(samples, variables)`, array or tensor, in any units; copied.
        labels: `(samples,)` or `(samples, outputs)`; copied.
        train_ratio: Share of the samples to train on, above 0 and up to 1; there is at least one
            training sample, and if the share is 1, the test tensors are empty.
        seed: The same seed gives the same split.
        dtype: Floating dtype of the tensors; None keeps that of floating data, and uses torch's default
            dtype for integers and booleans.
        device: Device of the tensors; that of the data if None.

    Returns:
        A `Dataset` whose shifts are 0 and scales 1.

    Raises:
        InputError: The data are not real numbers, or `train_ratio` is out of bounds.
        ShapeError: The data are empty or their shapes do not fit.

    Example:
        >>> data = create_dataset_from_data([[0.0], [1.0], [2.0], [3.0], [4.0]], [0.0, 1.0, 4.0, 9.0, 16.0])
        >>> data["train_input"].shape, data["test_label"].shape
        (torch.Size([4, 1]), torch.Size([1, 1]))
    """
    where = "create_dataset_from_data"
    x, y = as_real(where, "inputs", inputs, dtype, device), as_real(where, "labels", labels, dtype, device)
    if x.ndim != 2 or 0 in x.shape:
        raise ShapeError(
            f"{where}: inputs must be (samples, variables), neither of them 0; got shape {tuple(x.shape)}. "
            "Give a single variable as x[:, None]."
        )
    if y.ndim == 1:
        y = y[:, None]
    if y.ndim != 2 or len(y) != len(x) or y.shape[1] == 0:
        raise ShapeError(
            f"{where}: labels must be ({len(x)},) or ({len(x)}, outputs), a row to each row of inputs; "
            f"got shape {tuple(y.shape)}. Give each sample its label."
        )
    if isinstance(train_ratio, str) or not 0 < float(train_ratio) <= 1:
        raise InputError(
            f"{where}: train_ratio must be above 0 and at most 1; got {train_ratio!r}. "
            "Give the share of samples to train on, as 0.8."
        )
    train_num = max(1, int(len(x) * float(train_ratio)))
    order = torch.randperm(len(x), generator=made_generator(where, seed))
    train, test = order[:train_num].to(x.device), order[train_num:].to(x.device)
    return Dataset(x[train], y[train.to(y.device)], x[test], y[test.to(y.device)])


def _count(where: str, name: str, value: object, least: int) -> int:
    try:
        count = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        count = least - 1
    if count < least or isinstance(value, bool):
        raise InputError(
            f"{where}: {name} must be an integer of at least {least}; got {value!r}. Give a count."
        )
    return count


def made_generator(where: str, seed: object) -> torch.Generator:
    """A generator of its own for a seed; `where` says who refuses one that is none."""
    try:
        return torch.Generator().manual_seed(operator.index(seed))  # type: ignore[arg-type]
    except (TypeError, RuntimeError, OverflowError) as error:
        raise InputError(f"{where}: seed must be a 64-bit integer; got {seed!r}. Give one, as 0.") from error


def _floating(where: str, dtype: torch.dtype | None) -> torch.dtype:
    dtype = torch.get_default_dtype() if dtype is None else dtype
    if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
        raise InputError(
            f"{where}: dtype must be a floating torch dtype; got {dtype!r}. Give torch.float64, say."
        )
    return dtype


def _ranges(ranges: object, n_var: int) -> list[list[float]]:
    """Bring `ranges` to one `[low, high]` for each variable."""
    if isinstance(ranges, Tensor):
        ranges = ranges.detach().cpu()
    try:
        bounds = np.asarray(ranges, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"create_dataset: ranges must be numbers; got {ranges!r}. "
            "Give (low, high) or one pair to a variable."
        ) from error
    if bounds.shape not in ((2,), (n_var, 2)):
        raise ShapeError(
            f"create_dataset: ranges must be (low, high) or have shape ({n_var}, 2), a pair to a variable; "
            f"got shape {bounds.shape}. Give one pair, or as many as n_var."
        )
    if not np.isfinite(bounds).all() or (bounds[..., 0] > bounds[..., 1]).any():
        raise InputError(
            f"create_dataset: ranges must be finite with low <= high; got {bounds.tolist()}. "
            "Swap or bound them."
        )
    return np.broadcast_to(bounds, (n_var, 2)).tolist()


def _labels(f: Callable[[Tensor], Tensor], points: Tensor, f_mode: str) -> Tensor:
    """Call `f` and hold what it gives to `(samples, outputs)`."""
    given = points.clone()  # an f that works in place must not reach the inputs
    labels = f(given.T if f_mode == "row" else given)
    if not isinstance(labels, Tensor):
        raise InputError(
            f"create_dataset: f must give a torch tensor; got {type(labels).__name__}. "
            "Write it with torch functions."
        )
    shape = tuple(labels.shape)
    labels = labels.detach()
    if labels.ndim == 1:
        labels = labels[:, None]
    if labels.ndim != 2 or len(labels) != len(points) or labels.shape[1] == 0:
        other = "row" if f_mode == "col" else "col"
        raise ShapeError(
            f"create_dataset: f must give ({len(points)},) or ({len(points)}, outputs), a row a sample; "
            f"got shape {shape}. With f_mode={f_mode!r} variable i is "
            f"{'x[:, i]' if f_mode == 'col' else 'x[i]'}; else pass f_mode={other!r}."
        )
    if labels.is_complex():
        raise InputError(
            "create_dataset: f must give real labels; got complex ones. Take their real part, say."
        )
    bad = int((~torch.isfinite(labels)).any(dim=1).sum())
    if bad:
        raise InputError(
            f"create_dataset: f must be finite on its ranges; got inf or nan at {bad} of {len(points)} "
            "points. Narrow the ranges to where f is defined."
        )
    return labels.to(points, copy=True)


def as_real(
    where: str, name: str, data: object, dtype: torch.dtype | None, device: torch.device | str | None
) -> Tensor:
    """Bring array-like data to a floating tensor outside any graph."""
    try:
        tensor = data.detach() if isinstance(data, Tensor) else torch.from_numpy(np.array(data))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{where}: {name} must be real numbers; got {type(data).__name__}. "
            "Turn categories into numbers first."
        ) from error
    if tensor.is_complex():
        raise InputError(f"{where}: {name} must be real numbers; got complex ones. Give two real columns.")
    if dtype is not None or not tensor.is_floating_point():
        dtype = _floating(where, dtype)
    return tensor.to(device=device, dtype=dtype)


def _identity(columns: Tensor) -> tuple[Tensor, Tensor]:
    """The shift and scale that leave columns as they are."""
    return columns.new_zeros(columns.shape[1]), columns.new_ones(columns.shape[1])


def _normalise(data: Dataset, train: str, test: str) -> tuple[Tensor, Tensor]:
    """Normalise two entries by the first one's statistics, and give these."""
    shift = data[train].mean(dim=0)
    scale = data[train].std(dim=0, correction=1 if len(data[train]) > 1 else 0)
    # A constant column has only rounding for a spread, which must not be blown up to 1.
    rounding = torch.finfo(scale.dtype).eps * shift.abs() * 8
    scale = torch.where(scale > rounding, scale, torch.ones_like(scale))
    data[train], data[test] = (data[train] - shift) / scale, (data[test] - shift) / scale
    return shift, scale


def _cast(data: Dataset, dtype: torch.dtype) -> Dataset:
    for name, tensor in data.items():
        data[name] = tensor.to(dtype)
    for name, tensor in vars(data).items():
        setattr(data, name, tensor.to(dtype))
    return data
