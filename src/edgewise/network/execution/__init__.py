"""Fast forward passes on the CPU: fused for the whole network, or layer by layer."""
