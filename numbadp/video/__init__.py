"""Video: one release a frame, made steady by released numbers alone, in files and streams."""
