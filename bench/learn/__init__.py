"""Training of the nets and filters that denoise released grids; nets need PyTorch, here alone."""
