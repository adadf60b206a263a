"""How fast is a KAN beside an MLP of as many parameters, and beside other spline KANs?

Run: python -m benchmarks.speed [--sizes 784x64x10 ...] [--peers mlp dense ...] [--threads 1 2]
Then: python -m benchmarks.speed.table
"""
