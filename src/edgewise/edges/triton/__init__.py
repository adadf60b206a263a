"""The sums over edges by Triton kernels: CUDA, float32 and float64."""
