"""How a network's forward pass runs on the CPU: whole in fused kernels, or layer by layer."""
