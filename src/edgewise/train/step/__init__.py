"""How one training step is made: optimisers, mini-batches, fused steps of small networks."""
