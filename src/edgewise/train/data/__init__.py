"""Training data: from what users hold to tensors that fit the model and the loss."""
