"""Video: one release a frame, made steady by released numbers alone; PyAV reads and writes files."""
