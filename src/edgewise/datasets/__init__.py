"""Data sets: samples of a known function, or a train/test split of measured arrays."""

from .create_dataset import Dataset, create_dataset, create_dataset_from_data

__all__ = [
    "Dataset",
    "create_dataset",
    "create_dataset_from_data",
]
