"""What `benchmarks/tabular.py` measures: tables that packages ship, tables that are made, and the models beside ours."""
