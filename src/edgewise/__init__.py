"""edgewise: Kolmogorov-Arnold networks that are fast and can be read."""
