"""What training minimises and measures: losses, metrics, the sparsity penalty, residuals."""
