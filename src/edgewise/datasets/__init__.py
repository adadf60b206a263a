"""Data sets: samples of a known function, or a train/test split of measured arrays."""

from .create_dataset import Dataset, create_dataset, create_dataset_from_data
from .dimensionless_equations import dimensionless, dimensionless_names
from .feynman_equations import Equation, Variable, feynman, feynman_names
from .knots import knots
from .localisation import aubry_andre
from .shuffled_copies import shuffled_copies
from .special_functions import SpecialFunction, special_function, special_function_names
from .table import Table

__all__ = [
    "Dataset",
    "Equation",
    "SpecialFunction",
    "Table",
    "Variable",
    "aubry_andre",
    "create_dataset",
    "create_dataset_from_data",
    "dimensionless",
    "dimensionless_names",
    "feynman",
    "feynman_names",
    "knots",
    "shuffled_copies",
    "special_function",
    "special_function_names",
]
