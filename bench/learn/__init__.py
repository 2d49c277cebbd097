"""Training of the nets that denoise released grids; PyTorch is needed here and nowhere else."""
