"""How code of ours runs: compilation, threads, forks, memory, and devices; knows no picture."""
