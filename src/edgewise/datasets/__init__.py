"""Data to train on: samples of a known function, or measured arrays split in two."""

from .create_dataset import Dataset, create_dataset, create_dataset_from_data

__all__ = [
    "Dataset",
    "create_dataset",
    "create_dataset_from_data",
]
