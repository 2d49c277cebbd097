"""Jobs beyond one process: killed, raced, timed, weighed and simulated."""
