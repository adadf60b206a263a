"""Data sets: samples of a known function, or a train/test split of measured arrays."""

from .create_dataset import Dataset, create_dataset, create_dataset_from_data
from .feynman_equations import Equation, Variable, feynman, feynman_names
from .knots import knots
from .localisation import aubry_andre
from .table import Table

__all__ = [
    "Dataset",
    "Equation",
    "Table",
    "Variable",
    "aubry_andre",
    "create_dataset",
    "create_dataset_from_data",
    "feynman",
    "feynman_names",
    "knots",
]
